"""The local API as a process of its own, for every test that talks to one."""

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from launcher.readiness import answer
from testing.backing_services import ROOT, START_SECONDS, free_port
from testing.stack import tied


@dataclass
class LocalApi:
    """A running server; `url` ends in /v1, `control` in /control."""

    process: subprocess.Popen[bytes]
    origin: str

    @property
    def url(self) -> str:
        return self.origin + "/v1"

    @property
    def control(self) -> str:
        return self.origin + "/control"

    def stop(self) -> int:
        """Ask it to end, as a supervisor would; its exit code."""
        self.process.terminate()
        return self.process.wait(timeout=10)

    def kill(self) -> None:
        """End it in the middle of whatever it does."""
        self.process.kill()
        self.process.wait(timeout=10)


def start(
    folder: Path,
    *,
    port: int | None = None,
    pace: str = "immediate",
    expires_after: float = 600,
    keys: str = "local",
) -> LocalApi:
    """Start a server that keeps its store in `folder`, and wait until it answers."""
    port = port or free_port()
    environment = os.environ | {
        "LOCAL_API_HOST": "127.0.0.1",
        "LOCAL_API_PORT": str(port),
        "LOCAL_API_DATA": str(folder),
        "LOCAL_API_KEYS": keys,
        "LOCAL_API_PACE": pace,
        "LOCAL_API_EXPIRES_AFTER": str(expires_after),
    }
    process = subprocess.Popen(tied("local_api"), cwd=ROOT, env=environment)
    api = LocalApi(process, f"http://127.0.0.1:{port}")
    try:
        _wait_for(api)
    except BaseException:
        api.kill()
        raise
    return api


def _wait_for(api: LocalApi) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if api.process.poll() is not None:
            raise RuntimeError(f"the local API ended with {api.process.returncode}")
        status, _ = answer(f"{api.origin}/health", seconds=2)
        if status == 200:
            return
        time.sleep(0.05)
    raise RuntimeError("the local API did not answer")
