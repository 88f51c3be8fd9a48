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
        else f"This {noun} was not changed as the request says: a trigger kept it."
    )
    return _problem(operation, "conflict", generic)


def left_out(operation: Operation) -> Problem:
    """Return the problem of a new row that a trigger did not let in."""
    return _problem(operation, sqlstate.ROW_REJECTED.kind, sqlstate.ROW_REJECTED.detail)


def _problem(operation: Operation, kind: str, generic: str) -> Problem:
    found = operation.relation.row_triggers.get(operation.kind.privilege, ())
    sentence = found[0].comment if len(found) == 1 else None
    note = f"{triggers.listed(found)} returned no row" if found and not sentence else ""
    return Problem(kind, sentence or generic, note=note)
