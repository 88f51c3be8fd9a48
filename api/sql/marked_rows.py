"""Rows of a page, whose texts are escaped together.

`to_json` of one long text takes a fraction of the time of `to_json` of each of its values. So in
the JSON of a row `r` a mark stands for each quotation mark that is not part of a value, and
`to_json` of all rows escapes the values alone. `MarkedRow.array` replaces the marks.

A value may hold the mark's character. Then there are more of them than the rows have marks, and the
page has to be read again, with each value escaped by itself (`lists.SeparatedRow`).
"""

import re
from dataclasses import dataclass

from api.catalog.relations import Column, Relation, Type
from api.sql.binding import quoted
from api.sql.row_text import BARE, QUOTED, concatenated, exact

_MARK = "\x7f"  # DELETE, the only control character that JSON does not escape
# NULL has as many marks as a value: after these four letters no value ends, and no other begins.
_NULL = f"null{_MARK}{_MARK}"
_TEXTS = frozenset(["character varying", "text"])
# Types whose JSON is not their text, but has no escapes either.
_NUMBERS = frozenset(["double precision", "real"])
_TIMES = frozenset(["timestamp with time zone", "timestamp without time zone"])
_PLAIN_NAME = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class MarkedRow:
    """How the rows of a relation are marked.

    `sql`: the text of `r`; `marks`: how many each row has; `start`: how each row but the first
    begins, after the comma before it; `nullable`: whether NULL may be among the values with marks.
    """

    sql: str
    marks: int
    start: str
    nullable: bool

    @property
    def together(self) -> str:
        """Write all rows of `p` as one text."""
        return "to_json(string_agg(p.item, ','))"

    def array(self, rows: str, count: int, *, is_last: bool) -> str | None:
        """Write the JSON array of the rows of a page.

        `rows`: what `together` returns; `count`: how many there are; `is_last`: whether the last of
        them belongs to this page, and not to the next one. Returns None where a value holds the
        mark's character.
        """
        if rows.count(_MARK) != count * self.marks:
            return None
        end = -1 if is_last else rows.rindex(self.start)
        rows = rows[1:end]
        if self.nullable:
            rows = rows.replace(_NULL, "null")
        return "[" + rows.replace(_MARK, '"') + "]"


def marked_row(relation: Relation) -> MarkedRow | None:
    """Compose the marked text of `r`.

    None where no column is a text, because then nothing is gained, and where a name, or the JSON of
    a column that is not a text, may have escapes.
    """
    columns = relation.allowed("select")
    if not any(_is_text(column.type) for column in columns):
        return None
    if not all(_PLAIN_NAME.fullmatch(c.name) and _is_marked(c.type) for c in columns):
        return None
    parts, constant = [], "{"
    for n, column in enumerate(columns):
        constant += f"{',' if n else ''}{_MARK}{column.name}{_MARK}:"
        marks = _MARK if _is_quoted(column.type) and not column.nullable else ""
        parts += [_constant(constant + marks), _value(column)]
        constant = marks
    with_marks = [c for c in columns if _is_quoted(c.type) or c.type.base.sql in _TIMES]
    return MarkedRow(
        concatenated([*parts, _constant(constant + "}")]),
        2 * (len(columns) + len(with_marks)),
        f",{{{_MARK}{columns[0].name}{_MARK}:",
        any(column.nullable for column in with_marks),
    )


def _value(column: Column) -> str:
    """Write the text of a column's JSON, with marks; without them if it is quoted and not NULL."""
    value, base = f"r.{quoted(column.name)}", column.type.base
    text = f"CAST({value} AS text)"
    if column.type.is_quantity or base.sql in _NUMBERS | _TIMES:
        json = f"CAST(to_json({exact(value, column.type)}) AS text)"
        text = f"replace({json}, '\"', {_constant(_MARK)})"
    if not column.nullable:
        return text
    if _is_quoted(column.type):
        text = f"{_constant(_MARK)} || {text} || {_constant(_MARK)}"
    has_marks = _is_quoted(column.type) or base.sql in _TIMES
    return f"coalesce({text}, {_constant(_NULL if has_marks else 'null')})"


def _is_text(type_: Type) -> bool:
    return type_.base.sql in _TEXTS or type_.base.kind == "e"


def _is_quoted(type_: Type) -> bool:
    """Return whether the JSON of a value is its text in quotation marks."""
    return _is_text(type_) or (type_.base.sql in QUOTED and not type_.is_quantity)


def _is_marked(type_: Type) -> bool:
    sql = type_.base.sql
    return _is_quoted(type_) or type_.is_quantity or sql in BARE | _NUMBERS | _TIMES


def _constant(text: str) -> str:
    """Write a text of plain names, quotation marks and marks."""
    return "E'" + text.replace(_MARK, r"\x7f") + "'"
