"""`python -m dashboard sign-in-link`: a management command under the name that `switchboard` has for it."""

import os
import sys

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import load_command_class


def main() -> None:
    """Run the command that the first argument names, with the others."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
    try:
        django.setup()
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    command = load_command_class("assistants_app", sys.argv[1].replace("-", "_"))
    command.run_from_argv(["switchboard", *sys.argv[1:]])


if __name__ == "__main__":
    main()
