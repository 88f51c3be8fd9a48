"""The HTTP application: a route per operation, what HTTP asks of each (types, sizes, headers), and error handlers."""

import asyncio
import json
import logging
import time
import traceback
from collections.abc import Collection
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote, urlencode
from uuid import uuid4

from asyncpg import PostgresError
from sanic import HTTPResponse, Request, Sanic
from sanic.exceptions import SanicException, ServiceUnavailable
from sanic.headers import parse_accept
from sanic.response import BaseHTTPResponse

from api import health, openapi, operations, sqlstate, statements, wire
from api.catalog import Catalog
from api.config import Config
from api.cursor import Cursors, secret_of
from api.database import Connections
from api.health import JSON
from api.metrics import Metrics
from api.operations import Operation
from api.paging import Paging, nothing, parameters
from api.problem import MEDIA_TYPE, Problem, ProblemError
from api.validation import Input
from api.wire import Discreet, Incoming

if TYPE_CHECKING:
    from sanic.http import Http

logger = logging.getLogger(__name__)
access_log = logging.getLogger("api.access")
logging.getLogger("sanic.error").addFilter(Discreet())
logging.getLogger("sanic.root").setLevel(logging.WARNING)  # at INFO it tells the URLs of requests that were given up

# What Sanic refuses by itself, by status.
_TOO_SLOW = Problem("request-timeout", "The request did not arrive in time.")
_HTTP_KINDS = {
    404: ("not-found", "There is nothing at this path."),
    405: ("method-not-allowed", "This path does not know this method; `Allow` has those that it knows."),
    408: ("request-timeout", _TOO_SLOW.detail),
    413: ("content-too-large", "The request is too large."),
    417: ("expectation-failed", "Only `Expect: 100-continue` is understood."),
}


class Service:
    """What every request shares: the catalog, what is compiled from it, and the connections."""

    def __init__(self, config: Config, catalog: Catalog) -> None:
        """Compile everything that can be compiled before the first request."""
        self.config = config
        self.catalog = catalog
        self.operations = operations.build(catalog)
        document = openapi.build(catalog, self.operations)
        self.document = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
        self.cursors = Cursors(config.cursor_secret or secret_of(config.database_url))
        self.inputs = {operation: Input(operation, document) for operation in self.operations}
        self.pagings = {o: Paging(o, self.cursors) for o in self.operations if o.kind == "list"}
        self.connections = Connections(config.database_url, config.connections, config.wait, config.timeout)
        self.metrics = Metrics(self.connections.numbers)

    async def run(self, operation: Operation, sql: str, values: list[Any], *, asked: bool = False) -> Any:
        """Run an operation's statement and give its row, or None; `asked` where a query string had values for it."""
        try:
            return await self.connections.run(sql, values, write=operation.method != "GET")
        except PostgresError as error:
            problem = sqlstate.problem(error, operation, self.catalog, asked=asked)
            if operation.keys and sqlstate.is_about_a_value(error):
                keys = values[: len(operation.keys)]
                number = (await self.connections.run(statements.malformed_key(operation), keys))[0]
                if number is not None:
                    problem = sqlstate.missing(operation, operation.parent_of(number))
            raise ProblemError(problem) from error

    async def missing_parent(self, operation: Operation, keys: list[str]) -> Problem | None:
        """Find out which of the path's parents is not there; None where all are."""
        if not operation.parents:
            return None
        row = await self.run(operation, statements.missing_parent(operation), keys)
        return None if row[0] is None else sqlstate.missing(operation, row[0])


async def _list(service: Service, operation: Operation, request: Request, keys: list[str]) -> HTTPResponse:
    page = service.pagings[operation].page(keys, request.query_string)
    sql = statements.listing(operation, page.shape)
    values = [*keys, *page.values, page.limit]
    body, last, found = await service.run(operation, sql, values, asked=bool(page.values))
    if not found:
        last_parent = sqlstate.missing(operation, len(operation.parents) - 1)
        several = len(operation.parents) > 1
        raise ProblemError((several and await service.missing_parent(operation, keys)) or last_parent)
    headers = {}
    if last is not None:
        after = ("after", service.cursors.seal(last, page.scope))
        query = [*(pair for pair in parameters(request.query_string) if pair[0] != "after"), after]
        headers["link"] = f'<{request.path}?{urlencode(query)}>; rel="next"'
    return HTTPResponse(body, content_type=JSON, headers=headers)


async def _read(service: Service, operation: Operation, request: Request, keys: list[str]) -> HTTPResponse:
    nothing(request.query_string)
    row = await service.run(operation, statements.item(operation), keys)
    if row is None:
        raise ProblemError(sqlstate.missing(operation))
    return HTTPResponse(row[0], content_type=JSON)


async def _delete(service: Service, operation: Operation, request: Request, keys: list[str]) -> HTTPResponse:
    nothing(request.query_string)
    if await service.run(operation, statements.item(operation), keys) is None:
        raise ProblemError(sqlstate.missing(operation))
    return HTTPResponse(status=204)


