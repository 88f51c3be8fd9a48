"""The access log: operation, status, time and id of each request, but nothing from its content."""

import logging
from http import HTTPStatus
from typing import Protocol

from api.http.metrics import Metrics
from api.operations.service_paths import PREFIX

access_log = logging.getLogger("api.access")


class Identified(Protocol):
    """A request that has an id."""

    def identify(self) -> str:
        """Return the id; it is made when it is first asked for."""


class AccessLog:
    """Logs and counts what has been answered."""

    __slots__ = ("_count",)

    def __init__(self, metrics: Metrics) -> None:
        """Count in these metrics."""
        self._count = metrics.count

    def note(self, operation: str, status: int, seconds: float | None, request: Identified) -> None:
        """Log and count one answer; `seconds` is None if the start of the request is unknown."""
        self._count(operation, status, seconds)
        # Probes ask for the service's own paths every other second.
        is_probe = operation.startswith(PREFIX) and status == HTTPStatus.OK
        level = logging.DEBUG if is_probe else logging.INFO
        if access_log.isEnabledFor(level):
            took = "-" if seconds is None else f"{seconds * 1000:.1f}"
            access_log.log(level, "%s %s %s ms %s", operation, status, took, request.identify())


class WithoutQuotes(logging.Filter):
    """Replaces the texts of Sanic's own errors, which quote targets, by the exception's class."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Replace the message."""
        error = record.exc_info[1] if record.exc_info else None
        record.msg = "a connection failed: %s"
        record.args = (type(error).__name__ if error else "no exception",)
        record.exc_info = record.exc_text = None
        return True
