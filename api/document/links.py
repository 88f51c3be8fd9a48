"""The links of an answer (OpenAPI's Link Object): operations on its row and on related rows.

They lead to the operations on the row itself, by each view of it; on its nested collections, by the
shortest path; and to the rows that its foreign keys refer to.
"""

from typing import Any

from api.operations.identifiers import identifier
from api.operations.operation import Operation
from api.operations.references import Targets, nearest, referring
from api.problem import pointer


def links(operation: Operation, found: Targets) -> dict[str, Any]:
    """Return the links of an operation's success by name; none if its answer is not one row.

    A link's name says where it leads, and by which foreign key unless that is called like the key.
    """
    row = operation.relation
    if not operation.kind.links or not row.table:
        return {}
    made = {}
    for other in found.get(row.table, ()):
        step = nearest(other)
        columns = row.showing(step.sources(step.key))
        if columns and other is not operation and (not other.parents or step is row):
            made[other.id] = other, columns
    for other, columns, plain in referring(row, found):
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
