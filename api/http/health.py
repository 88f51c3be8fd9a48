"""What the service says of itself: that it lives, that it is ready, its metrics, its document and its page."""

import logging
from collections.abc import Awaitable, Callable, Collection, Coroutine
from typing import Any

from sanic import HTTPResponse, Request

from api.catalog import introspection
from api.catalog.relations import Catalog
from api.database import sqlstate
from api.database.connections import FAILURES
from api.document.media_types import JSON
from api.http import docs, metrics
from api.problem import RETRY_AFTER, Problem, ProblemError
from api.request.query import nothing

logger = logging.getLogger(__name__)

Handler = Callable[[Request], Coroutine[Any, Any, HTTPResponse]]
Fetch = Callable[[str], Awaitable[Any]]


def routes(
    catalog: Catalog, migrations: Collection[str], document: bytes, fetch: Fetch
) -> dict[str, Handler]:
    """Give the handlers by path. `fetch` runs a query in the database that has to have catalog and migrations."""

    async def ready(request: Request) -> bytes:
        if request.app.ctx.draining:
            raise ProblemError(
                Problem("unavailable", "This process is about to end.", headers=RETRY_AFTER)
            )
        lacks = await _lacks(catalog, migrations, fetch)
        if lacks:
            raise ProblemError(
                Problem(
                    "unavailable", f"The database lacks {', '.join(lacks)}.", headers=RETRY_AFTER
                )
            )
        return b'{"status":"ready"}'

    async def told(request: Request) -> bytes:
        text: bytes = request.app.ctx.metrics.text()
        return text

    async def root(_: Request) -> HTTPResponse:
        return HTTPResponse(
            status=302, headers={"location": "/docs"}, content_type="text/html; charset=utf-8"
        )

    return {
        "/": root,
        "/health/": _constant("health", b'{"status":"ok"}', JSON),
        "/ready/": _handler("ready", ready, JSON),
        "/metrics": _handler("metrics", told, metrics.MEDIA_TYPE),
        "/openapi.json": _constant("document", document, JSON),
        "/docs": _constant(
            "page", docs.PAGE.encode(), "text/html; charset=utf-8", docs.PAGE_HEADERS
        ),
        "/docs/start.js": _constant(
            "script", docs.START.encode(), "text/javascript; charset=utf-8"
        ),
        **{
            f"/docs/{name}": _constant(
                "file", (docs.folder() / name).read_bytes(), media, docs.KEPT
            )
            for name, media in docs.FILES.items()
        },
    }


def _constant(name: str, body: bytes, media: str, headers: dict[str, str] | None = None) -> Handler:
    async def same(_: Request) -> bytes:
        return body

    return _handler(name, same, media, headers)


def _handler(
    name: str,
    make: Callable[[Request], Awaitable[bytes]],
    media: str,
    headers: dict[str, str] | None = None,
) -> Handler:
    async def handle(request: Request) -> HTTPResponse:
        nothing(request.query_string)
        return HTTPResponse(await make(request), content_type=media, headers=headers)

    handle.__name__ = name
    return handle


async def _lacks(catalog: Catalog, migrations: Collection[str], fetch: Fetch) -> list[str]:
    """List what the database lacks that this process serves, and the migrations that it lacks."""
    try:
        offered = await introspection.read(fetch)
        unapplied = await introspection.unapplied(fetch, migrations)
    except FAILURES as error:
        logger.warning("not ready: %s", type(error).__name__)
        raise ProblemError(sqlstate.UNAVAILABLE) from None
    return catalog.missing_from(offered) + unapplied
