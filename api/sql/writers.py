"""Which caller each new row is of, told to a database that keeps a record of it.

Before a statement for several callers, `database.train` sets `request.actors` to a JSON array of
their actors, in the order of the calls. The statement puts an object in its place: by the table's
name and the row's key, each row's actor. Postgres runs the triggers that a statement fires AFTER it
when all of the statement is done, so they find the object, and never an array.

The key is beside the number of the call in the row that the MERGE returns, so nothing depends on
the order of rows. Two rows with one key are an error.

A key that is JSON is told of no row, so the database refuses the statement: in `1` and `"1"` the
server's text of one key is the trail's text of another.
"""

from api.catalog.relations import Relation
from api.sql.binding import Columns, literal


def told(relation: Relation, made: str, columns: Columns) -> str:
    """Compose a statement that tells whose its new rows are, and returns what `made` returns.

    `made` returns the body, the key and the number of each call.
    """
    if not relation.table or any(relation.column(name).type.compound for name in relation.key):
        return made
    actors = "CAST(current_setting('request.actors') AS jsonb)"
    place = f"CAST(m.n - 1 - {columns.before()} AS integer)"
    by_key = f"json_object_agg_unique(m.key, (SELECT {actors}) -> {place})"
    of_table = f"json_build_object({literal('.'.join(relation.table))}, {by_key})"
    kept = f"SELECT set_config('request.actors', CAST({of_table} AS text), true) FROM made AS m"
    return (
        f"WITH made (body, key, n) AS ({made}) SELECT m.body, m.key, m.n FROM made AS m "
        f"WHERE CASE WHEN current_setting('request.actors', true) <> '' THEN ({kept}) ELSE '' END "
        "IS NOT NULL"
    )
