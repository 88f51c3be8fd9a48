"""How the records of a file are read: `loads/<list>.toml` beside the migrations."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.cli.migration_files import MigrationError

FORMATS = ("fixed", "csv")
FIRST_DAY = ("required", "optional", "refused")


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a record.

    `at`: the first and the last position in a line of fixed width, from 1; `pattern`: what its text
    must match as a whole; `dates`: how a date may be written, as `strptime` takes it, where it is
    one; `optional`: whether it may be empty.
    """

    name: str
    at: tuple[int, int] = (0, 0)
    pattern: str = ""
    dates: tuple[str, ...] = ()
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """What becomes a row of the temporary table `table`.

    `kind` is what the kind of its line is, and `continued` that of the lines which continue the
    fields `joined`. Two records may not have the same `unique` fields.
    """

    table: str
    fields: tuple[Field, ...]
    kind: str = ""
    continued: str | None = None
    joined: tuple[str, ...] = ()
    unique: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Layout:
    """What a file has.

    `member`: a pattern of the file's name in a ZIP; `width`: how long a record is, whose last
    blanks may be left out, except those of the first record; `kind`: the positions that say which
    kind of record a line is; `first_day`: whether the caller says since when the file is valid.
    """

    format: str
    encoding: str
    first_day: str
    records: tuple[Record, ...]
    member: str = ".*"
    width: int | None = None
    kind: tuple[int, int] | None = None


def read(path: Path) -> Layout:
    """Read a layout. Raises MigrationError where it is none."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
        records = tuple(_record(name, given) for name, given in found.pop("records").items())
        layout = Layout(**{**found, "records": records})
        _check(layout)
    except (KeyError, TypeError, ValueError, AttributeError, re.error) as error:
        raise MigrationError(path.name, f"is no layout of a file: {error}") from None
    return layout


def _record(table: str, given: dict[str, Any]) -> Record:
    columns = given.pop("columns")
    lists: dict[str, Any] = {name: tuple(given.pop(name, ())) for name in ("joined", "unique")}
    fields = tuple(_field(name, values) for name, values in columns.items())
    return Record(table=table, fields=fields, **lists, **given)


def _field(name: str, given: dict[str, Any]) -> Field:
    field = Field(**{**given, "name": name, "dates": tuple(given.get("dates", ()))})
    re.compile(field.pattern)
    return field


def _check(layout: Layout) -> None:
    names = {field.name for record in layout.records for field in record.fields}
    for name, value, allowed in (
        ("format", layout.format, FORMATS),
        ("first_day", layout.first_day, FIRST_DAY),
    ):
        if value not in allowed:
            message = f"{name} must be one of {', '.join(allowed)}"
            raise ValueError(message)
    for record in layout.records:
        for name in (*record.joined, *record.unique):
            if name not in names:
                message = f"{record.table} has no column {name}"
                raise ValueError(message)
    if layout.kind is None and len(layout.records) != 1:
        message = "several kinds of records need `kind`"
        raise ValueError(message)
    re.compile(layout.member)
