"""Statements that return many rows: a report, a page of a list, all rows of either.

Filters and a cursor are sent as texts and cast here. A page has the two forms that `statements`
describes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from api.catalog.relations import Relation
from api.document.media_types import CSV_FOR_SPREADSHEETS, JSON, NDJSON
from api.operations.filters import Filter
from api.operations.index_order import Order
from api.operations.operation import Operation
from api.sql.binding import Columns, Kept, Values
from api.sql.clauses import Shape, compared, ordering, sorted_by, where
from api.sql.fragments import each, parents, table
from api.sql.limits import STATEMENTS
from api.sql.marked_rows import MarkedRow, marked_row
from api.sql.row_text import cells, coded_line, key_text, line, listed, row, shown
from api.sql.typed_values import is_made_of_json

# Between the rows of a page; no JSON text has it (RFC 7464).
SEPARATOR = "\x1e"
# A report with more rows or bytes is a stream.
MOST_ROWS, _MOST_BYTES = 1_000, 2**20


@lru_cache(STATEMENTS)
def report(operation: Operation, filters: tuple[Filter, ...] = ()) -> str:
    """Compose a report. Values: those of the filters.

    One row: a JSON array of all rows, NULL where they are more than one answer should hold.
    """
    fits = f"count(*) <= {MOST_ROWS} AND coalesce(sum(octet_length(p.item)), 0) <= {_MOST_BYTES}"
    whole = f"CASE WHEN {fits} THEN '[' || coalesce(string_agg(p.item, ','), '') || ']' END"
    return of_first_rows(operation, filters, whole)


def of_first_rows(operation: Operation, filters: tuple[Filter, ...], result: str) -> str:
    """Compose a query of a report's first rows, and one more if there are more; `p.item`: each."""
    rows = _reported(operation, filters, shown(operation.relation), Values())
    # Postgres plans a materialized part for all rows, as it did without the limit, but computes
    # only those that are read.
    return (
        f"WITH i AS MATERIALIZED ({rows}) SELECT {result} "
        f"FROM (SELECT CAST(row_to_json(i.*) AS text) AS item FROM i LIMIT {MOST_ROWS + 1}) AS p"
    )


def _reported(
    operation: Operation, filters: tuple[Filter, ...], columns: Mapping[str, str], values: Values
) -> str:
    """Select some columns of a report, in the order of its view."""
    (condition,) = where(operation, Shape(filters, Order(())), values, ())
    return f"SELECT {listed(columns)} FROM {table(operation.relation)} AS r{condition}"


@dataclass(frozen=True, slots=True)
class SeparatedRow:
    """How the rows of a relation are written where each value is escaped by itself.

    `sql`: the text of `r`.
    """

    sql: str

    @property
    def together(self) -> str:
        """Write all rows of `p` as one text."""
        return joined()

    def array(self, rows: str, _count: int, *, is_last: bool) -> str:
        """Write the JSON array of the rows of a page."""
        # Postgres would have to number the rows to leave the last one out: a sixth of a page's
        # time.
        if not is_last:
            rows = rows[: rows.rindex(SEPARATOR)]
        return f"[{rows.replace(SEPARATOR, ',')}]"


RowForm = MarkedRow | SeparatedRow


@lru_cache(STATEMENTS)
def row_forms(relation: Relation) -> tuple[RowForm, ...]:
    """List the forms that the rows of a page may have: the last one can hold any value."""
    marked = marked_row(relation)
    return (*([marked] if marked else []), SeparatedRow(row(relation)))


@lru_cache(STATEMENTS)
def statements(operation: Operation, shape: Shape) -> tuple[tuple[tuple[RowForm, str], ...], str]:
    """Compose a page with each form of its rows, as by `listing`, and `listings`."""
    forms = row_forms(operation.relation)
    each_form = tuple((form, listing(operation, shape, form)) for form in forms)
    return each_form, listings(operation, shape)


def listing(operation: Operation, shape: Shape, form: RowForm | None = None) -> str:
    """Compose a page; `form`: of its rows, by default the first of `row_forms`.

    Values: path keys, filters, the cursor's values, the limit, and how many calls stand before this
    one. One row: the page's rows, for `array` of their form, and one row more if there is a next
    page; the order columns of the page's last row as a JSON array of texts, NULL on the last page;
    whether all parents of the path exist; how many rows there are; the number of the call.
    """
    values = Values()
    return each(values, _page(operation, shape, values, form))


