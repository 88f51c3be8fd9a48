"""The service's own paths: health, readiness, metrics, the document and its page."""

import json
import logging
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from sanic import HTTPResponse

from api.catalog import introspection
from api.database import sqlstate
from api.database.connections import FAILURES
from api.document import openapi
from api.document.media_types import JSON
from api.endpoints.service import Service
from api.http import docs, metrics
from api.http.draining import Draining
from api.http.metrics import Metrics
from api.http.prefix import Prefix
from api.operations import service_paths
from api.operations.service_paths import ServicePath
from api.problem import RETRY_AFTER, Problem, ProblemError
from api.request.query_string import refuse_parameters

logger = logging.getLogger(__name__)

Answer = Callable[[str, str], Awaitable[HTTPResponse]]
"""Takes a query string, and what stands before the paths of the answer."""
Content = Callable[[str], Awaitable[bytes]]
"""Takes what stands before the paths in the content."""
_HTML, _SCRIPT = "text/html; charset=utf-8", "text/javascript; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Route:
    """One of the service's own paths, and its handler. `id`: its name in log and metrics."""

    path: str
    id: str
    answer: Answer


def routes(
    service: Service,
    migrations: Collection[str],
    counts: Metrics,
    draining: Draining,
    prefix: Prefix,
) -> Iterator[Route]:
    """Yield the routes. The service is ready if the database has its catalog and `migrations`."""

    async def ready(_: str) -> bytes:
        if draining.begun:
            message = "This process is shutting down."
            raise ProblemError(Problem("unavailable", message, headers=RETRY_AFTER))
        if lacks := await _lacks(service, migrations):
            message = f"The database lacks {', '.join(lacks)}."
            raise ProblemError(Problem("unavailable", message, headers=RETRY_AFTER))
        return _json(service_paths.READY)

    async def count(_: str) -> bytes:
        return counts.text()

    async def document(path: str) -> bytes:
        usual, own = (_servers(prefix.server(each)) for each in (prefix.path, path))
        return service.document_text.replace(usual, own, 1)

    yield Route(service_paths.ROOT.path, service_paths.ROOT.id, _redirect)
    yield _route(service_paths.HEALTH, _constant(_json(service_paths.HEALTH)), JSON)
    yield _route(service_paths.READY, ready, JSON)
    yield _route(service_paths.METRICS, count, metrics.MEDIA_TYPE)
    yield _route(service_paths.DOCUMENT, document, JSON)
    yield _route(service_paths.PAGE, _with_prefix(docs.PAGE), _HTML, docs.PAGE_HEADERS)
    yield _route(service_paths.SCRIPT, _with_prefix(docs.START), _SCRIPT)
    for name, media in docs.FILES.items():
        content = _constant((docs.folder() / name).read_bytes())
        yield _route(service_paths.FILE, content, media, docs.FILE_HEADERS, file=name)


def _route(
    own: ServicePath,
    content: Content,
    media: str,
    headers: Mapping[str, str] | None = None,
    **names: str,
) -> Route:
    async def answer(query: str, prefix: str) -> HTTPResponse:
        refuse_parameters(query)
        return HTTPResponse(await content(prefix), content_type=media, headers=dict(headers or {}))

    return Route(own.path.format(**names), own.id, answer)


def _json(own: ServicePath) -> bytes:
    return json.dumps(own.answer, separators=(",", ":")).encode()


def _servers(url: str) -> bytes:
    """Write the member of the document that names where the API is."""
    text = json.dumps({"servers": openapi.servers(url)}, separators=(",", ":"))
    return text.strip("{}").encode()


def _constant(content: bytes) -> Content:
    async def same(_: str) -> bytes:
        return content

    return same


def _with_prefix(content: str) -> Content:
    async def prefixed(prefix: str) -> bytes:
        return content.replace(docs.PREFIX, prefix).encode()

    return prefixed


async def _redirect(_: str, prefix: str) -> HTTPResponse:
    headers = {"location": prefix + service_paths.PAGE.path}
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
