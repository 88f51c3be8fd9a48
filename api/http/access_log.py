"""The access log: operation, status, time, role and id of each request, nothing of its content."""

import logging
import time
from bisect import bisect_left
from collections import deque
from http import HTTPStatus
from threading import Event, Thread
from typing import Protocol

from sanic.compat import Header

from api.http import log_output, trace_context
from api.http.counts import BUCKETS, Counts
from api.http.log_output import Answer
from api.identity import Identity
from api.operations.service_paths import PREFIX

access_log = logging.getLogger(log_output.ACCESS_LOG)

_INTERVAL = 0.05  # seconds for which lines gather before they are written
_MOST_LINES = 10_000  # that wait, while as many are being written: some MB
_LAST_WRITES = 5.0  # seconds for them at the end; a log that nothing reads ends then


class Identified(Protocol):
    """A request that has an id.

    `identity`: for whom it acts; it is not set while that is not known.
    """

    identity: Identity

    @property
    def headers(self) -> Header:
        """The header fields."""

    @property
    def method(self) -> str:
        """The HTTP method."""

    def identify(self) -> str:
        """Return the id; it is made when it is first asked for."""


class AccessLog:
    """Logs and counts what has been answered.

    A thread writes the lines, so that requests wait neither for the format nor for the log's
    reader. Lines beyond `_MOST_LINES` are dropped, and their number is logged and counted.
    """

    __slots__ = ("_arrived", "_counts", "_ended", "_thread", "_waiting")

    def __init__(self, counts: Counts) -> None:
        """Add to these counts."""
        self._counts = counts
        self._waiting: deque[Answer] = deque()
        self._arrived, self._ended = Event(), Event()
        self._thread: Thread | None = None

    def open(self) -> None:
        """Start the thread that writes; call it in the process that serves."""
        self._ended.clear()
        self._thread = Thread(target=self._run, name="access-log", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Write what is left, and end the thread."""
        self._ended.set()
        self._arrived.set()
        if self._thread:
            self._thread.join(_LAST_WRITES)

    def note(
        self,
        operation: str,
        status: int,
        seconds: float | None,
        request: Identified,
        trace: str = "",
    ) -> None:
        """Log and count one answer; `seconds` is None if the start of the request is unknown.

        `trace`: the id of its trace, if the server has begun one.
        """
        counts = self._counts
        counts.requests[operation, status] += 1
        if seconds is not None:
            counts.durations[operation][bisect_left(BUCKETS, seconds)] += 1
            counts.seconds[operation] += seconds
        # Probes ask for the service's own paths every other second.
        is_probe = status == HTTPStatus.OK and operation.startswith(PREFIX)
        level = logging.DEBUG if is_probe else logging.INFO
        if not access_log.isEnabledFor(level):
            return
        waiting = self._waiting
        if len(waiting) >= _MOST_LINES:
            counts.dropped_lines += 1
            return
        role = request.identity.role if hasattr(request, "identity") else ""
        id_ = request.identify()
        if not trace and trace_context.FIELD in request.headers:
            trace = trace_context.trace(request.headers)
        waiting.append((time.time(), level, operation, status, seconds, role, id_, trace))
        if len(waiting) == 1:
            self._arrived.set()

    def _run(self) -> None:
        """Write lines until the end; the first one wakes the thread, others gather behind it."""
        reported = 0
        while not self._ended.is_set() or self._waiting:
            self._arrived.wait()
            self._arrived.clear()
            self._ended.wait(_INTERVAL)
            answers = []
            while self._waiting:
                answers.append(self._waiting.popleft())
            self._write(answers)
            if (dropped := self._counts.dropped_lines - reported) > 0:
                access_log.warning("%d lines of the access log were dropped", dropped)
                reported += dropped

    def _write(self, answers: list[Answer]) -> None:
        if output := log_output.output():
            output.write(answers)
            return
        for answer in answers:
            access_log.log(answer[1], "%s", log_output.message(answer))


class WithoutQuotes(logging.Filter):
    """Replaces the texts of Sanic's own errors, which quote targets, by the exception's class."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Replace the message."""
        error = record.exc_info[1] if record.exc_info else None
        record.msg = "a connection failed: %s"
        record.args = (type(error).__name__ if error else "no exception",)
        record.exc_info = record.exc_text = None
        return True
