"""The problems of rows that a trigger kept, or left out, without an error."""

from api.catalog import triggers
from api.database import sqlstate
from api.operations import kinds
from api.operations.operation import Operation
from api.problem import Problem


def kept(operation: Operation) -> Problem:
    """Return the problem of a row that is there, and that a trigger did not change or delete."""
    noun = operation.relation.noun
    generic = (
        f"This {noun} is still there: a trigger kept or changed it instead of deleting it."
        if operation.kind is kinds.DELETE
        else f"A trigger kept this {noun} as it was, or changed it in another way."
    )
    return _problem(operation, "conflict", generic, operation.kind.privileges[-1])


def left_out(operation: Operation) -> Problem:
    """Return the problem of a new row that a trigger did not let in."""
    event = operation.kind.privilege
    if event not in operation.relation.row_triggers:
        return sqlstate.ROW_REJECTED
    generic = "A trigger left this row out, or stored it elsewhere."
    return _problem(operation, sqlstate.ROW_REJECTED.kind, generic, event)


def unmerged(operation: Operation) -> Problem:
    """Return the problem of a row that a trigger neither let in nor let change the one there."""
    if "update" not in operation.relation.row_triggers:
        return left_out(operation)
    generic = f"A trigger kept this {operation.relation.noun} as it was."
    return _problem(operation, "conflict", generic, "update")


def _problem(operation: Operation, kind: str, generic: str, event: str) -> Problem:
    found = operation.relation.row_triggers[event]
    sentence = found[0].comment if len(found) == 1 else None
    note = "" if sentence else f"{triggers.listed(found)} returned no row"
    return Problem(kind, sentence or generic, note=note)
