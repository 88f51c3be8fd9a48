"""Pages of other origins: which of them may read answers, by the CORS protocol of the Fetch standard, section 3.3.

Unless one is named nothing is said, and browsers keep every such page from reading. Nor can it
change anything: no body is taken that a page may send without a preflight.
"""

from collections.abc import Callable
from typing import Any

from sanic import HTTPResponse, Request, Sanic
from sanic.response import BaseHTTPResponse

# beside those that any page may read, as the content's type
READABLE = "link, location, retry-after"
SENDABLE = "accept, content-type"
KEPT = "600"  # seconds for which a browser need not ask again

Exchange = Request[Any, Any]


def admit(app: Sanic[Any, Any], origins: str, allow: Callable[[Exchange], str]) -> None:
    """Let pages of these origins use the application; `allow` lists the methods that a request's path knows."""
    admitted = frozenset(origins.split(","))

    async def preflight(request: Exchange) -> HTTPResponse | None:
        asked = request.method == "OPTIONS" and "access-control-request-method" in request.headers
        if (
            not asked
            or request.headers.get("origin") not in admitted
            or getattr(request, "malformed", None)
        ):
            return None
        methods = allow(request)
        headers = {
            "access-control-allow-methods": methods,
            "access-control-allow-headers": SENDABLE,
            "access-control-max-age": KEPT,
        }
        return HTTPResponse(status=204, headers=headers) if methods else None

    async def readable(request: Exchange, response: BaseHTTPResponse) -> None:
        response.headers["vary"] = "origin"
        origin = request.headers.get("origin")
        if origin in admitted:
            response.headers["access-control-allow-origin"] = origin
            response.headers["access-control-expose-headers"] = READABLE

    if origins:
        app.register_middleware(preflight, "request")
        app.register_middleware(readable, "response")
