"""The trace that a request belongs to, if its client says so (W3C Trace Context, section 3.2).

A malformed header is as good as none: the trace begins anew, and the request is answered.
`tracestate` is not read: it is for the next service, and this one asks no other.
"""

import re
from dataclasses import dataclass

from sanic.compat import Header

FIELD = "traceparent"
# Version 255 and ids of zeros are invalid.
_FIELD = re.compile(
    r"(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?"
)
_SAMPLED = 1


@dataclass(frozen=True, slots=True)
class Parent:
    """The client's span. `trace` and `span`: their ids, in hexadecimal digits."""

    trace: str
    span: str
    is_sampled: bool


def parent(headers: Header) -> Parent | None:
    """Return the client's span, or None."""
    found = _found(headers)
    return found and Parent(found[2], found[3], bool(int(found[4], 16) & _SAMPLED))


def trace(headers: Header) -> str:
    """Return the id of the client's trace; empty if it names none."""
    found = _found(headers)
    return found[2] if found else ""


def _found(headers: Header) -> re.Match[str] | None:
    given = headers.getall(FIELD, ())
    found = _FIELD.fullmatch(given[0]) if len(given) == 1 else None
    # Only a later version may have more behind the flags.
    return None if found and found[1] == "00" and found[5] else found
