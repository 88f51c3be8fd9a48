"""Operations + components → the OpenAPI 3.1 document. What it says is what validates requests."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from api import __version__, access, components
from api.access import Filter
from api.catalog import Catalog
from api.components import Schema
from api.operations import Operation
from api.problem import KINDS, MEDIA_TYPE

DEFAULT_LIMIT, MAX_LIMIT = 100, 1000

_BODY_KINDS = (
    "conflict",
    "content-too-large",
    "expectation-failed",
    "invalid-content",
    "malformed-json",
    "request-timeout",
    "unsupported-media-type",
)
_EVERY_KINDS = ("internal-error", "invalid-query", "not-acceptable", "not-permitted", "unavailable")
_OPERATORS = {
    "eq": "equal to this",
    "gte": "at or after this",
    "gt": "after this",
    "lte": "at or before this",
    "lt": "before this",
    "in": "equal to one of these: comma-separated, quoted as in CSV where a value holds a comma",
    "prefix": "beginning with this text",
    "contains": "holding this text, of at least three characters, in upper or lower case",
    "on": "holding this value in their range",
}


def build(catalog: Catalog, operations: Sequence[Operation]) -> dict[str, Any]:
    """Give the document: deterministic, so that it can be committed and compared."""
    title, _, text = (catalog.comments.get("api") or "API").partition("\n")
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": title, "description": text.strip(), "version": __version__},
        "servers": [{"url": "/"}],
        "tags": [*_tags(operations), {"name": "service", "description": "About the service itself."}],
        "paths": {},
        "components": {
            "schemas": {"problem": _problem()},
            "responses": {kind: _problem_response(kind) for kind in sorted(KINDS)},
            "headers": _headers(),
        },
    }
    schemas = document["components"]["schemas"]
    for operation in operations:
        schemas[schema_name(operation.relation.schema, operation.relation.name)] = components.read(operation.relation)
        if operation.kind in ("create", "update"):
            make = components.created if operation.kind == "create" else components.changed
            schemas[body_name(operation)] = make(operation)
        item = document["paths"].setdefault(operation.path, {})
        if operation.keys:
            item["parameters"] = [_path_parameter(name, column) for name, column in operation.keys]
        item[operation.method.lower()] = _operation(operation, schemas)
    document["paths"].update(_service())
    return document


def schema_name(schema: str, relation: str) -> str:
    """Name the component of a row as it is read."""
    name = relation if schema == "api" else f"{schema}.{relation}"
    return "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in name)


def body_name(operation: Operation) -> str:
    """Name the component of an operation's body: one for each set of columns that it may hold."""
    name = schema_name("api", operation.relation.name)
    if operation.kind == "update":
        return f"{name}.change"
    columns = "".join(f".without.{schema_name('api', column)}" for column in operation.fixed)
    return f"{name}.create{columns}"


def filters(operation: Operation) -> tuple[Filter, ...]:
    """Give the filters that a list offers."""
    return access.filters(operation.relation, operation.fixed) if operation.kind == "list" else ()


def _operation(operation: Operation, schemas: Mapping[str, Schema]) -> dict[str, Any]:
    relation = operation.relation
    made: dict[str, Any] = {
        "operationId": operation.id,
        "tags": [schema_name(relation.schema, relation.name)],
        "summary": _summary(operation),
        "responses": _responses(operation, schemas),
    }
    if operation.kind in ("report", "list") and relation.comment:
        made["description"] = relation.comment
    if operation.kind == "list":
        made["parameters"] = _query_parameters(operation)
    if operation.body:
        name = body_name(operation)
        content: dict[str, Any] = {"schema": _ref("schemas", name)}
        content["example"] = components.example(schemas[name])
        made["requestBody"] = {"required": True, "content": {"application/json": content}}
    return made


def _summary(operation: Operation) -> str:
    noun, plural = operation.relation.noun, operation.relation.name.replace("_", " ")
    article = "an" if noun[:1].lower() in "aeiou" else "a"
    verb = {"create": "Add", "update": "Change", "delete": "Delete"}.get(operation.kind)
    if verb:
        return f"{verb} {article} {noun}"
    if operation.kind == "read":
        return f"Read one of {plural}"
    of = f" of one {operation.parents[-1].relation.noun}" if operation.parents else ""
    return plural[:1].upper() + plural[1:] + of


def _responses(operation: Operation, schemas: Mapping[str, Schema]) -> dict[str, Any]:
    relation = operation.relation
    name = schema_name(relation.schema, relation.name)
    row: dict[str, Any] = {"schema": _ref("schemas", name), "example": _row_example(schemas[name])}
    rows: dict[str, Any] = {"schema": {"type": "array", "items": _ref("schemas", name)}, "example": [row["example"]]}
    answers: dict[str, dict[str, Any]] = {
        "list": {"description": "A page of rows.", "headers": _used("Link"), "content": {"application/json": rows}},
        "report": {"description": "The whole report.", "content": {"application/json": rows}},
        "create": {"description": "The new row.", "headers": _used("Location"), "content": {"application/json": row}},
        "delete": {"description": "It is gone."},
    }
    success = answers.get(operation.kind, {"description": "The row.", "content": {"application/json": row}})
    status = {"create": "201", "delete": "204"}.get(operation.kind, "200")
    kinds = [*_EVERY_KINDS, *(["not-found"] if operation.keys else [])]
    kinds += (
        _BODY_KINDS if operation.kind in ("create", "update") else ["conflict"] if operation.kind == "delete" else []
    )
    if operation.kind not in ("list", "report", "read"):
        kinds.append("outcome-unknown")
    return {status: success, **_problems(kinds), "default": _ref("responses", "malformed-request")}


