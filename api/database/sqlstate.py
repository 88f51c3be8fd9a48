"""An error of Postgres → the problem that the client reads.

Only the SQLSTATE (PostgreSQL, appendix A) and the names of the constraint, the trigger and the
column decide: the error's message and detail quote the row.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from functools import lru_cache

from asyncpg import PostgresError

from api.catalog import sentences, triggers
from api.catalog.relations import Catalog, Constraint, in_words, with_article
from api.database import error_source, named_rules, references
from api.document.validators import NOT_NULL
from api.operations.operation import Operation
from api.problem import INVALID_BODY, RETRY_AFTER, Fault, Problem, pointer

# A SQLSTATE, or its class, which are its first two characters → the kind of problem.
# A SQLSTATE without an entry is an internal error.
KINDS = {
    "22": "invalid-content",
    "2200H": "internal-error",  # a sequence has no number left
    "23001": "foreign-key",
    "23502": "invalid-content",
    "23503": "foreign-key",
    "23505": "conflict",
    "23514": "invalid-content",
    "23P01": "conflict",
    "25006": "unavailable",
    "25P04": "connection-lost",  # transaction_timeout also ends the connection
    "40001": "unavailable",
    "40P01": "unavailable",
    "42501": "not-permitted",
    "44000": "invalid-content",
    "53": "unavailable",
    "54": "invalid-content",
    "55000": "conflict",
    "55P03": "unavailable",
    "57": "connection-lost",
    "57014": "unavailable",  # a timeout cancelled the statement and undid it
    "08": "connection-lost",
    "P0001": "invalid-content",
}
UNAVAILABLE = Problem(
    "unavailable",
    "The database can't answer right now. Try again in a moment.",
    headers=RETRY_AFTER,
)
INVALID_QUERY = Problem("invalid-query", "The database rejected a value of the query string.")
OUTCOME_UNKNOWN = Problem(
    "outcome-unknown",
    "The connection to the database was lost during this write: the change may or may not have "
    "been made. Check before you repeat the request.",
)
OUTCOME_UNKNOWN_ONCE = Problem(
    "outcome-unknown",
    "The connection to the database was lost during this write: the change may or may not have "
    "been made. Repeat the request with the same `Idempotency-Key`: it will be done once.",
    headers=RETRY_AFTER,
)
INTERNAL_ERROR = Problem(
    "internal-error", "An internal error occurred. The server's log has details for `instance`."
)
ROW_REJECTED = Problem("invalid-content", "The database rejected this row without giving a reason.")
_NO_XML = "This database can't store XML: it was built without support for it."
# Kinds whose problem is the same for each operation.
_CONSTANT = {p.kind: p for p in (UNAVAILABLE, OUTCOME_UNKNOWN, INTERNAL_ERROR)}
# Kinds that say that the client's content is at fault.
_ABOUT_CONTENT = ("invalid-content", "conflict", "foreign-key")
# The functions of Postgres that check a privilege or a policy: their messages hold only names
# (src/backend/catalog/aclchk.c, src/backend/executor/execMain.c).
_PRIVILEGE_CHECKS = ("aclcheck_error", "aclcheck_error_col", "aclcheck_error_type")
_POLICY_CHECK = "ExecWithCheckOptions"
# What an error says that has several reasons.
_DETAILS = {
    "invalid-content": INVALID_BODY,
    "conflict": "This conflicts with what is stored; `errors` says where and why.",
}
# Sentences for constraints without a comment.
_SENTENCES = {
    "invalid-content": "The database rejected a value.",
    "conflict": references.CONFLICT,
    "not-permitted": "The database does not permit this.",
}


def kind(state: str | None) -> str:
    """Return the kind of problem for a SQLSTATE: a key of `problem.KINDS`, or one of two more.

    The two are `foreign-key` and `connection-lost`; `problem` decides by the operation.
    """
    state = state or ""
    return KINDS.get(state) or KINDS.get(state[:2]) or "internal-error"


def problem(
    error: PostgresError,
    operation: Operation,
    catalog: Catalog,
    *,
    has_query_values: bool = False,
    fields: Collection[str] = (),
) -> Problem:
    """Return the problem for an error that an operation's statement raised after it was sent.

    `has_query_values`: some of the statement's values come from the query string; `fields`: those
    of the body, as far as they are known.
    """
    found = kind(error.sqlstate)
    # Only Postgres can check the texts of some types.
    if found == "invalid-content" and has_query_values:
        return INVALID_QUERY
    if found in _ABOUT_CONTENT and _has_no_content(error.sqlstate or "", operation):
        found = "internal-error"
    if special := _special(error.sqlstate, operation):
        return special
    if found == "connection-lost":
        found = "unavailable" if operation.method == "GET" else "outcome-unknown"
    if error.sqlstate == "55000" and not error_source.is_on_purpose(error):
        found = "internal-error"
    if found in _CONSTANT and found != "internal-error":
        return _CONSTANT[found]
    return _refusal(found, error, operation, catalog, fields)


def _refusal(
    found: str,
    error: PostgresError,
    operation: Operation,
    catalog: Catalog,
    fields: Collection[str],
) -> Problem:
    """Return the problem of a kind with what the schema says of the error's source."""
    if found in _ABOUT_CONTENT and (several := _several(found, error, operation, catalog)):
        return several
    constraint = error_source.constraint(error, operation, catalog)
    raised, said = error_source.refusal(error, operation, catalog)
    comment = (constraint.comment if constraint else None) or said
    who = triggers.listed(raised) if raised else "a function"
    known = comment or not (raised or error.context)
    note = "" if known else f"{who} raised SQLSTATE {error.sqlstate}"
    if found == "internal-error":
        return replace(INTERNAL_ERROR, note=note)
    if not raised and (wrong := error_source.malformed(error, operation, fields)):
        return Problem(found, INVALID_BODY, (Fault(pointer(wrong[0]), wrong[1]),))
    if found == "foreign-key" and (constraint or not said):
        refused = references.problem(operation, constraint, catalog, fields)
        return replace(refused or missing(operation, len(operation.parents) - 1), note=note)
    found = "conflict" if found == "foreign-key" else found
    columns = error_source.columns(error, operation, constraint, catalog, fields)
    sentence = comment or _sentence(error, operation, constraint) or _SENTENCES[found]
    items = constraint.items if constraint else ()
    faults = error_source.faults(operation, columns, sentence, items)
    detail = comment or _detail(sentence, columns, faults)
    return Problem(found, detail, faults, note=note)


