"""Which collections a create's body may hold the rows of: those below the row that it makes.

A body may hold what could be sent to the collection afterwards. So a foreign key that is added to a
schema adds a field. A column with the name of a collection keeps it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from api.catalog.view_lines import KEY
from api.operations import kinds
from api.operations.operation import Operation
from api.operations.replacement import merges

LEVELS = 2
"""How many levels of rows a body may hold below the row itself."""
MOST_ROWS = 100
"""How many rows a body may hold below the row itself, on all levels."""


def added(operations: Iterable[Operation]) -> tuple[Operation, ...]:
    """Return the operations, each create with those of the collections that its body may hold."""
    operations = tuple(operations)
    below: dict[str, list[Operation]] = {}
    for operation in operations:
        if operation.kind is kinds.CREATE and len(operation.parents) == 1:
            below.setdefault(operation.parents[0].relation.name, []).append(operation)
    return tuple(
        _nesting(each, below, LEVELS) if each.kind is kinds.CREATE else each for each in operations
    )


def _nesting(
    operation: Operation, below: Mapping[str, Sequence[Operation]], levels: int
) -> Operation:
    """Return a create with the collections of `levels` levels.

    MERGE writes them, so none is below a view that has no MERGE. The row above can't have the key
    that a collection requires of each of its creates.
    """
    relation = operation.relation
    if not levels or not merges(relation):
        return operation
    columns = {column.name for column in relation.columns}
    nested = tuple(
        _nesting(each, below, levels - 1)
        for each in below.get(relation.name, ())
        if each.segment not in columns
        and merges(each.relation)
        and not each.relation.lines.require(KEY)
    )
    return replace(operation, nested=nested) if nested else operation


def with_nested(
    chosen: Iterable[Operation], operations: Iterable[Operation]
) -> tuple[Operation, ...]:
    """Return those of the operations that are chosen, and those whose rows their bodies may hold.

    They are in the order of `operations`, which are all that there are.
    """
    listed = {each.id: each for each in operations}
    ids: set[str] = set()
    new = [each.id for each in chosen]
    while new:
        ids.update(new)
        new = [below.id for name in new for below in listed[name].nested if below.id not in ids]
    return tuple(each for name, each in listed.items() if name in ids)


def rows_below(operation: Operation, value: Any) -> int:
    """Count the rows that the value of a body holds below its own; it need not be valid."""
    if not isinstance(value, dict):
        return 0
    lists = ((each, value[each.segment]) for each in operation.nested if each.segment in value)
    return sum(
        len(rows) + sum(rows_below(each, row) for row in rows)
        for each, rows in lists
        if isinstance(rows, list)
    )
