"""Statements that change or delete the rows that filters find, if they are not too many.

Whether they are too many is known before the first one is written. Postgres finds each row by its
key, as the keys come in arrays: how many there will be it could not guess, and might read the whole
table instead.
"""

from functools import lru_cache

from api.operations.operation import Operation
from api.sql.binding import Values, quoted
from api.sql.clauses import Shape, ordering, where
from api.sql.fragments import body, column_value, table
from api.sql.limits import STATEMENTS
from api.sql.row_text import row


@lru_cache(STATEMENTS)
def change(
    operation: Operation, shape: Shape, names: frozenset[str], *, returning: bool = False
) -> str:
    """Compose an update of the named columns in the rows of a shape.

    Values: those of the filters, the most rows, the body. One row: how many rows there are, at most
    one more than that; how many are changed; their JSON with commas between, NULL if not
    `returning`.
    """
    columns = operation.named(names)
    sets = ", ".join(f"{quoted(c.name)} = {column_value(c)}" for c in columns)
    values = Values()
    found, chosen, condition = _found(operation, shape, values)
    source = body(columns, values)
    write = (
        f"UPDATE {table(operation.relation)} AS r SET {sets} FROM {chosen}, {source} "
        f"WHERE {condition}"
    )
    return _counted(operation, found, write, returning=returning)


@lru_cache(STATEMENTS)
def delete(operation: Operation, shape: Shape, *, returning: bool = False) -> str:
    """Compose a delete of the rows of a shape. Values and row: as of `change`, without a body."""
    found, chosen, condition = _found(operation, shape, Values())
    write = f"DELETE FROM {table(operation.relation)} AS r USING {chosen} WHERE {condition}"
    return _counted(operation, found, write, returning=returning)


def _found(operation: Operation, shape: Shape, values: Values) -> tuple[str, str, str]:
    """Compose the query of the keys; write the item of FROM that has them, and the condition.

    A row that another statement changes meanwhile has to satisfy the filters again.
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
    same = [
        f"r.{quoted(name)} {relation.column(name).type.operator('=')} f.k{n}"
        for n, name in enumerate(relation.key)
    ]
    again = filters.removeprefix(" WHERE ")
    return found, chosen, " AND ".join([*same, *([again] if again else [])])


def _counted(operation: Operation, found: str, write: str, *, returning: bool) -> str:
    shown = row(operation.relation) if returning else "CAST(NULL AS text)"
    return (
        f"WITH found AS MATERIALIZED ({found}), "
        f"done (n, item) AS ({write} RETURNING f.n, {shown}) "
        "SELECT (SELECT n FROM found), count(*), string_agg(d.item, ',' ORDER BY d.n) "
        "FROM done AS d"
    )
