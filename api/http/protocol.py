"""HTTP/1.1 on Sanic: connections, exchanges and requests.

Sanic's private names are used here and in `routes` only; `tests/packaging/test_private_names.py`
asserts each. Functions without state are in `request_head` (the checks of a head), `chunks` and
`headers`; policies are in `connection_limit` and `draining`.
"""

import asyncio
import re
import struct
import time
from asyncio import BaseTransport, Task, Transport
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from http import HTTPStatus
from socket import SO_LINGER, SOL_SOCKET
from time import monotonic
from typing import Any, cast

from sanic import Request, Sanic
from sanic.exceptions import BadRequest, BadURL, RequestTimeout
from sanic.http import Http
from sanic.http.constants import Stage
from sanic.http.http1 import HTTP_CONTINUE
from sanic.response import BaseHTTPResponse
from sanic.server import HttpProtocol

from api.database.slow_clients import PIECE, Pace
from api.http import chunks, headers, request_head
from api.http.connection_limit import FULL, Admission
from api.http.piecewise_answer import PiecewiseAnswer
from api.http.routes import Route
from api.http.server_state import ServerState
from api.identity import Identity
from api.operations.service_paths import WHEN_FULL
from api.problem import CLIENT_GONE, Problem, ProblemError, new_instance
from api.request import media_types
from api.request.incoming import BodyStream, Head

_LENGTHS = {10: re.compile(r"[0-9]{1,19}[\t ]*"), 16: re.compile(r"[0-9A-Fa-f]{1,16}[\t ]*")}
_LINGERING = 5  # seconds for which a client may go on sending a body that was given up
_FIRST = 0.5  # seconds that a new connection has for its first request while the server ends
_BUFFER = 2**16  # unread bytes of a connection, before no more are received
_STATUS_LINES = {int(one): f"HTTP/1.1 {one} {one.phrase}\r\n" for one in HTTPStatus}
_WITHOUT_BODY = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)
_CLOSING = ("connection: keep-alive\r\n\r\n", "connection: close\r\n\r\n")


