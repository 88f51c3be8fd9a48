"""The WHERE and ORDER BY of a list: from its filters, its order and its cursor."""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from api.catalog.relations import Column, Type
from api.operations.filters import RANGES, Filter
from api.operations.index_order import Order
from api.operations.operation import Operation
from api.sql.binding import Values, quoted
from api.sql.typed_values import one_of, several, value


@dataclass(frozen=True, slots=True)
class Shape:
    """What varies in the statement of a list.

    `after`: whether a cursor says where it starts; `after_null`: whether the first column of the
    order is NULL in the cursor.
    """

    filters: tuple[Filter, ...]
    order: Order
    after: bool = False
    after_null: bool = False


def where(
    operation: Operation, shape: Shape, values: Values, keys: Iterable[str]
) -> tuple[str, ...]:
    """Write the conditions on a list's rows `r`: each row of the list satisfies just one of them.

    An index scan serves each. There are several behind a cursor that no single one can describe,
    such as "greater than this, or NULL". `values`: the parameters of the filters, then those of the
    cursor, are added to it; `keys`: the expressions of the path's keys.
    """
    relation = operation.relation
    fixed = zip(operation.fixed, keys, strict=True)
    tests = [_equal(relation.column(name), value, shape) for name, value in fixed]
    tests += [_condition(filter_, shape, values) for filter_ in shape.filters]
    parts = _after(operation, shape, values) if shape.after else [[]]
    return tuple(" WHERE " + " AND ".join(tests + part) if tests + part else "" for part in parts)


def ordering(order: Order) -> str:
    """Write what the rows `r` are sorted by."""
    return ", ".join(f"{column} {direction}".rstrip() for column, direction in sorted_by(order))


def sorted_by(order: Order) -> list[tuple[str, str]]:
    """List the expressions of `r` that rows are sorted by, each with its direction in SQL."""
    return [
        (compared(name, order), _direction(name, order)) for name in (*order.equal, *order.columns)
    ]


def compared(name: str, order: Order) -> str:
    """Write a column as the index that serves the order compares it."""
    column = f"r.{quoted(name)}"
    if order.function and name == order.columns[0]:
        column = f"r.{quoted(order.stored)}" if order.stored else f"{order.function}({column})"
    if order.collation and name == order.columns[0]:
        return f"{column} COLLATE {quoted(order.collation)}"
    return column


def _condition(filter_: Filter, shape: Shape, values: Values) -> str:
    of, type_ = filter_.column, filter_.column.type.base
    column = compared(of.name, shape.order)
    match filter_.operator:
        case "eq":
            condition = _equal(of, value(type_, values), shape)
        case "in":
            condition = f"{column} {type_.operator('=')} ANY ({several(type_, values)})"
        case "is=null":
            condition = f"{column} IS NULL"
        case "is=notnull":
            condition = f"{column} IS NOT NULL"
        case "prefix":
            condition = _begins(column, type_, shape, values)
        case "search":
            condition = _searched(column, shape, values)
        case "contains":
            condition = f"{column} ILIKE {values.next()}"
        case "on":
            condition = f"{column} @> {value(type_.part or type_, values)}"
        case operator:
            sign = RANGES[operator]
            condition = _bound(column, sign, type_.operator(sign), value(type_, values), shape)
    return condition


def _begins(column: str, type_: Type, shape: Shape, values: Values) -> str:
    lower, upper = ("~>=~", "~<~") if shape.order.pattern else (">=", "<")
    # As a text, a char(n) would be compared by operators that its index does not have.
    sql_type = type_.sql if type_.name == "bpchar" else "text"
    bounds = [(sign, f"CAST({values.next()} AS {sql_type})") for sign in (lower, upper)]
    return " AND ".join(_bound(column, sign, sign, bound, shape) for sign, bound in bounds)


