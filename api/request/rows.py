"""Bodies of many rows → rows, as they arrive: NDJSON, CSV, and a JSON array."""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Any

from api.catalog.relations import Type
from api.document.media_types import CSV, NDJSON
from api.problem import INVALID_BODY, MOST_FAULTS, Fault, Problem, ProblemError, pointer
from api.request.csv_records import CsvRecords, Lines, Record
from api.request.json_text import decoder, parse

# Rows, and characters of them, that are read and checked before other requests get a turn.
GROUP, _GROUP_CHARACTERS = 16, 2**14

_INTEGER = re.compile("-?(0|[1-9][0-9]{0,30})", re.ASCII)
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,3})?", re.ASCII)
_BLANK = re.compile(r"[ \t\n\r]*")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its JSON text and that text's value, or the problem of a row that can't be read."""

    text: str
    value: Any = None
    problem: Problem | None = None


class NdjsonReader:
    """Reads NDJSON: one JSON object a line."""

    def __init__(self, limit: int) -> None:
        """Begin; a row may have `limit` bytes."""
        self._lines = Lines(limit)

    def feed(self, data: bytes) -> Iterator[Row]:
        """Yield the rows that are complete now; without data, which is the end, the last one.

        Raises ProblemError `content-too-large`.
        """
        for line in self._lines.feed(data):
            self._lines.check(len(line))
            if line.strip():
                yield _json_row(line)


@dataclass(frozen=True, slots=True)
class CellType:
    """How the cells of a column are read: its base type, and whether that is a JSON number."""

    base: Type
    is_number: bool


def cell_type(type_: Type) -> CellType:
    """Decide at start what each cell of a column asks."""
    return CellType(type_.base, type_.is_quantity or type_.base.name in ("float4", "float8"))


class CsvReader:
    """Reads CSV with a header (RFC 4180). An empty cell is an absent field, `""` an empty text."""

    def __init__(self, fields: Mapping[str, CellType], fixed: Collection[str], limit: int) -> None:
        """Begin; rows may have these fields, not the `fixed` ones, and `limit` bytes."""
        self._fields, self._fixed = fields, fixed
        self._records = CsvRecords(limit)
        self._columns: list[tuple[str, str, CellType]] | None = None  # name, JSON of the key, type

    def feed(self, data: bytes) -> Iterator[Row]:
        """Yield the rows that are complete now; without data, which is the end, the last one.

        Raises ProblemError `content-too-large`, and `invalid-content` for the header.
        """
        records = self._records.feed(data)
        while several := list(islice(records, GROUP)):
            for cells in several:
                if self._columns is None:
                    self._columns = self._header(cells)
                else:
                    yield self._row(self._columns, cells)
        if not data and self._columns is None:
            raise ProblemError(Problem("invalid-content", "The body has no header."))

    def _row(self, columns: list[tuple[str, str, CellType]], cells: Record) -> Row:
        if isinstance(cells, str):
            return Row("", problem=Problem("invalid-content", cells))
        if len(cells) != len(columns):
            sentence = f"The row must have as many cells as the header: {len(columns)}."
            return Row("", problem=Problem("invalid-content", sentence))
        return _csv_row(columns, cells)

    def _header(self, cells: Record) -> list[tuple[str, str, CellType]]:
        if isinstance(cells, str):
            raise ProblemError(Problem("invalid-content", f"The header can't be read. {cells}"))
        names = [cell or "" for cell in cells]
        faults = [
            Fault(
                pointer(0, name),
                "is given by the path" if name in self._fixed else "is not a field here",
            )
            for name in dict.fromkeys(names)
            if name not in self._fields
        ]
        faults += [
            Fault(pointer(0, name), "occurs twice in the header")
            for name in self._fields
            if names.count(name) > 1
        ]
        if faults:
            errors = tuple(faults[:MOST_FAULTS])
            raise ProblemError(Problem("invalid-content", INVALID_BODY, errors))
        return [
            (name, json.dumps(name, ensure_ascii=False) + ":", self._fields[name]) for name in names
        ]


def row_reader(
    media: str, fields: Mapping[str, CellType], fixed: Collection[str], limit: int
) -> NdjsonReader | CsvReader:
    """Return the reader of a media type.

    Rows may have these fields, by name and type, and `limit` bytes; the path gives the `fixed`
    ones.
    """
    assert media in (NDJSON, CSV)
    return NdjsonReader(limit) if media == NDJSON else CsvReader(fields, fixed, limit)


def array_rows(text: str) -> Iterator[Row]:
    """Yield the rows of a well-formed JSON array, each with its part of the text."""
    at = _skip_blank(text, text.index("[") + 1)
    while text[at] != "]":
        value, end = decoder.raw_decode(text, at)
        yield Row(text[at:end], value)
        at = _skip_blank(text, end)
        at = _skip_blank(text, at + 1) if text[at] == "," else at


def grouped(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Yield rows in groups of at most GROUP; the last one may be empty.

    A group ends with the row that reaches _GROUP_CHARACTERS.
    """
    group, size = list[Row](), 0
    for row in rows:
        group.append(row)
        size += len(row.text)
        if len(group) == GROUP or size >= _GROUP_CHARACTERS:
            yield group
            group, size = [], 0
    yield group


def _json_row(content: bytes) -> Row:
    try:
        return Row(*parse(content, "row"))
    except ProblemError as error:
        return Row("", problem=error.problem)


def _csv_row(columns: Iterable[tuple[str, str, CellType]], cells: Iterable[str | None]) -> Row:
    value: dict[str, Any] = {}
    texts: list[str] = []
    for (name, key, type_), cell in zip(columns, cells, strict=True):
        if cell is not None:
            try:
                text, value[name] = read_cell(cell, type_)
            except ProblemError as error:
                fault = Fault(pointer(name), "must be JSON text")
                kind, detail = error.problem.kind, error.problem.detail
                return Row("", problem=Problem(kind, detail, (fault,)))
            texts.append(key + text)
    return Row("{" + ",".join(texts) + "}", value)


def _skip_blank(text: str, at: int) -> int:
    match = _BLANK.match(text, at)
    assert match
    return match.end()


def read_cell(cell: str, type_: CellType) -> tuple[str, Any]:
    """Read a cell as JSON text and its value.

    What is not a value of its type stays a text; the validators then refuse it.
    """
    base = type_.base
    if base.name in ("int2", "int4", "int8") and _INTEGER.fullmatch(cell):
        return cell, int(cell)
    if type_.is_number and _NUMBER.fullmatch(cell):
        return cell, Decimal(cell)
    if base.name == "bool" and cell in ("true", "false"):
        return cell, cell == "true"
    if base.name in ("json", "jsonb"):
        return parse(cell.encode(), "cell")
    if base.kind in "ac":
        try:
            return parse(cell.encode(), "cell")
        except ProblemError:
            pass
    return json.dumps(cell, ensure_ascii=False), cell
