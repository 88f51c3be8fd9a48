"""The HTTP application: a route for each operation and for each of the service's own paths."""

import logging
import socket
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, cast
from uuid import uuid4

from sanic import HTTPResponse, Sanic
from sanic.server import AsyncioServer

from api.catalog import logins
from api.catalog.relations import Catalog
from api.config import Config
from api.endpoints import kinds, service
from api.endpoints.service import Service
from api.http import cors, errors, health, traced_log
from api.http.access_log import AccessLog, WithoutQuotes
from api.http.connection_limit import ConnectionLimit
from api.http.counts import Counts
from api.http.draining import Draining
from api.http.metrics import Metrics
from api.http.people import ProblemPages
from api.http.prefix import Prefix
from api.http.protocol import Connection, HttpRequest
from api.http.read_log import ReadLog
from api.http.routes import Route, Routes
from api.http.server_state import ServerState
from api.http.token_refusals import NO_OPERATION
from api.http.tokens import Tokens
from api.identity import DEVELOPMENT_ROLE, Identity
from api.operations.operation import Operation
from api.problem import ProblemError
from api.representations.templates import Template
from api.request.reading import Reading

_Answer = Callable[[HttpRequest, Collection[str]], Awaitable[HTTPResponse | None]]

_READS = frozenset(["GET", "HEAD"])

logging.getLogger("sanic.error").addFilter(WithoutQuotes())
# At INFO it logs the URLs of requests that were cancelled.
logging.getLogger("sanic.root").setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Application:
    """Sanic's application, the protocol of its connections, and what the process needs of it."""

    sanic: Sanic[Any, Any]
    protocol: Callable[..., Connection]
    service: Service
    metrics: Metrics
    draining: Draining

    async def create_server(self, listening: socket.socket) -> AsyncioServer:
        """Make Sanic's server on a socket; it does not serve yet."""
        server = await self.sanic.create_server(
            sock=listening,
            protocol=cast("Any", self.protocol),
            return_asyncio_server=True,
            asyncio_server_kwargs={"start_serving": False},
        )
        assert server is not None
        return server


class _Answers(dict[str, _Answer]):
    """What answers the requests of a route, by role; compiled at the first request of each role.

    Most operations are never asked for by most roles, and the schema may grow.
    """

    def __init__(
        self,
        operations: Mapping[str, Operation],
        services: Mapping[str, Service],
        page: errors.Page,
    ) -> None:
        """Take the operation of each role that has one here; `page` shows its problems."""
        super().__init__()
        self.page = page
        self.operations = operations
        self._services = services

    def __missing__(self, role: str) -> _Answer:
        """Compile the endpoint. Raises ProblemError if the role has no such operation."""
        if role not in self.operations:
            raise ProblemError(NO_OPERATION)
        endpoint = kinds.endpoint(self.operations[role], self._services[role])
        self[role] = endpoint.answer
        return endpoint.answer


def create_app(
    config: Config,
    catalogs: Mapping[str, Catalog],
    migrations: Collection[str] = (),
    tenant: str = "",
    templates: Iterable[Template] = (),
) -> Application:
    """Make the application that serves to each role what the schema offers to it.

    It is ready when these migrations, given by their ids, are applied. `tenant`: that of the
    development identity; `templates`: those of the schema.
    """
    services = service.build(config, catalogs, templates)
    shared = services[DEVELOPMENT_ROLE]
    tokens = _tokens(config, services, tenant)
    metrics = Metrics(counts := Counts(), shared.connections.numbers)
    draining = Draining()
    prefix, log = Prefix.of_config(config), _log(config, counts, services)
    reads = _read_log(shared, counts)
    state = ServerState(
        hosts=config.hosts,
        routes=(routes := Routes()),
        prefix=prefix,
        body=shared.body,
        limit=ConnectionLimit(config.clients),
        draining=draining,
        log=log,
        reads=reads,
        tokens=tokens,
    )
    app = _sanic(config, routes)
    shown = None if config.metrics_port else metrics
    own = health.routes(services, migrations, shown, draining, prefix)
    _add_routes(app, routes, services, tokens, own)
    cors.allow(app, config.origins, cast("Any", errors.allowed_to_pages))
    _open_and_close(app, shared, tokens, log, reads)
    return Application(app, partial(Connection, shared=state), shared, metrics, draining)


def _add_routes(
    app: Sanic[Any, Any],
    routes: Routes,
    services: Mapping[str, Service],
    tokens: Tokens,
    own: Iterable[health.Route],
) -> None:
    """Add the routes of all operations, and the service's own."""
    pages, shared = ProblemPages(services), services[DEVELOPMENT_ROLE]
    for number, operations in enumerate(_by_route(services).values()):
        answers = _Answers(operations, services, partial(pages.answer, operations=operations))
        _add_route(routes, answers, tokens, number, _reading(operations, shared))
    page = partial(pages.answer, operations={})
    for number, route in enumerate(own):
        _add_service_route(routes, route, number, page)
    app.exception(Exception)(partial(errors.on_error, page=page))


