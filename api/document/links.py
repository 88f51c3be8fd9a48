"""Where an answer leads (OpenAPI's links): to what can be done with its row, under it, and with what it refers to."""

from collections.abc import Iterable, Iterator
from typing import Any

from api.catalog.relations import Relation
from api.operations import kinds
from api.operations.operation import Operation
from api.problem import pointer

_DEEPEST = 2  # parents of which a row knows the keys: its own, and the one that it refers to


def links(operation: Operation, operations: Iterable[Operation]) -> dict[str, Any]:
    """Give the links of an operation's successful answer, by name; none where that is no single row."""
    if not operation.kind.links:
        return {}
    readable = {column.name for column in operation.relation.allowed("select")}
    found: dict[str, Any] = {}
    for other in (one for one in operations if one is not operation):
        names = [name for name, _ in other.keys]
        for columns in _ways(operation.relation, other):
            if readable.issuperset(columns):
                told = {
                    name: f"$response.body#{pointer(c)}"
                    for name, c in zip(names, columns, strict=True)
                }
                name = other.id if other.id not in found else f"{other.id}.of.{'.'.join(columns)}"
                found[name] = {"operationId": other.id, "parameters": told}
    return found


def _ways(row: Relation, other: Operation) -> Iterator[tuple[str, ...]]:
    """Give the row's columns that hold the path's keys of another operation, in their order, for each way to it."""
    if not row.table or not other.keys or len(other.parents) > _DEEPEST:
        return
    nearest = other.parents[-1].relation if other.parents else other.relation
    above = [
        nearest.column(name).source or "" for parent in other.parents[:-1] for name in parent.link
    ]
    key = [nearest.column(name).source or "" for name in nearest.key]
    if nearest.table == row.table:
        columns = row.showing([*above, *key])
        if columns:
            yield columns
    if other.kind is kinds.READ:
        for constraint in row.constraints:
            order = dict(zip(constraint.referenced, constraint.columns, strict=False))
            if (
                constraint.kind == "f"
                and constraint.references == nearest.table
                and order.keys() == set(key)
            ):
                columns = row.showing(order[source] for source in key)
                if columns:
                    yield columns