async def _create(service: Service, operation: Operation, request: Request, keys: list[str]) -> HTTPResponse:
    text, names = await _body(service, operation, request)
    sql = statements.create(operation, names)
    row = await service.run(operation, sql, [*keys, text] if names else keys)
    if row is None:
        raise ProblemError(await service.missing_parent(operation, keys) or sqlstate.NOT_TAKEN)
    headers = {}
    if row[1] is not None:
        key = ",".join(quote(part, safe="") for part in json.loads(row[1]))
        headers["location"] = f"/{quote(operation.relation.name)}/{key}"
    return HTTPResponse(row[0], status=201, content_type=JSON, headers=headers)


async def _update(service: Service, operation: Operation, request: Request, keys: list[str]) -> HTTPResponse:
    text, names = await _body(service, operation, request)
    row = await service.run(operation, statements.change(operation, names), [*keys, text])
    if row is None:
        raise ProblemError(sqlstate.missing(operation))
    return HTTPResponse(row[0], content_type=JSON)


_ANSWERS = {"list": _list, "report": _read, "read": _read, "delete": _delete, "create": _create, "update": _update}


async def _body(service: Service, operation: Operation, request: Request) -> tuple[str, frozenset[str]]:
    """Read a body, in the order in which faults win: type 415, size 413, query 400, syntax 400, content 422."""
    media, *rest = ",".join(request.headers.getall("content-type", [])).replace(" ", "").lower().split(";")
    charset = {name: text.strip('"') for name, _, text in (part.partition("=") for part in rest)}.get(
        "charset", "utf-8"
    )
    encoding = request.headers.get("content-encoding", "identity").lower()
    if media != JSON or charset != "utf-8" or encoding != "identity":
        raise ProblemError(Problem("unsupported-media-type", f"Send the body as {JSON}, in UTF-8, not compressed."))
    limit, content, stream = service.config.body_limit, b"", cast("Http", request.stream)
    size = int(request.headers.get("content-length", 0))  # with `Expect`, what is too large need not even be sent
    try:
        async with asyncio.timeout(service.config.timeout):
            while size <= limit and (chunk := await stream.read()) is not None:
                content += chunk
                size = max(size, len(content))
    except TimeoutError:
        raise ProblemError(_TOO_SLOW) from None
    if size > limit:
        raise ProblemError(Problem("content-too-large", f"A body may have {limit} bytes."))
    nothing(request.query_string)
    return service.inputs[operation].body(content)


def create_app(config: Config, catalog: Catalog, migrations: Collection[str] = ()) -> Sanic[Any, Any]:
    """Make the application that serves this catalog; `migrations` are those that have to be applied to be ready."""
    service = Service(config, catalog)
    app: Sanic[Any, Any] = Sanic(f"api-{uuid4().hex}", configure_logging=False, request_class=Incoming)
    app.ctx.metrics, app.ctx.draining = service.metrics, False
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
        await service.connections.open()

    async def _close(*_: object) -> None:
        await service.connections.close()

    app.before_server_start(_open)
    app.after_server_stop(_close)
    return app


def _add_operation(app: Sanic[Any, Any], service: Service, operation: Operation, position: int) -> None:
    answer, path = _ANSWERS[operation.kind], service.inputs[operation]

    async def handle(request: Request, **segments: str) -> HTTPResponse:
        keys = path.keys(segments.values())
        _acceptable(request)
        return await answer(service, operation, request, keys)

    steps = enumerate(operation.path.strip("/").split("/"))
    uri = "/" + "/".join(f"<k{n}:str>" if step.startswith("{") else step for n, step in steps)
    methods = ["GET", "HEAD"] if operation.method == "GET" else [operation.method]
    stream = operation.method in ("POST", "PATCH")
    app.add_route(handle, uri, methods, name=f"o{position}", stream=stream, ctx_operation=operation.id)


def _acceptable(request: Request) -> None:
    accept = ",".join(request.headers.getall("accept", [])).lower()
    if accept not in ("", "*/*", JSON) and not any(one.q > 0 and one.match(JSON) for one in parse_accept(accept)):
        raise ProblemError(Problem("not-acceptable", f"The answer can be had as {JSON} only."))


async def _begin(request: Incoming) -> None:
    if request.malformed:
        raise ProblemError(wire.MALFORMED)
    request.ctx.began = time.perf_counter()


async def _finish(request: Request, response: BaseHTTPResponse) -> None:
    began = getattr(request.ctx, "began", None)
    seconds = None if began is None else time.perf_counter() - began
    operation = getattr(request.route.ctx, "operation", "-") if request.route else "-"
    # Who hung up reads no answer, and that is no fault of the server: 499, as other servers have it.
    status = 499 if request.transport.is_closing() else response.status
    request.app.ctx.metrics.count(operation, status, seconds)
    took = "-" if seconds is None else f"{seconds * 1000:.1f}"
    # Probes ask the service of itself every other second: that it answered them is not worth a line.
    level = logging.DEBUG if operation.startswith("service.") and status == HTTPStatus.OK else logging.INFO
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
            return _TOO_SLOW
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
