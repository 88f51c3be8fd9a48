"""Statements of HTML pages: rows with what people call the rows that they refer to.

A row is a JSON array: the row's JSON as other answers have it, then a text or null for each of its
references. Rows stand between separators, as in `lists`. A page of an item reads the first rows of
its collections in the same statement.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from api.catalog.relations import Column, Relation
from api.operations.filters import Filter
from api.operations.operation import Operation
from api.operations.references import Reference
from api.sql.binding import Values, quoted
from api.sql.clauses import Shape, where
from api.sql.fragments import each, equal, table
from api.sql.limits import STATEMENTS
from api.sql.lists import joined, of_first_rows, paged, selected
from api.sql.row_text import row
from api.sql.typed_values import value


@dataclass(frozen=True, slots=True)
class Part:
    """The first rows of a collection below an item, and their references."""

    operation: Operation
    shape: Shape
    references: tuple[Reference, ...]


@lru_cache(STATEMENTS)
def page(operation: Operation, shape: Shape, references: tuple[Reference, ...]) -> str:
    """Compose a page of a list. Values and row: those of `lists.listing`."""
    values = Values()
    item = _labelled(operation.relation, references)
    return each(values, paged(operation, shape, values, item, joined()))


@lru_cache(STATEMENTS)
def item(
    operation: Operation, references: tuple[Reference, ...], parts: tuple[Part, ...], most: int
) -> str:
    """Compose an item with its collections. Values: the key.

    One row: the item, then the first rows of each part; a part that has more than `most` rows has
    one row more. No row where the key has none.
    """
    relation, values = operation.relation, Values()
    keys = [value(relation.column(name).type, values) for name in relation.key]
    pairs = zip(relation.key, keys, strict=True)
    condition = " AND ".join(equal(relation, name, key) for name, key in pairs)
    columns = [_labelled(relation, references)]
    joins = ""
    for n, part in enumerate(parts):
        columns.append(f"l{n}.rows")
        joins += f" CROSS JOIN LATERAL ({_first_rows(part, keys, most)}) AS l{n}"
    return f"SELECT {', '.join(columns)} FROM {table(relation)} AS r{joins} WHERE {condition}"


@lru_cache(STATEMENTS)
def report(operation: Operation, filters: tuple[Filter, ...]) -> str:
    """Compose the first rows of a report, and one more if there are more. One row: these rows."""
    return of_first_rows(operation, filters, joined("'[' || p.item || ']'"))


def _first_rows(part: Part, keys: Sequence[str], most: int) -> str:
    conditions = where(part.operation, part.shape, Values(), keys)
    columns = {"item": _labelled(part.operation.relation, part.references)}
    rows = selected(part.operation, part.shape, conditions, columns, str(most + 1))
    return f"SELECT {joined()} AS rows FROM ({rows}) AS p"


def _labelled(relation: Relation, references: Sequence[Reference]) -> str:
    """Write the row `r` and its labels as a JSON array."""
    parts = [f"'[' || {row(relation)}"]
    for reference in references:
        text = f"CAST(to_json({_label(reference)}) AS text)" if reference.label else ""
        parts.append(f"',' || coalesce({text}, 'null')" if text else "',null'")
    return f"({' || '.join(parts)} || ']')"


def _label(reference: Reference) -> str:
    """Write what people call the row that `r` refers to; NULL where there is none."""
    other = reference.target.relation
    tests = " AND ".join(
        f"t.{quoted(key)} {other.column(key).type.operator('=')} r.{quoted(column)}"
        for key, column in zip(other.key, reference.columns, strict=True)
    )
    texts = ", ".join(_said(other.column(name)) for name in reference.label)
    return f"(SELECT concat_ws(' ', {texts}) FROM {table(other)} AS t WHERE {tests})"


def _said(column: Column) -> str:
    """Write a column of a label: a time without fractions of a second."""
    name = f"t.{quoted(column.name)}"
    is_time = column.type.base.name in ("timestamp", "timestamptz")
    return f"date_trunc('second', {name})" if is_time else name
