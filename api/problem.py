"""Problems (RFC 9457) as values, and the exception that carries one."""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

MEDIA_TYPE = "application/problem+json"

# The last part of a problem's `type` → its status and title. The meaning of a type never changes;
# its title may.
KINDS = {
    "malformed-request": (400, "The request is malformed"),
    "malformed-json": (400, "The body is not well-formed JSON"),
    "invalid-query": (400, "The query string is invalid"),
    "invalid-header": (400, "A header field is invalid"),
    "unauthenticated": (401, "Authentication is required"),
    "not-permitted": (403, "Not permitted"),
    "not-found": (404, "Not found"),
    "method-not-allowed": (405, "Method not allowed"),
    "not-acceptable": (406, "No acceptable media type"),
    "request-timeout": (408, "The request took too long to arrive"),
    "conflict": (409, "Conflict with stored data"),
    "precondition-failed": (412, "A precondition failed"),
    "content-too-large": (413, "The body is too large"),
    "unsupported-media-type": (415, "Unsupported media type"),
    "expectation-failed": (417, "Expectation failed"),
    "invalid-content": (422, "The content is invalid"),
    "key-reused": (422, "The idempotency key was used for another request"),
    "precondition-required": (428, "A precondition is required"),
    "internal-error": (500, "Internal error"),
    "unavailable": (503, "Temporarily unavailable"),
    "outcome-unknown": (503, "The outcome is unknown"),
}
CLIENT_GONE = 499  # the access log's status where the client has gone: nginx has the same
# The kinds that the answer to any request can have, whatever its path.
ANY_REQUEST = (
    "content-too-large",
    "expectation-failed",
    "internal-error",
    "invalid-query",
    "malformed-request",
    "request-timeout",
)
INVALID_BODY = "The body does not fit; `errors` says where and why."
RETRY_AFTER = (("Retry-After", "1"),)
# The most faults that a problem lists: a body of commas alone could cause a million.
MOST_FAULTS = 100
# The most characters of a pointer: a key can be as long as the body.
_MAX_POINTER = 1000

# Quotes a text. It takes a fraction of the time of `json.dumps` for the whole document.
_quote: Callable[[str], str] = json.JSONEncoder().encode


# The middle of a random UUID (RFC 9562, section 5.4), the same in all ids of a process.
_MIDDLE = "{:04x}-4{:03x}-8{:03x}".format(*(random.getrandbits(n) for n in (16, 12, 12)))


def new_instance() -> str:
    """Make the id of a request, which its problem document and the log have: a random UUID.

    It is no secret, so Python's random numbers suffice; the kernel's need a system call. 80 random
    bits tell the requests of a process apart, and take a third of the time of 122.
    """
    digits = random.getrandbits(80).to_bytes(10, "big").hex()
    return f"urn:uuid:{digits[:8]}-{_MIDDLE}-{digits[8:]}"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong.

    `pointer`: a JSON Pointer (RFC 6901) into the body, or into the query string as an object; below
    `/headers/` stand the header fields, by their names in small letters.
    """

    pointer: str
    detail: str


@dataclass(frozen=True, slots=True)
class Problem:
    """An error answer (RFC 9457).

    `kind`: a key of KINDS; `detail`: a sentence that quotes no row; `headers`: those of the answer;
    `note`: what the log says of it, without data of a row.
    """

    kind: str
    detail: str
    errors: tuple[Fault, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    note: str = ""

    @property
    def status(self) -> int:
        """The HTTP status of this kind of problem."""
        return KINDS[self.kind][0]

    def document(self, instance: str) -> bytes:
        """Return the problem document, compact, in ASCII; `instance`: a URI of this occurrence."""
        document = (
            f'{_opening(self.kind)}"detail":{_quote(self.detail)},"instance":{_quote(instance)}'
        )
        if self.errors:
            faults = (
                f'{{"pointer":{_quote(one.pointer)},"detail":{_quote(one.detail)}}}'
                for one in self.errors
            )
            document += f',"errors":[{",".join(faults)}]'
        return f"{document}}}".encode()


@cache
def _opening(kind: str) -> str:
    status, title = KINDS[kind]
    return f'{{"type":"urn:problem-type:{kind}","title":{_quote(title)},"status":{status},'


def header_fault(name: str, detail: str) -> Fault:
    """Return the fault of a header field; `name` in any case."""
    return Fault(pointer("headers", name.lower()), detail)


class ProblemError(Exception):
    """Ends a request with a problem."""

    def __init__(self, problem: Problem) -> None:
        """Store the problem; the exception's text is the problem's kind only."""
        super().__init__(problem.kind)
        self.problem = problem


def pointer(*parts: str | int) -> str:
    """Make a JSON Pointer (RFC 6901, section 3) of keys and positions, of limited length."""
    made = ""
    for part in parts:
        step = "/" + str(part).replace("~", "~0").replace("/", "~1")
        if len(made) + len(step) > _MAX_POINTER:
            break
        made += step
    return made
