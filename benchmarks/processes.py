"""What processes cost: CPU time and memory, read from /proc."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TICKS = os.sysconf("SC_CLK_TCK")


def start(module: str, *arguments: object, environ: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    """Starts `python -m module`; it ends with us."""
    command = [sys.executable, "-S", "-m", "launcher.leash", "KILL", sys.executable, "-m", module, *map(str, arguments)]
    variables = {**os.environ, "LEASH_PARENT": str(os.getpid()), **(environ or {})}
    return subprocess.Popen(command, cwd=ROOT, env=variables, stdout=subprocess.PIPE, text=True, start_new_session=True)


def wait_for_line(process: subprocess.Popen[str]) -> str:
    """The next line that it prints. Raises RuntimeError where it ends instead."""
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise RuntimeError(f"{process.args!r} ended with {process.wait()}")
    return line.strip()


def kill(process: subprocess.Popen[str]) -> None:
    """Ends it and its children in the middle of whatever they do."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


def family(pid: int) -> list[int]:
    """The process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(path.parent.name))
    found = [pid]
    for each in found:
        found += children.get(each, [])
    return found


def cpu_seconds(pids: Iterable[int]) -> float:
    """User and system time of living processes."""
    total = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def resident(pids: Iterable[int]) -> float:
    """RSS in MB: pages shared between processes count in each."""
    return _kilobytes(pids, "status", "VmRSS:") / 1024


def proportional(pids: Iterable[int]) -> float:
    """PSS in MB: pages shared between processes count once."""
    return _kilobytes(pids, "smaps_rollup", "Pss:") / 1024


def _kilobytes(pids: Iterable[int], file: str, name: str) -> int:
    total = 0
    for pid in pids:
        lines = Path(f"/proc/{pid}/{file}").read_text().splitlines()
        total += next(int(line.split()[1]) for line in lines if line.startswith(name))
    return total
