"""The parameter `as_of` of an item: for which time the client asks."""

from api.document.fast_path import Value
from api.document.parameters import AS_OF, TIME
from api.problem import Fault, Problem, pointer
from api.request.query import PLUS
from api.request.query_string import invalid, parameters

SENTENCE = "must be a time that has passed, as in 2026-03-01T12:00:00Z"
TOO_EARLY = Problem("not-found", "The audit trail begins later than `as_of`.")
_VALUE = Value(TIME)


def read(query: str) -> str:
    """Read the query string of an item that has a history; return the time.

    Raises ProblemError `invalid-query`.
    """
    faults, given = [], ""
    for name, text in parameters(query):
        if name != AS_OF:
            faults.append(Fault(pointer(name), f"is not a parameter here; this is: {AS_OF}"))
        elif given:
            faults.append(Fault(pointer(name), "is given twice"))
        elif not _VALUE.accepts(text):
            is_escaped = not _VALUE.accepts(text.replace(" ", "+"))
            faults.append(Fault(pointer(name), SENTENCE + ("" if is_escaped else PLUS)))
        given = given or text
    if faults or not given:
        raise invalid(faults)
    return given


def refused() -> Problem:
    """Return the problem of a time that Postgres refuses: it is no date, or in the future."""
    return invalid([Fault(pointer(AS_OF), SENTENCE)]).problem
