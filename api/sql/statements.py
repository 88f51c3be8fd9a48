"""Operation, filters, order and page → SQL.

Every identifier is quoted and every value is a parameter. Keys and filters are sent as texts and
cast here, a body as one JSON text; an answer comes back as finished JSON text. Columns are named
one by one: Postgres refuses a whole row under a column grant, and a whole row would have a column
that a migration has just added.

A statement for many calls takes an array for each value of the one call's statement. Its rows have
the number of their call, from 1, before the columns that the one call's row has; a call whose row
would be missing has none. `database.batching` runs them.
"""

from collections.abc import Iterable
from functools import lru_cache

from api.catalog.relations import Relation
from api.document.media_types import CSV_FOR_SPREADSHEETS, NDJSON
from api.operations import kinds
from api.operations.operation import Operation
from api.sql.binding import Columns, Kept, Values, quoted
from api.sql.clauses import Shape, ordering, where
from api.sql.fragments import bodies, body, equals, key, parents, sent, table
from api.sql.row_text import cells, line, row, shown

# How many composed statements are kept: a body of n optional columns has 2ⁿ shapes, and clients
# choose them.
STATEMENTS = 2_000
# How long a statement for many calls waits for a lock; then each call runs alone.
LOCK_TIMEOUT = 0.1  # seconds
# Checks deferred constraints before COMMIT, so that an error can still be assigned to a row.
CHECK_NOW = "SET CONSTRAINTS ALL IMMEDIATE"


@lru_cache(STATEMENTS)
def item(operation: Operation) -> str:
    """Compose the statement of a read, a delete or a report. Values: path keys.

    One row: the row's JSON (read), true (delete), or a JSON array of all rows (report). No row
    where the key has none.
    """
    relation = operation.relation
    if operation.kind is kinds.REPORT:
        rows = f"SELECT {shown(relation)} FROM {table(relation)} AS r"
        array = "coalesce(string_agg(CAST(row_to_json(i.*) AS text), ','), '')"
        return f"SELECT '[' || {array} || ']' FROM ({rows}) AS i"
    if operation.kind is kinds.DELETE:
        one = " AND ".join(equals(relation, relation.key, Values()))
        return f"DELETE FROM {table(relation)} AS r WHERE {one} RETURNING true"
    return _item(relation, Values())


@lru_cache(STATEMENTS)
def items(operation: Operation) -> str:
    """Compose the statement of many reads. Values: an array for each path key.

    Rows: the number of the call, and the row's JSON.
    """
    columns = Columns()
    return _each(columns, f"{_item(operation.relation, columns)} OFFSET 0")


def _item(relation: Relation, values: Values) -> str:
    one = " AND ".join(equals(relation, relation.key, values))
    return f"SELECT {row(relation)} FROM {table(relation)} AS r WHERE {one}"


def _each(columns: Columns, one: str) -> str:
    # LATERAL makes Postgres plan each call as if it were alone, by its index, even while the table
    # has few rows.
    return f"SELECT k.n, o.* FROM {columns} CROSS JOIN LATERAL ({one}) AS o"


@lru_cache(STATEMENTS)
def change(operation: Operation, names: frozenset[str]) -> str:
    """Compose an update of the named columns. Values: path keys, body.

    One row: the changed row's JSON. No row where the key has none.
    """
    relation, values = operation.relation, Values()
    one = " AND ".join(equals(relation, relation.key, values))
    columns = operation.named(names)
    sets = ", ".join(f"{quoted(c.name)} = {sent(c)}" for c in columns)
    source = body(columns, values)
    return (
        f"UPDATE {table(relation)} AS r SET {sets} FROM {source} WHERE {one} "
        f"RETURNING {row(relation)}"
    )


@lru_cache(STATEMENTS)
def create(operation: Operation, names: frozenset[str]) -> str:
    """Compose an insert of the named columns. Values: path keys, body (if a column is named).

    One row: the new row's JSON, and its key as a JSON array of texts (NULL where the role may not
    read it). No row where a parent of the path is missing.
    """
    relation = operation.relation
    inserted, rows = _inserted(operation, names, Values())
    into = f"INSERT INTO {table(relation)} AS r "
    into += f"({', '.join(map(quoted, inserted))}) {rows}" if inserted else "DEFAULT VALUES"
    return f"{into} RETURNING {row(relation)}, {key(relation)}"


@lru_cache(STATEMENTS)
def creates(operation: Operation, names: frozenset[str]) -> str:
    """Compose the statement of many creates with the same columns; empty where there are none.

    Values: an array for each of `create`. Rows: the number of the call, and the row of `create`.
    It is a MERGE, which can return columns of its source; INSERT cannot.
    """
    relation, columns = operation.relation, Columns()
    inserted, rows = _inserted(operation, names, columns)
    if not inserted:
        return ""
    source = ", ".join(quoted(f"c{position}") for position in range(len(inserted)))
    # It holds until the end of the transaction, that is, of this statement.
    timeout = f"set_config('lock_timeout', '{round(LOCK_TIMEOUT * 1000)}ms', true)"
    each = (
        f"SELECT k.n, o.* FROM {columns} CROSS JOIN LATERAL ({rows}) AS o ({source}) "
        f"WHERE (SELECT {timeout}) IS NOT NULL"
    )
    values = ", ".join(f"s.{quoted(f'c{position}')}" for position in range(len(inserted)))
    return (
        f"MERGE INTO {table(relation)} AS r USING ({each}) AS s ON false "
        f"WHEN NOT MATCHED THEN INSERT ({', '.join(map(quoted, inserted))}) VALUES ({values}) "
        f"RETURNING s.n, {row(relation)}, {key(relation)}"
    )


