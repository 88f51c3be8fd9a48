"""The service's own paths: health, readiness, metrics, the document and its page."""

import json
import logging
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from sanic import HTTPResponse

from api.catalog import introspection
from api.database import sqlstate
from api.database.connections import FAILURES
from api.document.media_types import JSON
from api.endpoints.service import Service
from api.http import docs, metrics
from api.http.draining import Draining
from api.http.metrics import Metrics
from api.operations import service_paths
from api.operations.service_paths import ServicePath
from api.problem import RETRY_AFTER, Problem, ProblemError
from api.request.query_string import refuse_parameters

logger = logging.getLogger(__name__)

Answer = Callable[[str], Awaitable[HTTPResponse]]  # of a query string
_HTML, _SCRIPT = "text/html; charset=utf-8", "text/javascript; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Route:
    """One of the service's own paths, and its handler. `id`: its name in log and metrics."""

    path: str
    id: str
    answer: Answer


def routes(
    service: Service, migrations: Collection[str], counts: Metrics, draining: Draining
) -> Iterator[Route]:
    """Yield the routes. The service is ready if the database has its catalog and `migrations`."""

    async def ready() -> bytes:
        if draining.begun:
            message = "This process is shutting down."
            raise ProblemError(Problem("unavailable", message, headers=RETRY_AFTER))
        if lacks := await _lacks(service, migrations):
            message = f"The database lacks {', '.join(lacks)}."
            raise ProblemError(Problem("unavailable", message, headers=RETRY_AFTER))
        return _json(service_paths.READY)

    async def count() -> bytes:
        return counts.text()

    yield Route(service_paths.ROOT.path, service_paths.ROOT.id, _redirect)
    yield _route(service_paths.HEALTH, _constant(_json(service_paths.HEALTH)), JSON)
    yield _route(service_paths.READY, ready, JSON)
    yield _route(service_paths.METRICS, count, metrics.MEDIA_TYPE)
    yield _route(service_paths.DOCUMENT, _constant(service.document_text), JSON)
    yield _route(service_paths.PAGE, _constant(docs.PAGE.encode()), _HTML, docs.PAGE_HEADERS)
    yield _route(service_paths.SCRIPT, _constant(docs.START.encode()), _SCRIPT)
    for name, media in docs.FILES.items():
        content = _constant((docs.folder() / name).read_bytes())
        yield _route(service_paths.FILE, content, media, docs.FILE_HEADERS, file=name)


def _route(
    own: ServicePath,
    content: Callable[[], Awaitable[bytes]],
    media: str,
    headers: Mapping[str, str] | None = None,
    **names: str,
) -> Route:
    async def answer(query: str) -> HTTPResponse:
        refuse_parameters(query)
        return HTTPResponse(await content(), content_type=media, headers=dict(headers or {}))

    return Route(own.path.format(**names), own.id, answer)


def _json(own: ServicePath) -> bytes:
    return json.dumps(own.answer, separators=(",", ":")).encode()


def _constant(content: bytes) -> Callable[[], Awaitable[bytes]]:
    async def same() -> bytes:
        return content

    return same


async def _redirect(_: str) -> HTTPResponse:
    headers = {"location": service_paths.PAGE.path}
    return HTTPResponse(status=302, headers=headers, content_type=_HTML)


async def _lacks(service: Service, migrations: Collection[str]) -> list[str]:
    """List the parts of the catalog that the database lacks, and the unapplied migrations."""
    fetch = service.connections.fetch
    try:
        offered = await introspection.read(fetch)
        unapplied = await introspection.unapplied(fetch, migrations)
    except FAILURES as error:
        logger.warning("not ready: %s", type(error).__name__)
        raise ProblemError(sqlstate.UNAVAILABLE) from None
    return service.catalog.missing_from(offered) + unapplied
