"""Which filters and orders the indexes of a relation serve.

A combination of filters and order is offered if one index returns its rows in order: equality on
the index's leading columns, then the ordered column, then the key. Postgres then reads only rows
that it returns, and does not sort, except in the cases below. Combinations for which Postgres
would read a whole table are not offered.

An example: boxes with the key `id` and one more index, `(shelf, weight, id)`, all of them NOT NULL.
The index serves

- `shelf=A&order=weight`, `shelf=A&order=-weight`: equal, ordered, key;
- `shelf=A&weight.gte=5&weight.lt=9`, `shelf=A&weight.in=5,6`: they narrow the ordered column, and
  rows come in its order;
- `shelf=A&weight=5` in the order of `id`, which is what follows two equal columns in the index;

and does not serve

- `weight=5`: the index does not begin with it;
- `shelf.gte=A`: weight follows the ordered column instead of the key, so equal rows would have no
  order;
- `shelf=A&order=id`: weight stands before it; nor `shelf=A` alone, since the order is the key's
  where the request names none. If it were the next column's of an index, then one more index could
  change it.

If weight were nullable, the index would serve two filters more: `shelf=A&weight.is=null`, in the
order of `id`, for NULL is one value like any other; and `shelf=A&weight.is=notnull`, in that of
weight. If it were `weight DESC` beside an ascending `id`, or `weight NULLS FIRST`, neither the
first line nor the second would be served: Postgres would sort.

The cases in which Postgres sorts the rows that an index has found: `contains`; `on` (the indexes of
both have no order); equal values of the first columns of a GiST index, such as that of
`UNIQUE (code, period WITHOUT OVERLAPS)`, alone or with `on` of the next column; and the children of
one parent in the key's order, where no index has the foreign key and then the key.
Where another index has all columns of the view, Postgres may choose to sort the rows with the equal
columns too, as it expects them to be few.

`serve` finds the index that serves a combination. `filters` and `orders` try a combination for each
filter or order, and return those that an index serves.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

from api.catalog.relations import Index, Relation, Search
from api.operations.filters import (
    EQUAL,
    IS_NULL,
    OPERATORS,
    SEARCH,
    UNORDERED,
    Filter,
    comparable,
    is_text,
    offers,
)
from api.operations.index_order import (
    Equal,
    Order,
    default_target,
    finds_equal,
    leads,
    order_of,
    readable,
)

_OPERATOR_CLASSES = {
    "gin_trgm_ops": "contains",
    "gist_trgm_ops": "contains",
    "range_ops": "on",
    "multirange_ops": "on",
}


@lru_cache(maxsize=1024)  # the document and the endpoints ask for the same ones
def filters(relation: Relation, fixed: tuple[str, ...] = ()) -> tuple[Filter, ...]:
    """Return every filter that some index serves where the path gives the `fixed` columns."""
    found: dict[tuple[str, str | None], Filter] = {}
    for index in relation.indexes:
        for filter_ in _index_filters(index, relation, fixed):
            found.setdefault((filter_.name, filter_.choice), filter_)
    positions = {column.name: position for position, column in enumerate(relation.columns)}

    def place(filter_: Filter) -> tuple[int, int]:
        return positions[filter_.column.name], OPERATORS.index(filter_.operator)

    return tuple(sorted(found.values(), key=place))


def orders(relation: Relation, fixed: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return the columns by which a list can be ordered where only the path's columns filter it."""
    return tuple(
        name
        for name in dict.fromkeys((*relation.key[:1], *(c.name for c in relation.columns)))
        if serve(relation, fixed, (), name) is not None
    )


def serve(
    relation: Relation, fixed: tuple[str, ...], chosen: Iterable[Filter], order: str | None = None
) -> Order | None:
    """Return the order in which one index serves the filters `chosen`, or None.

    `fixed`: the columns that the path gives; `order`: a column, with a minus before it to reverse
    the order.
    """
    chosen = tuple(chosen)
    equal, others = _split(fixed, chosen)
    descending = order is not None and order.startswith("-")
    named = None if order is None else order.removeprefix("-")
    unknown = named is not None and named not in {c.name for c in relation.columns}
    # A value and NULL: Postgres would not see that no row has both, and read the whole index.
    contradictory = any(f.operator == "eq" and f.column.name in equal.nulls for f in chosen)
    if unknown or contradictory or len({f.column.name for f in others}) > 1:
        return None
    if any(f.operator in UNORDERED for f in others):
        return _sorted_by_key(relation, equal, others, named, descending=descending)
    target = others[0].column.name if others else named
    if named not in (None, target):
        return None
    for index in relation.indexes:
        found = order_of(index, relation, equal, target or default_target(relation, equal), others)
        if found is not None:
            return replace(found, descending=descending)
    if fixed and not chosen and named in (None, relation.key[0]):
        # No index has the children of one parent in the key's order.
        return Order(relation.key, descending, equal=fixed, sorts=True)
    return None if others else _sorted_by_key(relation, equal, (), named, descending=descending)


