"""What HTTP/1.1 asks for (RFC 9112) and Sanic does not: a proper head, and nothing of it in the log."""

import logging
import re
from typing import Any

from sanic import Request
from sanic.exceptions import BadURL
from sanic.http import Http

from api.problem import Problem

MALFORMED = Problem("malformed-request", "The request is not proper HTTP.")

# In origin form, or absolute; `*` is for OPTIONS alone (RFC 9112, section 3.2).
_TARGET = re.compile(rb"(/|https?://)[!-~]*", re.IGNORECASE)
# Field names are tokens, with nothing before the colon; no value has a control character but the tab.
_FIELDS = re.compile(rb"[^\r\n]*(\r\n[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\x00-\x08\x0a-\x1f\x7f]*)*", re.DOTALL)


class Incoming(Request[Any, Any]):
    """A request that knows whether its head is malformed, instead of telling the log its target."""

    __slots__ = ("malformed",)

    def __init__(self, url_bytes: bytes, *arguments: Any, **named: Any) -> None:
        """Take what Sanic has read of the head."""
        try:
            super().__init__(url_bytes, *arguments, **named)
            wrong = not _FIELDS.fullmatch(self.head) or self._hosts_are_wrong() or self._target_is_wrong(url_bytes)
            self.malformed = bool(self.head) and wrong  # Sanic makes one without a head for what it refuses itself
        except BadURL:
            super().__init__(b"*", *arguments, **named)
            self.malformed = True

    def _hosts_are_wrong(self) -> bool:
        hosts = len(self.headers.getall("host", []))
        return hosts > 1 or (hosts == 0 and self.version == "1.1")

    def _target_is_wrong(self, target: bytes) -> bool:
        return not _TARGET.fullmatch(target) and (self.method, target) != ("OPTIONS", b"*")


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
