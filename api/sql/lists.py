"""Statements that return many rows: a report, a page of a list, all rows of either.

Filters and a cursor are sent as texts and cast here. The statement for many calls has the form that
`statements` describes.
"""

from collections.abc import Iterable
from functools import lru_cache

from api.document.media_types import CSV_FOR_SPREADSHEETS, NDJSON
from api.operations.operation import Operation
from api.sql.binding import Columns, Kept, Values, quoted
from api.sql.clauses import Shape, ordering, where
from api.sql.fragments import each, parents, table
from api.sql.limits import STATEMENTS
from api.sql.row_text import cells, line, row, shown


@lru_cache(STATEMENTS)
def report(operation: Operation) -> str:
    """Compose a report. No values. One row: a JSON array of all rows."""
    relation = operation.relation
    rows = f"SELECT {shown(relation)} FROM {table(relation)} AS r"
    array = "coalesce(string_agg(CAST(row_to_json(i.*) AS text), ','), '')"
    return f"SELECT '[' || {array} || ']' FROM ({rows}) AS i"


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
    Returns an empty text where one page could take long and delay the others: with a cursor, or
    with filters other than `eq`.
    """
    if shape.after or any(filter_.operator != "eq" for filter_ in shape.filters):
        return ""
    columns = Columns()
    return each(columns, _listing(operation, shape, columns))


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
    """Compose two statements that return all rows of a list, or of a report (without a shape).

    The first takes the values of `listing`, each as a text, and stores them until the transaction
    ends, because COPY has no parameters. The second is the query for COPY: for NDJSON one column,
    which holds lines; for CSV a column for each cell.
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
