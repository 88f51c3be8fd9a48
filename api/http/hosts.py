"""The hosts that requests may name.

A page can give its own name this machine's address (DNS rebinding). Its requests are then of the
same origin, so that browsers apply no CORS rules, but they still name the page's host.
"""

import re
from functools import lru_cache

from api.problem import Problem

FOREIGN = Problem(
    "malformed-request",
    "This server is not for the host that the request names; `HOSTS` lists its hosts.",
)
_ABSOLUTE = re.compile(rb"https?://([^/?#]+)", re.IGNORECASE)
_AUTHORITY = re.compile(r"([0-9A-Za-z_.-]+?|\[[0-9A-Fa-f:.]+\])\.?(?::[0-9]*)?[\t ]*")


@lru_cache(256)
def refusal(target: bytes, host: str | None, hosts: str) -> Problem | None:
    """Give the problem of a request for another host.

    `target` is the request's, if it is absolute; `host` the value of `Host`; `hosts` those that
    are allowed, separated by commas. A request without a host does not come from a browser.
    """
    absolute = _ABSOLUTE.match(target)
    # The target's host counts, whatever `Host` says (RFC 9112, section 3.2.2).
    authority = absolute[1].decode() if absolute else host
    if not authority:
        return None
    match = _AUTHORITY.fullmatch(authority)
    return None if match and match[1].lower() in hosts.split(",") else FOREIGN
