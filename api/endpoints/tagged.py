"""Answers with an entity tag, and reads under a condition (RFC 9110, sections 8.8.3 and 13)."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from sanic import HTTPResponse
from sanic.compat import Header

from api.catalog.view_lines import MATCH
from api.document.media_types import JSON
from api.problem import ProblemError
from api.request.preconditions import FAILED, NONE_MATCH, Tags, tags_of

_NOT_MODIFIED = 304


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a read is under: the tags of `If-Match` and of `If-None-Match`, None where not sent."""

    match: Tags | None
    none_match: Tags | None

    def hold(self, tag: str | None) -> bool:
        """Return whether the content is to be sent; otherwise the client has it already.

        `tag`: the content's, None where it has none. Raises ProblemError `precondition-failed`.
        """
        if self.match and not self.match.match(tag):
            raise ProblemError(FAILED)
        return not (self.none_match and self.none_match.match_weakly(tag))


def conditions_of(headers: Header) -> Conditions | None:
    """Return the conditions of a read, or None.

    Raises ProblemError `invalid-header`.
    """
    if MATCH not in headers and NONE_MATCH not in headers:
        return None
    return Conditions(tags_of(headers, MATCH), tags_of(headers, NONE_MATCH))


def entity_tag(content: bytes, more: str = "") -> str:
    """Return the strong tag of an answer; `more`: what it says beside its content.

    That of a row is the first 128 bits of the SHA-256 of its JSON: `sql.fragments` compares it.
    """
    digest = sha256(content)
    if more:
        digest.update(more.encode())
    return f'"{digest.hexdigest()[:32]}"'


def tagged(content: bytes, conditions: Conditions | None = None) -> HTTPResponse:
    """Answer with some JSON and its tag, or with 304 where the client has it.

    Raises ProblemError `precondition-failed`.
    """
    tag = entity_tag(content)
    if conditions and not conditions.hold(tag):
        return not_modified({"etag": tag})
    return HTTPResponse(content, content_type=JSON, headers={"etag": tag})


def tagged_form(
    content: bytes,
    content_type: str,
    conditions: Conditions | None,
    headers: Mapping[str, str],
    policy: Mapping[str, str],
) -> HTTPResponse:
    """Answer as `tagged` does, in another form than JSON; `policy`: header fields that 304 lacks.

    Raises ProblemError `precondition-failed`.
    """
    own = {**headers, "etag": entity_tag(content)}
    if conditions and not conditions.hold(own["etag"]):
        return not_modified(own)
    return HTTPResponse(content, content_type=content_type, headers={**own, **policy})


def not_modified(headers: dict[str, str]) -> HTTPResponse:
    """Answer that the client has the content already."""
    return HTTPResponse(status=_NOT_MODIFIED, headers=headers)
