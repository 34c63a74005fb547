"""The command `switchboard`: starts everything, one of its processes, or one of Django's commands."""

import argparse
import os
import sys
import tomllib
from importlib import metadata
from typing import NoReturn

from launcher import locations, programs, start

# Django's commands read their own arguments.
MANAGEMENT = {
    "prepare": "migrate the database and collect the static files",
    "sign-in-link": "print a link that signs a user in once",
    "connect": "add a server that speaks the Assistants API, or change one",
    "add-person": "add a person with a role, or change the role of one",
}
# For people who run each process themselves: in containers, or under a service manager.
PROCESSES = {
    "web": ("serve the pages on HOST and PORT", programs.WEB),
    "worker": ("poll runs and deliver answers", programs.WORKER),
    "beat": ("send the worker its ticks", programs.BEAT),
    "local-api": ("serve the Assistants API locally, for trying things out", programs.LOCAL_API),
    "demonstration": ("add the recorded conversations to a local API server", programs.DEMONSTRATION),
}


def main() -> int:
    """Returns the exit code of `run`; every other command replaces this process."""
    name, *arguments = sys.argv[1:] or [""]
    if name in MANAGEMENT:
        become("-m", "dashboard", name, *arguments)
    if name == "demonstration":
        become(*programs.DEMONSTRATION, *arguments)
    parser = argument_parser()
    command = parser.parse_args().command
    if command is None:
        parser.print_help()
        return 0
    if command in PROCESSES:
        become(*PROCESSES[command][1])
    return start.main()


def argument_parser() -> argparse.ArgumentParser:
    """What --help shows."""
    parser = argparse.ArgumentParser(
        prog="switchboard",
        description="A dashboard for the Assistants API. Its settings are environment variables (docs/running.md).",
        epilog="web, worker, beat and local-api are processes that `run` starts: run them one by one in containers "
        "or under a service manager, after prepare.",
    )
    parser.add_argument("--version", action="version", version=f"switchboard {version()}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    commands.add_parser(
        "run",
        help="start everything on this machine and print a sign-in link",
        description="Start everything on this machine and print a sign-in link. Ctrl-C stops it; the data stay in "
        f"DATA_DIR ({locations.data_folder(os.environ)}).",
    )
    for name, text in MANAGEMENT.items():
        commands.add_parser(name, help=text)
    for name, (text, _) in PROCESSES.items():
        commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
    return parser


def version() -> str:
    """The version of the installed wheel, or of this checkout."""
    if locations.INSTALLED:
        return metadata.version("switchboard")
    project = tomllib.loads((locations.PACKAGES / "pyproject.toml").read_text())
    return str(project["project"]["version"])


def become(*arguments: str) -> NoReturn:
    """Replace this process by Python with these arguments."""
    folder = locations.data_folder(os.environ)
    environ = {"LOCAL_API_DATA": str(folder / "local_api"), **os.environ, **programs.base_environment(folder)}
    sys.stdout.flush()
    os.execve(sys.executable, [sys.executable, *arguments], environ)  # noqa: S606  no shell is wanted
