"""Answers with a page for people, and where a form is sent on to."""

from sanic import HTTPResponse

from api.document.media_types import HTML
from api.endpoints.tagged import conditions_of, tagged_form
from api.pages.site import Site
from api.pages.view import View
from api.representations.representation import PAGE
from api.request.incoming import Incoming

_SEE_OTHER = 303


def view(request: Incoming) -> View:
    """Return what a request asks of a page."""
    return View(request.prefix, request.path, request.query_string)


def moved(request: Incoming, asked: View) -> HTTPResponse | None:
    """Send a form on to the same request without its empty fields; None where it has none.

    Only of a browser are empty fields no filters.
    """
    if HTML not in request.headers.get("accept", ""):
        return None
    place = asked.without_empty()
    if place is None:
        return None
    headers = {"location": place}
    return HTTPResponse(status=_SEE_OTHER, headers=headers, content_type=PAGE.content_type)


def answer(request: Incoming, site: Site, content: bytes, following: str = "") -> HTTPResponse:
    """Answer with a page and its tag, or that the client has it; `following`: the next page."""
    conditions = conditions_of(request.headers)
    headers = {"link": f'<{following}>; rel="next"'} if following else {}
    policy = site.markup.headers
    return tagged_form(content, PAGE.content_type, conditions, headers, policy)
