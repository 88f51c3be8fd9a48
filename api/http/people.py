"""What people see beside rows: problems as pages, and the page with all collections and reports."""

import re
from collections.abc import Mapping

from sanic import HTTPResponse

from api.catalog.relations import Catalog, in_words
from api.document.info import info
from api.document.media_types import HTML, JSON
from api.endpoints import page_answers
from api.endpoints.service import Service
from api.http.protocol import HttpRequest
from api.identity import DEVELOPMENT_ROLE, Identity
from api.operations import service_paths
from api.operations.operation import Operation
from api.pages.columns import heading
from api.pages.site import problem_page
from api.problem import Problem, ProblemError
from api.representations.representation import PAGE

_FORMAT = re.compile(r"(?:^|&)format=([^&]*)")
_REDIRECT = 302


def wanted(request: HttpRequest) -> bool:
    """Return whether a request prefers a page to JSON, as that of a browser for a link does.

    `format=html` alone does not make a problem a page: a program may send it, too.
    """
    if request.malformed or request.method not in ("GET", "HEAD"):
        return False
    if (found := _FORMAT.search(request.query_string)) and found[1] != PAGE.form.name:
        return False
    try:
        return request.accepted((JSON, HTML)) == HTML
    except ProblemError:
        return False


class ProblemPages:
    """Problems as pages. `services`: by role."""

    def __init__(self, services: Mapping[str, Service]) -> None:
        """Take the services."""
        self._services = services

    def answer(
        self, request: HttpRequest, problem: Problem, operations: Mapping[str, Operation]
    ) -> HTTPResponse | None:
        """Answer with a page, which keeps the form; None where no page is wanted.

        `operations`: that of the path, by role.
        """
        if not wanted(request):
            return None
        role = request.identity.role if hasattr(request, "identity") else DEVELOPMENT_ROLE
        site, asked = self._services[role].site, page_answers.view(request)
        instance, operation = request.identify(), operations.get(role)
        if operation and operation.kind.many_rows and problem.kind == "invalid-query":
            if moved := page_answers.moved(request, asked):
                return moved
            content = site.refused(operation, asked, problem, instance)
        else:
            content = problem_page(site.markup, problem, asked.prefix, instance)
        headers = {name.lower(): value for name, value in problem.headers} | {**site.markup.headers}
        return HTTPResponse(content, problem.status, headers, content_type=PAGE.content_type)


async def start(request: HttpRequest, services: Mapping[str, Service]) -> HTTPResponse:
    """Show what there is for the caller; send programs, and strangers, on to the documentation."""
    is_stranger = request.needs_credentials and "authorization" not in request.headers
    if is_stranger or not wanted(request):
        headers = {"location": request.prefix + service_paths.PAGE.path}
        return HTTPResponse(status=_REDIRECT, headers=headers, content_type=PAGE.content_type)
    identity = await request.authenticate()
    service = services[identity.role]
    about = info(service.catalog.comments.get("api"))["description"].partition("\n\n")[0]
    content = service.site.index(request.prefix, about, _who(identity, service.catalog))
    return page_answers.answer(request, service.site, content)


def _who(identity: Identity, catalog: Catalog) -> list[tuple[str, str]]:
    """Say for whom a request acts: a tenant is called by the column that policies compare."""
    found = [("Role", identity.role)]
    if identity.tenant:
        given = next((name for r in catalog.relations for name in r.given), "tenant")
        found.append((heading(in_words(given).removesuffix(" id")), identity.tenant))
    return [*found, ("Name", identity.actor)] if identity.actor else found
