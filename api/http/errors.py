"""Problems as answers: what endpoints raise, what Sanic refuses, and unexpected exceptions."""

import logging
import traceback
from collections.abc import Callable, Iterator
from http import HTTPStatus

from asyncpg import PostgresError
from sanic import HTTPResponse
from sanic.exceptions import MethodNotAllowed, NotFound, SanicException, ServiceUnavailable

from api.catalog.view_lines import KEY
from api.database import sqlstate
from api.http import trace_context
from api.http.log_output import parts
from api.http.protocol import HttpRequest
from api.http.request_head import MALFORMED
from api.http.token_refusals import NO_OPERATION
from api.problem import MEDIA_TYPE, Problem, ProblemError
from api.request.body import TOO_SLOW

logger = logging.getLogger(__name__)

_METHODS = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")
# What Sanic refuses by itself, by status.
_BY_STATUS = {
    404: Problem("not-found", "There is nothing at this path."),
    408: Problem("request-timeout", TOO_SLOW.detail),
    413: Problem("content-too-large", "The request is too large."),
    417: Problem("expectation-failed", "Only `Expect: 100-continue` is supported."),
}


Page = Callable[[HttpRequest, Problem], HTTPResponse | None]
"""What answers with a page where a request prefers one, and otherwise with None."""


async def on_error(request: HttpRequest, error: Exception, page: Page) -> HTTPResponse:
    """Answer an exception that reached Sanic.

    A client must be authenticated to learn that a path or method does not exist.
    """
    if isinstance(error, NotFound | MethodNotAllowed) and not request.malformed:
        try:
            await request.authenticate()
        except Exception as refusal:  # noqa: BLE001 - it is answered below
            error = refusal
    return refused(request, request.malformed or _problem(request, error), page)


def refused(request: HttpRequest, problem: Problem, page: Page) -> HTTPResponse:
    """Answer with a problem document, or with a page."""
    # Sanic makes a request without a head to answer what it could not read.
    if not request.head or problem.kind in ("request-timeout", "malformed-request"):
        request.give_up_body()
    if problem is sqlstate.OUTCOME_UNKNOWN and KEY in request.headers:
        problem = sqlstate.OUTCOME_UNKNOWN_ONCE
    if shown := page(request, problem):
        return shown
    headers = {name.lower(): value for name, value in problem.headers}
    document = problem.document(request.identify())
    return HTTPResponse(document, problem.status, headers, content_type=MEDIA_TYPE)


def reported(request: HttpRequest, error: ProblemError) -> Problem:
    """Return the problem of an exception; log its note, and the cause in the database."""
    note, cause, kind = error.problem.note, error.__cause__, error.problem.kind
    id_ = request.identify()
    if isinstance(cause, PostgresError) and kind == "internal-error":
        logger.error("SQLSTATE %s in %s", cause.sqlstate, id_, extra=_belonging(request))
    if isinstance(cause, PostgresError) and kind == "not-permitted":
        note = sqlstate.refused_object(cause) or note or "SQLSTATE 42501"
    if note:
        logger.warning("%s in %s", note, id_, extra=_belonging(request))
    return error.problem


def allowed_to_pages(request: HttpRequest) -> str:
    """List the methods that a page of another origin may use at a request's path.

    Empty for a malformed request, which a proxy may read in another way. A preflight has no
    credentials: where they are needed, it is not told what is at the path.
    """
    if request.malformed:
        return ""
    return ", ".join(_METHODS if request.needs_credentials else _allowed(request))


def _allowed(request: HttpRequest, role: str | None = None) -> Iterator[str]:
    """Yield the methods of a request's path: Sanic's own list has those of one route only.

    With a role, those that it may use.
    """
    routes = request.routes_at(request.path)
    for method in _METHODS:
        route = routes.get(method)
        if route and (role is None or route.roles is None or role in route.roles):
            yield method


def _method_not_allowed(request: HttpRequest) -> Problem:
    methods = ", ".join(_allowed(request, request.identity.role))
    if not methods:
        return NO_OPERATION
    allow = (("Allow", methods),)
    return Problem("method-not-allowed", "Method not allowed; see `Allow`.", headers=allow)


def _problem(request: HttpRequest, error: Exception) -> Problem:
    if isinstance(error, ProblemError):
        return reported(request, error)
    if isinstance(error, ServiceUnavailable):  # RESPONSE_TIMEOUT has passed
        if request.lacks_body:
            return TOO_SLOW
        is_read = request.method in ("GET", "HEAD")
        return sqlstate.UNAVAILABLE if is_read else sqlstate.OUTCOME_UNKNOWN
    if isinstance(error, MethodNotAllowed):
        return _method_not_allowed(request)
    if isinstance(error, SanicException) and error.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
        return _BY_STATUS.get(error.status_code, MALFORMED)
    # The traceback without the exception's text, which may quote a row.
    where = "".join(traceback.format_tb(error.__traceback__))
    name, id_ = type(error).__name__, request.identify()
    logger.error("%s in %s\n%s", name, id_, where, extra=_belonging(request))
    return sqlstate.INTERNAL_ERROR


def _belonging(request: HttpRequest) -> dict[str, dict[str, str | int]]:
    """Return what a line of the log has besides, that is about a request."""
    operation = request.route.operation if request.route else "-"
    trace = trace_context.trace(request.headers)
    of_trace = {"trace": trace} if trace else {}
    return parts(operation=operation, request=request.identify(), **of_trace)
