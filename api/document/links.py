"""The links of an answer (OpenAPI's Link Object): operations on its row and on related rows.

They lead to the operations on the row itself, on its nested collections, and on the rows that its
foreign keys refer to.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from api.catalog.relations import Relation
from api.operations import kinds
from api.operations.operation import Operation
from api.problem import pointer

_MAX_PARENTS = 2  # a row has the key of its own parent, and of the row that it refers to


def links(operation: Operation, operations: Iterable[Operation]) -> dict[str, Any]:
    """Return the links of an operation's success by name; none if its answer is not one row."""
    if not operation.kind.links:
        return {}
    readable = {column.name for column in operation.relation.allowed("select")}
    found: dict[str, Any] = {}
    for other in (each for each in operations if each is not operation):
        names = [name for name, _ in other.keys]
        for columns in _parameter_columns(operation.relation, other):
            if readable.issuperset(columns):
                name = other.id if other.id not in found else f"{other.id}.of.{'.'.join(columns)}"
                values = (f"$response.body#{pointer(column)}" for column in columns)
                parameters = dict(zip(names, values, strict=True))
                found[name] = {"operationId": other.id, "parameters": parameters}
    return found


def _parameter_columns(row: Relation, other: Operation) -> Iterator[tuple[str, ...]]:
    """Yield the row's columns that hold the path parameters of another operation.

    One tuple for the row itself or its parents, and one for each foreign key.
    """
    if not row.table or not other.keys or len(other.parents) > _MAX_PARENTS:
        return
    nearest = other.parents[-1].relation if other.parents else other.relation
    above = nearest.sources(name for parent in other.parents[:-1] for name in parent.link)
    key = nearest.sources(nearest.key)
    if nearest.table == row.table:
        columns = row.showing([*above, *key])
        if columns:
            yield columns
    if other.kind is not kinds.READ:
        return
    for constraint in row.constraints:
        order = dict(zip(constraint.referenced, constraint.columns, strict=False))
        refers = constraint.kind == "f" and constraint.references == nearest.table
        if refers and order.keys() == set(key):
            columns = row.showing(order[source] for source in key)
            if columns:
                yield columns