class HttpRequest(Request[Any, Any]):
    """A request, with the time of its start and the problem of its head (None if well-formed).

    `identity`: for whom it acts, once it is authenticated.
    """

    __slots__ = ("_instance", "_state", "began", "identity", "malformed")

    identity: Identity
    route: Route | None  # type: ignore[assignment]  # of `Routes`, not Sanic's

    def __init__(self, state: ServerState, url_bytes: bytes, **named: Any) -> None:
        """Take what Sanic has read of the head, and check it."""
        self.began = time.perf_counter()
        self._instance = ""
        self._state = state
        try:
            super().__init__(url_bytes, **named)
        except BadURL:
            super().__init__(b"*", **named)
            self.malformed: Problem | None = request_head.MALFORMED
            return
        # Sanic makes a request without a head to answer what it could not read.
        fields = self.headers
        plain = (
            self.version == "1.1"
            and "transfer-encoding" not in fields
            and len(given := fields.getall("host", [])) == 1
            and request_head.is_host(given[0])
            and self.head.isascii()
        )
        if self.head and not (
            request_head.HEAD.fullmatch(self.head)
            and (
                plain
                or not request_head.has_faulty_fields(self.head, fields, self.version, self.raw_url)
            )
        ):
            self.malformed = request_head.MALFORMED
        else:
            self.malformed = state.refusal(self.raw_url, fields) if state.is_restricted else None

    async def respond(self, response: BaseHTTPResponse | None = None, **named: Any) -> Any:
        """Log a whole answer. Without `response` an answer in pieces begins: it is logged later."""
        # Sanic reads the last `Connection` only; any `close` has to close (RFC 9112, section 9.6).
        if len(self.headers.getall("connection", ())) > 1 and isinstance(self.stream, Http):
            self.stream.keep_alive = False
        if response is not None:
            # A client that has gone reads no answer, and that is not the server's failure.
            self.log(CLIENT_GONE if self.transport.is_closing() else response.status)
        return await super().respond(response, **named)

    def log(self, status: int) -> None:
        """Log and count the answer; note a read whose caller is known."""
        seconds = time.perf_counter() - self.began if self.head else None
        state, known = self._state, self.route
        state.log.note(known.operation if known else "-", status, seconds, self)
        if known and known.reading and state.reads and hasattr(self, "identity"):
            # Flat, because Python's garbage collector would visit each tuple that is kept.
            url, id_ = self._parsed_url, self._instance
            read = (self.began, self.identity, known.reading, url.path, url.query, status, id_)
            state.reads.noted.extend(read)

    def also_read(self, path: str) -> None:
        """Note that the answer shows rows of another path, which has no prefix."""
        if (reads := self._state.reads) and (reading := self._state.reading(path)):
            reads.noted.extend((self.began, self.identity, reading, path.encode(), b"", 200, ""))

    def routes_at(self, path: str) -> Mapping[str, Route]:
        """Return the routes of a path, by method."""
        return self._state.routes.at(path)

    async def receive_body(self) -> None:
        """Read a body that the route does not use, within the same limits; Sanic would keep it."""
        if not self.malformed:
            await self._state.body.read(self)

    @property
    def needs_credentials(self) -> bool:
        """Whether a request without credentials is refused."""
        return self._state.tokens.are_required

    async def authenticate(self) -> Identity:
        """Find out for whom the request acts.

        Raises ProblemError: `unauthenticated`, `not-permitted`, `unavailable`.
        """
        self.identity = await self._state.tokens.identify(self.headers)
        return self.identity

    @property
    def path(self) -> str:
        """The target's path, which an absolute one may lack (RFC 9112, section 3.2.2)."""
        path, prefix = (self._parsed_url.path or b"/").decode(), self._state.prefix
        return prefix.stripped(path) if prefix.path else path

    @property
    def prefix(self) -> str:
        """What stands before the paths of this answer."""
        prefix = self._state.prefix
        return prefix.of_request(self.headers) if prefix.is_trusted else prefix.path

    @property
    def body_stream(self) -> BodyStream:
        """The body, as it arrives."""
        return cast("Exchange", self.stream)

    def accepted(self, offered: Sequence[str]) -> str:
        """Return the media type that `Accept` prefers of those that are offered.

        Raises ProblemError `not-acceptable`.
        """
        if "accept" not in self.headers:
            return offered[0]
        return media_types.accepted(",".join(self.headers.getall("accept")), offered)

    def identify(self) -> str:
        """Return the request's id, for its problem document and the log: a random UUID."""
        self._instance = self._instance or new_instance()
        return self._instance

    @contextmanager
    def extended(self, seconds: float) -> Iterator[None]:
        """Let the answer take so many seconds; Sanic's limit is for answers in one piece."""
        connection = cast("Exchange", self.stream).protocol
        connection.response_timeout = seconds
        try:
            yield
        finally:
            connection.response_timeout = self.app.config.RESPONSE_TIMEOUT

    def outgoing(self, head: Head, pace: Pace) -> PiecewiseAnswer:
        """Answer in pieces."""
        return PiecewiseAnswer(self, cast("Exchange", self.stream), head, pace)

    def give_up_body(self) -> None:
        """Close the connection after the answer: the rest of the body is missing or unreadable."""
        if isinstance(stream := self.stream, Exchange):
            stream.give_up_body(self.head)

    @property
    def lacks_body(self) -> bool:
        """Whether the body has not arrived in full."""
        return isinstance(self.stream, Http) and bool(self.stream.request_body)


class _RequestClass(partial[HttpRequest]):
    """Replaces the class of requests that Sanic calls: passes the server's state to each one."""

    _current = Request._current  # noqa: SLF001  # Sanic sets it to the request


