"""Statements that create a row, or change the one that is there: PUT, and upserts of many rows.

They are MERGE statements: INSERT … ON CONFLICT can't name a unique key of which the view does not
show a column, such as the caller's tenant. Of two statements that insert the same key at the same
time Postgres refuses one (23505); when that runs again, it finds the row.
"""

from collections.abc import Iterable
from functools import lru_cache

from api.catalog.relations import Column
from api.operations.operation import Operation
from api.sql.binding import Values, quoted
from api.sql.fragments import body, column_value, having_tag, key, table
from api.sql.limits import STATEMENTS
from api.sql.row_text import row
from api.sql.typed_values import value


@lru_cache(STATEMENTS)
def replace(
    operation: Operation,
    names: frozenset[str],
    *,
    inserts: bool = True,
    replaces: bool = True,
    conditional: bool = False,
) -> str:
    """Compose a create or a replacement of one row; columns that are not named have their default.

    Values: path keys, body (if a column is named that is not of the key), and if `conditional` an
    array of tags, of which a row has to have one to be replaced. One row: the row's JSON, its key
    as a JSON array of texts, and whether it is new. No row where a condition or a trigger kept all
    as it was.
    """
    relation, values = operation.relation, Values()
    keys = [relation.column(name) for name in relation.key]
    given = [value(column.type, values) for column in keys]
    columns = [c for c in operation.named(names) if c.name not in relation.key]
    source = f" FROM {body(columns, values)}" if columns else ""
    chosen = ", ".join([*given, *map(column_value, columns)])
    written = [*keys, *columns]
    of = ", ".join(f"c{n}" for n in range(len(written)))
    found = " AND ".join(
        f"r.{quoted(c.name)} {c.type.operator('=')} s.c{n}" for n, c in enumerate(keys)
    )
    actions = []
    if replaces:
        tagged = f" AND {having_tag(relation, values)}" if conditional else ""
        sets = {c.name: f"s.c{n}" for n, c in enumerate(written) if n >= len(keys)}
        sets = _defaults(operation, names) | sets
        assigned = ", ".join(f"{quoted(name)} = {new}" for name, new in sets.items())
        actions.append(f"WHEN MATCHED{tagged} THEN UPDATE SET {assigned}")
    if inserts:
        actions.append(f"WHEN NOT MATCHED THEN INSERT ({_names(written)}) VALUES ({_new(written)})")
    return (
        f"MERGE INTO {table(relation)} AS r USING (SELECT {chosen}{source}) AS s ({of}) ON {found} "
        f"{' '.join(actions)} RETURNING {row(relation)}, {key(relation)}, merge_action() = 'INSERT'"
    )


def _defaults(operation: Operation, names: frozenset[str]) -> dict[str, str]:
    """Return the columns that a body gives a row and does not name, each with its default.

    It is written out: of a view's column DEFAULT means NULL.
    """
    relation = operation.relation
    return {
        column.name: f"({column.default or 'NULL'})"
        for column in operation.body
        if column.name not in {*names, *relation.key} and column.default != "identity"
    }


def _names(columns: Iterable[Column]) -> str:
    return ", ".join(quoted(column.name) for column in columns)


def _new(columns: Iterable[Column]) -> str:
    return ", ".join(f"s.c{n}" for n, _ in enumerate(columns))
