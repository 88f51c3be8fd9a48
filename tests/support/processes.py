"""The program in a process of its own, and what processes are left."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

import psutil  # type: ignore[import-untyped] # it has annotations, but does not say so

from api.config import ROOT
from tests.support import measurement
from tests.support.forked_programs import Program, fork_program

_ESTABLISHED = "01"  # in /proc/net/tcp


def environment_without_coverage() -> dict[str, str]:
    """Return the environment without coverage: a killed process leaves a broken data file."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}


def processes_using(directory: Path) -> list[psutil.Process]:
    """List processes whose working directory or arguments are in the directory."""
    found = []
    for process in psutil.process_iter():
        try:
            place, arguments = process.cwd(), process.cmdline()
        except psutil.Error:
            continue  # it is just ending, a zombie, or somebody else's
        if place.startswith(f"{directory}/") or str(directory) in arguments:
            found.append(process)
    return found


def programs_using(directory: Path) -> set[str]:
    """Name the programs of those processes."""
    found = set()
    for process in processes_using(directory):
        with suppress(psutil.NoSuchProcess):  # it has just ended
            found.add(process.name())
    return found


def eventually(condition: Callable[[], bool]) -> bool:
    """Wait for a condition, long enough for a busy machine; tell whether it holds."""
    end = time.monotonic() + 300
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def is_stopped(directory: Path) -> bool:
    server = directory / "data" / "postmaster.pid"  # to list all processes takes more CPU time
    return eventually(lambda: not server.exists() and not processes_using(directory))


def is_ready(url: str) -> bool:
    """Ask by the standard library: a server that starts is asked many times."""
    with closing(HTTPConnection(urlsplit(url).netloc, timeout=60)) as connection:
        try:
            connection.request("GET", "/ready/")
            return connection.getresponse().status == HTTPStatus.OK
        except (OSError, HTTPException):
            return False


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.endswith("DATABASE_URL")}
    # Those that tests write into the heads of their own making.
    return {**kept, "HOSTS": "127.0.0.1,localhost,superbill,x"}


@contextmanager
def start_server(output: Path, **environ: str) -> Iterator[Program]:
    """Start a server that writes to a file; it is gone at the end.

    Where coverage is measured, which begins with the first module, or a signal is ignored, which a
    program inherits, it is no fork.
    """
    if measurement.is_on() or signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        with start_program(output, "serve", **environ) as process:
            yield process
    else:
        with fork_program(output, ("serve",), {**_environment(), **environ}) as program:
            yield program


@contextmanager
def start_program(
    output: Path, *arguments: str, **environ: str
) -> Iterator["subprocess.Popen[bytes]"]:
    """Start the program and let it write to a file; it is gone at the end."""
    with output.open("wb") as file:
        process = subprocess.Popen(  # noqa: S603 - our own program
            (sys.executable, "-m", "api", *arguments),
            cwd=ROOT,
            env={**_environment(), **environ},
            stdout=file,
            stderr=file,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return str(probe.getsockname()[1])


def run_program(*arguments: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    """Run the program as a process."""
    kept = {name: value for name, value in os.environ.items() if not name.endswith("DATABASE_URL")}
    call: Sequence[str] = (sys.executable, "-m", "api", *arguments)
    return subprocess.run(  # noqa: S603 - our own program
        call,
        cwd=ROOT,
        env={**kept, **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def one_sentence(text: str) -> str:
    """Check that this is one line of plain text that ends as a sentence does."""
    assert text.count("\n") == 1
    assert text.endswith(".\n")
    assert "Traceback" not in text
    return text.strip()


def unread_bytes(port: int) -> int:
    """Count the bytes that this machine's connections to a port have not been read of (proc(5))."""
    count = 0
    for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]:
        fields = line.split()
        if int(fields[1].rpartition(":")[2], 16) == port and fields[3] == _ESTABLISHED:
            count += int(fields[4].rpartition(":")[2], 16)
    return count