def listings(operation: Operation, shape: Shape) -> str:
    """Compose the statement of many pages of the same shape.

    Values: an array for each of `listing`, and the last one. Rows: those of `listing`. Returns an
    empty text where one page could take long and delay the others: with filters other
    than `eq`.
    """
    if any(filter_.operator != "eq" for filter_ in shape.filters):
        return ""
    columns = Columns()
    return each(columns, _page(operation, shape, columns))


def _page(operation: Operation, shape: Shape, values: Values, form: RowForm | None = None) -> str:
    form = form or row_forms(operation.relation)[0]
    return paged(operation, shape, values, form.sql, form.together)


def paged(operation: Operation, shape: Shape, values: Values, item: str, together: str) -> str:
    """Write the query of a page.

    `item`: what it has of each row `r`; `together`: how it has these, as `p.item`, in one text.
    """
    tests, keys = parents(operation, values)
    conditions = where(operation, shape, values, keys)
    limit = values.next("bigint")
    types = [operation.relation.column(name).type for name in shape.order.columns]
    columns, texts = {"item": item}, []
    for n, (name, type_) in enumerate(zip(shape.order.columns, types, strict=True)):
        column, last = compared(name, shape.order), f"(array_agg(p.k{n}))[{limit}]"
        # An array of arrays would be one of their elements, and a text costs more than a value.
        as_text = is_made_of_json(type_)
        columns[f"k{n}"] = key_text(column, type_) if as_text else column
        texts.append(last if as_text else key_text(last, type_))
    # One row beyond the limit shows that there is a next page.
    rows = selected(operation, shape, conditions, columns, f"{limit} + 1")
    cursor = f"CAST(json_build_array({', '.join(texts)}) AS text)"
    return (
        f"SELECT {together}, "
        f"CASE WHEN count(*) > {limit} THEN {cursor} END, "
        f"{' AND '.join(tests) or 'true'}, count(*) FROM ({rows}) AS p"
    )


def joined(item: str = "p.item") -> str:
    """Write the items of `p`, with separators between them."""
    return f"string_agg({item}, chr({ord(SEPARATOR)}))"


def selected(
    operation: Operation,
    shape: Shape,
    conditions: Sequence[str],
    columns: Mapping[str, str],
    limit: str | None = None,
) -> str:
    """Select some columns (name → expression) of a list's rows, in its order."""
    end = "" if limit is None else f" LIMIT {limit}"
    source = f" FROM {table(operation.relation)} AS r"
    if len(conditions) == 1:
        order = ordering(shape.order)
        return f"SELECT {listed(columns)}{source}{conditions[0]} ORDER BY {order}{end}"
    # Each part is an index scan in order; Postgres merges them, and begins one when it needs it.
    keys = sorted_by(shape.order)
    chosen = ", ".join([*columns.values(), *(column for column, _ in keys)])
    parts = " UNION ALL ".join(
        f"(SELECT {chosen}{source}{condition} ORDER BY {ordering(shape.order)}{end})"
        for condition in conditions
    )
    names = [*(f"c{n}" for n in range(len(columns))), *(f"o{n}" for n in range(len(keys)))]
    listing = listed({name: f"u.c{n}" for n, name in enumerate(columns)})
    order = ", ".join(f"u.o{n} {direction}".rstrip() for n, (_, direction) in enumerate(keys))
    return f"SELECT {listing} FROM ({parts}) AS u ({', '.join(names)}) ORDER BY {order}{end}"


@lru_cache(STATEMENTS)
def export(
    operation: Operation, shape: Shape, media: str, *, limited: bool = False
) -> tuple[str, str]:
    """Compose two statements that return all rows of a list, or of a report.

    The first takes the values of `listing`, each as a text, and stores them until the transaction
    ends, because COPY has no parameters. The second is the query for COPY: for NDJSON and JSON one
    column, which holds lines; for CSV a column for each cell.
    """
    relation, values = operation.relation, Kept()
    escaped = media == CSV_FOR_SPREADSHEETS
    in_lines = {NDJSON: line, JSON: coded_line}.get(media)
    columns = shown(relation) if in_lines else cells(relation, escaped=escaped)
    if operation.kind.pages:
        keys = parents(operation, values)[1]
        conditions = where(operation, shape, values, keys)
        limit = values.next("bigint") if limited else None
        query = selected(operation, shape, conditions, columns, limit)
    else:
        query = _reported(operation, shape.filters, columns, values)
        query += f" LIMIT {values.next('bigint')}" if limited else ""
    if in_lines:
        query = f"SELECT {in_lines(relation)} FROM ({query}) AS i"
    return values.keep(), query
