"""What HTTP/1.1 asks for (RFC 9112) and Sanic does not: a proper head, and nothing of it in the log. And its speed."""

import asyncio
import logging
import re
import struct
import time
from asyncio import Transport
from collections.abc import AsyncIterator, Coroutine
from contextlib import suppress
from functools import lru_cache
from http import HTTPStatus
from socket import SO_LINGER, SOL_SOCKET
from typing import Any, cast

from sanic import Request
from sanic.exceptions import BadRequest, BadURL
from sanic.http import Http
from sanic.http.constants import Stage
from sanic.http.http1 import HTTP_CONTINUE
from sanic.response import BaseHTTPResponse

from api.http import connection_limit, headers, hosts
from api.problem import CLIENT_GONE, Problem
from api.request import body

MALFORMED = Problem("malformed-request", "The request is not proper HTTP.")

# A host and its port, without a user (RFC 3986, section 3.2).
_AUTHORITY = (
    r"(?:\[[0-9A-Fa-f:.]{2,45}\]|(?:[!$&-.;=_~0-9A-Za-z]|%[0-9A-Fa-f]{2})+)(?::[0-9]{0,5})?"
)
_HOST = re.compile(rf"{_AUTHORITY}[\t ]*")
_CHUNKED = re.compile("chunked", re.ASCII | re.IGNORECASE)
# A method is a token, whose case matters (RFC 9110, section 9.1): none has lower-case letters, but
# Sanic sends no body for `head`. The target is in origin form, or absolute, without a fragment; `*`
# is for OPTIONS alone (RFC 9112, section 3.2). Field names are tokens, with nothing before the
# colon; no value has a control character but the tab.
_HEAD = re.compile(
    rb"(?:[!#$%%&'*+.^_`|~0-9A-Z-]+ (?:/|[Hh][Tt][Tt][Pp][Ss]?://%b(?=[/? ]))|OPTIONS \*(?= ))[!\"$-~]* [^\r\n]*"
    rb"(?:\r\n[!#$%%&'*+.^_`|~0-9A-Za-z-]+:[^\x00-\x08\x0a-\x1f\x7f]*)*" % _AUTHORITY.encode()
)
# What Sanic strips off a value and HTTP does not, so that others read another value.
_ODD_BLANK = re.compile(r"\n[^:\n]+:[\t ]*[^\S\t\r\n ]")
# A chunk begins on a line of its own: its size, and extensions that nobody here knows (section
# 7.1).
_CHUNK = re.compile(
    rb"\r\n([0-9A-Fa-f]{1,16})(?:[\t ]{0,16};[^\x00-\x08\x0a-\x1f\x7f]{0,200})?\r\n"
)
_LONGEST_LINE = 256  # bytes
_DIGITS = {10: re.compile(r"[0-9]{1,19}[\t ]*"), 16: re.compile(r"[0-9A-Fa-f]{1,16}[\t ]*")}
_LINGERING = 5  # seconds
_BREAKS = re.compile("[\r\n\0]")
_STATUS_LINES: dict[int, str] = {
    status: f"HTTP/1.1 {status} {status.phrase}\r\n" for status in HTTPStatus
}


