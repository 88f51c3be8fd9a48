"""The hosts that requests may name.

A page can point its own host name at this machine's address (DNS rebinding). A browser then treats
this server as the page's own origin and applies no CORS rules, but the requests still name the
page's host.
"""

import re
from functools import lru_cache

from api.problem import Problem

FOREIGN = Problem(
    "malformed-request",
    "The request names a host that this server does not serve; the setting `HOSTS` lists them.",
)
_ABSOLUTE = re.compile(rb"https?://([^/?#]+)", re.IGNORECASE)
_AUTHORITY = re.compile(r"([0-9A-Za-z_.-]+?|\[[0-9A-Fa-f:.]+\])\.?(?::[0-9]*)?[\t ]*")


@lru_cache(256)
def refusal(target: bytes, host: str | None, hosts: str) -> Problem | None:
    """Return the problem of a request for another host, or None.

    `target`: the request's target if it is absolute, else empty; `host`: the value of `Host`;
    `hosts`: the allowed hosts, separated by commas. A request without a host is accepted: it does
    not come from a browser.
    """
    absolute = _ABSOLUTE.match(target)
    # The target's host counts, whatever `Host` says (RFC 9112, section 3.2.2).
    authority = absolute[1].decode() if absolute else host
    if not authority:
        return None
    match = _AUTHORITY.fullmatch(authority)
    return None if match and match[1].lower() in hosts.split(",") else FOREIGN
