"""What HTTP/1.1 asks for (RFC 9112) and Sanic does not: a proper head, and nothing of it in the log. And its speed."""

import logging
import re
import time
from http import HTTPStatus
from typing import Any

from sanic import Request
from sanic.exceptions import BadURL
from sanic.http import Http
from sanic.http.constants import Stage
from sanic.response import BaseHTTPResponse

from api import draining, heads
from api.metrics import CLIENT_GONE
from api.problem import Problem

MALFORMED = Problem("malformed-request", "The request is not proper HTTP.")

# The target is in origin form, or absolute; `*` is for OPTIONS alone (RFC 9112, section 3.2). Field names are tokens,
# with nothing before the colon; no value has a control character but the tab.
_HEAD = re.compile(
    rb"(?:[^ \r\n]* (?:/|[Hh][Tt][Tt][Pp][Ss]?://)|OPTIONS \*(?= ))[!-~]* [^\r\n]*"
    rb"(?:\r\n[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\x00-\x08\x0a-\x1f\x7f]*)*"
)
_ONE_LINE = str.maketrans("", "", "\r\n\0")
_STATUS_LINES: dict[int, str] = {status: f"HTTP/1.1 {status} {status.phrase}\r\n" for status in HTTPStatus}


class Incoming(Request[Any, Any]):
    """A request that knows when it came, and whether its head is malformed, instead of telling the log its target."""

    __slots__ = ("began", "instance", "malformed")

    def __init__(self, url_bytes: bytes, *arguments: Any, **named: Any) -> None:
        """Take what Sanic has read of the head."""
        self.began = time.perf_counter()
        self.instance = ""
        try:
            super().__init__(url_bytes, *arguments, **named)
        except BadURL:
            super().__init__(b"*", *arguments, **named)
            self.malformed = True
        else:
            # Sanic makes one without a head for what it refuses itself.
            self.malformed = bool(self.head) and (not _HEAD.fullmatch(self.head) or self._hosts_are_wrong())

    async def respond(self, response: BaseHTTPResponse | None = None, **named: Any) -> Any:
        """Account for a whole answer; without one a stream begins, which accounts for itself when it ends."""
        if response is not None:
            # Who hung up reads no answer, and that is no fault of the server.
            self.app.ctx.account(self, CLIENT_GONE if self.transport.is_closing() else response.status)
        return await super().respond(response, **named)

    def _hosts_are_wrong(self) -> bool:
        hosts = len(self.headers.getall("host", ()))
        return hosts > 1 or (hosts == 0 and self.version == "1.1")


class Exchange(Http):
    """A request and its answer, which has its head written in a fifth of Sanic's time where it is in one piece."""

    async def http1_response_header(self, data: bytes, end_stream: bool) -> None:  # noqa: FBT001  # Sanic's
        """Send the head, and with it the body of a whole answer."""
        answer = self.response
        body = answer.body
        if data or not body or not end_stream or self.expecting_continue:
            heads.complete(answer.headers)
            await super().http1_response_header(data, end_stream)
            return
        head = f"{_STATUS_LINES[answer.status]}content-type: {answer.content_type}\r\ncontent-length: {len(body)}\r\n"
        head += heads.lines(answer.headers)
        for name, value in answer.headers.items():
            head += f"{name}: {value.translate(_ONE_LINE)}\r\n"
        head += "connection: keep-alive\r\n\r\n" if self.keep_alive else "connection: close\r\n\r\n"
        self.response_func = None  # type: ignore[assignment]  # as Sanic does
        self.response_size = len(body)
        await self._send(head.encode() if self.head_only else head.encode() + body)
        self.stage = Stage.IDLE


class Connection(draining.Connection):
    """A connection with such exchanges."""

    __slots__ = ()

    HTTP_CLASS = Exchange


class Discreet(logging.Filter):
    """Tells of Sanic's own errors only what they are: their texts and tracebacks quote targets."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Replace the message."""
        error = record.exc_info[1] if record.exc_info else None
        record.msg, record.args = "a connection failed: %s", (type(error).__name__ if error else "no exception",)
        record.exc_info = record.exc_text = None
        return True


def give_up_body(request: Request) -> None:
    """End the connection behind the answer: the rest of the body will not come, or nobody knows where it ends."""
    if isinstance(stream := request.stream, Http):
        stream.expecting_continue, stream.keep_alive, stream.request_body = False, False, None


def body_is_missing(request: Request) -> bool:
    """Tell whether the body has not arrived in full."""
    return isinstance(request.stream, Http) and bool(request.stream.request_body)
