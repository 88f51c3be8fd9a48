"""Bodies of many rows → rows, as they come: NDJSON, CSV, and a JSON array."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from api.catalog.relations import Type
from api.document.media_types import CSV, NDJSON
from api.operations.operation import Operation
from api.problem import MOST_FAULTS, Fault, Problem, ProblemError, pointer
from api.request.body import UNFIT
from api.request.json_text import decoder, parsed

_INTEGER = re.compile("-?(0|[1-9][0-9]{0,30})", re.ASCII)
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,3})?", re.ASCII)
_CELL = re.compile(r'("(?:[^"]|"")*"|[^",]*)(,|\Z)', re.DOTALL)
# A line that ends within a quoted cell: a quote within any other is a fault of that row, and not of
# the next ones.
_UNENDED = re.compile(rb'(?:(?:"(?:[^"]|"")*+"|[^",]*+),)*+"(?:[^"]|"")*+')
_BLANK = re.compile(r"[ \t\n\r]*")
_BLANK_LINES = (b"", b"\r")  # which are no rows, unless there is one column only
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its JSON text, and what that means; or why it can't be read."""

    text: str
    value: Any = None
    misread: Problem | None = None


class _Lines:
    """Lines of bytes that come in any pieces; each has an end, and a limit."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._begun: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> list[bytes]:
        """Give the lines that are complete now; at the end, which is no data, the last one if it had no end.

        Raises ProblemError `content-too-large`.
        """
        first, *lines = data.split(b"\n")
        self._begun.append(first)
        self.check(self._size + len(first))
        if lines or not data:
            lines.insert(0, b"".join(self._begun))
            self._begun = [lines.pop()] if data else []
            self._size = 0
        self._size += len(self._begun[-1]) if self._begun else 0
        return lines if data or lines[0] else []

    def check(self, size: int) -> None:
        """Check that a row is not too long."""
        if size > self._limit:
            raise ProblemError(Problem("content-too-large", f"A row may have {self._limit} bytes."))


class Objects:
    """The rows of NDJSON: a JSON object a line."""

    def __init__(self, limit: int) -> None:
        """Begin; a row may have `limit` bytes."""
        self._lines = _Lines(limit)

    def feed(self, data: bytes) -> Iterator[Row]:
        """Give the rows that are complete now; at the end, which is no data, the last one.

        Raises ProblemError `content-too-large`.
        """
        for line in self._lines.feed(data):
            self._lines.check(len(line))
            if line.strip():
                yield _row(line)


class Cells:
    """The rows of CSV (RFC 4180), with a header. An empty cell is a field that is not given, and `""` an empty text."""

    def __init__(self, operation: Operation, limit: int) -> None:
        """Begin; a row may have `limit` bytes."""
        self._operation = operation
        self._lines = _Lines(limit)
        self._types = {column.name: column.type.base for column in operation.body}
        self._columns: list[tuple[str, str, Type]] = []
        self._begun: list[bytes] = []  # the lines of a row with a line break in a cell
        self._size = 0  # of these
        self._first = True

    def feed(self, data: bytes) -> Iterator[Row]:
        """Give the rows that are complete now; at the end, which is no data, the last one.

        Raises ProblemError `content-too-large`, and `invalid-content` for the header.
        """
        for line in self._lines.feed(data):
            if line in _BLANK_LINES and len(self._columns) > 1 and not self._begun:
                continue
            self._begun.append(line)
            self._size += len(line) + 1
            self._lines.check(self._size - 1)
            within = b'"' if len(self._begun) > 1 else b""  # as if the cell began with this line
            goes_on = (
                _UNENDED.fullmatch(within + line.removeprefix(_BYTE_ORDER_MARK))
                if b'"' in line
                else within
            )
            if not goes_on:
                yield from self._read()
        if not data and self._begun:
            yield from self._read()
        if not data and self._first:
            raise ProblemError(Problem("invalid-content", "The body has no header."))

    def _read(self) -> Iterator[Row]:
        record, self._begun, self._size = b"\n".join(self._begun), [], 0
        first, self._first = self._first, False
        try:
            record = record.removeprefix(_BYTE_ORDER_MARK) if first else record
            cells = _cells(record.removesuffix(b"\r").decode())
        except UnicodeDecodeError:
            cells = "The row is not UTF-8."
        if first:
            self._head(cells)
        elif isinstance(cells, str):
            yield Row("", misread=Problem("invalid-content", cells))
        elif len(cells) != len(self._columns):
            said = f"The row must have as many cells as the header: {len(self._columns)}."
            yield Row("", misread=Problem("invalid-content", said))
        else:
            yield self._row(cells)

    def _head(self, cells: list[str] | str) -> None:
        if isinstance(cells, str):
            raise ProblemError(Problem("invalid-content", f"The header can't be read. {cells}"))
        names = [_text(cell) for cell in cells]
        faults = [
            Fault(
                pointer(0, name),
                "is given by the path" if name in self._operation.fixed else "is not a field here",
            )
            for name in dict.fromkeys(names)
            if name not in self._types
        ]
        faults += [
            Fault(pointer(0, name), "is twice in the header")
            for name in self._types
            if names.count(name) > 1
        ]
        if faults:
            raise ProblemError(Problem("invalid-content", UNFIT, tuple(faults[:MOST_FAULTS])))
        self._columns = [
            (name, json.dumps(name, ensure_ascii=False) + ":", self._types[name]) for name in names
        ]

    def _row(self, cells: list[str]) -> Row:
        value: dict[str, Any] = {}
        texts: list[str] = []
        for (name, key, type_), cell in zip(self._columns, cells, strict=True):
            if cell:
                try:
                    text, value[name] = _value(_text(cell), type_)
                except ProblemError as error:
                    fault = Fault(pointer(name), "must be JSON text")
                    return Row(
                        "", misread=Problem(error.problem.kind, error.problem.detail, (fault,))
                    )
                texts.append(key + text)
        return Row("{" + ",".join(texts) + "}", value)


def elements(text: str) -> Iterator[Row]:
    """Give the rows of a JSON array that has been found to be well-formed, each in the text that it had."""
    at = _skip(text, text.index("[") + 1)
    while text[at] != "]":
        value, end = decoder.raw_decode(text, at)
        yield Row(text[at:end], value)
        at = _skip(text, end)
        at = _skip(text, at + 1) if text[at] == "," else at


def reader(media: str, operation: Operation, limit: int) -> Objects | Cells:
    """Give what reads a body of this media type."""
    assert media in (NDJSON, CSV)
    return Objects(limit) if media == NDJSON else Cells(operation, limit)


def _row(content: bytes) -> Row:
    try:
        return Row(*parsed(content, "row"))
    except ProblemError as error:
        return Row("", misread=error.problem)


def _skip(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    assert found
    return found.end()


def _cells(record: str) -> list[str] | str:
    """Split a row into cells, as they are quoted, or say why it is none."""
    if '"' not in record:
        return record.split(",")
    cells, at = [], 0
    while found := _CELL.match(record, at):
        cells.append(found[1])
        at = found.end()
        if not found[2]:
            return cells
    return "The row is not well-formed CSV: a quote stands where none can be, or is missing."


def _text(cell: str) -> str:
    return cell[1:-1].replace('""', '"') if cell.startswith('"') else cell


def _value(cell: str, type_: Type) -> tuple[str, Any]:
    """Read a cell as JSON text and its value. What is no value of its type stays a text, of which validation tells."""
    if type_.name in ("int2", "int4", "int8") and _INTEGER.fullmatch(cell):
        return cell, int(cell)
    if type_.name in ("float4", "float8") and _NUMBER.fullmatch(cell):
        return cell, float(cell)
    if type_.name == "bool" and cell in ("true", "false"):
        return cell, cell == "true"
    if type_.name in ("json", "jsonb"):
        return parsed(cell.encode(), "cell")
    if type_.kind in "ac":
        try:
            return parsed(cell.encode(), "cell")
        except ProblemError:
            pass
    return json.dumps(cell, ensure_ascii=False), cell
