"""The HTTP application: a route per operation, what HTTP asks of each (types, sizes, headers), and error handlers."""

import logging
import random
import time
import traceback
from collections.abc import Callable, Collection, Coroutine, Sequence
from contextlib import suppress
from http import HTTPStatus
from typing import Any
from uuid import UUID, uuid4

from asyncpg import PostgresError
from sanic import HTTPResponse, Request, Sanic
from sanic.exceptions import SanicException, ServiceUnavailable

from api.catalog.relations import Catalog
from api.config import Config
from api.database import sqlstate
from api.document.media_types import JSON, ROWS
from api.endpoints import answers
from api.endpoints.answers import Service
from api.http import cors, health, protocol
from api.http.connection_limit import Crowd
from api.http.metrics import Metrics
from api.http.protocol import Discreet, Incoming
from api.operations.operation import Operation
from api.problem import MEDIA_TYPE, Problem, ProblemError
from api.request import media_types
from api.request.body import TOO_SLOW, Memory

logger = logging.getLogger(__name__)
access_log = logging.getLogger("api.access")
logging.getLogger("sanic.error").addFilter(Discreet())
logging.getLogger("sanic.root").setLevel(
    logging.WARNING
)  # at INFO it tells the URLs of requests that were given up

Handler = Callable[..., Coroutine[Any, Any, HTTPResponse | None]]

_BODIES = 64  # of the largest size, which may be arriving at once

# What Sanic refuses by itself, by status.
_HTTP_KINDS = {
    404: ("not-found", "There is nothing at this path."),
    405: (
        "method-not-allowed",
        "This path does not know this method; `Allow` has those that it knows.",
    ),
    408: ("request-timeout", TOO_SLOW.detail),
    413: ("content-too-large", "The request is too large."),
    417: ("expectation-failed", "Only `Expect: 100-continue` is understood."),
}


def create_app(
    config: Config, catalog: Catalog, migrations: Collection[str] = ()
) -> Sanic[Any, Any]:
    """Make the application that serves this catalog; `migrations` are those that have to be applied to be ready."""
    service = Service(config, catalog)
    app: Sanic[Any, Any] = Sanic(
        f"api-{uuid4().hex}", configure_logging=False, request_class=Incoming
    )
    app.ctx.metrics, app.ctx.draining, app.ctx.account = (
        Metrics(service.connections.numbers),
        False,
        _account,
    )
    app.config.ACCESS_LOG = False
    app.config.FALLBACK_ERROR_FORMAT = "json"
    app.ctx.crowd, app.ctx.body_limit = Crowd(config.clients), config.body_limit
    app.ctx.hosts = config.hosts
    app.ctx.memory = Memory(_BODIES * config.body_limit)
    app.config.REQUEST_MAX_SIZE = (
        2**63
    )  # bodies have limits of their own, and what is too much is read and dropped
    app.config.REQUEST_MAX_HEADER_SIZE = config.head_limit
    app.config.REQUEST_TIMEOUT, app.config.KEEP_ALIVE_TIMEOUT = config.timeout, config.keep_alive
    app.config.GRACEFUL_SHUTDOWN_TIMEOUT = (
        config.wait + config.timeout
    )  # what waits and runs at the end may end
    app.config.RESPONSE_TIMEOUT = config.wait + 2 * config.timeout + 5  # a body and a statement
    for position, operation in enumerate(service.operations):
        _add_operation(app, service, operation, position)
    own = health.routes(catalog, migrations, service.document, service.connections.fetch)
    for number, (path, handler) in enumerate(own.items()):
        name = f"service.{handler.__name__}"
        app.add_route(
            _answering(handler), path, ["GET", "HEAD"], name=f"s{number}", ctx_operation=name
        )
    app.exception(Exception)(_on_error)
    cors.admit(app, config.origins, _allow)

    async def _open(*_: object) -> None:
        await service.open()

    async def _close(*_: object) -> None:
        await service.close()

    app.before_server_start(_open)
    app.after_server_stop(_close)
    return app


def _add_operation(
    app: Sanic[Any, Any], service: Service, operation: Operation, position: int
) -> None:
    answer, path = answers.BY_KIND[operation.kind], service.inputs[operation]
    offered = ROWS if operation.kind.many_rows else (JSON,)

    async def handle(request: Incoming, **segments: str) -> HTTPResponse | None:
        keys = path.keys(segments.values())
        wanted = _acceptable(request, offered)
        if wanted != JSON:
            await answers.export(service, operation, request, keys, wanted)
            return None
        return await answer(service, operation, request, keys)

    steps = enumerate(operation.path.strip("/").split("/"))
    uri = "/" + "/".join(f"<k{n}:str>" if step.startswith("{") else step for n, step in steps)
    methods = ["GET", "HEAD"] if operation.method == "GET" else [operation.method]
    stream = operation.method in ("POST", "PATCH")
    app.add_route(
        _answering(handle),
        uri,
        methods,
        name=f"o{position}",
        stream=stream,
        ctx_operation=operation.id,
    )


