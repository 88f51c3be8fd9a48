"""Hosts: which of them requests may be for.

A page may give its own name this machine's address (DNS rebinding). Its requests are of the same
origin then, for which browsers ask nobody, but they still name the page's host.
"""

import re
from functools import lru_cache
from typing import Any

from sanic import Request

from api.problem import Problem

FOREIGN = Problem(
    "malformed-request",
    "This server is not for the host that the request names; `HOSTS` lists those that it is for.",
)
_ABSOLUTE = re.compile(rb"https?://([^/?#]+)", re.IGNORECASE)
_AUTHORITY = re.compile(r"([0-9A-Za-z_.-]+?|\[[0-9A-Fa-f:.]+\])\.?(?::[0-9]*)?[\t ]*")


def refusal(request: Request[Any, Any]) -> Problem | None:
    """Tell what is wrong where a request is for another host. One that names none is no browser's."""
    hosts = request.app.ctx.hosts
    if not hosts:
        return None
    target = request.raw_url
    absolute = None if target.startswith(b"/") else _ABSOLUTE.match(target)
    # What is in the target counts, whatever the field says (RFC 9112, section 3.2.2).
    authority = absolute[1].decode() if absolute else request.headers.get("host")
    return _judged(authority, hosts) if authority else None


@lru_cache(64)
def _judged(authority: str, hosts: str) -> Problem | None:
    found = _AUTHORITY.fullmatch(authority)
    return None if found and found[1].lower() in hosts.split(",") else FOREIGN
