"""How long a server takes until it answers."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from api.config import ROOT
from tests.benchmark import processes
from tests.support.databases import TestDatabase

MOST = 1.2  # seconds
TRIES = 5


@contextmanager
def server(url: str, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run `superbill serve` as it is run, measured by nothing else."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    environment |= {"DATABASE_URL": url, "PORT": str(port), "LOG_LEVEL": "WARNING"}
    process = subprocess.Popen([sys.executable, "-m", "api", "serve"], cwd=ROOT, env=environment)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


def started(url: str, port: int) -> tuple[float, float]:
    """Start a server; give the seconds until it says that it lives, and the CPU seconds that it took for that."""
    begun = time.monotonic()
    with server(url, port) as process:
        while True:
            assert process.poll() is None
            assert time.monotonic() < begun + 60
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/") as answer:
                    assert answer.status == 200
                    return time.monotonic() - begun, processes.cpu(process.pid)
            except urllib.error.URLError:
                time.sleep(0.005)


def test_server_starts_within_its_cpu_time(database: TestDatabase, unused_port: int) -> None:
    """In CPU time, which is the time on a machine that has nothing else to do; the best of a few."""
    found = []
    for _ in range(TRIES):
        found.append(started(database.api_url, unused_port))
        if found[-1][1] < MOST:
            break
    seconds, cpu = min(wall for wall, _ in found), min(cpu for _, cpu in found)
    print(f"answers after {seconds:.2f} s, and {cpu:.2f} s of CPU time")
    assert cpu < MOST