def _row_example(schema: Schema) -> Any:
    return {name: part["examples"][0] for name, part in schema["properties"].items()}


def _problems(kinds: Iterable[str]) -> dict[str, Any]:
    """Give the responses by status; where two kinds share one, their descriptions stand together."""
    found: dict[str, Any] = {}
    for kind in sorted(kinds):
        status = str(KINDS[kind][0])
        if status in found:
            media: dict[str, Any] = {"schema": _ref("schemas", "problem"), "examples": {}}
            for one in (found[status]["$ref"].rpartition("/")[2], kind):
                media["examples"][one] = {"value": _problem_example(one)}
            titles = f"{KINDS[found[status]['$ref'].rpartition('/')[2]][1]}, or: {KINDS[kind][1]}."
            found[status] = {"description": titles, "content": {MEDIA_TYPE: media}}
            if status == "503":
                found[status]["headers"] = _used("Retry-After")
        else:
            found[status] = _ref("responses", kind)
    return dict(sorted(found.items()))


def _path_parameter(name: str, column: Any) -> dict[str, Any]:
    schema = components.parameter(column)
    return {"name": name, "in": "path", "required": True, "schema": schema, **_described(column.comment)}


def _query_parameters(operation: Operation) -> list[dict[str, Any]]:
    found = []
    for filter_ in filters(operation):
        text = f"Rows whose {filter_.column.name} is {_OPERATORS[filter_.operator]}."
        if filter_.operator in ("contains", "on", "prefix"):
            text = f"Rows whose {filter_.column.name} is {_OPERATORS[filter_.operator]}.".replace(" is ", ": ", 1)
        found.append(_query(filter_.name, text, filter_schema(filter_)))
    served = access.orders(operation.relation, operation.fixed)
    ranged = {f.column.name for f in filters(operation) if f.operator in access.RANGES}
    values = [sign + name for name in dict.fromkeys((*served, *sorted(ranged))) for sign in ("", "-")]
    text = "The column to order by; a minus reverses it. One index has to serve filters and order together."
    found.append(_query("order", text, {"type": "string", "enum": values}))
    limit = {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}
    found.append(_query("limit", "How many rows a page holds.", limit))
    found.append(_query("after", "Where the page starts: from the previous page's `Link`.", {"type": "string"}))
    return found


def filter_schema(filter_: Filter) -> Schema:
    """Give the schema of a filter's value."""
    if filter_.operator in ("in", "prefix"):
        return {"type": "string", "minLength": 1}
    if filter_.operator == "contains":
        return {"type": "string", "minLength": 3}
    bound = filter_.column.type.base.part
    if filter_.operator == "on" and bound:
        return components.value(bound)
    return components.parameter(filter_.column)


def _query(name: str, text: str, schema: Schema) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": text, "schema": schema}


def _described(comment: str | None) -> dict[str, str]:
    text = (comment or "").partition("\nExample: ")[0]
    return {"description": text} if text else {}


def _tags(operations: Iterable[Operation]) -> list[dict[str, str]]:
    relations = {schema_name(o.relation.schema, o.relation.name): o.relation for o in operations}
    return [{"name": name, **_described(relation.comment)} for name, relation in relations.items()]


def _ref(kind: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/components/{kind}/{name}"}


def _used(name: str) -> dict[str, Any]:
    return {name: _ref("headers", name)}


def _headers() -> dict[str, Any]:
    texts = {
        "Link": 'The next page, `rel="next"` (RFC 8288); absent on the last one.',
        "Location": "The new row's own path.",
        "Retry-After": "Seconds to wait (RFC 9110); absent where repeating could do it twice.",
    }
    return {name: {"description": text, "schema": {"type": "string"}} for name, text in texts.items()}


def _problem() -> Schema:
    fault = {"pointer": {"type": "string", "description": "JSON Pointer (RFC 6901)."}, "detail": {"type": "string"}}
    members: Schema = {
        "type": {"type": "string", "format": "uri", "enum": [f"urn:problem-type:{kind}" for kind in KINDS]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence to act on."},
        "instance": {"type": "string", "format": "uri", "description": "This occurrence; the log has the same id."},
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
    return {
        "type": f"urn:problem-type:{kind}",
        "title": title,
        "status": status,
        "detail": f"{title}.",
        "instance": instance,
    }


def _problem_response(kind: str) -> dict[str, Any]:
    content = {MEDIA_TYPE: {"schema": _ref("schemas", "problem"), "example": _problem_example(kind)}}
    headers = {"headers": _used("Retry-After")} if kind == "unavailable" else {}
    return {"description": f"{KINDS[kind][1]}.", **headers, "content": content}


def _service() -> dict[str, Any]:
    status: Schema = {"type": "object", "properties": {"status": {"type": "string"}}, "required": ["status"]}
    described = {
        "/health/": ("service.health", "The process lives.", status, {"status": "ok"}),
        "/ready/": (
            "service.ready",
            "The database offers everything that this process serves.",
            status,
            {"status": "ready"},
        ),
        "/openapi.json": ("service.document", "This document.", {"type": "object"}, {"openapi": "3.1.0"}),
    }
    return {
        path: {
            "get": {
                "operationId": identifier,
                "tags": ["service"],
                "summary": text,
                "responses": {
                    "200": {
                        "description": text,
                        "content": {"application/json": {"schema": schema, "example": example}},
                    },
                    **_problems(_EVERY_KINDS),
                    "default": _ref("responses", "malformed-request"),
                },
            }
        }
        for path, (identifier, text, schema, example) in described.items()
    }
