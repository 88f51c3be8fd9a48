"""A request's body: its media type, its size, and how long it may take to arrive."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass

from api.database.slow_clients import Pace
from api.problem import RETRY_AFTER, Problem, ProblemError
from api.request.incoming import BodyStream, Incoming

# Bytes of each body that do not count against the shared limit: it refuses no small body.
FREE = 2**16
OUT_OF_MEMORY = Problem(
    "unavailable", "Too many large bodies are arriving at the same time.", headers=RETRY_AFTER
)
TOO_SLOW = Problem("request-timeout", "The request did not arrive in time.")


class BodyMemory:
    """Limits the bytes that all large bodies of a server hold while they arrive or wait."""

    __slots__ = ("limit", "used")

    def __init__(self, limit: int) -> None:
        """Begin with none in use; `limit` in bytes."""
        self.limit = limit
        self.used = 0

    def take(self, size: int) -> int:
        """Reserve bytes and return their number; zero or fewer reserve nothing.

        Raises ProblemError `unavailable`.
        """
        if size <= 0:
            return 0
        if self.used + size > self.limit:
            raise ProblemError(OUT_OF_MEMORY)
        self.used += size
        return size

    @contextmanager
    def holding(self, size: int) -> Iterator[None]:
        """Reserve memory for a body of `size` bytes while the block runs.

        Raises ProblemError `unavailable`.
        """
        taken = self.take(size - FREE)
        try:
            yield
        finally:
            self.used -= taken


@dataclass(frozen=True, slots=True)
class BodyReader:
    """Reads bodies of at most `limit` bytes, each within `seconds`; large ones reserve `memory`."""

    limit: int
    seconds: float
    memory: BodyMemory

    async def read(self, request: Incoming) -> bytes:
        """Read a whole body.

        Raises ProblemError `content-too-large`, `request-timeout` or `unavailable`.
        """
        _check_length(request, self.limit)
        stream = request.body_stream
        try:
            # A timeout costs as much as reading, and a body that has arrived needs none.
            async with nullcontext() if stream.is_buffered else asyncio.timeout(self.seconds):
                content = await self._all(stream)
        except TimeoutError:
            raise ProblemError(TOO_SLOW) from None
        if len(content) > self.limit:
            raise _too_large(self.limit)
        return content

    async def _all(self, stream: BodyStream) -> bytes:
        first = await stream.read() or b""
        if stream.is_at_end or len(first) > self.limit:
            return first
        content, taken = bytearray(first), 0
        try:
            while len(content) <= self.limit and (piece := await stream.read()) is not None:
                content += piece
                taken += self.memory.take(len(content) - FREE - taken)
        finally:
            self.memory.used -= taken
        return bytes(content)


async def pieces(request: Incoming, limit: int, pace: Pace) -> AsyncIterator[bytes]:
    """Read a body in pieces; the first has at least FREE bytes, or it is the whole body.

    Raises ProblemError `content-too-large` (at once, where the head gives the length) or
    `request-timeout`.
    """
    _check_length(request, limit)
    stream, size, waiting = request.body_stream, 0, list[bytes]()
    while not stream.is_at_end:
        try:
            piece = await pace.wait(stream.read()) or b""
        except TimeoutError:
            raise ProblemError(TOO_SLOW) from None
        pace.moved(len(piece))
        size += len(piece)
        if size > limit:
            raise _too_large(limit)
        waiting.append(piece)
        if size >= FREE:
            yield b"".join(waiting)
            waiting.clear()
    if waiting:
        yield b"".join(waiting)


def _check_length(request: Incoming, limit: int) -> None:
    """Refuse a body by its head: with `Expect: 100-continue` the client need not send it."""
    if int(request.headers.get("content-length", 0)) > limit:
        raise _too_large(limit)


def _too_large(limit: int) -> ProblemError:
    return ProblemError(Problem("content-too-large", f"A body may have at most {limit} bytes."))
