"""Queries that find what is wrong with a path, after a statement has failed."""

from functools import lru_cache

from api.operations.operation import Operation
from api.sql.binding import Values
from api.sql.fragments import equals, parents, table
from api.sql.limits import STATEMENTS


@lru_cache(STATEMENTS)
def missing_parent(operation: Operation) -> str:
    """Compose the query for a missing parent. Values: path keys.

    One row: the position of the outermost that is missing, from 0, or NULL.
    """
    tests, _ = parents(operation, Values())
    cases = " ".join(f"WHEN NOT {exists} THEN {position}" for position, exists in enumerate(tests))
    return f"SELECT CASE {cases} END"


@lru_cache(STATEMENTS)
def row_exists(operation: Operation) -> str:
    """Compose the query whether there is a row with the path's key. Values: path keys.

    One row: true or false.
    """
    relation = operation.relation
    condition = " AND ".join(equals(relation, relation.key, Values()))
    return f"SELECT EXISTS (SELECT FROM {table(relation)} AS r WHERE {condition})"


@lru_cache(STATEMENTS)
def malformed_key(operation: Operation) -> str:
    """Compose the query for a path key that is no value of its type. Values: path keys.

    One row: the number of the first such key, from 0, or NULL.
    """
    values = Values()
    types = ["'" + column.type.sql.replace("'", "''") + "'" for _, column in operation.keys]
    cases = " ".join(
        f"WHEN NOT pg_input_is_valid({values.next()}, {t}) THEN {n}" for n, t in enumerate(types)
    )
    return f"SELECT CASE {cases} END"
