"""The WHERE and ORDER BY of a list: from its filters, its order and its cursor."""

from collections.abc import Iterable
from dataclasses import dataclass

from api.catalog.relations import Relation
from api.operations.filters import RANGES, Filter
from api.operations.index_order import Order
from api.operations.operation import Operation
from api.sql.binding import Values, quoted


@dataclass(frozen=True, slots=True)
class Shape:
    """What varies in the statement of a list; `after`: whether a cursor says where it starts."""

    filters: tuple[Filter, ...]
    order: Order
    after: bool = False


def where(operation: Operation, shape: Shape, values: Values, keys: Iterable[str]) -> str:
    """Write the condition on a list's rows `r`, or nothing.

    `values`: the parameters of the filters, then those of the cursor, are added to it; `keys`: the
    expressions of the path's keys.
    """
    fixed = zip(operation.fixed, keys, strict=True)
    tests = [_equal(f"r.{quoted(name)}", name, value, shape) for name, value in fixed]
    tests += [_condition(filter_, shape, values) for filter_ in shape.filters]
    if shape.after:
        tests.append(_after(operation.relation, shape, values))
    return f" WHERE {' AND '.join(tests)}" if tests else ""


def ordering(order: Order) -> str:
    """Write what the rows `r` are sorted by."""
    return ", ".join(_sorted(name, order) for name in (*order.equal, *order.columns))


def _collated(name: str, order: Order) -> str:
    """Write a column in the collation of the index that serves the order."""
    column = f"r.{quoted(name)}"
    if order.collation and name == order.columns[0]:
        return f"{column} COLLATE {quoted(order.collation)}"
    return column


def _condition(filter_: Filter, shape: Shape, values: Values) -> str:
    name, type_ = filter_.column.name, filter_.column.type.base
    column, sql_type = _collated(name, shape.order), type_.sql
    match filter_.operator:
        case "eq":
            return _equal(column, name, f"CAST({values.next()} AS {sql_type})", shape)
        case "in":
            return f"{column} = ANY (CAST({values.next('text[]')} AS {sql_type}[]))"
        case "prefix":
            lower, upper = ("~>=~", "~<~") if shape.order.pattern else (">=", "<")
            return " AND ".join(
                _bound(column, sign, values.next(), shape) for sign in (lower, upper)
            )
        case "contains":
            return f"{column} ILIKE {values.next()}"
        case "on":
            sql_type = type_.part.sql if type_.part else sql_type
            return f"{column} @> CAST({values.next()} AS {sql_type})"
        case operator:
            return _bound(column, RANGES[operator], f"CAST({values.next()} AS {sql_type})", shape)


def _equal(column: str, name: str, value: str, shape: Shape) -> str:
    # With filters or a cursor, the column is compared with an array of one value, and the list is
    # sorted by the column too, so that no other index has the order. A plain equality costs less,
    # but then Postgres knows that all rows have one value, omits the column from the sort, and may
    # read another index and discard most rows. Without filters it chooses the right index, if an
    # index has the order.
    order = shape.order
    plain = not (shape.after or shape.filters or order.sorts) or name not in order.equal
    return f"{column} = {value}" if plain else f"{column} = ANY (ARRAY[{value}])"


def _bound(column: str, sign: str, value: str, shape: Shape) -> str:
    # All rows after a cursor satisfy the bound at the start of the list. With both conditions
    # Postgres might begin at the bound, and read all rows up to the cursor.
    at_start = shape.after and (">" in sign) is not shape.order.descending
    return f"{value} IS NOT NULL" if at_start else f"{column} {sign} {value}"


def _sorted(name: str, order: Order) -> str:
    if order.pattern and name == order.columns[0]:
        return f"r.{quoted(name)} USING {'~>~' if order.descending else '~<~'}"
    return _collated(name, order) + (" DESC" if order.descending else "")


def _after(relation: Relation, shape: Shape, values: Values) -> str:
    order = shape.order
    last = [
        f"CAST({values.next()} AS {relation.column(name).type.base.sql})" for name in order.columns
    ]
    columns = [_collated(name, order) for name in order.columns]
    sign = "<" if order.descending else ">"
    if order.pattern:
        # A row comparison uses the type's own order only, so the pattern's order is written out.
        rest = f"({', '.join(columns[1:])}) {sign} ({', '.join(last[1:])})"
        beyond = f"{columns[0]} ~{sign}~ {last[0]} OR ({columns[0]} = {last[0]} AND {rest})"
        return f"{columns[0]} ~{sign}=~ {last[0]} AND ({beyond})"
    row = f"({', '.join(columns)}) {sign} ({', '.join(last)})"
    # Postgres skips values of `in` for a comparison of one column, but not for one of a row.
    if any(f.operator == "in" for f in shape.filters):
        return f"{columns[0]} {sign}= {last[0]} AND {row}"
    return row