class Incoming(Request[Any, Any]):
    """A request that knows when it came, and what is wrong with its head, instead of telling the log its target."""

    __slots__ = ("began", "instance", "malformed")

    def __init__(self, url_bytes: bytes, *arguments: Any, **named: Any) -> None:
        """Take what Sanic has read of the head."""
        self.began = time.perf_counter()
        self.instance = ""
        try:
            super().__init__(url_bytes, *arguments, **named)
        except BadURL:
            super().__init__(b"*", *arguments, **named)
            self.malformed: Problem | None = MALFORMED
        else:
            # Sanic makes one without a head for what it refuses itself.
            is_wrong = bool(self.head) and (
                not _HEAD.fullmatch(self.head) or self._fields_are_wrong()
            )
            self.malformed = MALFORMED if is_wrong else hosts.refusal(self)

    async def respond(self, response: BaseHTTPResponse | None = None, **named: Any) -> Any:
        """Account for a whole answer; without one a stream begins, which accounts for itself when it ends."""
        # Sanic goes by the last one; `close` has to win (RFC 9112, section 9.6), and an end is no
        # surprise to anybody.
        if len(self.headers.getall("connection", ())) > 1 and isinstance(self.stream, Http):
            self.stream.keep_alive = False
        if response is not None:
            # Who hung up reads no answer, and that is no fault of the server.
            self.app.ctx.account(
                self, CLIENT_GONE if self.transport.is_closing() else response.status
            )
        return await super().respond(response, **named)

    async def receive_body(self) -> None:
        """Read a body that nobody wants, which is no larger and takes no longer than others; Sanic would keep it."""
        if not self.malformed:
            await body.content(self, self.app.ctx.body_limit, self.app.config.REQUEST_TIMEOUT)

    @property
    def path(self) -> str:
        """The target's path, which an absolute one may lack (RFC 9112, section 3.2.2)."""
        return (self._parsed_url.path or b"/").decode()

    def _fields_are_wrong(self) -> bool:
        given, is_old = self.headers.getall("host", ()), self.version == "1.0"
        if is_old:
            self.headers.popall(
                "expect", None
            )  # it can't be told to go on (RFC 9110, section 10.1.1)
        if "transfer-encoding" in self.headers:
            if is_old:
                return True  # who forwards it may not know that (RFC 9112, section 6.1)
            self._spell_coding()
        if len(given) != 1:
            return bool(given) or not is_old
        # Without a host of its own the target may be for none.
        is_host = _is_host(given[0]) or (not given[0] and self.raw_url.startswith((b"/", b"*")))
        return not is_host or (not self.head.isascii() and self._has_odd_blanks())

    def _spell_coding(self) -> None:
        """Write `chunked` as Sanic looks for it: the name is case-insensitive (RFC 9112, section 7)."""
        if _CHUNKED.fullmatch(self.headers["transfer-encoding"]):
            self.headers["transfer-encoding"] = "chunked"

    def _has_odd_blanks(self) -> bool:
        return bool(_ODD_BLANK.search(self.head.decode(errors="surrogateescape")))


