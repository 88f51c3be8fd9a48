"""Requests that are sent again: the header field `Idempotency-Key` (IETF draft, version 07).

A client chooses a key for each change, and sends the same key when it repeats the request. The
draft has keys in quotes, as strings of structured fields (RFC 9651, section 3.3.3); most clients
send them without. A key is the same only if it is written in the same way.
"""

import json
import re
from collections.abc import Sequence
from hashlib import sha256

from sanic.compat import Header

from api.catalog.view_lines import KEY
from api.document.parameters import KEY_PATTERN, LONGEST_KEY
from api.problem import Problem, ProblemError, header_fault
from api.request.preconditions import invalid_header
from api.request.preferences import PREFER

REPLAYED = {"idempotency-replayed": "true"}
_KEY = re.compile(KEY_PATTERN)
_MALFORMED = (
    f"`{KEY}` must be 1 to {LONGEST_KEY} visible ASCII characters without quotes and commas, or "
    "any such characters in quotes."
)
_NOT_KEPT = f"`{KEY}` is not supported: a request that is repeated is done again."
_REQUIRED = f"Send `{KEY}`: a text that is new for each change, and the same when it is repeated."
REQUIRED = Problem("precondition-required", _REQUIRED, (header_fault(KEY, "is required"),))
REUSED = Problem(
    "key-reused",
    f"This `{KEY}` was sent with another request: use a new key for each change.",
    (header_fault(KEY, "was sent with another request"),),
)

MANY_ROWS = Problem(
    "invalid-header",
    f"With `{KEY}`, many new rows are answered with their number only.",
    (header_fault(PREFER, f"return=representation is not possible with `{KEY}`"),),
)


def key(headers: Header, *, kept: bool) -> str:
    """Return the key of a write that has one; `kept`: whether answers are kept.

    Raises ProblemError `invalid-header`.
    """
    if not kept:
        # A client that sends a key counts on it when it repeats the request.
        raise ProblemError(invalid_header(KEY, _NOT_KEPT))
    found = headers.getall(KEY)
    if len(found) > 1 or len(found[0]) > LONGEST_KEY or not _KEY.fullmatch(found[0]):
        raise ProblemError(invalid_header(KEY, _MALFORMED))
    return str(found[0])


class Repeat:
    """A request with a key, and the digest of what it asks for: its fingerprint."""

    __slots__ = ("_digest", "key")

    def __init__(self, key: str, *parts: str | Sequence[str] | None) -> None:
        """Begin with what the request asks for beside its body."""
        self.key = key
        self._digest = sha256(json.dumps(parts).encode())

    def add(self, content: bytes) -> None:
        """Add some bytes of the body."""
        self._digest.update(content)

    @property
    def fingerprint(self) -> str:
        """The digest of what was added so far: 32 hexadecimal digits."""
        return self._digest.hexdigest()[:32]

    @property
    def values(self) -> tuple[str, str]:
        """The values of a statement that is done once."""
        return self.key, self.fingerprint

    def check(self, fingerprint: str) -> None:
        """Check the fingerprint of the request whose answer is kept for the key.

        Raises ProblemError `key-reused`.
        """
        if fingerprint != self.fingerprint:
            raise ProblemError(REUSED)
