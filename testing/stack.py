"""The whole dashboard, started as `make run` starts it, for tests that need the running thing."""

import functools
import hashlib
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from testing import backing_services
from testing.backing_services import ROOT, START_SECONDS, free_port


@dataclass(frozen=True)
class ApiAddress:
    """The addresses of a local API; `url` ends in /v1, `control` in /control."""

    url: str

    @property
    def control(self) -> str:
        return self.url.removesuffix("/v1") + "/control"


@dataclass
class Stack:
    """A running dashboard. `local_api_url` ends in /v1; `ready_seconds` is how long the start took."""

    folder: Path
    environ: dict[str, str]
    process: subprocess.Popen[bytes]
    output: Path
    url: str = ""
    sign_in_url: str = ""
    local_api_key: str = "local"
    ready_seconds: float = field(default=0, repr=False)

    @property
    def local_api_url(self) -> str:
        return f"http://127.0.0.1:{self.environ['LOCAL_API_PORT']}/v1"

    def local_api(self) -> "ApiAddress":
        """Where its local API is, as testing/api_actor.py wants it."""
        return ApiAddress(self.local_api_url)

    def pids(self) -> dict[str, int]:
        """The living processes of this stack by name: launcher, supervisor, broker, web, worker, ..."""
        found = {}
        for process in Path("/proc").glob("[0-9]*"):
            if name := self.name_of(process):
                found[name] = int(process.name)
        return found

    def name_of(self, process: Path) -> str | None:
        """What this process is in the stack; None for a process that is none of it."""
        if int(process.name) == self.process.pid:
            return "launcher" if self.process.poll() is None else None
        try:
            # The broker writes its title over its variables.
            if (process / "cwd").readlink() == self.folder / "broker":
                return "broker"
            variables = (process / "environ").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            return None
        if f"DATA_DIR={self.folder}" not in variables:
            return None
        names = [each.split("=", 1)[1] for each in variables if each.startswith("SUPERVISOR_PROCESS_NAME=")]
        return names[0] if names else self.child_name(process)

    def child_name(self, process: Path) -> str:
        """The supervisor, or something that is not under it."""
        arguments = (process / "cmdline").read_bytes().decode(errors="replace").replace("\0", " ").strip()
        return "supervisor" if "supervisor.supervisord" in arguments else arguments

    def log(self, name: str) -> str:
        """What that process wrote."""
        path = self.output if name == "launcher" else self.folder / "logs" / f"{name}.log"
        return path.read_text(errors="replace")

    def kill(self, name: str) -> None:
        """End that process in the middle of whatever it does."""
        os.kill(self.pids()[name], signal.SIGKILL)

    def manage(self, *arguments: str) -> str:
        """What a management command says."""
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(command, cwd=ROOT, env=self.environ, check=True, capture_output=True, text=True).stdout

    def stop(self) -> int:
        """Stop it as Ctrl-C does. Returns the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=30)

    def wait_until_ready(self, *, seconds: float = START_SECONDS) -> None:
        """Wait for the two lines. Raises RuntimeError, with what was written, where they do not come."""
        began = time.monotonic()
        while True:
            text = self.log("launcher")
            if ready := re.search(r"^Ready: (\S+)/\nSign in: (\S+)\n", text, re.MULTILINE):
                self.url, self.sign_in_url = ready.groups()
                self.ready_seconds = time.monotonic() - began
                return
            if self.process.poll() is not None or time.monotonic() - began > seconds:
                self.process.kill()
                raise RuntimeError(f"The dashboard did not start:\n{text}")
            time.sleep(0.02)


def start_stack(folder: Path, *, env: dict[str, str] | None = None) -> Stack:
    """Start the dashboard on free ports with its data in `folder`, and wait until it is ready."""
    stack = launch(folder, env=env)
    stack.wait_until_ready()
    return stack


def launch(folder: Path, *, env: dict[str, str] | None = None) -> Stack:
    """The same, without waiting."""
    folder.mkdir(parents=True, exist_ok=True)
    environ = stack_environment(folder) | (env or {})
    output = folder / "launcher.log"
    with output.open("wb") as file:
        process = subprocess.Popen(tied("launcher", "run"), cwd=ROOT, env=environ, stdout=file, stderr=file)
    return Stack(folder=folder, environ=environ, process=process, output=output)


def tied(module: str, *arguments: str) -> list[str]:
    """The command that runs a module, and that ends with the tests however they end."""
    return [sys.executable, "-m", "launcher.leash", "TERM", sys.executable, "-m", module, *arguments]


def stack_environment(folder: Path) -> dict[str, str]:
    """Free ports, and the services of this test run: a database of its own for each folder."""
    environ = dict(os.environ)
    environ |= {"DATA_DIR": str(folder), "PORT": str(free_port()), "LOCAL_API_PORT": str(free_port())}
    environ |= {"READY_SECONDS": str(START_SECONDS)}
    if database := environ.get("DATABASE_URL"):
        name = f"switchboard_{hashlib.sha256(str(folder).encode()).hexdigest()[:12]}"
        environ["DATABASE_URL"] = backing_services.claim_postgres(database, name)
    broker = environ.pop("BROKER_URL", "")
    if broker.startswith("redis://"):
        environ["BROKER_URL"] = redis_for(folder, broker)
    return environ


@functools.cache
def redis_for(folder: Path, url: str) -> str:
    """A database of that Redis for the folder: the same at each start in it."""
    return backing_services.claim_redis(url) or url
