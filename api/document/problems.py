"""Problems in the document: the schema of a problem document, and a response for each kind."""

from collections.abc import Iterable
from typing import Any

from api.document.component_names import reference
from api.document.validators import Schema, choice
from api.problem import KINDS, MEDIA_TYPE

_OR = ".or."  # between the kinds of problem that share a response
_FAULTS = {
    "invalid-content": {"pointer": "/field", "detail": "is missing"},
    "invalid-query": {"pointer": "/limit", "detail": "must be a whole number from 1 to 1000"},
}


def schema() -> Schema:
    """Return the schema of a problem document."""
    fault = {
        "pointer": {"type": "string", "description": "JSON Pointer (RFC 6901)."},
        "detail": {"type": "string"},
    }
    members: Schema = {
        "type": {**choice({f"urn:problem-type:{kind}": kind for kind in KINDS}), "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong, in a sentence."},
        "instance": {
            "type": "string",
            "format": "uri",
            "description": "The id of this request; the log has the same id.",
        },
    }
    errors: Schema = {
        "type": "array",
        "description": "Every fault, with its place in the body, or in the query string read as an "
        "object.",
    }
    errors["items"] = {"type": "object", "properties": fault, "required": list(fault)}
    return {
        "type": "object",
        "description": "What went wrong (RFC 9457).",
        "properties": {**members, "errors": errors},
        "required": list(members),
    }


def _example(kind: str) -> dict[str, Any]:
    status, title = KINDS[kind]
    return {
        "type": f"urn:problem-type:{kind}",
        "title": title,
        "status": status,
        "detail": f"{title}.",
        "instance": "urn:uuid:01890a5d-ac96-774b-bcce-b302099a8057",
        **({"errors": [_FAULTS[kind]]} if kind in _FAULTS else {}),
    }


def response(name: str) -> dict[str, Any]:
    """Return the component that `responses` refers to by this name."""
    kinds = name.split(_OR)
    examples = {kind: {"value": _example(kind)} for kind in kinds}
    headers = {"Retry-After": reference("headers", "Retry-After")}
    return {
        "description": f"{', or: '.join(KINDS[kind][1] for kind in kinds)}.",
        **({"headers": headers} if "unavailable" in kinds else {}),
        "content": {MEDIA_TYPE: {"schema": reference("schemas", "problem"), "examples": examples}},
    }


def responses(kinds: Iterable[str]) -> dict[str, Any]:
    """Return the responses of some kinds of problem by status.

    Kinds of one status share a response, whose name is made of theirs.
    """
    found: dict[str, list[str]] = {}
    for kind in sorted(kinds):
        found.setdefault(str(KINDS[kind][0]), []).append(kind)
    return {
        status: reference("responses", _OR.join(kinds)) for status, kinds in sorted(found.items())
    }
