"""The CPU time that a server needs until it answers."""

import pytest

from tests.benchmark.start import started
from tests.support.databases import TestDatabase

MOST = 1.2  # seconds
TRIES = 5


@pytest.mark.long
def test_server_starts_within_its_cpu_time(database: TestDatabase, unused_port: int) -> None:
    """In CPU time, which other processes change little; the best of a few runs."""
    found = []
    for _ in range(TRIES):
        found.append(started(database.api_url, unused_port))
        if found[-1][1] < MOST:
            break
    seconds, cpu = min(wall for wall, _ in found), min(cpu for _, cpu in found)
    print(f"answers after {seconds:.2f} s, and {cpu:.2f} s of CPU time")
    assert cpu < MOST
