"""What an item answers to a time, in `as_of`, that it has no row for."""

from api.document.parameters import AS_OF
from api.problem import Fault, Problem, pointer
from api.request.query_string import invalid

SENTENCE = "must be a time that has passed, as in 2026-03-01T12:00:00Z"
TOO_EARLY = Problem("not-found", "The audit trail begins later than `as_of`.")


def refused() -> Problem:
    """Return the problem of a time that Postgres refuses: it is no date, or in the future."""
    return invalid([Fault(pointer(AS_OF), SENTENCE)]).problem
