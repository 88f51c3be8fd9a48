"""Whether a btree index has rows in order: equal columns, then the ordered one, then the key."""

from collections.abc import Iterable
from dataclasses import dataclass

from api.catalog.relations import Index, IndexColumn, Relation, Search
from api.operations.filters import SEARCH, Filter, comparable, finds_null


@dataclass(frozen=True, slots=True)
class Order:
    """What a page is sorted by.

    `columns`: the key last, so that no two rows are equal; `collation`: the index's for the first
    column, if it differs from the column's own; `pattern`: whether the first column is compared by
    the operators of text_pattern_ops; `equal`: the columns that have one value, if the index has
    them before `columns`; `sorts`: whether Postgres sorts the rows that an index finds by `equal`;
    `function`: in SQL, what makes of the first column the text that is compared; `stored`: the
    column that holds this text, if there is one.
    """

    columns: tuple[str, ...]
    descending: bool = False
    collation: str | None = None
    pattern: bool = False
    equal: tuple[str, ...] = ()
    sorts: bool = False
    function: str | None = None
    stored: str | None = None

    @property
    def name(self) -> str:
        """The value of the query parameter `order` that selects it."""
        return ("-" if self.descending else "") + self.columns[0]


@dataclass(frozen=True, slots=True)
class Equal:
    """The columns that have one value in all rows of a list; in `nulls` those whose is NULL."""

    columns: frozenset[str] = frozenset()
    nulls: frozenset[str] = frozenset()


def leads(index: Index, columns: Iterable[str]) -> bool:
    """Return whether the columns are the first ones of a btree index, in any order.

    Their collation has to be the index's, since equality depends on it.
    """
    columns = set(columns)
    leading = index.columns[: len(columns)]
    return index.method == "btree" and {c.name for c in leading if not c.collation} == columns


def finds_equal(index: Index, columns: Iterable[str]) -> bool:
    """Return whether a GiST index finds the rows in which its first columns have one value each.

    They are `columns`, in any order. The index has no order.
    """
    columns = set(columns)
    leading = index.columns[: len(columns)]
    return bool(columns) and {c.name for c in leading if c.finds_equal} == columns


def readable(relation: Relation, name: str) -> bool:
    """Return whether the role may read the column, and give values of its type."""
    column = relation.column(name)
    return "select" in column.privileges and column.usable


def then_key(relation: Relation, target: str, equal: Equal) -> tuple[str, ...]:
    """Return the columns of an order by `target`: itself, then the key without equal columns."""
    return (
        target,
        *(name for name in relation.key if name != target and name not in equal.columns),
    )


def default_target(relation: Relation, equal: Equal) -> str:
    """Return the column that a list is ordered by where the request names none: the key's first."""
    free = (name for name in relation.key if name not in equal.columns)
    return next(free, relation.key[0])


def order_of(
    index: Index, relation: Relation, equal: Equal, target: str, others: list[Filter]
) -> Order | None:
    """Return the order by `target` that the index has after the equal columns, or None.

    `others`: the filters on `target` that leave more than one value.
    """
    number = len(equal.columns)
    leading, rest = index.columns[:number], index.columns[number:]
    if not leads(index, equal.columns) or any(_by_pattern(c) for c in leading):
        return None
    if index.unique and not rest and not others and not equal.nulls:
        # There is one row at most.
        return Order(tuple(c.name for c in leading if c.name))
    searched = next((f.search for f in others if f.search), None)
    names = tuple(_name(c, searched) for c in rest)
    columns = then_key(relation, target, equal)
    if index.unique and names == (target,) and not _nullable(relation, index.columns):
        columns = (target,)  # no two rows are equal, with or without the key
    rest = rest[: len(columns)]
    in_order = names[: len(columns)] == columns and _one_direction(rest)
    if not in_order or any(c.collation for c in rest[1:]):
        return None
    first, pattern = rest[0], _by_pattern(rest[0])
    if any(_lacks_operator(first, f) for f in others) or (not _own_order(first) and not others):
        return None
    before = tuple(c.name for c in leading if c.name) if _one_direction((*leading, *rest)) else ()
    # A cursor holds only columns that the role may read, and has to find what comes after NULL;
    # unlike other equal columns, Postgres would sort by those that are NULL.
    orderable = all(_orderable(relation, name, others) for name in columns)
    if not orderable or (equal.nulls and not before):
        return None
    return Order(
        columns,
        collation=first.collation,
        pattern=pattern,
        equal=before,
        function=searched.function if searched else None,
        stored=searched.stored if searched else None,
    )


def _orderable(relation: Relation, name: str, others: list[Filter]) -> bool:
    column = relation.column(name)
    reaches_null = column.nullable and not any(f.column is column for f in others)
    found = finds_null(column) or not reaches_null
    return readable(relation, name) and comparable(column) and found


def _one_direction(columns: tuple[IndexColumn, ...]) -> bool:
    """Return whether the index has the columns in the order of `ORDER BY a, b`, or its reverse.

    NULL is the greatest value in that order.
    """
    return len({c.descending for c in columns}) == 1 and all(
        c.nulls_first == c.descending for c in columns
    )


def _by_pattern(column: IndexColumn) -> bool:
    return column.operators.endswith("pattern_ops")


def _nullable(relation: Relation, columns: Iterable[IndexColumn]) -> bool:
    return any(c.name is None or relation.column(c.name).nullable for c in columns)


def _name(column: IndexColumn, searched: Search | None) -> str | None:
    """Return the column's name; for an expression that is searched, that of its column."""
    return searched.column if searched and column.search == searched else column.name


def _lacks_operator(column: IndexColumn, filter_: Filter) -> bool:
    if filter_.operator == SEARCH:
        return column.search != filter_.search
    if filter_.operator == "prefix":
        return not (_by_pattern(column) or column.c_collated)
    return not _own_order(column)


def _own_order(column: IndexColumn) -> bool:
    """Return whether the index has the column's values as ORDER BY has them by default.

    An index in another order serves prefixes only, whose order is always that of code points: if it
    served more, then another index could change the order of a list.
    """
    return not _by_pattern(column) and column.collation is None