class Exchange(Http):
    """A request and its answer. Writes the head of a whole answer in a fifth of Sanic's time."""

    __slots__ = ("_is_given_up",)

    def __init__(self, protocol: "Connection") -> None:
        """Begin on a connection."""
        super().__init__(protocol)
        self._is_given_up = False

    @property
    def is_buffered(self) -> bool:
        """Whether the whole body is in memory, and its length known."""
        return 0 < (self.request_bytes_left or 0) <= len(self.recv_buffer)

    @property
    def is_at_end(self) -> bool:
        """Whether nothing of the body is left; for a known length without another read."""
        if not self.request_bytes_left and cast("object", self.request_body) is True:
            self.request_body = None
        return not self.request_body

    async def http1(self) -> None:
        """Answer requests; at the end let a client that is still sending read the last answer.

        If the server closed the connection earlier, a reset would discard that answer.
        """
        await super().http1()
        if not self._is_given_up or cast("Connection", self.protocol).gives_way:
            return
        transport = self.protocol.transport
        with suppress(TimeoutError):
            if transport and not transport.is_closing():
                transport.write_eof()
            async with asyncio.timeout(_LINGERING):
                while transport and not transport.is_closing():
                    self.recv_buffer.clear()
                    await self._receive_more()

    def give_up_body(self, head: bytes) -> None:
        """Do not read the rest of the body, and close the connection behind the answer."""
        self.expecting_continue, self.keep_alive, self.request_body = False, False, None
        # Sanic takes the malformed method `head` for HEAD. A head that Sanic could not read is
        # still in the buffer.
        self.head_only = (head or self.recv_buffer).startswith(b"HEAD ")
        self._is_given_up = True

    def read(self) -> Coroutine[Any, Any, bytes | None]:
        """Read some bytes of the body; None at the end. Chunks have to be well-formed."""
        at_chunk = not self.request_bytes_left and cast("object", self.request_body) == "chunked"
        return self._read_chunks() if at_chunk else super().read()

    async def _read_chunks(self) -> bytes | None:
        if self.expecting_continue:
            self.expecting_continue = False
            await self._send(HTTP_CONTINUE)
        content, self.request_bytes_left = chunks.take(self.recv_buffer)
        if content:
            return content
        while chunks.needs_more(self.recv_buffer):
            await self._receive_more()
        if not chunks.is_wellformed(self.recv_buffer):
            self.keep_alive = False
            message = "no chunk begins here"
            raise BadRequest(message)
        return await super().read()

    def end_without_body(self) -> None:
        """End an answer in pieces to HEAD: it has no body."""
        self.head_response_ignored(b"", end_stream=True)

    def reset(self) -> None:
        """End the connection at once."""
        self.keep_alive = False
        if self.protocol.transport is not None:
            self.protocol.transport.abort()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Read and drop the rest of a body after its answer, without a limit of size."""
        try:
            async with asyncio.timeout(self.protocol.request_timeout):
                while self.request_body:
                    await self.read()
        except TimeoutError:
            message = "the rest of the body did not arrive"
            raise BadRequest(message) from None
        dropped: tuple[bytes, ...] = ()
        for piece in dropped:
            yield piece

    @staticmethod
    def _safe_int(value: str, base: int = 10) -> int:
        """Read a length: Python would accept more digits than HTTP does."""
        if not _LENGTHS[base].fullmatch(value):
            raise ValueError
        return int(value, base)

    async def http1_response_header(self, data: bytes, end_stream: bool) -> None:  # noqa: FBT001  # Sanic's
        """Send the head, with the body of a whole answer or the first piece of another."""
        answer = self.response
        body = (answer.body or data) if end_stream else b""
        if self.expecting_continue:
            self.give_up_body(self.request.head)  # it has not been asked for, so it will not come
        self.response_func = None  # type: ignore[assignment]  # as Sanic does
        head = _STATUS_LINES[answer.status]
        if body:
            head += f"content-type: {answer.content_type}\r\ncontent-length: {len(body)}\r\n"
        else:
            head += self._framing(end_stream)
        own = answer.headers
        if len(own) == 1 and (tag := own.get("etag")):  # as most answers have
            head += f"{headers.ALL}etag: {tag}\r\n"
        else:
            head += headers.lines(own) if own else headers.ALL
        head += _CLOSING[not self.keep_alive]
        self.response_size = len(body)
        await self._send(head.encode() if self.head_only else head.encode() + body)
        if end_stream:
            self.stage = Stage.IDLE
            if self.recv_buffer:
                await asyncio.sleep(0)  # other connections get a turn between pipelined requests
            return
        self.stage = Stage.RESPONSE
        if data and not self.head_only:
            await self.send(data, end_stream=False)

    def _framing(self, ends: bool) -> str:  # noqa: FBT001  # Sanic's flag, handed on
        """Return the fields that say where an answer without a body, or one in pieces, ends."""
        if self.response.status in _WITHOUT_BODY:
            return ""
        kind = f"content-type: {self.response.content_type}\r\n"
        if ends:
            return f"{kind}content-length: 0\r\n"
        chunked = self.head_response_ignored if self.head_only else self.http1_response_chunked
        self.response_func = cast("Any", chunked)
        if self.request.version == "1.1":
            return f"{kind}transfer-encoding: chunked\r\n"
        self.keep_alive = False  # HTTP/1.0 has no chunks: the answer ends with the connection
        if not self.head_only:
            self.response_func = self._send_unframed
            self._reset_at_end(True)
        return kind

    async def _send_unframed(self, data: bytes, end_stream: bool) -> None:  # noqa: FBT001  # Sanic's
        await self._send(data)
        if end_stream:
            cast("Transport", self.protocol.transport).set_write_buffer_limits(0)
            await self._send(b"")  # which waits until all has been written
            self._reset_at_end(False)
            self.response_func, self.stage = cast("Any", None), Stage.IDLE

    def _reset_at_end(self, on: bool) -> None:  # noqa: FBT001  # the socket option's value
        """End the connection by a reset: an answer that is broken off must not look complete."""
        transport = cast("Transport", self.protocol.transport)
        if not transport.is_closing():
            linger = struct.pack("ii", on, 0)
            transport.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, linger)


class Connection(HttpProtocol):
    """A connection with a deadline for each thing that its client has to do.

    It can be closed to make room for others (`connection_limit`), and is not closed while something
    that it was sent is unread (`draining`).
    """

    __slots__ = ("_first_until", "_stalled", "_unread", "gives_way", "shared")

    HTTP_CLASS = Exchange

    def __init__(self, *, app: Sanic[Any, Any], shared: ServerState, **options: Any) -> None:
        """Prepare a connection of the server whose state is `shared`."""
        super().__init__(app=app, **options)
        self.shared = shared
        self.request_class = cast("Any", _RequestClass(HttpRequest, shared))
        self.gives_way = False
        self._first_until: float | None = None
        self._stalled = 0.0  # when the client stopped reading, or 0
        self._unread = 0  # bytes that were unread then
        self._http = None

    @property
    def waiting_since(self) -> float:
        """When the client last did something."""
        return self._time

    def connection_made(self, transport: BaseTransport) -> None:
        """Serve the connection, refuse or close it, as the limit of connections decides."""
        super().connection_made(transport)
        self._time = monotonic()
        if len(self.connections) > self.shared.limit.limit:
            match self.shared.limit.admit(self, self.connections):
                case Admission.REFUSE:
                    self.request_handler = self._refuse
                case Admission.CLOSE:
                    self.close()

    def connection_lost(self, exc: BaseException | None) -> None:
        """Update the limit of connections and the draining."""
        if self.gives_way:
            self.gives_way = False
            self.shared.limit.leaving -= 1
        super().connection_lost(exc)
        self.shared.draining.lost(self.connections)

    def data_received(self, data: bytes) -> None:
        """Buffer the data. The time limit of a head does not restart with each byte."""
        if self._http is None or self._http.stage is not Stage.REQUEST:
            self._time = monotonic()
        self.recv_buffer += data
        if len(self.recv_buffer) >= _BUFFER and self.transport:
            self.transport.pause_reading()
        self._data_received.set()

    def pause_writing(self) -> None:
        """Note that the client does not read, and how much is unread."""
        self._stalled = monotonic()
        self._unread = cast("Transport", self.transport).get_write_buffer_size()
        super().pause_writing()

    def resume_writing(self) -> None:
        """Note that the client reads again."""
        self._stalled = 0.0
        super().resume_writing()

    def check_timeouts(self) -> None:
        """End what has taken too long; Sanic calls this several times within each limit."""
        if self.transport and self._stalled and self._reads_nothing():
            self.transport.abort()  # Sanic would wait until the client reads an error
            return
        if self._http is not None:
            self._http.upgrade_websocket = False  # for a WebSocket Sanic would stop the clock
        super().check_timeouts()

    def _reads_nothing(self) -> bool:
        """Return whether the client has not read a whole piece in its time."""
        now = monotonic()
        left = cast("Transport", self.transport).get_write_buffer_size()
        if left <= self._unread - PIECE:
            # To Sanic an answer is done when all of it is in the transport's buffer.
            self._stalled = self._time = now
            self._unread = left
        return bool(now - self._stalled > self.request_timeout)

    def keeps_waiting(self) -> bool:
        """Return whether the server waits for this client."""
        if self.gives_way or self.transport is None or self.transport.is_closing():
            return False
        if not self._data_received.is_set() or not self._can_write.is_set():
            return True
        # A request that waits for its turn before its body is read costs its client only a head.
        http = self._http
        return http is not None and http.stage is Stage.HANDLER and bool(http.request_body)

    def give_way(self) -> None:
        """Make room for another connection; a request that has begun is answered with 408."""
        self.gives_way = True
        self.shared.limit.leaving += 1
        if not self._can_write.is_set():
            cast("Transport", self.transport).abort()
        elif self._http is not None and self._http.stage in (Stage.REQUEST, Stage.HANDLER):
            self._http.exception = RequestTimeout()
            cast("Task[None]", self._task).cancel()
        else:
            self.close()

    async def _refuse(self, request: Request) -> None:
        self._http.keep_alive = False
        if request.path not in WHEN_FULL:
            raise ProblemError(FULL)
        await self.app.handle_request(request)

    def announce_end(self) -> None:
        """Send `Connection: close` with the answer that is being made."""
        if self._http:  # which is false between two requests
            self._http.keep_alive = False

    def close_if_idle(self) -> bool:
        """Close it unless a request has begun; a new connection has a moment for its first one."""
        if self.recv_buffer or (not self.state["requests_count"] and self._may_begin()):
            return False
        return bool(super().close_if_idle())

    def _may_begin(self) -> bool:
        now: float = self.loop.time()
        if self._first_until is None:
            self._first_until = now + _FIRST
            self.loop.call_later(_FIRST, self.close_if_idle)
        return now < self._first_until
