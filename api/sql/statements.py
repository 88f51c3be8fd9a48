"""Operation + filters, order and page → SQL. The only place that writes SQL.

Every identifier is quoted and every value is a parameter. Keys and filters travel as text and are
cast here, the body as one JSON text; an answer comes back as finished JSON text. Columns are named,
one by one: a whole row is refused under a column grant, and would show a column that a migration
has just added.
"""

from collections.abc import Iterable
from functools import lru_cache

from api.catalog.relations import Relation
from api.document.media_types import CSV_FOR_SPREADSHEETS, NDJSON
from api.operations import kinds
from api.operations.operation import Operation
from api.sql.binding import Columns, Kept, Values, quoted
from api.sql.clauses import Shape, ordering, where
from api.sql.fragments import (
    bodies,
    body,
    cells,
    equals,
    key,
    line,
    parents,
    row,
    sent,
    shown,
    table,
)

# How many statements are kept composed: a body of n optional columns has 2ⁿ shapes, and clients
# choose them.
STATEMENTS = 2_000
# How long the calls of one statement wait for a lock before each waits for itself.
LOCK_TIMEOUT = 0.1  # seconds
# Checks the constraints that wait for the end of the transaction, while it can still be told what
# they refuse.
CHECK_NOW = "SET CONSTRAINTS ALL IMMEDIATE"


@lru_cache(STATEMENTS)
def item(operation: Operation) -> str:
    """Compose the statement of an operation on one row, or of a report. Values: path keys, then the body's JSON text.

    One row: its JSON (`read`, `update`), or true (`delete`); no row where there is none. A report:
    one JSON array.
    """
    relation = operation.relation
    if operation.kind is kinds.REPORT:
        rows = f"SELECT {shown(relation)} FROM {table(relation)} AS r"
        return f"SELECT '[' || coalesce(string_agg(CAST(row_to_json(i.*) AS text), ','), '') || ']' FROM ({rows}) AS i"
    if operation.kind is kinds.DELETE:
        one = " AND ".join(equals(relation, relation.key, Values()))
        return f"DELETE FROM {table(relation)} AS r WHERE {one} RETURNING true"
    return _item(relation, Values())


@lru_cache(STATEMENTS)
def items(operation: Operation) -> str:
    """Compose many `read`s as one statement. Values: for each of the one's an array. Rows: an ordinal, then the one's.

    This and the next two: what `batching` says. An ordinal begins at 1; one that is not there had
    no row.
    """
    columns = Columns()
    return _each(columns, f"{_item(operation.relation, columns)} OFFSET 0")


def _item(relation: Relation, values: Values) -> str:
    one = " AND ".join(equals(relation, relation.key, values))
    return f"SELECT {row(relation)} FROM {table(relation)} AS r WHERE {one}"


def _each(columns: Columns, one: str) -> str:
    # Lateral: each is planned as it is alone, by its index, however few rows the table has at the
    # moment.
    return f"SELECT k.n, o.* FROM {columns} CROSS JOIN LATERAL ({one}) AS o"


@lru_cache(STATEMENTS)
def change(operation: Operation, names: frozenset[str]) -> str:
    """Compose an update of the named columns. Values: path keys, body. One row with the changed row's JSON, or none."""
    relation, values = operation.relation, Values()
    one = " AND ".join(equals(relation, relation.key, values))
    columns = operation.named(names)
    sets = ", ".join(f"{quoted(c.name)} = {sent(c)}" for c in columns)
    return f"UPDATE {table(relation)} AS r SET {sets} FROM {body(columns, values)} WHERE {one} RETURNING {row(relation)}"


@lru_cache(STATEMENTS)
def create(operation: Operation, names: frozenset[str]) -> str:
    """Compose an insert of the named columns. Values: path keys, body.

    One row: the new row's JSON, and its key as a JSON array of texts (null where the role may not
    read it). No row where a parent that the path names is missing.
    """
    relation = operation.relation
    inserted, rows = _inserted(operation, names, Values())
    into = f"INSERT INTO {table(relation)} AS r "
    into += f"({', '.join(map(quoted, inserted))}) {rows}" if inserted else "DEFAULT VALUES"
    return f"{into} RETURNING {row(relation)}, {key(relation)}"


@lru_cache(STATEMENTS)
def creates(operation: Operation, names: frozenset[str]) -> str:
    """Compose many inserts of the same columns as one statement, by MERGE, which returns its source's ordinals too.

    Values and rows: as with `items`. Empty where there is nothing to insert.
    """
    relation, columns = operation.relation, Columns()
    inserted, rows = _inserted(operation, names, columns)
    if not inserted:
        return ""
    source = ", ".join(quoted(f"c{position}") for position in range(len(inserted)))
    # Until the end of the statement, which is a transaction.
    patience = (
        f"(SELECT set_config('lock_timeout', '{round(LOCK_TIMEOUT * 1000)}ms', true)) IS NOT NULL"
    )
    each = f"SELECT k.n, o.* FROM {columns} CROSS JOIN LATERAL ({rows}) AS o ({source}) WHERE {patience}"
    values = ", ".join(f"s.{quoted(f'c{position}')}" for position in range(len(inserted)))
    return (
        f"MERGE INTO {table(relation)} AS r USING ({each}) AS s ON false "
        f"WHEN NOT MATCHED THEN INSERT ({', '.join(map(quoted, inserted))}) VALUES ({values}) "
        f"RETURNING s.n, {row(relation)}, {key(relation)}"
    )


