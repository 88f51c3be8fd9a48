"""Statements that change or delete the rows that filters find, if they are not too many.

Whether they are too many is known before the first one is written. Postgres finds each row by its
key, as the keys come in arrays: how many there will be it could not guess, and might read the whole
table instead.
"""

from functools import lru_cache

from api.operations.operation import Operation
from api.sql import kept_answers
from api.sql.binding import Values, quoted
from api.sql.clauses import Shape, ordering, where
from api.sql.fragments import body, column_value, equal, table
from api.sql.limits import STATEMENTS
from api.sql.row_text import row


@lru_cache(STATEMENTS)
def change(
    operation: Operation,
    shape: Shape,
    names: frozenset[str],
    *,
    returning: bool = False,
    once: bool = False,
) -> str:
    """Compose an update of the named columns in the rows of a shape.

    Values: those of the filters, the most rows, the body; done `once`, key and fingerprint, too.
    One row: how many rows there are, at most one more than that; and the body of the answer, which
    has the changed rows if `returning`, otherwise their number.
    """
    columns = operation.named(names)
    sets = ", ".join(f"{quoted(c.name)} = {column_value(c)}" for c in columns)
    values = Values()
    found, chosen, condition, most = _found(operation, shape, values)
    source = body(columns, values)
    write = (
        f"UPDATE {table(operation.relation)} AS r SET {sets} FROM {chosen}, {source} "
        f"WHERE {condition}"
    )
    told = _told("changed", operation, returning=returning)
    return _counted(found, write, told, most, values if once else None)


@lru_cache(STATEMENTS)
def delete(
    operation: Operation, shape: Shape, *, returning: bool = False, once: bool = False
) -> str:
    """Compose a delete of the rows of a shape. Values and row: as of `change`, without a body."""
    values = Values()
    found, chosen, condition, most = _found(operation, shape, values)
    write = f"DELETE FROM {table(operation.relation)} AS r USING {chosen} WHERE {condition}"
    told = _told("deleted", operation, returning=returning)
    return _counted(found, write, told, most, values if once else None)


def _found(operation: Operation, shape: Shape, values: Values) -> tuple[str, str, str, str]:
    """Compose the query of the keys; write the item of FROM that has them, and the condition.

    The fourth text is the expression of the most rows. A row that another statement changes
    meanwhile has to satisfy the filters again.
    """
    relation = operation.relation
    (filters,) = where(operation, shape, values, ())
    most = values.next("bigint")
    keys = ", ".join(f"r.{quoted(name)} AS k{n}" for n, name in enumerate(relation.key))
    rows = (
        f"SELECT {keys} FROM {table(relation)} AS r{filters} ORDER BY {ordering(shape.order)} "
        f"LIMIT {most} + 1"
    )
    places = range(len(relation.key))
    arrays = ", ".join(f"array_agg(p.k{n}) AS k{n}" for n in places)
    found = f"SELECT count(*) AS n, {arrays} FROM ({rows}) AS p"
    few = ", ".join(f"(SELECT k{n} FROM found WHERE n <= {most})" for n in places)
    names = ", ".join(f"k{n}" for n in places)
    chosen = f"unnest({few}) WITH ORDINALITY AS f ({names}, n)"
    same = [equal(relation, name, f"f.k{n}") for n, name in enumerate(relation.key)]
    again = filters.removeprefix(" WHERE ")
    return found, chosen, " AND ".join([*same, *([again] if again else [])]), most


def _told(done: str, operation: Operation, *, returning: bool) -> tuple[str, str]:
    """Write what a write returns of each row, and the body of the answer, of all of `done`."""
    if returning:
        rows = "'[' || coalesce(string_agg(item, ',' ORDER BY n), '') || ']'"
        return row(operation.relation), rows
    return "CAST(NULL AS text)", f"""'{{"{done}":' || count(*) || '}}'"""


def _counted(found: str, write: str, told: tuple[str, str], most: str, once: Values | None) -> str:
    shown, body_ = told
    statement = (
        f"WITH found AS MATERIALIZED ({found}), "
        f"done (n, item) AS ({write} RETURNING f.n, {shown}), "
        f"told (body) AS (SELECT {body_} FROM done)"
    )
    if once:
        is_done = f"(SELECT n FROM found) <= {most}"
        statement = kept_answers.write_of_many(statement, "body", is_done, once)
    return f"{statement} SELECT (SELECT n FROM found), body FROM told"
