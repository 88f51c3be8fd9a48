"""Pieces that statements share: relations, keys, parents and bodies.

`r` is the row of the operation's relation, `b` a body.
"""

from collections.abc import Iterable, Iterator, Sequence

from api.catalog.relations import Column, Relation
from api.operations.operation import Operation
from api.sql.binding import Values, quoted
from api.sql.row_text import json_text, row
from api.sql.typed_values import array_of_json, holds_json, value


def parents(operation: Operation, values: Values) -> tuple[list[str], list[str]]:
    """Write a test that each parent of the path exists, under its own parent.

    Returns the tests, outermost first, and the expressions of the last parent's key.
    """
    tests: list[str] = []
    above: list[str] = []
    link: tuple[str, ...] = ()
    for parent in operation.parents:
        relation = parent.relation
        keys = [value(relation.column(name).type, values) for name in relation.key]
        conditions = [equal(relation, n, key) for n, key in zip(relation.key, keys, strict=True)]
        conditions += [equal(relation, n, key) for n, key in zip(link, above, strict=True)]
        tests.append(
            f"EXISTS (SELECT FROM {table(relation)} AS r WHERE {' AND '.join(conditions)})"
        )
        above, link = keys, parent.link
    return tests, above


def table(relation: Relation) -> str:
    """Write the name of a relation."""
    return f"{quoted(relation.schema)}.{quoted(relation.name)}"


def equals(relation: Relation, names: Iterable[str], values: Values) -> Iterator[str]:
    """Write the conditions that columns of `r` equal the next values."""
    for name in names:
        yield equal(relation, name, value(relation.column(name).type, values))


def exists(relation: Relation, values: Values) -> str:
    """Write whether there is a row with the key that the next values are."""
    condition = " AND ".join(equals(relation, relation.key, values))
    return f"EXISTS (SELECT FROM {table(relation)} AS r WHERE {condition})"


def having_tag(relation: Relation, values: Values) -> str:
    """Write the condition that `r` has one of the entity tags in the next value.

    The tag is made as `endpoints.tagged` makes it of an answer. In a write that waited for another
    one of the same row, Postgres evaluates the condition again, with what that has left.
    """
    return f"'\"' || {digest(row(relation))} || '\"' = ANY ({values.next('text[]')})"


def digest(text: str) -> str:
    """Write the 32 hexadecimal digits of the entity tag of a text."""
    return f"left(encode(sha256(convert_to({text}, 'UTF8')), 'hex'), 32)"


def equal(relation: Relation, name: str, value: str) -> str:
    """Write the condition that a column of `r` equals a value of its type."""
    return f"r.{quoted(name)} {relation.column(name).type.operator('=')} {value}"


def key(relation: Relation) -> str:
    """Write the key of `r` as a JSON array of texts; NULL where the role may not read it."""
    if not relation.addressable:
        return "CAST(NULL AS text)"
    # Paths have keys as JSON writes them: a timestamp cast to text has a space instead of the T.
    texts = ", ".join(json_text(f"r.{quoted(n)}", relation.column(n).type) for n in relation.key)
    return f"CAST(json_build_array({texts}) AS text)"


def body(columns: Sequence[Column], values: Values, function: str = "json_to_record") -> str:
    """Write the item of FROM for a body, the next value: `b` with these columns."""
    return f"{function}(CAST({values.next()} AS json)) AS b ({definitions(columns)})"


def bodies(columns: Sequence[Column], values: Values) -> str:
    """Write the item of FROM for an array of bodies, the next value."""
    if not columns:
        return f"json_array_elements(CAST({values.next()} AS json)) AS b"
    return body(columns, values, "json_to_recordset")


def numbered_bodies(columns: Sequence[Column], number: str, values: Values) -> str:
    """Write the item of FROM for an array of bodies, the next value, with the column `number`."""
    names = ", ".join(quoted(name) for name in (*(c.name for c in columns), number))
    records = f"json_to_recordset(CAST({values.next()} AS json)) AS ({definitions(columns)})"
    return f"ROWS FROM ({records}) WITH ORDINALITY AS b ({names})"


def definitions(columns: Sequence[Column]) -> str:
    """Write the columns of `b`, each with its type."""
    return ", ".join(
        f"{quoted(c.name)} {'json' if holds_json(c.type) else c.type.sql}" for c in columns
    )


def column_value(column: Column, name: str | None = None) -> str:
    """Write the value of a column of `b`; `name`: its name there, if not the view's."""
    given = f"b.{quoted(name or column.name)}"
    if not holds_json(column.type):
        return given
    return f"CASE WHEN {given} IS NOT NULL THEN {array_of_json(column.type, given)} END"


def each(values: Values, one: str) -> str:
    """Write the query that returns the rows of `one` for each call, with the number of the call."""
    # LATERAL makes Postgres plan each call as if it were alone, by its index, even while the table
    # has few rows.
    calls = f"{values.calls()} CROSS JOIN LATERAL " if values.calls() else ""
    return f"SELECT o.*, {values.number()} FROM {calls}({one}) AS o"
