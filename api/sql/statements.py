"""Statements on one row, and inserts of many.

Every identifier is quoted and every value is a parameter. Keys are sent as texts and cast here, a
body as one JSON text; Postgres writes the answer as JSON text. Columns are named one by one:
with grants on columns Postgres refuses `r.*`, which would also include a column that a later
migration adds.

Reads and creates have a form for one call and a form for many, which `database.batching` runs. The
latter takes an array for each value of the former. The last value of both is how many calls stand
before these, and the last column is the number of the call: 1 for the first one if none stands
before it. A call that finds no row has none in either form.

A write that is done `once` has two more values, before the number of calls: its `Idempotency-Key`
and its fingerprint (`kept_answers`).
"""

from functools import lru_cache

from api.operations import kinds
from api.operations.operation import Operation
from api.sql import kept_answers, writers
from api.sql.binding import Columns, Values, quoted
from api.sql.fragments import (
    bodies,
    body,
    column_value,
    each,
    equals,
    exists,
    having_tag,
    key,
    parents,
    table,
)
from api.sql.limits import STATEMENTS
from api.sql.row_text import row

# Checks deferred constraints before COMMIT, so that an error can still be assigned to a row.
CHECK_CONSTRAINTS = "SET CONSTRAINTS ALL IMMEDIATE"


@lru_cache(STATEMENTS)
def item(operation: Operation) -> str:
    """Compose a read of one row. Values: path keys, and how many calls stand before this one.

    One row: the row's JSON, and the number of the call. No row where the key has none.
    """
    values = Values()
    return each(values, _item(operation, values))


@lru_cache(STATEMENTS)
def items(operation: Operation) -> str:
    """Compose the statement of many reads. Values: an array for each path key, and the last one.

    Rows: those of `item`.
    """
    columns = Columns()
    return each(columns, f"{_item(operation, columns)} OFFSET 0")


def _item(operation: Operation, values: Values) -> str:
    relation = operation.relation
    condition = " AND ".join(equals(relation, relation.key, values))
    return f"SELECT {row(relation)} FROM {table(relation)} AS r WHERE {condition}"


@lru_cache(STATEMENTS)
def delete(operation: Operation, *, conditional: bool = False, once: bool = False) -> str:
    """Compose a delete of one row. Values: path keys. One row: true; no row where there is none.

    If a trigger can keep the row, there is always a row: what it would be or NULL, and whether the
    key had a row before. If it is `conditional`, there is one more value, an array of tags of which
    the row must have one; and there is always a row: what it would be or NULL, and whether the
    row had one of the tags before, NULL where there was none. So there is where it is done `once`.
    """
    relation, values = operation.relation, Values()
    condition = " AND ".join(equals(relation, relation.key, values))
    has_tag = having_tag(relation, values) if conditional else ""
    where = f"{condition} AND {has_tag}" if has_tag else condition
    one = f"DELETE FROM {table(relation)} AS r WHERE {where} RETURNING true"
    return _row_write(operation, one, has_tag, values if once else None)


@lru_cache(STATEMENTS)
def change(
    operation: Operation, names: frozenset[str], *, conditional: bool = False, once: bool = False
) -> str:
    """Compose an update of the named columns. Values: path keys, body.

    One row: the changed row's JSON. No row where the key has none, except as `delete` has it; so is
    what is `conditional`, or done `once`.
    """
    relation, values = operation.relation, Values()
    one = " AND ".join(equals(relation, relation.key, values))
    columns = operation.named(names)
    sets = ", ".join(f"{quoted(c.name)} = {column_value(c)}" for c in columns)
    source = body(columns, values)
    has_tag = having_tag(relation, values) if conditional else ""
    where = f"{one} AND {has_tag}" if has_tag else one
    one = (
        f"UPDATE {table(relation)} AS r SET {sets} FROM {source} WHERE {where} "
        f"RETURNING {row(relation)}"
    )
    return _row_write(operation, one, has_tag, values if once else None)


def is_watched(operation: Operation) -> bool:
    """Return whether a trigger can keep the row of a write."""
    return operation.kind.privilege in operation.relation.row_triggers


