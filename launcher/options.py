"""What the environment says about a start."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from launcher import locations
from launcher.locations import Refusal


@dataclass(frozen=True, kw_only=True)
class Options:
    """The variables of docs/running.md that concern the start, checked."""

    folder: Path
    host: str
    port: int
    local_api_port: int
    local_api_key: str
    local_api: bool
    demonstration: bool
    web_workers: int
    workers: int
    broker_url: str
    ready_seconds: int

    @property
    def url(self) -> str:
        """Where a browser on this machine finds the dashboard; no slash at the end."""
        return f"http://{reachable(self.host)}:{self.port}"

    @property
    def local_api_url(self) -> str:
        """Where the local API server answers; no slash at the end."""
        return f"http://127.0.0.1:{self.local_api_port}"


def read(environ: Mapping[str, str]) -> Options:
    """The options in these variables. Raises Refusal, naming the variable, where one is wrong."""
    options = Options(
        folder=locations.data_folder(environ),
        host=text(environ, "HOST", "127.0.0.1"),
        port=number(environ, "PORT", 8000, most=65535),
        local_api_port=number(environ, "LOCAL_API_PORT", 8001, most=65535),
        local_api_key=text(environ, "LOCAL_API_KEYS", "local").split(",")[0],
        local_api=switch(environ, "LOCAL_API"),
        demonstration=switch(environ, "DEMONSTRATION"),
        web_workers=number(environ, "WEB_WORKERS", 1, most=64),
        workers=number(environ, "WORKERS", 1, most=64),
        broker_url=text(environ, "BROKER_URL", ""),
        ready_seconds=number(environ, "READY_SECONDS", 60, most=3600),
    )
    if options.local_api and options.port == options.local_api_port:
        raise Refusal(f"PORT and LOCAL_API_PORT are both {options.port}: set one of them to another port.")
    return options


def text(environ: Mapping[str, str], name: str, default: str) -> str:
    """The variable, or the default where it is unset or empty."""
    return environ.get(name, "").strip() or default


def number(environ: Mapping[str, str], name: str, default: int, *, most: int) -> int:
    """The variable as a whole number from 1 to `most`."""
    given = text(environ, name, str(default))
    if not (given.isascii() and given.isdigit() and 1 <= int(given) <= most):
        raise Refusal(f"{name} must be a whole number from 1 to {most}, not {given!r}.")
    return int(given)


def switch(environ: Mapping[str, str], name: str, default: str = "on") -> bool:
    """The variable as on or off. Raises Refusal for anything else."""
    given = text(environ, name, default).lower()
    if given in {"1", "true", "yes", "on"}:
        return True
    if given in {"0", "false", "no", "off"}:
        return False
    raise Refusal(f"{name} must be on or off, not {given!r}.")


def reachable(host: str) -> str:
    """An address to connect to for an address to listen on."""
    return "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104  compared, not bound
