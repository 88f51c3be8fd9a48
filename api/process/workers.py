"""Several workers on one port, and who keeps them: whichever ends is started again, until a signal ends them all.

A worker is a fork of what is ready to serve, so that all serve the same, and a new one is there in
a moment. Between the supervisor and each is a line, a pair of sockets: the worker says in it that
it serves, the supervisor by which signal to end, and it breaks with whoever is gone.
"""

import asyncio
import gc
import logging
import multiprocessing
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import connection
from multiprocessing.context import ForkProcess
from typing import Any

from api.process import signals

logger = logging.getLogger(__name__)

Line = socket.socket
Work = Callable[
    [int, socket.socket, Line], object
]  # a worker's number, where it listens, and its line

_FORK = multiprocessing.get_context("fork")
_SPREADS = sys.platform == "linux"  # connections evenly, among the sockets that share a port
_LASTING = 10.0  # seconds: who has lived so long does not keep dying
_SHORTEST, _LONGEST = 0.5, 30.0  # seconds of pause before one that keeps dying is started again


class StartError(Exception):
    """A worker has not come to serve when all were to begin; the text is a sentence."""


def listen(address: tuple[str, int], *, shared: bool = False) -> socket.socket:
    """Give a socket that listens at a host and a port, alone or with others that share it.

    Raises OSError where the address can't be had.
    """
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    both = family == socket.AF_INET6 and socket.has_dualstack_ipv6()
    return socket.create_server(
        address, family=family, backlog=100, reuse_port=shared, dualstack_ipv6=both
    )


class Port:
    """The address that all workers serve.

    On Linux each listens on a socket of its own, among which the kernel spreads connections; where
    all accept from one, who wakes first takes most. The supervisor holds these sockets too: what
    waits in a dead worker's is the next one's.
    """

    def __init__(self, address: tuple[str, int]) -> None:
        """Bind it, at first alone.

        Raises OSError where it can't be had, or somebody has it who would share it.
        """
        self._alone = listen(address)
        self._address = self._alone.getsockname()[:2]
        if _SPREADS:
            self._alone.close()

    def listen(self) -> socket.socket:
        """Give another socket that listens there."""
        return listen(self._address, shared=True) if _SPREADS else self._alone.dup()

    def close(self) -> None:
        """Let it go, as far as this process has it."""
        self._alone.close()


@dataclass(slots=True, eq=False)
class _Place:
    """A worker's place: the process that has it, if one has, or when the next one is to take it."""

    number: int
    process: ForkProcess | None = None
    line: Line | None = None
    listening: socket.socket | None = None
    serves: bool = False
    failures: int = 0
    since: float = 0.0
    due: float = 0.0

    def hang_up(self) -> None:
        """Close this process's end of the line."""
        if self.line:
            self.line.close()
            self.line = None

    def leave(self) -> None:
        """Close this process's socket, so that nobody waits for a worker that does not come soon."""
        if self.listening:
            self.listening.close()
            self.listening = None


class Supervisor:
    """Who starts the workers, starts again those that end, and ends them all."""

    def __init__(self, count: int, port: Port, work: Work) -> None:
        """Prepare for `count` processes that do `work` until they are told to end."""
        self._places = [_Place(number) for number in range(count)]
        self._port, self._work = port, work
        self._ear, self._mouth = socket.socketpair()
        self._complete = False

    def run(self, serving: Callable[[], object]) -> None:
        """Keep them until a signal has come and all have ended; call `serving` once all of them serve.

        Raises StartError where one does not come to serve at first.
        """
        signals.serving(lambda number: self._mouth.send(bytes([number])))
        gc.freeze()  # what all have in common stays in common
        number = b""
        try:
            number = self._keep(serving)
        finally:
            self._port.close()
            for place in self._places:
                if place.line:
                    with suppress(OSError):  # it has just ended
                        place.line.send(number)
                place.hang_up()
                place.leave()
            for place in self._places:
                if place.process:
                    place.process.join()

    def _keep(self, serving: Callable[[], object]) -> bytes:
        """Give the signal that has come."""
        while True:
            for place in self._places:
                if not place.process and place.due <= time.monotonic():
                    self._fill(place)
            due = [place.due for place in self._places if not place.process]
            patience = max(0.0, min(due) - time.monotonic()) if due else None
            lines: dict[Any, _Place] = {
                place.line: place for place in self._places if place.process
            }
            for source in connection.wait([self._ear, *lines], patience):
                if source is self._ear:
                    return self._ear.recv(1)
                self._listen(lines[source], serving)

    def _listen(self, place: _Place, serving: Callable[[], object]) -> None:
        """Note what a worker says, be it that it has ended."""
        assert place.line
        assert place.process
        if _hear(place.line):
            place.serves = True
            if not self._complete and all(place.serves for place in self._places):
                self._complete = True
                serving()
        else:
            place.process.join()
            self._empty(place, f"has ended {_how(place.process.exitcode or 0)}")

    def _fill(self, place: _Place) -> None:
        place.since, place.serves = time.monotonic(), False
        try:
            place.listening = place.listening or self._port.listen()
            place.line, theirs = socket.socketpair()
            place.process = _FORK.Process(target=self._live, args=(place, theirs))
            with theirs:
                place.process.start()
        except OSError as error:
            place.process = None
            self._empty(place, f"can't be started ({error.strerror})")

    def _live(self, place: _Place, line: Line) -> None:
        """Be a worker."""
        signals.serving(
            lambda _number: None
        )  # until it listens to signals itself, the supervisor's will do
        listening, place.listening = place.listening, None
        for held in (self._ear, self._mouth, self._port):
            held.close()
        for each in self._places:
            each.hang_up()
            each.leave()
        assert listening
        self._work(place.number, listening, line)

    def _empty(self, place: _Place, what: str) -> None:
        """Say when the next worker takes the place of one that has ended.

        Raises StartError while not all have served yet.
        """
        if not self._complete:
            message = f"Worker {place.number} {what} before all could serve."
            raise StartError(message)
        now = time.monotonic()
        place.failures = 0 if now - place.since > _LASTING else place.failures
        pause = min(_SHORTEST * 2 ** (place.failures - 1), _LONGEST) if place.failures else 0
        place.process, place.due = None, now + pause
        place.failures += 1
        place.hang_up()
        if pause:
            place.leave()
        logger.warning(
            "worker %d %s and is started again %s",
            place.number,
            what,
            f"in {pause} s" if pause else "now",
        )


def attend(line: Line, end: Callable[[int], object]) -> None:
    """Say, in a worker's running loop, that it serves; call `end` with a signal's number when it is to end."""
    loop = asyncio.get_running_loop()

    def obey() -> None:
        loop.remove_reader(line)
        told = _hear(line)
        end(told[0] if told else signal.SIGINT)  # without a supervisor nobody would know of it

    loop.add_reader(line, obey)
    with suppress(OSError):  # the supervisor is gone, as the line will tell
        line.send(b".")


def _hear(line: Line) -> bytes:
    """Read what has been said: nothing, if the line is broken."""
    try:
        return line.recv(1)
    except ConnectionResetError:  # who is gone had not read all
        return b""


def _how(status: int) -> str:
    return f"by {signal.Signals(-status).name}" if status < 0 else f"with status {status}"
