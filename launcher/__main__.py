"""`python -m launcher`: the command `switchboard` of a checkout."""

import sys

from launcher.command_line import main

if __name__ == "__main__":
    sys.exit(main())
