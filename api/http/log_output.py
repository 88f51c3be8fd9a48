"""Where the log goes, and the form of its lines: text, or JSON.

A write holds whole lines only. To a pipe it is at most as long as a pipe takes in one piece, so
that the lines of several processes do not mix; to a file it is longer, because the event loop has
to wait for its turn after each.
"""

import json
import logging
import os
import select
import stat
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import lru_cache

ACCESS_LOG = "api.access"  # the logger's name
_THOUSANDTHS = [f"{number:03}" for number in range(1000)]
_NAMES = {level: logging.getLevelName(level) for level in (logging.DEBUG, logging.INFO)}
_LONGEST = 2**16  # bytes of a write to a file
_PARTS = "fields"  # the attribute of a record


# What the access log says of one answer, as a plain tuple because every request makes one: the time
# in seconds since 1970, the level, the operation, the status, the seconds that it took (None if its
# start is unknown), the caller's role (empty if the caller is not known), the request's id, and
# that of its trace (empty if it has none).
Answer = tuple[float, int, str, int, float | None, str, str, str]


class TextFormat(logging.Formatter):
    """Lines of text: time, level, logger and message."""

    def __init__(self) -> None:
        """Write the time as `logging` does by default."""
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def answer(self, of: Answer) -> str:
        """Write a line of the access log."""
        when, level, operation, status, seconds, role, request, _ = of
        second, took = int(when), _milliseconds(seconds)
        return (
            f"{_local(second)},{_THOUSANDTHS[int((when - second) * 1000)]} {_NAMES[level]}"
            f" {ACCESS_LOG} {operation} {status} {took} ms {role or '-'} {request}"
        )


class JsonFormat(logging.Formatter):
    """Lines of JSON: `time` (RFC 3339), `level`, `logger`, and `message` or the answer's parts.

    A line that belongs to a request has its id as `request`, as the answer's line has. Other parts
    of a record are in its attribute `fields`: `logger.info(…, extra=parts(version="1"))`.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Write a record, with the stack of its exception as `error`."""
        fields = {"message": record.getMessage()} | getattr(record, _PARTS, {})
        if record.exc_info:
            fields["error"] = self.formatException(record.exc_info)
        second, source = int(record.created), _source(record.levelno, record.name)
        stamp = f"{_utc(second)}.{_THOUSANDTHS[int((record.created - second) * 1000)]}"
        return f'{{"time": "{stamp}{source}{json.dumps(fields)[1:]}'

    def answer(self, of: Answer) -> str:
        """Write a line of the access log."""
        when, level, operation, status, seconds, role, request, trace = of
        second = int(when)
        before, behind = _known(level, operation, status, role)
        took = "" if seconds is None else f'"milliseconds": {seconds * 1000:.1f}, '
        ending = f', "trace": "{trace}"}}' if trace else "}"
        return (
            f'{{"time": "{_utc(second)}.{_THOUSANDTHS[int((when - second) * 1000)]}{before}{took}'
            f'{behind}"request": "{request}"{ending}'
        )


FORMATS = {"text": TextFormat, "json": JsonFormat}


class LogOutput(logging.Handler):
    """Writes the log to standard error."""

    def __init__(self, form: TextFormat | JsonFormat) -> None:
        """Write lines of this form."""
        super().__init__()
        self._form = form
        self.setFormatter(form)

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        try:
            line = self.format(record)
        except Exception:  # noqa: BLE001 - a log must not make a request fail
            self.handleError(record)
        else:
            _write(f"{line}\n".encode(errors="backslashreplace"))

    def write(self, answers: Iterable[Answer]) -> None:
        """Write lines of the access log, several in one write.

        Takes no lock: where nothing reads the log, the writes of other threads are not kept from
        ending.
        """
        longest = select.PIPE_BUF if _is_pipe() else _LONGEST
        lines = "".join([f"{self._form.answer(one)}\n" for one in answers])
        for piece in _pieces(lines, longest):
            _write(piece.encode())


def parts(**fields: str | int) -> dict[str, dict[str, str | int]]:
    """Return what a record has to be logged with (`extra`) so that its JSON has these members."""
    return {_PARTS: fields}


def output() -> LogOutput | None:
    """Return where the log goes; None in a program that has its own handlers."""
    found = logging.getLogger().handlers
    return next((handler for handler in found if isinstance(handler, LogOutput)), None)


def message(of: Answer) -> str:
    """Write a line of the access log without what stands before each line of the log."""
    _, _, operation, status, seconds, role, request, _ = of
    return f"{operation} {status} {_milliseconds(seconds)} ms {role or '-'} {request}"


def _milliseconds(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds * 1000:.1f}"


@lru_cache(1024)
def _source(level: int, logger: str) -> str:
    """Write what stands between the milliseconds of the time and the other members."""
    name = logging.getLevelName(level)
    return f'Z", "level": "{name}", "logger": {json.dumps(logger)}, '


@lru_cache(1024)
def _known(level: int, operation: str, status: int, role: str) -> tuple[str, str]:
    """Write what many answers have in common: before the milliseconds, and behind them."""
    before = _source(level, ACCESS_LOG)
    before += f'"operation": {json.dumps(operation)}, "status": {status}, '
    return before, f'"role": {json.dumps(role)}, ' if role else ""


@lru_cache(4)
def _local(second: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(second))


@lru_cache(4)
def _utc(second: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))


def _pieces(lines: str, longest: int) -> Iterator[str]:
    """Divide lines, which are ASCII, into pieces of whole lines and at most so many bytes."""
    begin = 0
    while len(lines) - begin > longest:
        end = lines.rfind("\n", begin, begin + longest) + 1 or lines.index("\n", begin) + 1
        yield lines[begin:end]
        begin = end
    yield lines[begin:]


def _is_pipe() -> bool:
    with suppress(OSError, ValueError, AttributeError):
        return stat.S_ISFIFO(os.fstat(sys.stderr.fileno()).st_mode)
    return False


def _write(data: bytes) -> None:
    """Write all of it, also where the other end reads slowly; nothing if it is closed.

    Standard error may be closed (ValueError) or absent (AttributeError), too.
    """
    with suppress(OSError, ValueError, AttributeError):
        descriptor = sys.stderr.fileno()
        while data:
            try:
                data = data[os.write(descriptor, data) :]
            except BlockingIOError:  # another program has made the pipe non-blocking
                select.select([], [descriptor], [])
