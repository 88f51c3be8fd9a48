"""The CPU time of processes, from /proc; it hardly depends on other load on the machine."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

_TICK = 1 / os.sysconf("SC_CLK_TCK")
_USER = 11  # index of utime after the name; then stime, and both of ended children: proc(5)


def cpu(root: int) -> float:
    """Return the CPU seconds of a process and its descendants, including those that have ended."""
    return sum(_own(pid) for pid in _tree(root))


def settle(*roots: int) -> None:
    """Wait until the processes use no CPU time, for at most 5 seconds.

    Else the unfinished work of one system would count as a cost of the next one.
    """
    before, deadline = -1.0, time.monotonic() + 5
    while (now := sum(map(cpu, roots))) > before and time.monotonic() < deadline:
        before = now
        time.sleep(0.05)


def _own(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(") ")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0  # the process has ended: its parent's fields include its time
    return sum(map(int, fields[_USER : _USER + 4])) * _TICK


def _tree(pid: int) -> Iterator[int]:
    yield pid
    try:
        children = [
            child
            for path in Path(f"/proc/{pid}/task").glob("*/children")
            for child in path.read_text().split()
        ]
    except (FileNotFoundError, ProcessLookupError):
        return
    for child in children:
        yield from _tree(int(child))
