"""The kinds of operation: everything that differs between them, in one table."""

from dataclasses import dataclass

from api.problem import ANY_REQUEST


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """A kind of operation. Each one is a constant of this module: compare with `is`."""

    name: str
    """The last part of an operation's id."""
    method: str
    """The HTTP method."""
    privilege: str
    """The privilege on the relation that makes the operation: select, insert, update or delete."""
    also: str = ""
    """A second privilege that the operation needs; empty where it needs one."""
    status: int = 200
    """The HTTP status of success."""
    verb: str = ""
    """What the summary begins with; empty where the operation is called by the relation's name."""
    body: str = ""
    """The last part of the name of the body's schema; empty where the operation takes no body."""
    by_key: bool = False
    """Whether the path ends in the key of one row; otherwise it ends in the relation's name."""
    many_rows: bool = False
    """Whether the answer is an array, which is available as NDJSON and CSV too."""
    pages: bool = False
    """Whether the rows come in pages, with filters and an order."""
    by_filters: bool = False
    """Whether it writes the rows of a collection that filters find, up to a bound."""
    accepts_many: bool = False
    """Whether the body may hold many rows, as an array, NDJSON or CSV."""
    keeps_answers: bool = False
    """Whether an `Idempotency-Key` makes a request one that is done once."""
    under_schema: bool = False
    """Whether path and id begin with the name of the relation's schema."""
    links: bool = False
    """Whether the document has links from the answer's row to related rows."""
    problems: tuple[str, ...] = ()
    """The kinds of problem (keys of `problem.KINDS`) in its answers.

    Except `not-found` and `precondition-required`, which not every operation of a kind has.
    """

    @property
    def privileges(self) -> tuple[str, ...]:
        """All privileges that the operation needs."""
        return (self.privilege, self.also) if self.also else (self.privilege,)

    @property
    def safe(self) -> bool:
        """Whether the method is safe: it changes nothing (RFC 9110, section 9.2.1)."""
        return self.method == "GET"


_ANY = (
    *ANY_REQUEST,
    "invalid-header",
    "not-acceptable",
    "not-permitted",
    "unauthenticated",
    "unavailable",
)
_READ = (*_ANY, "precondition-failed")
# A trigger may refuse a DELETE, too.
_WRITE = (*_ANY, "conflict", "invalid-content", "outcome-unknown")
_BODY = (*_WRITE, "malformed-json", "unsupported-media-type")

LIST = Kind("list", "GET", "select", many_rows=True, pages=True, problems=_READ)
REPORT = Kind("report", "GET", "select", many_rows=True, under_schema=True, problems=_READ)
READ = Kind("read", "GET", "select", verb="Read", by_key=True, links=True, problems=_READ)
CREATE = Kind(
    "create",
    "POST",
    "insert",
    status=201,
    verb="Add",
    body="create",
    accepts_many=True,
    links=True,
    keeps_answers=True,
    problems=_BODY,
)
UPDATE = Kind(
    "update",
    "PATCH",
    "update",
    verb="Change",
    body="change",
    by_key=True,
    links=True,
    keeps_answers=True,
    problems=(*_BODY, "precondition-failed"),
)
REPLACE = Kind(
    "replace",
    "PUT",
    "insert",
    also="update",
    verb="Create or replace",
    body="replace",
    by_key=True,
    links=True,
    problems=(*_BODY, "precondition-failed"),
)
DELETE = Kind(
    "delete",
    "DELETE",
    "delete",
    status=204,
    verb="Delete",
    by_key=True,
    keeps_answers=True,
    problems=(*_WRITE, "precondition-failed"),
)
UPDATE_MANY = Kind(
    "update_many",
    "PATCH",
    "update",
    verb="Change some",
    body="change",
    by_filters=True,
    keeps_answers=True,
    problems=(*_BODY, "precondition-failed", "precondition-required"),
)
DELETE_MANY = Kind(
    "delete_many",
    "DELETE",
    "delete",
    verb="Delete some",
    by_filters=True,
    keeps_answers=True,
    problems=(*_WRITE, "precondition-failed", "precondition-required"),
)

KINDS = (LIST, REPORT, READ, CREATE, UPDATE, REPLACE, DELETE, UPDATE_MANY, DELETE_MANY)