def _searched(column: str, shape: Shape, values: Values) -> str:
    # The last code point, which no text has, is greater than whatever may follow the beginning.
    begins = f"{shape.order.function}({values.next()})"
    bounds = ((">=", begins), ("<", f"{begins} || chr({sys.maxunicode})"))
    return " AND ".join(_bound(column, sign, sign, bound, shape) for sign, bound in bounds)


def _equal(of: Column, value: str, shape: Shape) -> str:
    # With filters or a cursor, the column is compared with an array of one value, and the list is
    # sorted by the column too, so that no other index has the order. A plain equality costs less,
    # but then Postgres knows that all rows have one value, omits the column from the sort, and may
    # read another index and discard most rows. Without filters it chooses the right index, if an
    # index has the order.
    column, operator, order = compared(of.name, shape.order), of.type.operator("="), shape.order
    plain = not (shape.after or shape.filters or order.sorts) or of.name not in order.equal
    return f"{column} {operator} {value if plain else one_of(value, of.type)}"


def _bound(column: str, sign: str, operator: str, value: str, shape: Shape) -> str:
    # All rows after a cursor satisfy the bound at the start of the list. With both conditions
    # Postgres might begin at the bound, and read all rows up to the cursor.
    at_start = shape.after and (">" in sign) is not shape.order.descending
    return f"{value} IS NOT NULL" if at_start else f"{column} {operator} {value}"


def _direction(name: str, order: Order) -> str:
    if order.pattern and name == order.columns[0]:
        return f"USING {'~>~' if order.descending else '~<~'}"
    return "DESC" if order.descending else ""


def _after(operation: Operation, shape: Shape, values: Values) -> list[list[str]]:
    """Write the conditions on the rows behind a cursor: each of these lists describes some."""
    order, filtered = shape.order, (*operation.fixed, *(f.column.name for f in shape.filters))
    columns = [operation.relation.column(name) for name in order.columns]
    first = compared(columns[0].name, order)
    if shape.after_null:
        rest = _beyond(columns[1:], [value(c.type.base, values) for c in columns[1:]], order)
        same = [[f"{first} IS NULL", *part] for part in rest]
        return [*same, [f"{first} IS NOT NULL"]] if order.descending else same
    last = [value(column.type.base, values) for column in columns]
    parts = _beyond(columns, last, order)
    # Postgres skips values of `in` for a comparison of one column, but not for one of a row.
    if any(f.operator == "in" for f in shape.filters) and len(parts) == 1:
        sign = "<" if order.descending else ">"
        parts = [[f"{first} {columns[0].type.operator(sign + '=')} {last[0]}", *parts[0]]]
    # NULL is the greatest value; a filter on the column would have left it out.
    if columns[0].nullable and not order.descending and columns[0].name not in filtered:
        parts.append([f"{first} IS NULL"])
    return parts


def _beyond(columns: Sequence[Column], last: Sequence[str], order: Order) -> list[list[str]]:
    """Write the conditions that rows stand behind the values `last` of these columns.

    A comparison of rows takes one operator, which means the default order of each column's type.
    So it has to be the name that all of them give to it; and it is not the order of patterns.
    """
    if not columns:
        return []
    sign = "<" if order.descending else ">"
    names = [compared(column.name, order) for column in columns]
    operators = {column.type.operator(sign) for column in columns}
    by_pattern = order.pattern and columns[0].name == order.columns[0]
    if operators == {sign} and not by_pattern:
        return [[_row(names, sign, last)]]
    own = columns[0].type
    operator = f"~{sign}~" if by_pattern else own.operator(sign)
    same = f"{names[0]} {own.operator('=')} {one_of(last[0], own)}"
    rest = _beyond(columns[1:], last[1:], order)
    return [*([same, *part] for part in rest), [f"{names[0]} {operator} {last[0]}"]]


def _row(names: Sequence[str], sign: str, values: Sequence[str]) -> str:
    if len(names) == 1:
        return f"{names[0]} {sign} {values[0]}"
    return f"({', '.join(names)}) {sign} ({', '.join(values)})"
