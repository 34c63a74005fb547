"""Settings of the process, from the environment, and the pace at which runs live."""

import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

_PACES = ("queued", "in_progress", "cancelling", "piece")


@dataclass(frozen=True)
class Pace:
    """Seconds that a run stays in each state that passes by itself, and between two pieces of a streamed reply."""

    queued: float = 0.0
    in_progress: float = 0.0
    cancelling: float = 0.0
    piece: float = 0.0

    @classmethod
    def parse(cls, text: str) -> "Pace":
        """`immediate`, or `queued=0.5,in_progress=1`; states left out pass at once. Raises ValueError."""
        if text.strip() == "immediate":
            return cls()
        seconds: dict[str, float] = {}
        for pair in text.split(","):
            name, _, number = pair.strip().partition("=")
            if name not in _PACES:
                raise ValueError(f"a pace is 'immediate' or names {', '.join(_PACES)}, not {name!r}")
            seconds[name] = positive(number)
        return cls(**seconds)

    def __str__(self) -> str:
        if self == Pace():
            return "immediate"
        return ",".join(f"{name}={getattr(self, name):g}" for name in _PACES)


def positive(text: str) -> float:
    """A number of seconds, zero or more. Raises ValueError."""
    number = float(text)
    if not math.isfinite(number) or number < 0:
        raise ValueError(f"seconds must be zero or more, not {text!r}")
    return number


@dataclass
class Settings:
    """Where the server listens and keeps its store, who may come in, and how runs live.

    `pace` and `expires_after` (seconds from a run's creation to its end) can be changed while it runs.
    """

    host: str = "127.0.0.1"
    port: int = 8001
    data: Path = Path("var/local_api")
    keys: frozenset[str] = frozenset({"local"})
    pace: Pace = field(default_factory=lambda: Pace.parse("queued=0.5,in_progress=1,cancelling=0.5,piece=0.04"))
    expires_after: float = 600.0


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """Settings from LOCAL_API_*. Raises ValueError with a sentence that names the variable."""
    settings = Settings()
    readers: dict[str, Callable[[str], object]] = {
        "host": str,
        "port": _port,
        "data": Path,
        "keys": _keys,
        "pace": Pace.parse,
        "expires_after": positive,
    }
    for name, read in readers.items():
        variable = f"LOCAL_API_{name.upper()}"
        if text := environment.get(variable):
            try:
                setattr(settings, name, read(text))
            except ValueError as problem:
                raise ValueError(f"{variable} cannot be {text!r}: {problem}.") from problem
    return settings


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise ValueError("a port is a number from 0 to 65535")
    return port


def _keys(text: str) -> frozenset[str]:
    keys = frozenset(key.strip() for key in text.split(",") if key.strip())
    if not keys:
        raise ValueError("at least one key is needed")
    return keys
