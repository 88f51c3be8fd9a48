"""What Postgres refused → the problem that the client reads.

Decided by the SQLSTATE and the constraint's name alone: messages and details quote the row
(PostgreSQL, appendix A).
"""

from collections.abc import Iterable
from functools import lru_cache

from asyncpg import PostgresError

from api.catalog.relations import Catalog, Constraint, in_words, with_article
from api.operations import kinds
from api.operations.operation import Operation
from api.problem import RETRY_AFTER, Fault, Problem, pointer

# By SQLSTATE, else by its class. What is in neither is an internal error.
KINDS = {
    "22": "invalid-content",
    "23502": "invalid-content",
    "23503": "foreign-key",
    "23505": "conflict",
    "23514": "invalid-content",
    "23P01": "conflict",
    "25006": "unavailable",
    "25P04": "connection-lost",  # transaction_timeout ends the connection too
    "40001": "unavailable",
    "40P01": "unavailable",
    "42501": "not-permitted",
    "44000": "invalid-content",
    "53": "unavailable",
    "54": "invalid-content",
    "55P03": "unavailable",
    "57": "connection-lost",
    "57014": "unavailable",  # cancelled, by a timeout: what it did is undone
    "08": "connection-lost",
    "P0001": "invalid-content",
}
UNAVAILABLE = Problem(
    "unavailable",
    "The database can't answer right now. Try again in a moment.",
    headers=RETRY_AFTER,
)
INVALID_QUERY = Problem(
    "invalid-query", "A value in the query string is not one that the database accepts."
)
OUTCOME_UNKNOWN = Problem(
    "outcome-unknown",
    "The connection was lost while writing, so this may or may not be done. Look before you repeat it.",
)
INTERNAL_ERROR = Problem(
    "internal-error", "Something went wrong here. The log has more under this instance."
)
NOT_TAKEN = Problem("invalid-content", "The database did not take this row, and does not say why.")
_ALWAYS_THE_SAME = {p.kind: p for p in (UNAVAILABLE, OUTCOME_UNKNOWN, INTERNAL_ERROR)}
_ABOUT_ROWS = ("invalid-content", "conflict", "foreign-key")
_SENTENCES = {
    "invalid-content": "A value is not one that the database accepts.",
    "conflict": "This is in conflict with what is stored.",
    "not-permitted": "The database does not permit this.",
}


def kind(state: str | None) -> str:
    """Look a SQLSTATE up."""
    state = state or ""
    return KINDS.get(state) or KINDS.get(state[:2]) or "internal-error"


def problem(
    error: PostgresError, operation: Operation, catalog: Catalog, *, asked: bool = False
) -> Problem:
    """Turn an error that a sent statement met into a problem; `asked` where a query string had values for it."""
    found = kind(error.sqlstate)
    if found == "invalid-content" and asked:  # of a type whose texts only Postgres can judge
        return INVALID_QUERY
    if found in _ABOUT_ROWS and _not_the_clients(error.sqlstate or "", operation):
        found = "internal-error"
    if found == "connection-lost":
        found = "unavailable" if operation.method == "GET" else "outcome-unknown"
    if found in _ALWAYS_THE_SAME:
        return _ALWAYS_THE_SAME[found]
    named = (error.schema_name or "", error.table_name or "", error.constraint_name or "")
    constraint = catalog.constraints.get(named) or _domain_check(operation, error.constraint_name)
    if found == "foreign-key":
        return _foreign_key(operation, constraint)
    # A trigger may name a constraint for its sentence and a column of its own.
    columns = (
        constraint.columns if constraint and constraint.columns else (error.column_name or "",)
    )
    sentence = constraint.comment if constraint and constraint.comment else _SENTENCES[found]
    if error.sqlstate == "23502":
        sentence = "This may not be null."
    elif not constraint and error.constraint_name:
        sentence = in_words(error.constraint_name)
    return Problem(found, sentence, _faults(operation, columns, sentence))


def is_about_a_value(error: PostgresError) -> bool:
    """Tell whether a value may not have been one of its type: a data exception, or the CHECK of a domain."""
    state = error.sqlstate or ""
    return state.startswith("22") or (state == "23514" and not error.table_name)


@lru_cache(1024)
def missing(operation: Operation, position: int | None = None) -> Problem:
    """Say that the row is not there; or the parent at this position in the path."""
    relation = operation.relation if position is None else operation.parents[position].relation
    return Problem("not-found", f"{relation.noun} not found")


def _not_the_clients(state: str, operation: Operation) -> bool:
    """Tell a failure inside a view or a trigger from one over values: a client that sent none is not to blame."""
    return operation.method == "GET" or (operation.method == "DELETE" and state[:2] in ("22", "54"))


def _foreign_key(operation: Operation, constraint: Constraint | None) -> Problem:
    relation = operation.relation
    if constraint is None or constraint.table != relation.table or operation.kind is kinds.DELETE:
        child = with_article(in_words(constraint.table[1]) if constraint else "other row")
        return Problem("conflict", f"This {relation.noun} can't go: {child} still refers to it.")
    shown = relation.showing(constraint.columns) or ()
    if shown and set(shown) <= set(operation.fixed):
        return missing(operation, len(operation.parents) - 1)
    sentence = constraint.comment or f"The {in_words(constraint.references[1])} does not exist."
    return Problem("invalid-content", sentence, _faults(operation, constraint.columns, sentence))


def _domain_check(operation: Operation, name: str | None) -> Constraint | None:
    """Find a domain's CHECK: its violation names no column, so it is told only where one column can have it."""
    found = [
        Constraint(check.name, "c", columns=(column.source,), comment=check.comment)
        for column in operation.body
        for check in column.type.checks
        if check.name == name and column.source
    ]
    return found[0] if len(found) == 1 else None


def _faults(operation: Operation, sources: Iterable[str], sentence: str) -> tuple[Fault, ...]:
    names = {column.source: column.name for column in operation.body}
    return tuple(Fault(pointer(names[source]), sentence) for source in sources if source in names)
