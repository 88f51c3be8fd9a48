"""The links of an answer (OpenAPI's Link Object): operations on its row and on related rows.

They lead to the operations on the row itself, by each view of it; on its nested collections, by the
shortest path; and to the rows that its foreign keys refer to.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from api.catalog.relations import Relation
from api.operations import kinds
from api.operations.identifiers import identifier
from api.operations.operation import Operation
from api.problem import pointer

Targets = Mapping[tuple[str, str] | None, list[Operation]]
"""The operations with one key in their path, by the table that has it."""


def targets(operations: Iterable[Operation]) -> Targets:
    """Group the operations that links can lead to."""
    found: dict[tuple[str, str] | None, list[Operation]] = {}
    for operation in operations:
        if operation.keys and len(operation.parents) <= 1:
            found.setdefault(_nearest(operation).table, []).append(operation)
    return found


def links(operation: Operation, found: Targets) -> dict[str, Any]:
    """Return the links of an operation's success by name; none if its answer is not one row.

    A link's name says where it leads, and by which foreign key unless that is called like the key.
    """
    row = operation.relation
    if not operation.kind.links or not row.table:
        return {}
    made = {}
    for other in found.get(row.table, ()):
        nearest = _nearest(other)
        columns = row.showing(nearest.sources(nearest.key))
        if columns and other is not operation and (not other.parents or nearest is row):
            made[other.id] = other, columns
    for other, columns, plain in _references(row, found):
        of = "" if plain else f".of.{'.'.join(map(identifier, columns))}"
        made[other.id + of] = other, columns
    readable = {column.name for column in row.allowed("select")}
    return {
        name: _link(other, columns)
        for name, (other, columns) in made.items()
        if readable.issuperset(columns)
    }


def _link(other: Operation, columns: tuple[str, ...]) -> dict[str, Any]:
    values = (f"$response.body#{pointer(column)}" for column in columns)
    names = (name for name, _ in other.keys)
    return {"operationId": other.id, "parameters": dict(zip(names, values, strict=True))}


def _nearest(operation: Operation) -> Relation:
    return operation.parents[-1].relation if operation.parents else operation.relation


def _references(row: Relation, found: Targets) -> Iterator[tuple[Operation, tuple[str, ...], bool]]:
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
