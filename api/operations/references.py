"""The rows that the foreign keys of a row refer to, and the columns by which people know a row."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from api.catalog.relations import Column, Relation, Type
from api.operations import index_access, kinds
from api.operations.filters import is_text
from api.operations.index_order import readable
from api.operations.operation import Operation

Targets = Mapping[tuple[str, str] | None, list[Operation]]
"""The operations with one key in their path, by the table that has it."""

_MOST = 2  # columns of a label
_NAMES = re.compile(r"(?:.*_)?(?:name|title|label|description)")
_SPOKEN = frozenset({"date", "timestamp", "timestamptz"})


@dataclass(frozen=True, slots=True)
class Reference:
    """A row that a foreign key refers to.

    `columns`: those that hold the key of the row that `target` reads, in the key's order;
    `label`: columns of that row by which people know it, none where its key says it.
    """

    columns: tuple[str, ...]
    target: Operation
    label: tuple[str, ...]


def targets(operations: Iterable[Operation]) -> Targets:
    """Group the operations that links can lead to."""
    found: dict[tuple[str, str] | None, list[Operation]] = {}
    for operation in operations:
        if operation.keys and len(operation.parents) <= 1:
            found.setdefault(nearest(operation).table, []).append(operation)
    return found


def nearest(operation: Operation) -> Relation:
    """Return the relation whose key stands last in an operation's path."""
    return operation.parents[-1].relation if operation.parents else operation.relation


def referring(row: Relation, found: Targets) -> Iterator[tuple[Operation, tuple[str, ...], bool]]:
    """Yield what reads the rows that the row's foreign keys refer to.

    With the columns that hold the key, and whether they are called like it.
    """
    for constraint in row.constraints:
        if constraint.kind != "f":
            continue
        order = dict(zip(constraint.referenced, constraint.columns, strict=False))
        for other in found.get(constraint.references, ()):
            key = other.kind is kinds.READ and other.relation.sources(other.relation.key)
            if not key or order.keys() != set(key):
                continue
            table, named = constraint.references, constraint.columns
            plain = table != row.table and named == tuple(f"{table[1]}_{name}" for name in key)
            if columns := row.showing(order[source] for source in key):
                yield other, columns, plain


def references(row: Relation, found: Targets, fixed: Sequence[str] = ()) -> tuple[Reference, ...]:
    """Return a reference for each foreign key that may be read, by the first view of its table.

    `fixed`: columns that the path gives, which refer to the row above.
    """
    made: dict[tuple[str, ...], Reference] = {}
    for target, columns, _ in referring(row, found):
        if not set(columns) <= set(fixed) and all(readable(row, name) for name in columns):
            made.setdefault(columns, Reference(columns, target, label(target.relation)))
    return tuple(made.values())


def label(relation: Relation) -> tuple[str, ...]:
    """Return the columns by which people know a row.

    They are those that are called a name, a title or a description; without such, the first text or
    date that an index finds. A key that is a text says itself what the row is.
    """
    if any(is_text(relation.column(name)) for name in relation.key):
        return ()
    own = {name for c in relation.constraints if c.kind == "f" for name in c.columns}
    columns = [
        column
        for column in relation.allowed("select")
        if column.usable and column.name not in relation.key and column.source not in own
    ]
    named = [column for column in columns if is_text(column) and is_name(column.name)]
    if not all(column.nullable for column in named):
        return tuple(column.name for column in named[:_MOST])
    found = {filter_.column.name for filter_ in index_access.filters(relation)}
    return tuple([c.name for c in columns if c.name in found and _is_spoken(c)][:1])


def is_name(name: str) -> bool:
    """Return whether a column is called a name, a title or a description."""
    return _NAMES.fullmatch(name) is not None


def _is_spoken(column: Column) -> bool:
    base: Type = column.type.base
    return is_text(column) or base.kind == "e" or base.name in _SPOKEN