def _several(
    found: str, error: PostgresError, operation: Operation, catalog: Catalog
) -> Problem | None:
    """Return the problem of an error that lists rules; None if it does not, or knows none."""
    rules, unknown = named_rules.of(error, operation, catalog)
    if not rules:
        return None
    faults: list[Fault] = []
    for rule in rules:
        places = error_source.faults(operation, rule.columns, rule.sentence, rule.items)
        faults += places or [Fault("", _detail(rule.sentence, rule.columns, ()))]
    found = "invalid-content" if found == "foreign-key" else found
    first = rules[0]
    is_one = all(rule.sentence == first.sentence for rule in rules)
    detail = _detail(first.sentence, first.columns, faults) if is_one else _DETAILS[found]
    note = f"nothing is called {', '.join(unknown)}, which a function named" if unknown else ""
    return Problem(found, detail, tuple(dict.fromkeys(faults)), note=note)


def _special(state: str | None, operation: Operation) -> Problem | None:
    """Return the problem of a SQLSTATE whose meaning depends on the columns of the operation."""
    if state == "2200H":
        return _used_up(operation)
    xml = [c.source for c in operation.body if c.type.base.name == "xml" and c.source]
    # A Postgres that was built without libxml has the type, and refuses each value.
    if state == "0A000" and xml:
        return Problem("invalid-content", _NO_XML, error_source.faults(operation, xml, _NO_XML))
    return None


def is_about_a_value(error: PostgresError) -> bool:
    """Return whether the cause may be a value that is not of its type.

    That is a data exception, or a violated CHECK of a domain.
    """
    state = error.sqlstate or ""
    return state.startswith("22") or (state == "23514" and not error.table_name)


def refused_object(error: PostgresError) -> str | None:
    """Return Postgres's message about a lacking privilege: it names the object.

    None for a trigger's or a function's own error, whose message may quote a row.
    """
    source = error.server_source_function
    written_by_check = source in (*_PRIVILEGE_CHECKS, _POLICY_CHECK)
    return error.message if error.sqlstate == "42501" and written_by_check else None


@lru_cache(1024)
def missing(operation: Operation, position: int | None = None) -> Problem:
    """Return the 404 for the operation's row, or for the parent at a position in its path."""
    relation = operation.relation if position is None else operation.parents[position].relation
    return Problem("not-found", f"{relation.noun} not found")


def _has_no_content(state: str, operation: Operation) -> bool:
    """Return whether no content of the request can be the cause; a view or a trigger is then."""
    return operation.kind.safe or (operation.method == "DELETE" and state[:2] in ("22", "54"))


def _sentence(
    error: PostgresError, operation: Operation, constraint: Constraint | None
) -> str | None:
    if error.sqlstate == "23502":
        return error_source.not_null_comment(error, operation) or NOT_NULL
    if error.sqlstate == "44000":
        return sentences.of_condition(operation.relation)
    if constraint:
        return sentences.of(constraint, operation.relation)
    return in_words(error.constraint_name) if error.constraint_name else None


def _detail(sentence: str, columns: Iterable[str], faults: Collection[Fault]) -> str:
    """Return the detail of a problem: a whole sentence, also where the fault's needs a field."""
    if not sentences.is_about_one_field(sentence):
        return sentence
    name = in_words(next(iter(columns), "") or "a value")
    return INVALID_BODY if faults else f"{name[:1].upper()}{name[1:]} {sentence}."


def _used_up(operation: Operation) -> Problem:
    """Return the problem of a sequence, or an identity, whose numbers are used up."""
    noun = with_article(operation.relation.noun)
    sentence = (
        f"The database has no number left for {noun}: a sequence is used up. The request is not at "
        "fault, and repeating it does not help."
    )
    return Problem("internal-error", sentence)
