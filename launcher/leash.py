"""Ties a command's life to its parent's: `python -m launcher.leash KILL command argument...`.

When the parent dies, however it dies, the kernel sends the command that signal. Where the system
has no such thing (it is Linux's), the command simply runs.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Replace this process by the command; its process id stays."""
    name, *command = sys.argv[1:]
    tie(signal.Signals[f"SIG{name}"])
    os.environ["LEASH_PARENT"] = str(os.getpid())
    try:
        os.execvp(command[0], command)  # noqa: S606  no shell is wanted
    except OSError as error:
        sys.exit(f"{command[0]} cannot be started: {error.strerror}")


def tie(sent: signal.Signals) -> None:
    """Ask the kernel for the signal; end at once where the expected parent is already gone."""
    try:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(sent), 0, 0, 0)
    except AttributeError:
        return
    expected = os.environ.get("LEASH_PARENT")
    if expected and os.getppid() != int(expected):
        sys.exit(1)


if __name__ == "__main__":
    main()
