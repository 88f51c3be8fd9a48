"""The HTTP application: a route per operation, what HTTP asks of each (types, sizes, headers), and error handlers."""

import logging
import time
import traceback
from collections.abc import Collection, Sequence
from contextlib import suppress
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from asyncpg import PostgresError
from sanic import HTTPResponse, Request, Sanic
from sanic.exceptions import SanicException, ServiceUnavailable
from sanic.response import BaseHTTPResponse

from api import answers, health, media, sqlstate, wire
from api.answers import Service
from api.bodies import TOO_SLOW
from api.catalog import Catalog
from api.config import Config
from api.media import JSON
from api.operations import Operation
from api.problem import MEDIA_TYPE, Problem, ProblemError
from api.wire import Discreet, Incoming

logger = logging.getLogger(__name__)
access_log = logging.getLogger("api.access")
logging.getLogger("sanic.error").addFilter(Discreet())
logging.getLogger("sanic.root").setLevel(logging.WARNING)  # at INFO it tells the URLs of requests that were given up

# What Sanic refuses by itself, by status.
_HTTP_KINDS = {
    404: ("not-found", "There is nothing at this path."),
    405: ("method-not-allowed", "This path does not know this method; `Allow` has those that it knows."),
    408: ("request-timeout", TOO_SLOW.detail),
    413: ("content-too-large", "The request is too large."),
    417: ("expectation-failed", "Only `Expect: 100-continue` is understood."),
}


def create_app(config: Config, catalog: Catalog, migrations: Collection[str] = ()) -> Sanic[Any, Any]:
    """Make the application that serves this catalog; `migrations` are those that have to be applied to be ready."""
    service = Service(config, catalog)
    app: Sanic[Any, Any] = Sanic(f"api-{uuid4().hex}", configure_logging=False, request_class=Incoming)
    app.ctx.metrics, app.ctx.draining, app.ctx.account = service.metrics, False, _account
    app.config.ACCESS_LOG = False
    app.config.FALLBACK_ERROR_FORMAT = "json"
    app.config.REQUEST_MAX_SIZE = 16 * config.body_limit  # read and dropped, so that who sent it reads the answer
    app.config.GRACEFUL_SHUTDOWN_TIMEOUT = config.wait + config.timeout  # what waits and runs at the end may end
    app.config.RESPONSE_TIMEOUT = config.wait + 2 * config.timeout + 5  # a body and a statement
    for position, operation in enumerate(service.operations):
        _add_operation(app, service, operation, position)
    own = health.routes(catalog, migrations, service.document, service.connections.fetch)
    for number, (path, handler) in enumerate(own.items()):
        app.add_route(handler, path, ["GET", "HEAD"], name=f"s{number}", ctx_operation=f"service.{handler.__name__}")
    app.exception(Exception)(_on_error)
    app.register_middleware(_begin, "request")
    app.register_middleware(_finish, "response")

    async def _open(*_: object) -> None:
        await service.open()

    async def _close(*_: object) -> None:
        await service.close()

    app.before_server_start(_open)
    app.after_server_stop(_close)
    return app


def _add_operation(app: Sanic[Any, Any], service: Service, operation: Operation, position: int) -> None:
    answer, path = answers.BY_KIND[operation.kind], service.inputs[operation]
    offered = media.ROWS if operation.kind in ("list", "report") else (JSON,)

    async def handle(request: Request, **segments: str) -> HTTPResponse | None:
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
    app.add_route(handle, uri, methods, name=f"o{position}", stream=stream, ctx_operation=operation.id)


def _acceptable(request: Request, offered: Sequence[str]) -> str:
    found = media.chosen(",".join(request.headers.getall("accept", [])), offered)
    if found is None:
        *others, last = offered
        among = f"{', '.join(others)} or {last}" if others else f"{last} only"
        raise ProblemError(Problem("not-acceptable", f"The answer can be had as {among}."))
    return found


async def _begin(request: Incoming) -> None:
    if request.malformed:
        raise ProblemError(wire.MALFORMED)
    request.ctx.began = time.perf_counter()


async def _finish(request: Request, response: BaseHTTPResponse) -> None:
    if not getattr(request.ctx, "streams", False):  # a stream has begun here, and accounts for itself when it ends
        # Who hung up reads no answer, and that is no fault of the server.
        _account(request, answers.CLIENT_GONE if request.transport.is_closing() else response.status)


def _account(request: Request, status: int) -> None:
    began = getattr(request.ctx, "began", None)
    seconds = None if began is None else time.perf_counter() - began
    operation = getattr(request.route.ctx, "operation", "-") if request.route else "-"
    request.app.ctx.metrics.count(operation, status, seconds)
    # Probes ask the service of itself every other second: that it answered them is not worth a line.
    level = logging.DEBUG if operation.startswith("service.") and status == HTTPStatus.OK else logging.INFO
    if access_log.isEnabledFor(level):  # before a line is made that nobody reads
        took = "-" if seconds is None else f"{seconds * 1000:.1f}"
        access_log.log(level, "%s %s %s ms %s", operation, status, took, _instance(request))


def _instance(request: Request) -> str:
    """Name this request, in its problem document and in the log: never by its path, which may name a person."""
    if not hasattr(request.ctx, "instance"):
        request.ctx.instance = uuid4().urn
    return str(request.ctx.instance)


async def _on_error(request: Request, error: Exception) -> HTTPResponse:
    problem = wire.MALFORMED if getattr(request, "malformed", False) else _problem_of(request, error)
    if problem.kind in ("request-timeout", "malformed-request") or getattr(request.stream, "expecting_continue", False):
        wire.give_up_body(request)
    headers = {name.lower(): value for name, value in problem.headers}
    return HTTPResponse(problem.document(_instance(request)), problem.status, headers, content_type=MEDIA_TYPE)


def _problem_of(request: Request, error: Exception) -> Problem:
    """Say what an exception is to the client; a fault of ours goes into the log without its text, which may quote."""
    if isinstance(error, ProblemError):
        if error.problem.kind == "internal-error" and isinstance(error.__cause__, PostgresError):
            logger.error("SQLSTATE %s in %s", error.__cause__.sqlstate, _instance(request))
        return error.problem
    if isinstance(error, ServiceUnavailable):  # RESPONSE_TIMEOUT has cut it off
        if wire.body_is_missing(request):
            return TOO_SLOW
        return sqlstate.UNAVAILABLE if request.method in ("GET", "HEAD") else sqlstate.OUTCOME_UNKNOWN
    if isinstance(error, SanicException) and error.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
        kind, detail = _HTTP_KINDS.get(error.status_code, (wire.MALFORMED.kind, wire.MALFORMED.detail))
        return Problem(kind, detail, headers=(("Allow", _allow(request)),) if kind == "method-not-allowed" else ())
    where = "".join(traceback.format_tb(error.__traceback__))
    logger.error("%s in %s\n%s", type(error).__name__, _instance(request), where)
    return sqlstate.INTERNAL_ERROR


def _allow(request: Request) -> str:
    """List a path's methods: Sanic itself forgets them where a path has several routes."""
    known = []
    for method in ("DELETE", "GET", "HEAD", "PATCH", "POST"):
        with suppress(SanicException):
            request.app.router.get(request.path, method, None)
            known.append(method)
    return ", ".join(known)
