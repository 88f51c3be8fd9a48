"""The program in a process of its own, forked from one that has loaded its modules."""

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Protocol

from api.config import ROOT
from tests.support import databases

_FORKING = "import runpy; runpy.run_path('tests/support/forking_program.py', run_name='__main__')"
_PROGRAM = "superbill"
_SIZE = 4  # bytes of a process id, or of an exit status


class Program(Protocol):
    """What a `subprocess.Popen` and a fork have in common."""

    pid: int

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; return its exit status. Raises subprocess.TimeoutExpired."""

    def send_signal(self, sig: int) -> None:
        """Send a signal, unless it has ended."""

    def terminate(self) -> None:
        """Send SIGTERM."""

    def kill(self) -> None:
        """Send SIGKILL."""


class _Fork:
    """A program, of whose end a socket tells."""

    def __init__(self, status: socket.socket) -> None:
        """Read its process id."""
        self._status, self._lock = status, threading.Lock()
        self._ended: int | None = None
        self.pid = int.from_bytes(status.recv(_SIZE))
        assert self.pid

    def wait(self, timeout: float | None = None) -> int:
        with self._lock:
            if self._ended is None:
                self._status.settimeout(timeout)
                try:
                    self._ended = int.from_bytes(self._status.recv(_SIZE), signed=True)
                except TimeoutError:
                    raise subprocess.TimeoutExpired(_PROGRAM, timeout or 0) from None
                self._status.close()
            return self._ended

    def send_signal(self, sig: int) -> None:
        if self._ended is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, sig)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


@contextmanager
def fork_program(
    output: Path, arguments: tuple[str, ...], environ: Mapping[str, str]
) -> Iterator[Program]:
    """Start the program and let it write to a file; it is gone at the end."""
    here, there = socket.socketpair()
    with output.open("wb") as file, there:
        template = databases.template_of(environ.get("DATABASE_URL", ""))
        text = json.dumps([arguments, dict(environ), template]).encode()
        socket.send_fds(_requests(), [text], [file.fileno(), there.fileno()])
    process = _Fork(here)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@cache
def _requests() -> socket.socket:
    """Start the process that forks; give the socket on which it takes requests."""
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with there:
        forking = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-c", _FORKING],
            cwd=ROOT,
            stdin=there.fileno(),
            stdout=subprocess.DEVNULL,
        )

    def end() -> None:
        here.close()
        forking.wait()  # for the programs, too

    atexit.register(end)
    return here