@lru_cache(STATEMENTS)
def insert(operation: Operation, names: frozenset[str]) -> str:
    """Compose an insert of many rows with the same columns.

    Values: the last parent's key, a JSON array of bodies. No rows.
    """
    relation, values = operation.relation, Values()
    parent = operation.parents[-1].relation if operation.parents else None
    types = [parent.column(name).type.sql for name in parent.key] if parent else []
    keys = [f"CAST({values.next()} AS {sql_type})" for sql_type in types]
    columns = operation.named(names)
    inserted = ", ".join(map(quoted, [*operation.fixed, *(c.name for c in columns)]))
    into = f"{table(relation)} ({inserted})" if inserted else table(relation)
    given = ", ".join([*keys, *map(sent, columns)])
    return f"INSERT INTO {into} SELECT {given} FROM {bodies(columns, values)}"


def _inserted(operation: Operation, names: frozenset[str], values: Values) -> tuple[list[str], str]:
    """Give the columns that an insert names, and the query of its row.

    The query has no row where a parent is missing.
    """
    tests, keys = parents(operation, values)
    columns = operation.named(names)
    given = ", ".join([*keys, *map(sent, columns)])
    source = f" FROM {body(columns, values)}" if columns else ""
    condition = f" WHERE {' AND '.join(tests)}" if tests else ""
    return [*operation.fixed, *(c.name for c in columns)], f"SELECT {given}{source}{condition}"


@lru_cache(STATEMENTS)
def listing(operation: Operation, shape: Shape) -> str:
    """Compose a page. Values: path keys, filters, the cursor's values, the limit.

    One row: the page as a JSON array; the order columns of its last row as a JSON array of texts,
    NULL on the last page; whether all parents of the path exist.
    """
    return _listing(operation, shape, Values())


@lru_cache(STATEMENTS)
def listings(operation: Operation, shape: Shape) -> str:
    """Compose the statement of many first pages of the same shape.

    Values: an array for each of `listing`. Rows: the number of the call, and the row of `listing`.
    Empty where one page could take long, and delay the others: only `eq` filters are fast enough.
    """
    if shape.after or any(filter_.operator != "eq" for filter_ in shape.filters):
        return ""
    columns = Columns()
    return _each(columns, _listing(operation, shape, columns))


def _listing(operation: Operation, shape: Shape, values: Values) -> str:
    tests, keys = parents(operation, values)
    names = shape.order.columns
    ordered = "".join(f", r.{quoted(name)} AS k{n}" for n, name in enumerate(names))
    rows = _rows(operation, shape, values, keys, f"{row(operation.relation)} AS item{ordered}")
    limit = values.next("bigint")
    array = f"coalesce(string_agg(p.item, ',') FILTER (WHERE p.n <= {limit}), '')"
    texts = ", ".join(f"CAST(p.k{n} AS text)" for n in range(len(names)))
    last = f"min(CAST(json_build_array({texts}) AS text)) FILTER (WHERE p.n = {limit})"
    # One row beyond the limit shows that there is a next page.
    return (
        f"SELECT '[' || {array} || ']', CASE WHEN count(*) > {limit} THEN {last} END, "
        f"{' AND '.join(tests) or 'true'} "
        f"FROM (SELECT q.*, row_number() OVER () AS n FROM ({rows} LIMIT {limit} + 1) AS q) AS p"
    )


def _rows(
    operation: Operation, shape: Shape, values: Values, keys: Iterable[str], columns: str
) -> str:
    """Select some columns of a list's rows, in its order."""
    name, conditions = table(operation.relation), where(operation, shape, values, keys)
    return f"SELECT {columns} FROM {name} AS r{conditions} ORDER BY {ordering(shape.order)}"


@lru_cache(STATEMENTS)
def export(
    operation: Operation, shape: Shape | None, media: str, *, limited: bool = False
) -> tuple[str, str]:
    """Compose two statements that give all rows of a list, or of a report (without a shape).

    The first takes the values of `listing`, each as a text, and keeps them until the transaction
    ends, as COPY has no parameters. The second is the query for COPY: one column of lines for
    NDJSON, a column for each cell for CSV.
    """
    relation, values = operation.relation, Kept()
    columns = (
        shown(relation)
        if media == NDJSON
        else cells(relation, escaped=media == CSV_FOR_SPREADSHEETS)
    )
    if shape is None:
        query = f"SELECT {columns} FROM {table(relation)} AS r"
    else:
        query = _rows(operation, shape, values, parents(operation, values)[1], columns)
    if limited:
        query += f" LIMIT {values.next('bigint')}"
    if media == NDJSON:
        query = f"SELECT {line(relation)} FROM ({query}) AS i"
    return values.keep(), query


def patience(statement: float, idle: float) -> str:
    """Compose what gives a transaction its own timeouts (seconds) in place of its login's."""
    return (
        f"SET LOCAL statement_timeout = {round(statement * 1000)}; "
        f"SET LOCAL idle_in_transaction_session_timeout = {round(idle * 1000)}"
    )


@lru_cache(STATEMENTS)
def missing_parent(operation: Operation) -> str:
    """Compose the query for a missing parent. Values: path keys.

    One row: the position of the outermost that is missing, from 0, or NULL.
    """
    tests, _ = parents(operation, Values())
    cases = " ".join(f"WHEN NOT {exists} THEN {position}" for position, exists in enumerate(tests))
    return f"SELECT CASE {cases} END"


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
