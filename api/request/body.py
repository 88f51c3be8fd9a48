"""A request's body: what it is sent as, how large it may be, and how long it may take to arrive."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, cast

from sanic import Request

from api.database.slow_clients import Pace
from api.document.media_types import JSON
from api.problem import RETRY_AFTER, Problem, ProblemError
from api.request.media_types import among, split

if TYPE_CHECKING:
    from sanic.http import Http

UNFIT = "The body does not fit; `errors` says where and why."
SMALL = (
    2**16
)  # bytes of each body that count for nothing: of many small ones none waits for large ones
CROWDED = Problem("unavailable", "Too many large bodies are arriving.", headers=RETRY_AFTER)
TOO_SLOW = Problem("request-timeout", "The request did not arrive in time.")


class Memory:
    """What large bodies that arrive or wait may take together: who sends many and ends none gets no more."""

    __slots__ = ("size", "used")

    def __init__(self, size: int) -> None:
        """Begin with none."""
        self.size = size
        self.used = 0

    def take(self, size: int) -> int:
        """Take so much more, and give it; of nothing, and less, there is always enough.

        Raises ProblemError `unavailable`.
        """
        if size <= 0:
            return 0
        if self.used + size > self.size:
            raise ProblemError(CROWDED)
        self.used += size
        return size

    @contextmanager
    def holding(self, size: int) -> Iterator[None]:
        """Have a body of so many bytes in memory for a while.

        Raises ProblemError `unavailable`.
        """
        taken = self.take(size - SMALL)
        try:
            yield
        finally:
            self.used -= taken


def media(request: Request, taken: Sequence[str]) -> str:
    """Read the media type of a body, which has to be one of these, in UTF-8.

    Raises ProblemError `unsupported-media-type`.
    """
    given = request.headers.getall("content-type", [])
    if given == [JSON] and "content-encoding" not in request.headers:
        return JSON
    name, parameters = split(",".join(given))
    encoding = request.headers.get("content-encoding", "identity").lower()
    fits = (
        parameters.get("charset", "utf-8") == "utf-8"
        and parameters.get("header", "present") == "present"
    )
    if name not in taken or not fits or encoding != "identity":
        sentence = f"Send the body as {among(taken)}, in UTF-8, not compressed."
        raise ProblemError(Problem("unsupported-media-type", sentence))
    return name


async def content(request: Request, limit: int, seconds: float) -> bytes:
    """Read a body of at most `limit` bytes, within so many seconds.

    Raises ProblemError `content-too-large` or `request-timeout`.
    """
    _check_length(request, limit)
    stream = cast("Http", request.stream)
    is_here = 0 < (stream.request_bytes_left or 0) <= len(stream.recv_buffer)
    try:
        # Where nothing is awaited, nobody need watch the clock: that costs as much as reading does.
        async with nullcontext() if is_here else asyncio.timeout(seconds):
            found = await _all(stream, limit, request.app.ctx.memory)
    except TimeoutError:
        raise ProblemError(TOO_SLOW) from None
    _check(len(found), limit)
    return found


async def _all(stream: "Http", limit: int, memory: Memory) -> bytes:
    first = await stream.read() or b""
    if (
        not stream.request_bytes_left and cast("object", stream.request_body) is True
    ):  # its length was known
        stream.request_body = None
    more = await stream.read() if stream.request_body and len(first) <= limit else None
    if more is None:
        return first
    found, taken = bytearray(first), 0
    try:
        while more is not None and len(found) <= limit:
            found += more
            taken += memory.take(len(found) - SMALL - taken)
            more = await stream.read()
    finally:
        memory.used -= taken
    return bytes(found)


def pieces(request: Request, limit: int, pace: Pace) -> AsyncIterator[bytes]:
    """Read a body as it comes; the first piece is SMALL, or all of it.

    Raises ProblemError as `content` does, `content-too-large` at once where the head tells.
    """
    _check_length(request, limit)
    return _pieces(cast("Http", request.stream), limit, pace)


async def _pieces(stream: "Http", limit: int, pace: Pace) -> AsyncIterator[bytes]:
    size, begun = 0, list[bytes]()
    while (piece := await _next(stream, pace)) is not None:
        size += len(piece)
        _check(size, limit)
        begun.append(piece)
        if size >= SMALL:
            yield b"".join(begun)
            begun.clear()
    if begun:
        yield b"".join(begun)


async def _next(stream: "Http", pace: Pace) -> bytes | None:
    try:
        piece = await pace.wait(stream.read())
    except TimeoutError:
        raise ProblemError(TOO_SLOW) from None
    pace.moved(len(piece or b""))
    return piece


def _check_length(request: Request, limit: int) -> None:
    """Refuse by the head alone: with `Expect`, what is too large need not even be sent."""
    _check(int(request.headers.get("content-length", 0)), limit)


def _check(size: int, limit: int) -> None:
    if size > limit:
        raise ProblemError(Problem("content-too-large", f"A body may have {limit} bytes."))
