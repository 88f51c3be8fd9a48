"""The CPU time of processes, from /proc; it hardly depends on other load on the machine."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

_TICK = 1 / os.sysconf("SC_CLK_TCK")
_USER = 11  # index of utime after the name; then stime, and both of ended children: proc(5)
_START = 19  # index of starttime
_ATTEMPTS = 100


def cpu(root: int) -> float:
    """Return the CPU seconds of a process and its descendants, including those that have ended.

    The time of an ended process is that of its parent once the parent has waited for it. A process
    that ends between the readings would be missed or counted twice, so all are read again until the
    same processes run before and after.

    Raises TimeoutError if processes end all the time.
    """
    before = set(_tree(root))
    for _ in range(_ATTEMPTS):
        seconds = sum(_seconds(pid) for pid, _ in before)
        after = set(_tree(root))
        if after == before:
            return seconds
        before = after
    message = f"processes below {root} start and end all the time"
    raise TimeoutError(message)


def settle(*roots: int) -> None:
    """Wait until the processes use no CPU time, for at most 5 seconds.

    Else the unfinished work of one system would count as a cost of the next one.
    """
    before, deadline = -1.0, time.monotonic() + 5
    while (now := sum(map(cpu, roots))) > before and time.monotonic() < deadline:
        before = now
        time.sleep(0.05)


def _seconds(pid: int) -> float:
    fields = _fields(pid)
    return sum(map(int, fields[_USER : _USER + 4])) * _TICK if fields else 0


def _fields(pid: int) -> list[str]:
    """Return the fields of /proc/…/stat after the name; none if the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(") ")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _tree(pid: int) -> Iterator[tuple[int, str]]:
    """Yield the id and the start time of each process: an id may be used again."""
    fields = _fields(pid)
    if not fields:
        return
    yield pid, fields[_START]
    try:
        children = [
            child
            for path in Path(f"/proc/{pid}/task").glob("*/children")
            for child in path.read_text(encoding="utf-8").split()
        ]
    except (FileNotFoundError, ProcessLookupError):
        return
    for child in children:
        yield from _tree(int(child))