def _row_write(operation: Operation, one: str, has_tag: str, once: Values | None) -> str:
    """Let a statement tell whether the row was there, if a trigger or a condition can keep it.

    `once`: the values of the statement, if it is done once.
    """
    relation = operation.relation
    if has_tag:
        key = " AND ".join(equals(relation, relation.key, Values()))
        before = f"(SELECT {has_tag} FROM {table(relation)} AS r WHERE {key})"
    elif once or is_watched(operation):
        before = exists(relation, Values())
    else:
        return one
    if once:
        has_body = operation.kind is not kinds.DELETE
        return kept_answers.row_write(one, before, once, has_body=has_body)
    return f"WITH done (result) AS ({one}) SELECT (SELECT result FROM done), {before}"


@lru_cache(STATEMENTS)
def create(operation: Operation, names: frozenset[str], *, once: bool = False) -> str:
    """Compose an insert of the named columns.

    Values: path keys, body (if a column is named), and how many calls stand before this one. One
    row: the new row's JSON, its key as a JSON array of texts (NULL where the role may not read
    it), and the number of the call. No row where a parent of the path is missing.
    """
    relation, values = operation.relation, Values()
    inserted, rows = _inserted(operation, names, values)
    repeat = (values.next(), values.next()) if once else None
    into = f"INSERT INTO {table(relation)} AS r "
    into += f"({', '.join(map(quoted, inserted))}) {rows}" if inserted else "DEFAULT VALUES"
    made = f"{into} RETURNING {row(relation)}, {key(relation)}, {values.number()}"
    return kept_answers.creation(", ".join((made, *repeat))) if repeat else made


@lru_cache(STATEMENTS)
def creates(operation: Operation, names: frozenset[str], *, once: bool = False) -> str:
    """Compose the statement of many creates with the same columns; empty where there are none.

    Values: an array for each of `create`, and the last one. Rows: those of `create`. It is a
    MERGE, which can return columns of its source; INSERT cannot.
    """
    relation, columns = operation.relation, Columns()
    inserted, rows = _inserted(operation, names, columns)
    if not inserted:
        return ""
    repeat = (columns.next(), columns.next()) if once else None
    source = ", ".join(quoted(f"c{position}") for position in range(len(inserted)))
    more = ", {} AS key, {} AS fingerprint".format(*repeat) if repeat else ""
    calls = (
        f"SELECT {columns.number()} AS n{more}, o.* "
        f"FROM {columns.calls()} CROSS JOIN LATERAL ({rows}) AS o ({source})"
    )
    values = ", ".join(f"s.{quoted(f'c{position}')}" for position in range(len(inserted)))
    made = (
        f"MERGE INTO {table(relation)} AS r USING ({calls}) AS s ON false "
        f"WHEN NOT MATCHED THEN INSERT ({', '.join(map(quoted, inserted))}) VALUES ({values}) "
        f"RETURNING {row(relation)}, {key(relation)}, s.n"
    )
    if repeat:
        return kept_answers.creation(f"{made}, s.key, s.fingerprint")
    return writers.told(relation, made, columns) if relation.addressable else made


@lru_cache(STATEMENTS)
def insert(operation: Operation, names: frozenset[str], *, returning: bool) -> str:
    """Compose an insert of many rows with the same columns.

    Values: the last parent's key, a JSON array of bodies. A row for each new one, in the bodies'
    order: its JSON if `returning`, otherwise nothing. Nothing reorders them, as the bodies are the
    only item of FROM.
    """
    relation, values = operation.relation, Values()
    parent = operation.parents[-1].relation if operation.parents else None
    types = [parent.column(name).type.sql for name in parent.key] if parent else []
    keys = [f"CAST({values.next()} AS {sql_type})" for sql_type in types]
    columns = operation.named(names)
    inserted = ", ".join(map(quoted, [*operation.fixed, *(c.name for c in columns)]))
    into = f"{table(relation)} AS r" + (f" ({inserted})" if inserted else "")
    given = ", ".join([*keys, *map(column_value, columns)])
    shown = f" RETURNING {row(relation)}" if returning else ""
    return f"INSERT INTO {into} SELECT {given} FROM {bodies(columns, values)}{shown}"


def _inserted(operation: Operation, names: frozenset[str], values: Values) -> tuple[list[str], str]:
    """Return the columns that an insert names, and the query of its row.

    The query has no row where a parent is missing.
    """
    tests, keys = parents(operation, values)
    columns = operation.named(names)
    given = ", ".join([*keys, *map(column_value, columns)])
    source = f" FROM {body(columns, values)}" if columns else ""
    condition = f" WHERE {' AND '.join(tests)}" if tests else ""
    return [*operation.fixed, *(c.name for c in columns)], f"SELECT {given}{source}{condition}"
