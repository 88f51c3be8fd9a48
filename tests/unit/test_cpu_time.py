"""The CPU time of processes that end while it is read, as the benchmark reads it."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.benchmark import processes

CHILD_SECONDS = 0.1
# A child uses CPU time, and ends when its parent gets a line; the parent waits for it and stays.
PARENT = f"""
import os, sys, time
started, hold = os.pipe(), os.pipe()
if not os.fork():
    os.close(hold[1])
    while time.process_time() < {CHILD_SECONDS}:
        pass
    os.write(started[1], b"x")
    os.read(hold[0], 1)
    os._exit(0)
os.read(started[0], 1)
print("started", flush=True)
sys.stdin.readline()
os.close(hold[1])
os.wait()
print("ended", flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def parent() -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(  # noqa: S603 - our own arguments
        [sys.executable, "-S", "-c", PARENT],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "started\n"
        yield process
        process.kill()


@pytest.mark.parametrize("last_read", ["parent", "child"])
def test_a_process_that_ends_between_two_readings_counts_once(
    parent: subprocess.Popen[str], last_read: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = processes.cpu(parent.pid)
    read, pending = processes._seconds, [True]  # noqa: SLF001 - the moment between two readings

    def read_and_end(pid: int) -> float:
        seconds = read(pid)
        if pending and (pid == parent.pid) is (last_read == "parent"):
            pending.clear()
            assert parent.stdin
            assert parent.stdout
            parent.stdin.write("\n")
            parent.stdin.flush()
            assert parent.stdout.readline() == "ended\n"
        return seconds

    monkeypatch.setattr(processes, "_seconds", read_and_end)
    after = processes.cpu(parent.pid)
    assert not pending
    # A tick is 10 ms; the end of a process itself uses little.
    assert before >= CHILD_SECONDS - 0.02
    assert before <= after < before + CHILD_SECONDS / 2