def _answering(handler: Handler) -> Handler:
    """Let a handler have only requests that are proper HTTP, and answer a problem here: Sanic takes thrice as long."""

    async def handle(request: Incoming, **segments: str) -> HTTPResponse | None:
        if request.malformed:
            return _refused(request, request.malformed)
        try:
            return await handler(request, **segments)
        except ProblemError as error:
            return _refused(request, _told(request, error))

    return handle


def _acceptable(request: Request, offered: Sequence[str]) -> str:
    if "accept" not in request.headers:
        return offered[0]
    found = media_types.chosen(",".join(request.headers.getall("accept")), offered)
    if found is None:
        only = "" if len(offered) > 1 else " only"
        raise ProblemError(
            Problem(
                "not-acceptable", f"The answer can be had as {media_types.among(offered)}{only}."
            )
        )
    return found


def _account(request: Incoming, status: int) -> None:
    seconds = (
        time.perf_counter() - request.began if request.head else None
    )  # Sanic has made it, when it gave one up
    operation = request.route.ctx.operation if request.route else "-"
    request.app.ctx.metrics.count(operation, status, seconds)
    # Probes ask the service of itself every other second: that it answered them is not worth a
    # line.
    level = (
        logging.DEBUG
        if operation.startswith("service.") and status == HTTPStatus.OK
        else logging.INFO
    )
    if access_log.isEnabledFor(level):  # before a line is made that nobody reads
        took = "-" if seconds is None else f"{seconds * 1000:.1f}"
        access_log.log(level, "%s %s %s ms %s", operation, status, took, _instance(request))


def _instance(request: Incoming) -> str:
    """Name this request, in its problem document and in the log: never by its path, which may name a person."""
    # No secret, so that it need not be the kernel's: uuid4 would ask that each time.
    request.instance = request.instance or UUID(int=random.getrandbits(128), version=4).urn
    return request.instance


async def _on_error(request: Incoming, error: Exception) -> HTTPResponse:
    return _refused(request, request.malformed or _problem_of(request, error))


def _refused(request: Incoming, problem: Problem) -> HTTPResponse:
    # Without a head it is Sanic's stand-in for one that it could not read.
    if not request.head or problem.kind in ("request-timeout", "malformed-request"):
        protocol.give_up_body(request)
    headers = {name.lower(): value for name, value in problem.headers}
    return HTTPResponse(
        problem.document(_instance(request)), problem.status, headers, content_type=MEDIA_TYPE
    )


def _problem_of(request: Incoming, error: Exception) -> Problem:
    """Say what an exception is to the client; a fault of ours goes into the log without its text, which may quote."""
    if isinstance(error, ProblemError):
        return _told(request, error)
    if isinstance(error, ServiceUnavailable):  # RESPONSE_TIMEOUT has cut it off
        if protocol.body_is_missing(request):
            return TOO_SLOW
        return (
            sqlstate.UNAVAILABLE if request.method in ("GET", "HEAD") else sqlstate.OUTCOME_UNKNOWN
        )
    if isinstance(error, SanicException) and error.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
        kind, detail = _HTTP_KINDS.get(
            error.status_code, (protocol.MALFORMED.kind, protocol.MALFORMED.detail)
        )
        return Problem(
            kind,
            detail,
            headers=(("Allow", _allow(request)),) if kind == "method-not-allowed" else (),
        )
    where = "".join(traceback.format_tb(error.__traceback__))
    logger.error("%s in %s\n%s", type(error).__name__, _instance(request), where)
    return sqlstate.INTERNAL_ERROR


def _told(request: Incoming, error: ProblemError) -> Problem:
    if error.problem.kind == "internal-error" and isinstance(error.__cause__, PostgresError):
        logger.error("SQLSTATE %s in %s", error.__cause__.sqlstate, _instance(request))
    return error.problem


def _allow(request: Request) -> str:
    """List a path's methods: Sanic itself forgets them where a path has several routes."""
    if (
        isinstance(request, Incoming) and request.malformed
    ):  # so that no preflight answers what two may read otherwise
        return ""
    known = []
    for method in ("DELETE", "GET", "HEAD", "PATCH", "POST"):
        with suppress(SanicException):
            request.app.router.get(request.path, method, None)
            known.append(method)
    return ", ".join(known)
