"""The supervisor and the processes that it runs, seen from the launcher."""

import http.client
import signal
import subprocess
import sys
import tempfile
import xmlrpc.client
from pathlib import Path
from typing import Any

from supervisor.xmlrpc import SupervisorTransport

from launcher.locations import PACKAGES

FAILING = {"BACKOFF", "EXITED", "FATAL"}


class Ended(Exception):
    """The supervisor is not there."""


class Processes:
    """A running supervisord (a library's process manager) and what it says of its processes."""

    def __init__(self, *, folder: Path, sockets: Path, config: str, environ: dict[str, str], lock: int) -> None:
        path = folder / "run" / "supervisor.conf"
        path.write_text(config)
        # The supervisor inherits the lock: while anything of this start lives, the folder is taken.
        with (folder / "logs" / "supervisor.start.log").open("wb") as log:
            self.popen = subprocess.Popen(  # noqa: S603  our own words
                leashed(sys.executable, "-m", "supervisor.supervisord", "-c", str(path)),
                cwd=folder,
                env=environ,
                pass_fds=[lock],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        transport = SupervisorTransport(None, None, f"unix://{sockets / 'supervisor.sock'}")
        self.server = xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport)
        self.first_pids: dict[str, int] = {}

    def alive(self) -> bool:
        """Whether the supervisor runs."""
        return self.popen.poll() is None

    def call(self, method: str, *arguments: Any) -> Any:
        """Ask the supervisor. Raises Ended where it does not answer, xmlrpc.client.Fault where it refuses."""
        try:
            return getattr(self.server.supervisor, method)(*arguments)
        except (OSError, http.client.HTTPException) as error:
            self.server("close")()
            raise Ended from error

    def reports(self) -> list[dict[str, Any]]:
        """What the supervisor says of each process; empty before it is up and once it shuts down."""
        try:
            return list(self.call("getAllProcessInfo"))
        except (Ended, xmlrpc.client.Fault):
            return []

    def running(self, group: str) -> bool:
        """Whether all copies of a program have been up for a second."""
        states = [report["statename"] for report in self.reports() if report["group"] == group]
        return bool(states) and set(states) == {"RUNNING"}

    def failing(self) -> list[str]:
        """The processes that ended by themselves since the start."""
        return [report["name"] for report in self.reports() if self.has_ended(report)]

    def given_up(self) -> list[str]:
        """The processes that the supervisor has started too often in vain."""
        return [report["name"] for report in self.reports() if report["statename"] == "FATAL"]

    def has_ended(self, report: dict[str, Any]) -> bool:
        """Whether it is down after a start, or runs as another process than first."""
        name, pid = report["name"], report["pid"]
        if pid and self.first_pids.setdefault(name, pid) != pid:
            return True
        return bool(report["start"]) and report["statename"] in FAILING

    def start(self, *names: str) -> None:
        """Start all copies of these programs, without waiting."""
        for report in self.reports():
            if report["group"] in names:
                self.call("startProcess", f"{report['group']}:{report['name']}", False)

    def ask_to_stop(self) -> None:
        """Tell all but the broker at once, then the supervisor, which stops the rest in order."""
        try:
            for report in self.reports():
                if report["group"] != "broker" and report["statename"] in {"STARTING", "RUNNING"}:
                    self.stop_one(f"{report['group']}:{report['name']}")
            self.call("shutdown")
        except (Ended, xmlrpc.client.Fault):
            self.popen.terminate()

    def stop_one(self, name: str) -> None:
        """Tell one process to stop; it may have ended meanwhile."""
        try:
            self.call("stopProcess", name, False)
        except xmlrpc.client.Fault:
            return

    def kill(self) -> None:
        """End the supervisor now; the leash ends the others."""
        if self.alive():
            self.popen.send_signal(signal.SIGKILL)
            self.popen.wait()


class Errand:
    """A command that runs once, beside the rest."""

    def __init__(self, name: str, *, command: list[str], folder: Path, environ: dict[str, str]) -> None:
        self.name = name
        self.log = folder / "logs" / f"{name}.log"
        self.output = tempfile.TemporaryFile()  # noqa: SIM115  read and closed by last_line
        with self.log.open("wb") as log:
            self.popen = subprocess.Popen(  # noqa: S603  our own words
                leashed(*command),
                cwd=PACKAGES,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=self.output,
                stderr=log,
                start_new_session=True,
            )

    def ended(self) -> bool:
        """Whether it has run to its end."""
        return self.popen.poll() is not None

    def succeeded(self) -> bool:
        """Whether it has run to its end and said that all is well."""
        return self.popen.returncode == 0

    def last_line(self) -> str:
        """The last line that it wrote to its standard output, once it has ended."""
        with self.output:
            self.output.seek(0)
            lines = self.output.read().decode(errors="replace").splitlines()
        return next((line for line in reversed(lines) if line.strip()), "")

    def kill(self) -> None:
        """End it now."""
        if not self.ended():
            self.popen.kill()
            self.popen.wait()


def leashed(*command: str) -> list[str]:
    """The command, so that it dies when this process does."""
    return [sys.executable, "-S", "-m", "launcher.leash", "KILL", *command]


def tail(path: Path, *, lines: int = 20) -> str:
    """The last lines of a log, or nothing where there is none."""
    try:
        with path.open("rb") as log:
            log.seek(max(0, path.stat().st_size - 8192))
            return "\n".join(log.read().decode(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""
