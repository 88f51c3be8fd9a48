"""Whether a request's head is well-formed HTTP/1.1 (RFC 9112): the checks that Sanic omits."""

import re
from functools import lru_cache

from sanic.compat import Header

from api.problem import Problem

MALFORMED = Problem("malformed-request", "The request is not well-formed HTTP.")

# A host and its port, without a user (RFC 3986, section 3.2).
_AUTHORITY = (
    r"(?:\[[0-9A-Fa-f:.]{2,45}\]|(?:[!$&-.;=_~0-9A-Za-z]|%[0-9A-Fa-f]{2})+)(?::[0-9]{0,5})?"
)
_HOST = re.compile(rf"{_AUTHORITY}[\t ]*")
_CHUNKED = re.compile("chunked", re.ASCII | re.IGNORECASE)
# A method is a token, whose case matters (RFC 9110, section 9.1): none has lower-case letters, but
# Sanic sends no body for `head`. The target is in origin form, or absolute, without a fragment; `*`
# is for OPTIONS alone (RFC 9112, section 3.2). Field names are tokens, with nothing before the
# colon; no value has a control character but the tab.
HEAD = re.compile(
    rb"(?:[!#$%%&'*+.^_`|~0-9A-Z-]+ (?:/|[Hh][Tt][Tt][Pp][Ss]?://%b(?=[/? ]))|OPTIONS \*(?= ))"
    rb"[!\"$-~]* [^\r\n]*"
    rb"(?:\r\n[!#$%%&'*+.^_`|~0-9A-Za-z-]+:[^\x00-\x08\x0a-\x1f\x7f]*)*" % _AUTHORITY.encode()
)
# White space that Sanic strips off a value and HTTP does not: a proxy would read another value.
_STRIPPED = re.compile(r"\n[^:\n]+:[\t ]*[^\S\t\r\n ]")


@lru_cache(maxsize=64)
def is_host(text: str) -> bool:
    """Return whether the value of `Host` is a host with or without a port."""
    return bool(_HOST.fullmatch(text))


def has_faulty_fields(head: bytes, headers: Header, version: str, target: bytes) -> bool:
    """Return whether header fields are malformed; rewrite valid ones that Sanic misreads.

    `version` is `1.0` or `1.1`.
    """
    hosts, is_old = headers.getall("host", ()), version == "1.0"
    if is_old:
        headers.popall("expect", None)  # HTTP/1.0 has no 100 Continue (RFC 9110, section 10.1.1)
    if "transfer-encoding" in headers:
        if is_old:
            return True  # a proxy of HTTP/1.0 may not know it (RFC 9112, section 6.1)
        # Coding names are case-insensitive (RFC 9112, section 7); Sanic knows only lower case.
        if _CHUNKED.fullmatch(headers["transfer-encoding"]):
            headers["transfer-encoding"] = "chunked"
    if len(hosts) != 1:
        return bool(hosts) or not is_old
    # `Host` may be empty where the target names none either.
    is_empty = not hosts[0] and target.startswith((b"/", b"*"))
    if not is_host(hosts[0]) and not is_empty:
        return True
    text = "" if head.isascii() else head.decode(errors="surrogateescape")
    return bool(_STRIPPED.search(text))
