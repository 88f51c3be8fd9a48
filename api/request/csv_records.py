"""Splits a body that arrives in pieces into lines, and lines into records of CSV (RFC 4180)."""

import re
from collections.abc import Iterator

from api.problem import Problem, ProblemError

Record = list[str | None] | str
"""The cells of a record, None for an empty one without quotes; or why it can't be read."""

_CELL = re.compile(r'("(?:[^"]|"")*"|[^",]*)(,|\Z)', re.DOTALL)
# A line that ends inside a quoted cell. A quote inside any other cell is a fault of its own record
# and does not reach the next ones.
_UNENDED = re.compile(rb'(?:(?:"(?:[^"]|"")*+"|[^",]*+),)*+"(?:[^"]|"")*+')
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_EMPTY_LINES = (b"", b"\r")  # no records, unless there is only one column


class Lines:
    """Joins the pieces of a body and splits them into lines; each line has a limit."""

    def __init__(self, limit: int) -> None:
        """Begin; a line may have `limit` bytes."""
        self._limit = limit
        self._partial: list[bytes] = []
        self._size = 0  # of the line that has begun, in bytes

    def feed(self, data: bytes) -> list[bytes]:
        """Return the lines that are complete now; without data, which is the end, the last one.

        Raises ProblemError `content-too-large`.
        """
        first, *lines = data.split(b"\n")
        self._partial.append(first)
        self.check(self._size + len(first))
        if lines or not data:
            lines.insert(0, b"".join(self._partial))
            self._partial = [lines.pop()] if data else []
            self._size = 0
        self._size += len(self._partial[-1]) if self._partial else 0
        return lines if data or lines[0] else []

    def check(self, size: int) -> None:
        """Check the size of a line, or of a record.

        Raises ProblemError `content-too-large`.
        """
        if size > self._limit:
            raise ProblemError(
                Problem("content-too-large", f"A row may have at most {self._limit} bytes.")
            )


class CsvRecords:
    """Splits CSV into records; a cell in quotes may have line breaks."""

    def __init__(self, limit: int) -> None:
        """Begin; a record may have `limit` bytes."""
        self._lines = Lines(limit)
        self._record: list[bytes] = []  # the lines of a record that goes on
        self._size = 0  # of these, in bytes
        self._width = 0  # of the first record, in cells

    def feed(self, data: bytes) -> Iterator[Record]:
        """Yield the records that are complete now; without data, which is the end, the last one.

        Raises ProblemError `content-too-large`.
        """
        for line in self._lines.feed(data):
            if line in _EMPTY_LINES and self._width > 1 and not self._record:
                continue
            self._record.append(line)
            self._size += len(line) + 1
            self._lines.check(self._size - 1)
            quote = b'"' if len(self._record) > 1 else b""  # a later line begins in a quoted cell
            if not (
                _UNENDED.fullmatch(quote + line.removeprefix(_BYTE_ORDER_MARK))
                if b'"' in line
                else quote
            ):
                yield self._end()
        if not data and self._record:
            yield self._end()

    def _end(self) -> Record:
        content, self._record, self._size = b"\n".join(self._record), [], 0
        is_first = not self._width
        record = _cells(content.removeprefix(_BYTE_ORDER_MARK) if is_first else content)
        self._width = self._width or len(record)
        return record


def _cells(content: bytes) -> Record:
    try:
        text = content.removesuffix(b"\r").decode()
    except UnicodeDecodeError:
        return "The row is not UTF-8."
    if '"' not in text:
        return [cell or None for cell in text.split(",")]
    cells: list[str | None] = []
    at = 0
    while match := _CELL.match(text, at):
        cell = match[1]
        is_quoted = cell.startswith('"')
        cells.append(cell[1:-1].replace('""', '"') if is_quoted else cell or None)
        at = match.end()
        if not match[2]:
            return cells
    return "The row is not well-formed CSV: a quote is missing or misplaced."
