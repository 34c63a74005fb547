"""What the command line says."""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass
from pathlib import Path

from benchmarks.processes import ROOT


@dataclass(frozen=True, kw_only=True)
class Options:
    """`folder` keeps databases from one run to the next; `postgres` is the URL of a server or empty; `seconds` are
    those of one measurement of `polling`; `waiting` and `queues` are the sizes of the desk of `glass`."""

    names: list[str]
    folder: Path
    save: Path
    postgres: str
    messages: int
    rounds: int
    changes: int
    waiting: list[int]
    queues: int
    sittings: int
    seconds: float
    starts: int


def read(known: list[str]) -> Options:
    data = Path(os.environ.get("DATA_DIR") or ROOT / "var")
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"which: {', '.join(known)} (all, if none is named)")
    parser.add_argument("--save", type=Path, default=data / "benchmarks" / "found.json", help="where the JSON goes")
    parser.add_argument("--postgres", default="", help="postgres://user@host/ as a second database")
    parser.add_argument("--messages", type=int, default=1_000_000, help="in the database of `pages`")
    parser.add_argument("--rounds", type=int, default=60, help="how often `pages` asks for each page")
    parser.add_argument("--changes", type=int, default=100, help="how many `glass` and `streaming` wait for")
    parser.add_argument(
        "--waiting", type=int, nargs="+", default=[1, 50, 500], help="runs that wait in `glass`'s queues"
    )
    parser.add_argument("--queues", type=int, default=50, help="how many people have the queue of `glass` open")
    parser.add_argument("--sittings", type=int, default=7, help="how often `desk` answers ten runs")
    parser.add_argument("--seconds", type=float, default=20, help="of each measurement of `polling`")
    parser.add_argument("--starts", type=int, default=5, help="how many `start` measures")
    given = vars(parser.parse_args())
    if unknown := set(given["names"]) - set(known):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    return Options(folder=data.absolute() / "benchmarks", **{**given, "names": given["names"] or known})
