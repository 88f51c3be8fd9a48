"""What can go wrong, as the OpenAPI document tells it: the problem document's schema, and a response for each kind."""

from collections.abc import Iterable
from typing import Any

from api.document.validators import Schema, choice
from api.problem import KINDS, MEDIA_TYPE

_OR = ".or."  # between the kinds of problem that share a response
_FAULTS = {
    "invalid-content": {"pointer": "/field", "detail": "is missing"},
    "invalid-query": {"pointer": "/limit", "detail": "must be a whole number from 1 to 1000"},
}


def schema() -> Schema:
    """Give the schema of a problem document."""
    fault = {
        "pointer": {"type": "string", "description": "JSON Pointer (RFC 6901)."},
        "detail": {"type": "string"},
    }
    members: Schema = {
        "type": {**choice({f"urn:problem-type:{kind}": kind for kind in KINDS}), "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence to act on."},
        "instance": {
            "type": "string",
            "format": "uri",
            "description": "This occurrence; the log has the same id.",
        },
    }
    errors: Schema = {
        "type": "array",
        "description": "Every fault and where it is: in the body, or in the query as an object.",
    }
    errors["items"] = {"type": "object", "properties": fault, "required": list(fault)}
    return {
        "type": "object",
        "description": "What went wrong (RFC 9457).",
        "properties": {**members, "errors": errors},
        "required": list(members),
    }


def _problem_example(kind: str) -> dict[str, Any]:
    status, title = KINDS[kind]
    instance = "urn:uuid:01890a5d-ac96-774b-bcce-b302099a8057"
    members = {
        "type": f"urn:problem-type:{kind}",
        "title": title,
        "status": status,
        "detail": f"{title}.",
    }
    return {
        **members,
        "instance": instance,
        **({"errors": [_FAULTS[kind]]} if kind in _FAULTS else {}),
    }


def response(name: str) -> dict[str, Any]:
    """Give the response of this name, as `responses` refers to it."""
    kinds = name.split(_OR)
    examples = {kind: {"value": _problem_example(kind)} for kind in kinds}
    content = {
        MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/problem"}, "examples": examples}
    }
    headers = (
        {"headers": {"Retry-After": {"$ref": "#/components/headers/Retry-After"}}}
        if "unavailable" in kinds
        else {}
    )
    return {
        "description": f"{', or: '.join(KINDS[kind][1] for kind in kinds)}.",
        **headers,
        "content": content,
    }


def responses(kinds: Iterable[str]) -> dict[str, Any]:
    """Give an operation's responses by status; kinds that share one stand in it together, and in its name."""
    found: dict[str, list[str]] = {}
    for kind in sorted(kinds):
        found.setdefault(str(KINDS[kind][0]), []).append(kind)
    return {
        status: {"$ref": f"#/components/responses/{_OR.join(kinds)}"}
        for status, kinds in sorted(found.items())
    }
