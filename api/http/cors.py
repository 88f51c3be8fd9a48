"""Pages of other origins: which may read answers (CORS protocol, Fetch standard, section 3.3).

Without an allowed origin no CORS header is sent, and browsers let no other page read answers. Such
a page can't change anything either: no body is accepted that it may send without a preflight.
"""

from collections.abc import Callable
from typing import Any

from sanic import HTTPResponse, Request, Sanic
from sanic.response import BaseHTTPResponse

from api.http.headers import DEFAULTS

# Beside the header fields that any page may read.
READABLE = (
    "etag, idempotency-replayed, link, location, preference-applied, retry-after, www-authenticate"
)
SENDABLE = (
    "accept, authorization, content-type, idempotency-key, if-match, if-none-match, prefer,"
    " traceparent, tracestate"
)
MAX_AGE = "600"  # seconds for which a browser remembers a preflight's answer

AnyRequest = Request[Any, Any]


def allow(app: Sanic[Any, Any], origins: str, methods: Callable[[AnyRequest], str]) -> None:
    """Let pages of these origins, separated by commas, use the application.

    `methods` lists those of a request's path.
    """
    allowed = frozenset(origins.split(","))

    async def preflight(request: AnyRequest) -> HTTPResponse | None:
        is_preflight = (
            request.method == "OPTIONS" and "access-control-request-method" in request.headers
        )
        if not is_preflight or request.headers.get("origin") not in allowed:
            return None
        known = methods(request)
        headers = {
            "access-control-allow-methods": known,
            "access-control-allow-headers": SENDABLE,
            "access-control-max-age": MAX_AGE,
        }
        return HTTPResponse(status=204, headers=headers) if known else None

    async def readable(request: AnyRequest, response: BaseHTTPResponse) -> None:
        vary = response.headers.get("vary", DEFAULTS["vary"])
        response.headers["vary"] = f"{vary}, origin"
        origin = request.headers.get("origin")
        if origin in allowed:
            response.headers["access-control-allow-origin"] = origin
            response.headers["access-control-expose-headers"] = READABLE

    if origins:
        app.register_middleware(preflight, "request")
        app.register_middleware(readable, "response")
