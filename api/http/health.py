"""The service's own paths: health, readiness, metrics, the document and its page."""

import json
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from sanic import HTTPResponse

from api.document import openapi
from api.document.media_types import JSON
from api.endpoints.service import Service
from api.http import docs, metrics, people
from api.http.draining import Draining
from api.http.metrics import Metrics
from api.http.prefix import Prefix
from api.http.protocol import HttpRequest
from api.http.readiness import Readiness
from api.identity import DEVELOPMENT_ROLE
from api.operations import service_paths
from api.operations.service_paths import ServicePath
from api.problem import RETRY_AFTER, Problem, ProblemError
from api.request.query_string import refuse_parameters

Answer = Callable[[HttpRequest], Awaitable[HTTPResponse]]
Content = Callable[[HttpRequest], Awaitable[bytes]]
_HTML, _SCRIPT = "text/html; charset=utf-8", "text/javascript; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Route:
    """One of the service's own paths, and its handler. `id`: its name in log and metrics."""

    path: str
    id: str
    answer: Answer


def routes(
    services: Mapping[str, Service],
    migrations: Collection[str],
    counts: Metrics | None,
    draining: Draining,
    prefix: Prefix,
) -> Iterator[Route]:
    """Yield the routes. `services`: by role.

    The service is ready if the database has the catalogs of all roles, and `migrations`. `counts`:
    None if the metrics have a port of their own.
    """
    readiness = Readiness(services, migrations)

    async def ready(_: HttpRequest) -> bytes:
        if draining.begun:
            message = "This process is shutting down."
            raise ProblemError(Problem("unavailable", message, headers=RETRY_AFTER))
        if lacks := await readiness.lacks():
            message = f"The database lacks {', '.join(lacks)}."
            raise ProblemError(Problem("unavailable", message, headers=RETRY_AFTER))
        return _json(service_paths.READY)

    start = partial(people.start, services=services)
    yield Route(service_paths.ROOT.path, service_paths.ROOT.id, start)
    yield _route(service_paths.HEALTH, _constant(_json(service_paths.HEALTH)), JSON)
    yield _route(service_paths.READY, ready, JSON)
    if counts:
        yield _route(service_paths.METRICS, _metrics(counts), metrics.MEDIA_TYPE)
    yield _route(service_paths.DOCUMENT, _document(services, prefix), JSON)
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
    async def answer(request: HttpRequest) -> HTTPResponse:
        refuse_parameters(request.query_string)
        body = await content(request)
        return HTTPResponse(body, content_type=media, headers=dict(headers or {}))

    return Route(own.path.format(**names), own.id, answer)


def _json(own: ServicePath) -> bytes:
    return json.dumps(own.answer, separators=(",", ":")).encode()


def _servers(url: str) -> bytes:
    """Write the member of the document that names where the API is."""
    text = json.dumps({"servers": openapi.servers(url)}, separators=(",", ":"))
    return text.strip("{}").encode()


def _metrics(counts: Metrics) -> Content:
    async def text(_: HttpRequest) -> bytes:
        return counts.text()

    return text


def _constant(content: bytes) -> Content:
    async def same(_: HttpRequest) -> bytes:
        return content

    return same


def _with_prefix(content: str) -> Content:
    async def prefixed(request: HttpRequest) -> bytes:
        return content.replace(docs.PREFIX, request.prefix).encode()

    return prefixed


def _document(services: Mapping[str, Service], prefix: Prefix) -> Content:
    """Return the document of the caller's role; without a token that of nobody."""
    usual = services[DEVELOPMENT_ROLE]
    public = openapi.written(openapi.build(usual.catalog, (), usual.config.prefix or "/"))

    async def document(request: HttpRequest) -> bytes:
        text = public
        if "authorization" in request.headers or not request.needs_credentials:
            text = services[(await request.authenticate()).role].document.text
        usual, own = (_servers(prefix.server(each)) for each in (prefix.path, request.prefix))
        return text.replace(usual, own, 1)

    return document