@lru_cache(STATEMENTS)
def insert(operation: Operation, names: frozenset[str]) -> str:
    """Compose an insert of many rows of the named columns. Values: the last parent's keys, an array of bodies."""
    relation, values = operation.relation, Values()
    parent = operation.parents[-1].relation if operation.parents else None
    types = [parent.column(name).type.sql for name in parent.key] if parent else []
    keys = [f"CAST({values.next()} AS {sql_type})" for sql_type in types]
    columns = operation.named(names)
    inserted = ", ".join(map(quoted, [*operation.fixed, *(c.name for c in columns)]))
    into = f"{table(relation)} ({inserted})" if inserted else table(relation)
    return f"INSERT INTO {into} SELECT {', '.join([*keys, *map(sent, columns)])} FROM {bodies(columns, values)}"


def _inserted(operation: Operation, names: frozenset[str], values: Values) -> tuple[list[str], str]:
    """Give the columns that an insert names, and the query of the row that it adds, if the parents are there."""
    tests, keys = parents(operation, values)
    columns = operation.named(names)
    given = ", ".join([*keys, *map(sent, columns)])
    source = f" FROM {body(columns, values)}" if columns else ""
    there = f" WHERE {' AND '.join(tests)}" if tests else ""
    return [*operation.fixed, *(c.name for c in columns)], f"SELECT {given}{source}{there}"


@lru_cache(STATEMENTS)
def listing(operation: Operation, shape: Shape) -> str:
    """Compose a page. Values: path keys, filters, the cursor's values, the limit.

    One row: the page as a JSON array; the last row's order columns as a JSON array of texts, null
    on the last page; whether the parents that the path names are there.
    """
    return _listing(operation, shape, Values())


@lru_cache(STATEMENTS)
def listings(operation: Operation, shape: Shape) -> str:
    """Compose many first pages as one statement. Values and rows: as with `items`.

    Empty where one could read for long, and the others wait for it: all that is asked for are equal
    columns.
    """
    if shape.after or any(filter_.operator != "eq" for filter_ in shape.filters):
        return ""
    columns = Columns()
    return _each(columns, _listing(operation, shape, columns))


def _listing(operation: Operation, shape: Shape, values: Values) -> str:
    tests, keys = parents(operation, values)
    keys_sql = "".join(
        f", r.{quoted(name)} AS k{position}" for position, name in enumerate(shape.order.columns)
    )
    rows = _rows(operation, shape, values, keys, f"{row(operation.relation)} AS item{keys_sql}")
    limit = values.next("bigint")
    last = ", ".join(f"CAST(p.k{position} AS text)" for position in range(len(shape.order.columns)))
    last = f"min(CAST(json_build_array({last}) AS text)) FILTER (WHERE p.n = {limit})"
    # One row more than the page tells whether there is a next one.
    return (
        f"SELECT '[' || coalesce(string_agg(p.item, ',') FILTER (WHERE p.n <= {limit}), '') || ']', "
        f"CASE WHEN count(*) > {limit} THEN {last} END, "
        f"{' AND '.join(tests) or 'true'} "
        f"FROM (SELECT q.*, row_number() OVER () AS n FROM ({rows} LIMIT {limit} + 1) AS q) AS p"
    )


def _rows(
    operation: Operation, shape: Shape, values: Values, keys: Iterable[str], columns: str
) -> str:
    """Select some columns of a list's rows, in its order."""
    tests = where(operation, shape, values, keys)
    return f"SELECT {columns} FROM {table(operation.relation)} AS r{tests} ORDER BY {ordering(shape.order)}"


@lru_cache(STATEMENTS)
def export(
    operation: Operation, shape: Shape | None, media: str, *, limited: bool = False
) -> tuple[str, str]:
    """Compose what gives all rows of a list, or of a report, which has no shape, for COPY.

    The first statement takes the values, as with `listing`, each as a text, and keeps them until
    the transaction ends: COPY takes none itself. The second is the query. NDJSON: a column with a
    line each; CSV: the cells.
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
    """Compose what gives a transaction other limits than its login has, in seconds."""
    return (
        f"SET LOCAL statement_timeout = {round(statement * 1000)}; "
        f"SET LOCAL idle_in_transaction_session_timeout = {round(idle * 1000)}"
    )


@lru_cache(STATEMENTS)
def missing_parent(operation: Operation) -> str:
    """Compose the question which parent is missing. Values: path keys. One row: its position, outermost 0, or null."""
    tests, _ = parents(operation, Values())
    cases = " ".join(f"WHEN NOT {exists} THEN {position}" for position, exists in enumerate(tests))
    return f"SELECT CASE {cases} END"


@lru_cache(STATEMENTS)
def malformed_key(operation: Operation) -> str:
    """Compose the question which path key is no value of its type. Values: path keys. One row: its number, or null."""
    values = Values()
    types = ["'" + column.type.sql.replace("'", "''") + "'" for _, column in operation.keys]
    cases = " ".join(
        f"WHEN NOT pg_input_is_valid({values.next()}, {t}) THEN {n}" for n, t in enumerate(types)
    )
    return f"SELECT CASE {cases} END"