def _sorted_by_key(
    relation: Relation,
    equal: Equal,
    others: Sequence[Filter],
    named: str | None,
    *,
    descending: bool,
) -> Order | None:
    """Return the key's order for the rows that an index without an order finds, if there is one."""
    if others:
        served = len(others) == 1 and any(
            _unordered(index, relation, equal) == others[0] for index in relation.indexes
        )
    else:
        served = any(finds_equal(index, equal.columns) for index in relation.indexes)
    if not served or equal.nulls or named not in (None, default_target(relation, equal)):
        return None
    free = tuple(name for name in relation.key if name not in equal.columns) or relation.key
    known = tuple(c.name for c in relation.columns if c.name in equal.columns)
    return Order(free, descending, equal=known, sorts=bool(known))


def _unordered(index: Index, relation: Relation, equal: Equal) -> Filter | None:
    """Return the filter that an index without an order serves beside these equal columns."""
    number = len(equal.columns)
    if number == len(index.columns) or (number and not finds_equal(index, equal.columns)):
        return None
    name, operators = index.columns[number].name, index.columns[number].operators
    operator = _OPERATOR_CLASSES.get(operators) if index.method != "btree" else None
    if not operator or not name or not readable(relation, name) or (number and operator != "on"):
        return None
    return Filter(relation.column(name), operator)


def _index_filters(index: Index, relation: Relation, fixed: tuple[str, ...]) -> Iterable[Filter]:
    if index.method != "btree":
        yield from _unordered_filters(index, relation, fixed)
    if not leads(index, fixed):
        return
    for position in range(len(fixed), len(index.columns)):
        name, search = index.columns[position].name, index.columns[position].search
        if search:
            yield from _searches(index, relation, fixed, search)
        if name is None or not readable(relation, name) or not comparable(relation.column(name)):
            return
        equal = _equal(index, relation, len(fixed), position)
        for operator in OPERATORS:
            filter_ = Filter(relation.column(name), operator)
            if offers(filter_.column, operator) and _served_by(
                index, relation, fixed, [*equal, filter_]
            ):
                yield from (*equal, filter_)


def _unordered_filters(
    index: Index, relation: Relation, fixed: tuple[str, ...]
) -> Iterable[Filter]:
    """Yield equality of the first columns, and what an operator class without an order serves."""
    for position in range(len(fixed), len(index.columns)):
        equal = _equal(index, relation, len(fixed), position)
        together = Equal(frozenset(fixed) | {f.column.name for f in equal})
        if equal and (
            not finds_equal(index, together.columns) or not _all_readable(relation, equal)
        ):
            return
        yield from equal
        if last := _unordered(index, relation, together):
            yield last
            return


def _all_readable(relation: Relation, chosen: Iterable[Filter]) -> bool:
    return all(readable(relation, f.column.name) for f in chosen)


def _searches(
    index: Index, relation: Relation, fixed: tuple[str, ...], search: Search
) -> Iterable[Filter]:
    column = relation.column(search.column)
    position = next(n for n, c in enumerate(index.columns) if c.search == search)
    chosen = [
        *_equal(index, relation, len(fixed), position),
        Filter(column, SEARCH, search),
    ]
    if is_text(column) and _served_by(index, relation, fixed, chosen):
        yield from chosen


def _equal(index: Index, relation: Relation, start: int, end: int) -> list[Filter]:
    """Return filters that leave one value of each of these columns of an index."""
    names = (c.name for c in index.columns[start:end])
    return [Filter(relation.column(name), "eq") for name in names if name]


def _served_by(
    index: Index, relation: Relation, fixed: tuple[str, ...], chosen: list[Filter]
) -> bool:
    equal, others = _split(fixed, chosen)
    targets = [others[0].column.name] if others else [default_target(relation, equal)]
    if not others and len(index.columns) > len(equal.columns):
        following = index.columns[len(equal.columns)].name
        targets += [following] if following else []
    return any(order_of(index, relation, equal, target, others) for target in targets)


def _split(fixed: tuple[str, ...], chosen: Iterable[Filter]) -> tuple[Equal, list[Filter]]:
    """Separate the columns that have one value (the path's, and those of EQUAL) from the rest."""
    chosen = tuple(chosen)
    columns = frozenset(fixed) | {f.column.name for f in chosen if f.operator in EQUAL}
    nulls = frozenset(f.column.name for f in chosen if f.operator == IS_NULL)
    return Equal(columns, nulls), [f for f in chosen if f.operator not in EQUAL]
