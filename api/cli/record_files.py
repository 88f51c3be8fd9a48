"""Reads the records of a file, plain or in a ZIP: lines of fixed width, or CSV."""

import csv
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

from api.cli.migration_files import MigrationError
from api.cli.record_layout import Field, Layout, Record

Row = tuple[int | str | None, ...]
Lines = Iterator[tuple[int, str]]
# A record as it stands in the file: its kind, the number of its first line, its fields' texts.
_Found = tuple[Record, int, dict[str, str]]


class _LineError(Exception):
    """What is wrong with a line."""

    def __init__(self, number: int, reason: str) -> None:
        super().__init__(f"line {number}: {reason}")


def read(path: Path, layout: Layout) -> dict[str, list[Row]]:
    """Return the rows by table: the number of the line, then the fields; dates are ISO texts.

    A record that is there twice, with the same content, is one. Raises MigrationError, which names
    the line.
    """
    tables: dict[str, list[Row]] = {record.table: [] for record in layout.records}
    seen: dict[tuple[str, Row], Row] = {}
    try:
        with _opened(path, layout) as file:
            for record, number, texts in _FORMATS[layout.format](layout, _lines(file, layout)):
                values = tuple(_value(field, texts[field.name], number) for field in record.fields)
                if not _is_repeated(record, number, values, seen):
                    tables[record.table].append((number, *values))
    except _LineError as error:
        raise MigrationError(path.name, str(error)) from None
    except (OSError, zipfile.BadZipFile, csv.Error) as error:
        raise MigrationError(path.name, f"can't be read: {error}") from None
    if not any(tables.values()):
        raise MigrationError(path.name, "has no record of this list")
    return tables


@contextmanager
def _opened(path: Path, layout: Layout) -> Iterator[IO[bytes]]:
    if not zipfile.is_zipfile(path):
        with path.open("rb") as file:
            yield file
        return
    with zipfile.ZipFile(path) as archive:
        pattern = re.compile(f"(.*/)?{layout.member}", re.IGNORECASE)
        names = [name for name in archive.namelist() if pattern.fullmatch(name)]
        if len(names) != 1:
            reason = f"needs one file for this list, and has {len(names)} of {archive.namelist()}"
            raise MigrationError(path.name, reason)
        with archive.open(names[0]) as file:
            yield file


def _lines(file: Iterable[bytes], layout: Layout) -> Lines:
    for number, line in enumerate(file, 1):
        try:
            text = line.decode(layout.encoding)
        except UnicodeDecodeError:
            raise _LineError(number, f"is no text in {layout.encoding}") from None
        if "\0" in text:
            raise _LineError(number, "has a character that is no text")
        yield number, text


def _fixed(layout: Layout, lines: Lines) -> Iterator[_Found]:
    """Read lines of fixed width. What stands before the first record is left out."""
    begun = {record.kind: record for record in layout.records}
    continued = {record.continued: record for record in layout.records if record.continued}
    last: _Found | None = None
    for number, ended in lines:
        line = ended.rstrip("\r\n")
        kind = _part(line, layout.kind) if layout.kind else ""
        is_first = kind in begun and layout.width in (None, len(line))
        if not line.strip() or (last is None and not is_first):
            continue
        _check_width(layout, number, line, is_whole=ended != line)
        if kind in continued:
            _continue(last, continued[kind], number, line)
        elif kind in begun:
            if last:
                yield last
            record = begun[kind]
            last = (record, number, {field.name: _part(line, field.at) for field in record.fields})
        else:
            raise _LineError(number, f"is no record: its kind is {kind!r}")
    if last:
        yield last


def _check_width(layout: Layout, number: int, line: str, *, is_whole: bool) -> None:
    """Refuse a line that is too long, or the last one that is cut off: blanks may be left out."""
    if layout.width and len(line) > layout.width:
        raise _LineError(number, f"has {len(line)} characters, more than {layout.width}")
    if layout.width and len(line) < layout.width and not is_whole:
        raise _LineError(number, "is cut off: the file is not whole")


def _continue(last: _Found | None, record: Record, number: int, line: str) -> None:
    """Add a line's part of the joined fields to the record that it continues."""
    if not last or last[0] is not record:
        raise _LineError(number, "continues no record")
    for field in record.fields:
        text = _part(line, field.at)
        if field.name in record.joined:
            last[2][field.name] += f" {text}"
        elif field.name in record.unique and text != last[2][field.name]:
            raise _LineError(number, f"continues another {field.name} than the line before")


def _part(line: str, at: tuple[int, int]) -> str:
    return line[at[0] - 1 : at[1]].strip()


def _csv(layout: Layout, lines: Lines) -> Iterator[_Found]:
    """Read CSV, whose first line names the columns, in any order."""
    (record,) = layout.records
    reader = csv.reader((line for _, line in lines), strict=True)
    header = [name.strip() for name in next(reader, [])]
    names = {field.name for field in record.fields}
    needed = {field.name for field in record.fields if not field.optional}
    if not needed <= set(header) <= names or len(set(header)) < len(header):
        optional = sorted(names - needed)
        may = f"; it may have {', '.join(optional)}" if optional else ""
        raise _LineError(1, f"the header must have {', '.join(sorted(needed))}{may}")
    start = reader.line_num + 1
    for row in reader:
        if row:
            if len(row) != len(header):
                raise _LineError(start, f"has {len(row)} values, not {len(header)}")
            texts = dict.fromkeys(names, "") | dict(zip(header, row, strict=True))
            yield record, start, {name: text.strip() for name, text in texts.items()}
        start = reader.line_num + 1


_FORMATS: dict[str, Callable[[Layout, Lines], Iterator[_Found]]] = {"fixed": _fixed, "csv": _csv}


def _value(field: Field, text: str, number: int) -> str | None:
    if not text:
        if field.optional:
            return None
        raise _LineError(number, f"{field.name} is missing")
    if field.pattern and not re.fullmatch(field.pattern, text):
        raise _LineError(number, f"{field.name} has not the shape {field.pattern}")
    if not field.dates:
        return text
    for form in field.dates:
        try:
            return datetime.strptime(text, form).date().isoformat()  # noqa: DTZ007 - a day
        except ValueError:
            continue
    raise _LineError(number, f"{field.name} is no date")


def _is_repeated(
    record: Record, number: int, values: tuple[str | None, ...], seen: dict[tuple[str, Row], Row]
) -> bool:
    """Return whether the same record was there before; raises _LineError if another one was."""
    if not record.unique:
        return False
    names = [field.name for field in record.fields]
    key = (record.table, tuple(values[names.index(name)] for name in record.unique))
    first = seen.setdefault(key, (number, *values))
    if first[1:] != values:
        reason = f"has the {', '.join(record.unique)} of line {first[0]}, and other content"
        raise _LineError(number, reason)
    return first[0] != number
