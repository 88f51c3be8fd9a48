"""A list's filters, order and cursor → the conditions and the order of its rows, in SQL."""

from collections.abc import Iterable
from dataclasses import dataclass

from api.catalog.relations import Relation
from api.operations.filters import RANGES, Filter
from api.operations.index_order import Order
from api.operations.operation import Operation
from api.sql.binding import Values, quoted


@dataclass(frozen=True, slots=True)
class Shape:
    """What varies in a list's statement: filters in their order, the page's order, and whether a cursor starts it."""

    filters: tuple[Filter, ...]
    order: Order
    after: bool = False


def where(operation: Operation, shape: Shape, values: Values, keys: Iterable[str]) -> str:
    """Give the condition of a list's rows `r`, or nothing. Values: filters, the cursor's; `keys` are the path's."""
    fixed = zip(operation.fixed, keys, strict=True)
    tests = [_alike(f"r.{quoted(name)}", name, value, shape) for name, value in fixed]
    tests += [_condition(filter_, shape, values) for filter_ in shape.filters]
    if shape.after:
        tests.append(_after(operation.relation, shape, values))
    return f" WHERE {' AND '.join(tests)}" if tests else ""


def ordering(order: Order) -> str:
    """Give what the rows `r` are sorted by."""
    return ", ".join(_sorted(name, order) for name in (*order.equal, *order.columns))


def _collated(name: str, order: Order) -> str:
    """Name a column in the collation of the index that serves the order."""
    collation = (
        f" COLLATE {quoted(order.collation)}"
        if order.collation and name == order.columns[0]
        else ""
    )
    return f"r.{quoted(name)}{collation}"


def _condition(filter_: Filter, shape: Shape, numbers: Values) -> str:
    column, sql_type = _collated(filter_.column.name, shape.order), filter_.column.type.base.sql
    match filter_.operator:
        case "eq":
            return _alike(
                column, filter_.column.name, f"CAST({numbers.next()} AS {sql_type})", shape
            )
        case "in":
            return f"{column} = ANY (CAST({numbers.next('text[]')} AS {sql_type}[]))"
        case "prefix":
            lower, upper = ("~>=~", "~<~") if shape.order.pattern else (">=", "<")
            return " AND ".join(
                _bound(column, sign, numbers.next(), shape) for sign in (lower, upper)
            )
        case "contains":
            return f"{column} ILIKE {numbers.next()}"
        case "on":
            bound = filter_.column.type.base.part
            return f"{column} @> CAST({numbers.next()} AS {bound.sql if bound else sql_type})"
        case operator:
            return _bound(column, RANGES[operator], f"CAST({numbers.next()} AS {sql_type})", shape)


def _alike(column: str, name: str, value: str, shape: Shape) -> str:
    # With filters, or behind a cursor, an array of one, which is sorted by as well: no other index
    # has that order. For a plain equality, which costs less, Postgres sees that it needs no
    # sorting, and would take another index and throw away all rows but these. Of a parent's
    # children without more it takes the right one.
    alone = not (shape.after or shape.filters)
    return (
        f"{column} = {value}"
        if alone or name not in shape.order.equal
        else f"{column} = ANY (ARRAY[{value}])"
    )


def _bound(column: str, sign: str, value: str, shape: Shape) -> str:
    # Behind a cursor the bound at which the list began holds, and Postgres would read all between
    # the two.
    begun = shape.after and (">" in sign) is not shape.order.descending
    return f"{value} IS NOT NULL" if begun else f"{column} {sign} {value}"


def _sorted(name: str, order: Order) -> str:
    if order.pattern and name == order.columns[0]:
        return f"r.{quoted(name)} USING {'~>~' if order.descending else '~<~'}"
    return _collated(name, order) + (" DESC" if order.descending else "")


def _after(relation: Relation, shape: Shape, numbers: Values) -> str:
    order = shape.order
    values = [
        f"CAST({numbers.next()} AS {relation.column(name).type.base.sql})" for name in order.columns
    ]
    columns = [_collated(name, order) for name in order.columns]
    sign = "<" if order.descending else ">"
    if order.pattern:
        # A row comparison knows only a type's own order, so the pattern's order is spelled out.
        rest = f"({', '.join(columns[1:])}) {sign} ({', '.join(values[1:])})"
        beyond = f"{columns[0]} ~{sign}~ {values[0]} OR ({columns[0]} = {values[0]} AND {rest})"
        return f"{columns[0]} ~{sign}=~ {values[0]} AND ({beyond})"
    # Postgres leaves out values of `in` by a comparison of one column, but not by one of a row.
    first = (
        f"{columns[0]} {sign}= {values[0]} AND "
        if any(f.operator == "in" for f in shape.filters)
        else ""
    )
    return f"{first}({', '.join(columns)}) {sign} ({', '.join(values)})"