class Exchange(Http):
    """A request and its answer, which has its head written in a fifth of Sanic's time where it is in one piece."""

    __slots__ = ("is_given_up",)

    def __init__(self, protocol: "Connection") -> None:
        """Begin to listen."""
        super().__init__(protocol)
        self.is_given_up = False

    async def http1(self) -> None:
        """Answer requests; at the end let who may still be sending read the last answer, which a reset would take."""
        await super().http1()
        if not self.is_given_up or cast("Connection", self.protocol).leaves:
            return
        transport = self.protocol.transport
        with suppress(TimeoutError):
            if transport and not transport.is_closing():
                transport.write_eof()
            async with asyncio.timeout(_LINGERING):
                while transport and not transport.is_closing():
                    self.recv_buffer.clear()
                    await self._receive_more()

    def read(self) -> Coroutine[Any, Any, bytes | None]:
        """Read some of a body; of one in chunks only where each begins as it should."""
        between_chunks = (
            not self.request_bytes_left and cast("object", self.request_body) == "chunked"
        )
        return self._read_chunks() if between_chunks else super().read()

    async def _read_chunks(self) -> bytes | None:
        if self.expecting_continue:
            self.expecting_continue = False
            await self._send(HTTP_CONTINUE)
        if found := self._chunks():
            return found
        await self._find_chunk()
        return await super().read()

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Read what is left of a body behind its answer: however much it is, so that the answer can be read."""
        return _rest(self, self.protocol.request_timeout)

    def _chunks(self) -> bytes:
        """Take all chunks that are here: one at a time, small ones would cost more to read than to send."""
        buffer, at, found = self.recv_buffer, 0, []
        while (
            not self.request_bytes_left
            and (head := _CHUNK.match(buffer, at))
            and (size := int(head[1], 16))
        ):
            found.append(buffer[head.end() : head.end() + size])
            self.request_bytes_left = size - len(found[-1])
            at = head.end() + len(found[-1])
        del buffer[:at]
        return b"".join(found)

    async def _find_chunk(self) -> None:
        buffer = self.recv_buffer
        while (end := buffer.find(b"\r\n", 2)) < 0 and len(buffer) <= _LONGEST_LINE:
            await self._receive_more()
        if end > _LONGEST_LINE or not _CHUNK.fullmatch(buffer, 0, end + 2):
            self.keep_alive = False
            message = "no chunk begins here"
            raise BadRequest(message)

    @staticmethod
    def _safe_int(value: str, base: int = 10) -> int:
        """Read a length: Python would take more for digits than HTTP does."""
        if not _DIGITS[base].fullmatch(value):
            raise ValueError
        return int(value, base)

    # Sanic's
    async def http1_response_header(self, data: bytes, end_stream: bool) -> None:  # noqa: FBT001
        """Send the head, and with it the body of a whole answer, or what there is of a stream."""
        answer = self.response
        body = (answer.body or data) if end_stream else b""
        if self.expecting_continue:
            give_up_body(self.request)  # nobody has asked for it, and nobody will
        self.response_func = None  # type: ignore[assignment]  # as Sanic does
        head = _STATUS_LINES[answer.status]
        if body:
            head += f"content-type: {answer.content_type}\r\ncontent-length: {len(body)}\r\n"
        else:
            head += self._framing(end_stream)
        head += headers.lines(answer.headers)
        if answer.headers:
            head += "".join(
                f"{name}: {_BREAKS.sub('', value)}\r\n" for name, value in answer.headers.items()
            )
        head += "connection: keep-alive\r\n\r\n" if self.keep_alive else "connection: close\r\n\r\n"
        self.response_size = len(body)
        await self._send(head.encode() if self.head_only else head.encode() + body)
        if end_stream:
            self.stage = Stage.IDLE
            if self.recv_buffer:
                await asyncio.sleep(
                    0
                )  # who sends many requests at once has those of others answered between them
            return
        self.stage = Stage.RESPONSE
        if data and not self.head_only:
            await self.send(data, end_stream=False)

    def _framing(self, ends: bool) -> str:  # noqa: FBT001
        """Say where an answer without a body ends, or a stream, and begin that."""
        if self.response.status == HTTPStatus.NO_CONTENT:
            return ""
        kind = f"content-type: {self.response.content_type}\r\n"
        if ends:
            return f"{kind}content-length: 0\r\n"
        self.response_func = cast(
            "Any", self.head_response_ignored if self.head_only else self.http1_response_chunked
        )
        if self.request.version == "1.1":
            return f"{kind}transfer-encoding: chunked\r\n"
        # there are no chunks in HTTP/1.0: the connection's end is the stream's
        self.keep_alive = False
        if not self.head_only:
            self.response_func = self._send_raw
            self._end_by_reset(True)
        return kind

    async def _send_raw(self, data: bytes, end_stream: bool) -> None:  # noqa: FBT001  # Sanic's
        await self._send(data)
        if end_stream:
            cast("Transport", self.protocol.transport).set_write_buffer_limits(0)
            await self._send(b"")  # when all the rest has gone
            self._end_by_reset(False)
            self.response_func, self.stage = cast("Any", None), Stage.IDLE

    def _end_by_reset(self, on: bool) -> None:  # noqa: FBT001
        """Let the connection be reset when it ends, whatever ends it: nobody takes what is broken off for complete."""
        transport = cast("Transport", self.protocol.transport)
        if not transport.is_closing():
            transport.get_extra_info("socket").setsockopt(
                SOL_SOCKET, SO_LINGER, struct.pack("ii", on, 0)
            )


class Connection(connection_limit.Connection):
    """A connection with such exchanges."""

    __slots__ = ()

    HTTP_CLASS = Exchange


@lru_cache(maxsize=64)
def _is_host(text: str) -> bool:
    return bool(_HOST.fullmatch(text))


async def _rest(stream: Http, seconds: float) -> AsyncIterator[bytes]:
    try:
        async with asyncio.timeout(seconds):
            while stream.request_body:
                await stream.read()
    except TimeoutError:
        message = "the rest of the body did not arrive"
        raise BadRequest(message) from None
    nothing: tuple[bytes, ...] = ()  # what is dropped is given to nobody
    for piece in nothing:
        yield piece


class Discreet(logging.Filter):
    """Tells of Sanic's own errors only what they are: their texts and tracebacks quote targets."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Replace the message."""
        error = record.exc_info[1] if record.exc_info else None
        record.msg, record.args = (
            "a connection failed: %s",
            (type(error).__name__ if error else "no exception",),
        )
        record.exc_info = record.exc_text = None
        return True


def give_up_body(request: Request) -> None:
    """End the connection behind the answer: the rest of the body will not come, or nobody knows where it ends."""
    if isinstance(stream := request.stream, Http):
        stream.expecting_continue, stream.keep_alive, stream.request_body = False, False, None
        # Sanic takes `head` for it, too, which is another method, and malformed. What it could not
        # read is still there.
        stream.head_only = (request.head or stream.recv_buffer).startswith(b"HEAD ")
    if isinstance(stream, Exchange):
        stream.is_given_up = True


def body_is_missing(request: Request) -> bool:
    """Tell whether the body has not arrived in full."""
    return isinstance(request.stream, Http) and bool(request.stream.request_body)
