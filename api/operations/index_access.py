"""Which filters and orders an index serves: the access paths of a relation.

A combination of filters and order is offered when one index gives its rows in order, without
throwing rows away and, but for three cases, without a sort: equality on the index's leading
columns, then the ordered column, then the key. Postgres can do more; a request that it would answer
by reading a table is not a request to offer.

An example: boxes with the key `id` and one more index, `(shelf, weight, id)`, all of them NOT NULL.
It serves

- `shelf=A`, `shelf=A&order=weight`, `shelf=A&order=-weight`: equal, ordered, key; weight is the default order here;
- `shelf=A&weight.gte=5&weight.lt=9`, `shelf=A&weight.in=5,6`: they narrow the ordered column, and come in its order;
- `shelf=A&weight=5` in the order of `id`, which is what is left of the index behind two equal columns;

and does not serve

- `weight=5`: the index does not begin with it;
- `shelf.gte=A`: behind the ordered column comes weight instead of the key, so ties would have no order;
- `shelf=A&order=id`: weight stands before it.

Were weight nullable, the first line would not be served (a cursor can't point behind NULL). Were it
`weight DESC` beside an ascending `id`, or `weight NULLS FIRST`, neither the first nor the second:
Postgres would sort.

It sorts what is offered all the same in three cases, where the index has found what there is to
sort: `contains`, `on` (their indexes have no order), and one parent's children by an index on the
bare foreign key. Where another index has all columns of the view, it may sort what has the equal
columns too: it takes them to be few.

`serve` takes a request and looks for the index that serves it; `_ordered` is the one question,
whether an index gives an order. `filters` and `orders` put requests together, one for each filter
or order, and offer those that are served.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from api.catalog.relations import Column, Index, IndexColumn, Relation

PAGING = ("order", "limit", "after")  # query parameters of every list
RANGES = {"gte": ">=", "gt": ">", "lte": "<=", "lt": "<"}
_TEXT = frozenset({"text", "varchar", "bpchar", "name", "citext"})
_UNORDERED = frozenset(
    {"a", "c", "p", "m"}
)  # kinds of type that have no single value to compare with
_NOT_COMPARED = frozenset({"json", "jsonb", "xml", "point"})


@dataclass(frozen=True, slots=True)
class Filter:
    """A query parameter that keeps some rows: a column and an operator (`eq gte gt lte lt in prefix contains on`)."""

    column: Column
    operator: str

    @property
    def name(self) -> str:
        """The parameter's name: the column, then the operator but for plain `eq`; `order.eq` for a column `order`."""
        plain = self.operator == "eq" and self.column.name not in PAGING
        return self.column.name if plain else f"{self.column.name}.{self.operator}"


@dataclass(frozen=True, slots=True)
class Order:
    """What a page is sorted by: columns, the key last, so that no two rows are equal."""

    columns: tuple[str, ...]
    descending: bool = False
    collation: str | None = None  # the first column's
    pattern: bool = False  # the first column by the operators of text_pattern_ops
    equal: tuple[
        str, ...
    ] = ()  # the columns that have one value, where the index has them before these

    @property
    def name(self) -> str:
        """The value of `order` that asks for it."""
        return ("-" if self.descending else "") + self.columns[0]


def filters(relation: Relation, fixed: tuple[str, ...] = ()) -> tuple[Filter, ...]:
    """Give every filter that some index serves where the `fixed` columns are given by the path."""
    found: dict[str, Filter] = {}
    for index in relation.indexes:
        for filter_ in _index_filters(index, relation, fixed):
            found.setdefault(filter_.name, filter_)
    positions = {column.name: position for position, column in enumerate(relation.columns)}
    return tuple(
        sorted(
            found.values(),
            key=lambda f: (positions[f.column.name], list(_OPERATORS).index(f.operator)),
        )
    )


