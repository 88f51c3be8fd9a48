"""The statement that reads a row as it was, from the trail of changes that `audit` keeps."""

from functools import lru_cache

from api.catalog.relations import Column
from api.operations.operation import Operation
from api.sql.binding import Values, literal, quoted
from api.sql.fragments import column_value
from api.sql.limits import STATEMENTS
from api.sql.row_text import row
from api.sql.typed_values import holds_json, value


@lru_cache(STATEMENTS)
def item_at(operation: Operation) -> str:
    """Compose a read of one row as it was. Values: path keys, the time.

    One row: the row's JSON, NULL where the trail begins later. No row where there was none. The
    function returns what the table's row was, with the columns that the role may read.
    """
    relation, values = operation.relation, Values()
    table = ", ".join(map(literal, relation.table or ()))
    key = ", ".join(
        f"{literal(column.source or '')}, {value(column.type, values)}"
        for column in map(relation.column, relation.key)
    )
    time = f"CAST({values.next()} AS timestamptz)"
    trail = f"audit.row_at({table}, jsonb_build_object({key}), {time})"
    columns = relation.allowed("select")
    stored = ", ".join(dict.fromkeys(map(_stored, columns)))
    shown = ", ".join(f"{column_value(c, c.source)} AS {quoted(c.name)}" for c in columns)
    return (
        f"SELECT CASE WHEN f.found IS NOT NULL THEN {row(relation)} END FROM {trail} AS f (found) "
        f"LEFT JOIN LATERAL (SELECT {shown} FROM jsonb_to_record(f.found) AS b ({stored})) AS r "
        "ON true"
    )


def _stored(column: Column) -> str:
    """Write a column of the table, with its type: a domain's base, as its rules may be newer."""
    sql_type = "json" if holds_json(column.type) else column.type.base.sql
    return f"{quoted(column.source or '')} {sql_type}"
