"""What processes cost: CPU time from /proc, which holds whatever else the machine does."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

_TICK = 1 / os.sysconf("SC_CLK_TCK")
_USER = 11  # of the fields behind the name: utime, stime, then those of children that have ended


def cpu(root: int) -> float:
    """Give the CPU seconds that a process and all below it have used, also those that have ended meanwhile."""
    return sum(_own(pid) for pid in _tree(root))


def settle(*roots: int) -> None:
    """Wait until processes do nothing any more: what one has not finished must not be another's cost."""
    before, deadline = -1.0, time.monotonic() + 5
    while (now := sum(map(cpu, roots))) > before and time.monotonic() < deadline:
        before = now
        time.sleep(0.05)


def _own(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(") ")[2].split()
    except (
        FileNotFoundError,
        ProcessLookupError,
    ):  # it has ended, and is counted with its parent's children
        return 0
    return sum(map(int, fields[_USER : _USER + 4])) * _TICK


def _tree(pid: int) -> Iterator[int]:
    yield pid
    try:
        below = [
            child
            for path in Path(f"/proc/{pid}/task").glob("*/children")
            for child in path.read_text().split()
        ]
    except (FileNotFoundError, ProcessLookupError):
        return
    for child in below:
        yield from _tree(int(child))
