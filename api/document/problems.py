"""Problems in the document: the schema of a problem document, and a response for each status."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from api.document.component_names import PROBLEM
from api.document.components import Components
from api.document.validators import Schema, choice
from api.problem import KINDS, MEDIA_TYPE

_RETRY_AFTER = {
    "description": "Seconds to wait (RFC 9110); absent if a repeated request could be applied "
    "twice.",
    "schema": {"type": "string"},
}
_CHALLENGE = {
    "description": "What is wrong with the token (RFC 6750); `Bearer` alone where there is none.",
    "schema": {"type": "string"},
}
# In examples: each is what the server answers to some request of the operation.
_LIMIT = {"pointer": "/limit", "detail": "must be a whole number from 1 to 1000"}
_PARAMETER = {"pointer": "/page", "detail": "is not a parameter of this operation"}
# What an operation takes in its query → the fault of the example, the end of a component's name.
_QUERIES: dict[str, tuple[dict[str, str] | None, str]] = {
    "": (_PARAMETER, ""),
    "list": (_LIMIT, ".list"),
    "report": (None, ".report"),
    "service": (_PARAMETER, ".service"),
}
_SHARED = ("invalid-header", "malformed-request")  # kinds whose example several responses have
_FIELD = {"pointer": "/other", "detail": "is not a field of this body"}
_DETAILS = {
    "invalid-query": "The query string does not fit; `errors` says where and why.",
    "invalid-content": "The body does not fit; `errors` says where and why.",
}


def _schema() -> Schema:
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
        "object; the header field `If-Match` is at `/headers/if-match`.",
    }
    errors["items"] = {"type": "object", "properties": fault, "required": list(fault)}
    return {
        "type": "object",
        "description": "What went wrong (RFC 9457).",
        "properties": {**members, "errors": errors},
        "required": list(members),
    }


def responses(
    kinds: Iterable[str], components: Components, *, query: str = "", body: bool = False
) -> dict[str, Any]:
    """Return the responses of some kinds of problem by status.

    `query`: `list` where the operation takes the parameters of a list, `report` where it takes
    filters alone, empty where it takes none, `service` for one of the service's own paths; `body`:
    whether it takes a body.
    """
    made: dict[str, dict[str, Any]] = {}
    endings: dict[str, str] = {}
    for kind in sorted(kinds):
        fault, ending = _variant(kind, query, body=body)
        status = str(KINDS[kind][0])
        made.setdefault(status, {})[kind] = _example(kind, fault)
        endings[status] = endings.get(status, "") + ending
    return {
        status: components.refer(
            "responses",
            status + endings[status],
            partial(_response, examples, components),
        )
        for status, examples in sorted(made.items())
    }


def _variant(kind: str, query: str, *, body: bool) -> tuple[dict[str, str] | None, str]:
    """Return the fault in a kind's example, and what it adds to the name of the response.

    A response is called by its status; the addition says how it differs from that of a read.
    """
    match kind:
        case "invalid-query":
            return _QUERIES[query]
        case "invalid-content":
            return (_FIELD, "") if body else (None, ".refused")
        case "malformed-json":
            return None, ".body"
        case "key-reused":
            return None, ".once"
        case "outcome-unknown":
            return None, ".write"
    return None, ""


def _example(kind: str, fault: dict[str, str] | None) -> dict[str, Any]:
    status, title = KINDS[kind]
    return {
        "type": f"urn:problem-type:{kind}",
        "title": title,
        "status": status,
        "detail": _DETAILS[kind] if fault else f"{title}.",
        "instance": "urn:uuid:01890a5d-ac96-774b-bcce-b302099a8057",
        **({"errors": [fault]} if fault else {}),
    }


def _named(kind: str, example: dict[str, Any], components: Components) -> dict[str, Any]:
    """Name an example by its kind if several responses have it."""
    made = {"value": example}
    shared = kind in _SHARED or example.get("errors") == [_PARAMETER]
    return components.refer("examples", kind, lambda: made) if shared else made


def _response(examples: dict[str, Any], components: Components) -> dict[str, Any]:
    """Describe the answer of the kinds of problem that have one status."""
    content: dict[str, Any] = {"schema": components.refer("schemas", PROBLEM, _schema)}
    if len(examples) == 1:
        (content["example"],) = examples.values()
    else:
        content["examples"] = {
            kind: _named(kind, value, components) for kind, value in examples.items()
        }
    made: dict[str, Any] = {
        "description": f"{', or: '.join(KINDS[kind][1] for kind in examples)}.",
        "content": {MEDIA_TYPE: content},
    }
    if "unauthenticated" in examples:
        header = components.refer("headers", "WWW-Authenticate", lambda: _CHALLENGE)
        made["headers"] = {"WWW-Authenticate": header}
    if "unavailable" in examples:
        header = components.refer("headers", "Retry-After", lambda: _RETRY_AFTER)
        made["headers"] = {"Retry-After": header}
    return made
