"""`python -m dashboard sign-in-link`: a management command under the name that `switchboard` has for it."""

import os
import sys

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import load_command_class
from django.db import OperationalError, ProgrammingError


def main() -> None:
    """Run the command that the first argument names, with the others. What somebody can put right is one sentence."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
    try:
        django.setup()
        command = load_command_class("assistants_app", sys.argv[1].replace("-", "_"))
        command.run_from_argv(["switchboard", *sys.argv[1:]])
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    except (OperationalError, ProgrammingError) as error:
        said = str(error).partition("\n")[0]
        sys.exit(f"The database cannot be used ({said}). Run `switchboard prepare` first, and check DATABASE_URL.")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
