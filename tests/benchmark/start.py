"""How long `superbill serve` takes until it answers."""

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


def environment(url: str, **more: str) -> dict[str, str]:
    """Return the environment of a command that works on a database, measured by nothing else."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    return own | {"DATABASE_URL": url, "LOG_LEVEL": "WARNING"} | more


@contextmanager
def server(url: str, port: int, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run `superbill serve` as it is run; `more` are settings of the environment."""
    process = subprocess.Popen(
        [sys.executable, "-m", "api", "serve"],
        cwd=ROOT,
        env=environment(url, PORT=str(port), **more),
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


def started(url: str, port: int, path: str = "/health/", **more: str) -> tuple[float, float]:
    """Start a server; return the seconds until it answers at a path, and its CPU seconds."""
    begun = time.monotonic()
    with server(url, port, **more) as process:
        while True:
            assert process.poll() is None
            assert time.monotonic() < begun + 60
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as answer:
                    assert answer.status == 200
                    return time.monotonic() - begun, processes.cpu(process.pid)
            except urllib.error.URLError:
                time.sleep(0.005)
