"""What one server process has counted since its start: plain numbers, which `metrics` shows.

A label is an operation's id or a status, never a client's text.
"""

from collections import defaultdict
from dataclasses import dataclass, field

# Seconds: most statements take less than the first, and the last is a statement's limit.
BUCKETS = (0.005, 0.02, 0.1, 0.5, 2.5, 10.0)


def _no_durations() -> list[int]:
    return [0] * (len(BUCKETS) + 1)


@dataclass(slots=True, eq=False)
class Counts:
    """Requests by operation and status, their durations, and what the logs have lost.

    `durations`: of each operation, how many requests took as long as each of BUCKETS, and longer;
    `seconds`: how long all of these took together.
    """

    requests: defaultdict[tuple[str, int], int] = field(default_factory=lambda: defaultdict(int))
    durations: defaultdict[str, list[int]] = field(
        default_factory=lambda: defaultdict(_no_durations)
    )
    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    dropped_lines: int = 0  # of the access log
    lost_reads: int = 0
