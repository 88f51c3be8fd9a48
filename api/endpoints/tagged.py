"""Answers with an entity tag, and reads under a condition (RFC 9110, sections 8.8.3 and 13)."""

from collections.abc import Mapping
from hashlib import sha256

from sanic import HTTPResponse

from api.document.media_types import JSON
from api.request.preconditions import Conditions

_NOT_MODIFIED = 304


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