def orders(relation: Relation, fixed: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Give the columns by which a list can be ordered when nothing but the path's columns filters it."""
    return tuple(
        name
        for name in dict.fromkeys((*relation.key[:1], *(c.name for c in relation.columns)))
        if serve(relation, fixed, (), name) is not None
    )


def serve(
    relation: Relation, fixed: tuple[str, ...], chosen: Iterable[Filter], order: str | None = None
) -> Order | None:
    """Give the order in which one index serves these filters, or None; `order` is a column, a minus reverses it."""
    chosen = tuple(chosen)
    equal, other = _parted(fixed, chosen)
    descending = order is not None and order.startswith("-")
    asked = None if order is None else order.removeprefix("-")
    if len({f.column.name for f in other}) > 1 or (
        asked is not None and asked not in {c.name for c in relation.columns}
    ):
        return None
    if any(f.operator in ("contains", "on") for f in other):
        return _unordered(relation, equal, other, asked, descending=descending)
    target = other[0].column.name if other else asked
    if asked not in (None, target):
        return None
    wanted = (target,) if target else _default_targets(relation, equal)
    for first in wanted:
        for index in relation.indexes:
            found = _ordered(index, relation, equal, first, other)
            if found is not None:
                return replace(found, descending=descending)
    # A parent's children by an index that has no more than the foreign key: a sort, of this
    # parent's rows alone.
    ordered = any(_ordered_by_default(index, relation, equal) for index in relation.indexes)
    if fixed and not chosen and not ordered and asked in (None, relation.key[0]):
        return Order(_then_key(relation, relation.key[0], frozenset()), descending)
    return None


def leads(index: Index, columns: Iterable[str]) -> bool:
    """Tell whether the columns are the first ones of a btree index, in any order, and equal as the index has it."""
    columns = set(columns)
    leading = index.columns[: len(columns)]
    return index.method == "btree" and {c.name for c in leading if not c.collation} == columns


def comparable(column: Column) -> bool:
    """Tell whether a value of the column can stand in a query string, to be compared with."""
    return column.type.base.kind not in _UNORDERED and column.type.base.name not in _NOT_COMPARED


def _default_targets(relation: Relation, equal: frozenset[str]) -> Iterable[str]:
    free = [name for name in relation.key if name not in equal]
    yield free[0] if free else relation.key[0]
    for index in relation.indexes:
        if leads(index, equal) and len(index.columns) > len(equal):
            name = index.columns[len(equal)].name
            if name:
                yield name


def _then_key(relation: Relation, target: str, equal: frozenset[str]) -> tuple[str, ...]:
    return (target, *(name for name in relation.key if name != target and name not in equal))


def _ordered(
    index: Index, relation: Relation, equal: frozenset[str], target: str, other: list[Filter]
) -> Order | None:
    """Give the order where this index has the equal columns first, then the target, then the key."""
    leading, rest = index.columns[: len(equal)], index.columns[len(equal) :]
    if not leads(index, equal) or any(_by_pattern(c) for c in leading):
        return None
    if index.unique and not rest and not other:
        return Order(tuple(c.name for c in leading if c.name))  # one row at most: any order will do
    columns = _then_key(relation, target, equal)
    names = tuple(c.name for c in rest)
    if index.unique and names[:1] == (target,) and not _nullable(relation, index.columns):
        columns = tuple(
            name for name in names if name
        )  # its order is total without a key behind it
    rest = rest[: len(columns)]
    if (
        names[: len(columns)] != columns
        or not _one_direction(rest)
        or any(c.collation for c in rest[1:])
    ):
        return None
    first, pattern = rest[0], _by_pattern(rest[0])
    if any(_operator_missing(first, f) for f in other) or (pattern and not other):
        return None
    # A cursor can't point behind NULL, and carries nothing but what the role may read.
    if (relation.column(target).nullable and not other) or not all(
        _shown(relation, name) for name in columns
    ):
        return None
    before = tuple(c.name for c in leading if c.name) if _one_direction((*leading, *rest)) else ()
    return Order(columns, collation=first.collation, pattern=pattern, equal=before)


def _one_direction(columns: tuple[IndexColumn, ...]) -> bool:
    """Tell whether the columns, read forwards or backwards, are in the order of `ORDER BY a, b`: NULL is greatest."""
    return len({c.descending for c in columns}) == 1 and all(
        c.nulls_first == c.descending for c in columns
    )


def _by_pattern(column: IndexColumn) -> bool:
    return column.operators.endswith("pattern_ops")


def _nullable(relation: Relation, columns: Iterable[IndexColumn]) -> bool:
    return any(c.name is None or relation.column(c.name).nullable for c in columns)


def _operator_missing(column: IndexColumn, filter_: Filter) -> bool:
    if filter_.operator == "prefix":
        return not (_by_pattern(column) or column.c_collated)
    return _by_pattern(column) and filter_.operator != "in"


def _unordered(
    relation: Relation,
    equal: frozenset[str],
    other: list[Filter],
    asked: str | None,
    *,
    descending: bool,
) -> Order | None:
    """Give the key's order for `contains` and `on`, which stand alone: their indexes have no order, so it is a sort."""
    if equal or len(other) > 1 or asked not in (None, relation.key[0]):
        return None
    served = any(other[0] in _index_filters(index, relation, ()) for index in relation.indexes)
    return Order(relation.key, descending) if served else None


def _index_filters(index: Index, relation: Relation, fixed: tuple[str, ...]) -> Iterable[Filter]:
    if index.method != "btree":
        first = index.columns[0]
        operator = _OPERATOR_CLASSES.get(first.operators)
        if operator and first.name and not fixed and _shown(relation, first.name):
            yield Filter(relation.column(first.name), operator)
        return
    if not leads(index, fixed):
        return
    for position in range(len(fixed), len(index.columns)):
        name = index.columns[position].name
        if name is None or not _shown(relation, name):
            return
        column = relation.column(name)
        if not comparable(column):
            return
        equal = [
            Filter(relation.column(c.name), "eq")
            for c in index.columns[len(fixed) : position]
            if c.name
        ]
        for operator in _OPERATORS:
            made = Filter(column, operator)
            if operator == "prefix" and column.type.base.name not in _TEXT:
                continue
            if operator not in ("contains", "on") and _served_by(
                index, relation, fixed, [*equal, made]
            ):
                yield from (*equal, made)


def _served_by(
    index: Index, relation: Relation, fixed: tuple[str, ...], chosen: list[Filter]
) -> bool:
    equal, other = _parted(fixed, chosen)
    if other:
        return _ordered(index, relation, equal, other[0].column.name, other) is not None
    return _ordered_by_default(index, relation, equal)


def _parted(
    fixed: tuple[str, ...], chosen: Iterable[Filter]
) -> tuple[frozenset[str], list[Filter]]:
    """Part the columns that have one value, the path's and those of `eq`, from the other filters."""
    chosen = tuple(chosen)
    equal = frozenset(fixed) | {f.column.name for f in chosen if f.operator == "eq"}
    return equal, [f for f in chosen if f.operator != "eq"]


def _ordered_by_default(index: Index, relation: Relation, equal: frozenset[str]) -> bool:
    return any(
        _ordered(index, relation, equal, target, []) for target in _default_targets(relation, equal)
    )


def _shown(relation: Relation, name: str) -> bool:
    return "select" in relation.column(name).privileges


_OPERATORS = ("eq", *RANGES, "in", "prefix", "contains", "on")
_OPERATOR_CLASSES = {
    "gin_trgm_ops": "contains",
    "gist_trgm_ops": "contains",
    "range_ops": "on",
    "multirange_ops": "on",
}