def _open_and_close(
    app: Sanic[Any, Any],
    shared: Service,
    tokens: Tokens,
    log: AccessLog,
    reads: ReadLog | None,
) -> None:
    """Let the server open what it uses in the process that serves, and close it at its end."""

    async def start(*_: object) -> None:
        log.open()
        tokens.open()
        await shared.open()
        if reads:
            reads.open()

    async def stop(*_: object) -> None:
        if reads:
            await reads.close()  # by connections that are still open
        await shared.close()
        await tokens.close()
        log.close()

    app.before_server_start(start)
    app.after_server_stop(stop)


def _sanic(config: Config, routes: Routes) -> Sanic[Any, Any]:
    app: Sanic[Any, Any] = Sanic(f"api-{uuid4().hex}", router=routes, configure_logging=False)
    app.config.ACCESS_LOG = False
    app.config.FALLBACK_ERROR_FORMAT = "json"
    # Bodies have limits of their own; what is too large is read and dropped.
    app.config.REQUEST_MAX_SIZE = 2**63
    app.config.REQUEST_MAX_HEADER_SIZE = config.head_limit
    app.config.REQUEST_TIMEOUT, app.config.KEEP_ALIVE_TIMEOUT = config.timeout, config.keep_alive
    # During shutdown, requests may still wait for a connection and run their statement.
    app.config.GRACEFUL_SHUTDOWN_TIMEOUT = config.wait + config.timeout
    app.config.RESPONSE_TIMEOUT = config.wait + 2 * config.timeout + 5  # a body and a statement
    return app


def _tokens(config: Config, services: Mapping[str, Service], tenant: str) -> Tokens:
    connections = services[DEVELOPMENT_ROLE].connections

    async def knows_tenant(identity: Identity) -> bool:
        asking = replace(identity, role=DEVELOPMENT_ROLE)  # which needs no grant of its own
        (known,) = await connections.run(logins.TENANT_IS_KNOWN, (), asking)
        return bool(known)

    return Tokens(
        config,
        services.keys(),
        knows_tenant=knows_tenant if tenant else None,
        development=None if config.issuer else Identity(DEVELOPMENT_ROLE, tenant, "development"),
    )


def _by_route(services: Mapping[str, Service]) -> dict[tuple[str, str], dict[str, Operation]]:
    """Return the operations of each method and path, by role."""
    found: dict[tuple[str, str], dict[str, Operation]] = {}
    for role, shared in services.items():
        for operation in shared.operations:
            found.setdefault((operation.method, operation.path), {})[role] = operation
    return found


def _log(config: Config, counts: Counts, services: Mapping[str, Service]) -> AccessLog:
    """Make the access log; it makes spans where there is a collector."""
    paths = {one.id: one.path for shared in services.values() for one in shared.operations}
    return traced_log.log(config, counts, paths)


def _read_log(shared: Service, counts: Counts) -> ReadLog | None:
    """Make the log of reads, if the database keeps a record of them."""
    if not shared.catalog.records_reads:
        return None
    return ReadLog(shared.connections, counts, shared.config.wait)


def _reading(by_role: Mapping[str, Operation], shared: Service) -> Reading | None:
    """Return how the reads of a route are recorded; None where they are not, or there are none."""
    operations = [*by_role.values()]
    if not (shared.catalog.records_reads and operations[0].kind.safe):
        return None
    return Reading(operations)


def _add_route(
    routes: Routes,
    answers: _Answers,
    tokens: Tokens,
    number: int,
    reading: Reading | None,
) -> None:
    operation = next(iter(answers.operations.values()))
    known = tokens.known

    # Problems are answered here, because Sanic's error handler takes three times as long.
    async def handle(request: HttpRequest, **segments: str) -> HTTPResponse | None:
        if request.malformed:
            return errors.refused(request, request.malformed, answers.page)
        try:
            request.identity = known(request.headers) or await request.authenticate()
            return await answers[request.identity.role](request, segments.values())
        except ProblemError as error:
            return errors.refused(request, errors.reported(request, error), answers.page)

    steps = enumerate(operation.path.strip("/").split("/"))
    uri = "/" + "/".join(f"<k{n}:str>" if step.startswith("{") else step for n, step in steps)
    methods = _READS if operation.method == "GET" else frozenset([operation.method])
    roles = frozenset(answers.operations)
    route = Route(uri, methods, handle, f"o{number}", operation.id, reading, roles)
    routes.serve(route, is_stream=bool(operation.kind.body))


def _add_service_route(routes: Routes, route: health.Route, number: int, page: errors.Page) -> None:
    async def handle(request: HttpRequest, **_: str) -> HTTPResponse:
        if request.malformed:
            return errors.refused(request, request.malformed, page)
        try:
            return await route.answer(request)
        except ProblemError as error:
            return errors.refused(request, errors.reported(request, error), page)

    routes.serve(Route(route.path, _READS, handle, f"s{number}", route.id))
