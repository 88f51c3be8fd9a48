"""Operations + components → the OpenAPI 3.1 document. What it says is what validates requests."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from api import __version__
from api.catalog.relations import Catalog, Column, in_words, with_article
from api.document import contents, problems, schemas
from api.document.links import links
from api.document.validators import Schema, choice
from api.operations import index_access, kinds
from api.operations.filters import RANGES, Filter
from api.operations.operation import Operation
from api.operations.service_paths import SERVICE_PATHS, ServicePath

DEFAULT_LIMIT, MAX_LIMIT = 100, 1000
CREATED = "many.created"  # the component of what answers a body of many rows

_OPERATORS = {
    "eq": "is equal to this",
    "gte": "is at or after this",
    "gt": "is after this",
    "lte": "is at or before this",
    "lt": "is before this",
    "in": "is equal to one of these: comma-separated, quoted as in CSV where a value holds a comma",
    "prefix": "begins with this text",
    "contains": "holds this text, in upper or lower case; three letters (A to Z) or digits must stand together in it",
    "on": "is a range that holds this value",
}


def build(catalog: Catalog, operations: Sequence[Operation]) -> dict[str, Any]:
    """Give the document: deterministic, so that it can be committed and compared."""
    title, _, text = (catalog.comments.get("api") or "API").partition("\n")
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": title.rstrip("."), "description": text.strip(), "version": __version__},
        "servers": [{"url": "/"}],
        "tags": [
            *_tags(operations),
            {"name": "service", "description": "About the service itself."},
        ],
        "paths": {},
        "components": {
            "schemas": {"problem": problems.schema(), CREATED: contents.CREATED},
            "responses": {},
            "headers": _headers(),
        },
    }
    named = document["components"]["schemas"]
    for operation in operations:
        relation = operation.relation
        row = {**_described(relation.comment), **schemas.read(relation)}
        named[schema_name(relation.schema, relation.name)] = row
        if operation.kind.body:
            make = schemas.created if operation.kind is kinds.CREATE else schemas.changed
            named[body_name(operation)] = make(operation)
        item = document["paths"].setdefault(operation.path, {})
        if operation.keys:
            item["parameters"] = [_path_parameter(name, column) for name, column in operation.keys]
        said = _operation(operation, named)
        if led := links(operation, operations):
            next(iter(said["responses"].values()))["links"] = {
                schema_name("api", name): to for name, to in led.items()
            }
        item[operation.method.lower()] = said
    document["paths"].update(_service())
    text = json.dumps(document["paths"])
    for name in sorted(set(re.findall('"#/components/responses/([^"]+)"', text))):
        document["components"]["responses"][name] = problems.response(name)
    return document


def schema_name(schema: str, relation: str) -> str:
    """Name the component of a row as it is read."""
    name = relation if schema == "api" else f"{schema}.{relation}"
    return "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in name)


def body_name(operation: Operation) -> str:
    """Name the component of an operation's body: one for each set of columns that it may hold."""
    name = schema_name("api", operation.relation.name)
    if operation.kind is kinds.UPDATE:
        return f"{name}.{operation.kind.body}"
    columns = "".join(f".without.{schema_name('api', column)}" for column in operation.fixed)
    return f"{name}.{operation.kind.body}{columns}"


def filters(operation: Operation) -> tuple[Filter, ...]:
    """Give the filters that a list offers."""
    return index_access.filters(operation.relation, operation.fixed) if operation.kind.pages else ()


def _operation(operation: Operation, named: Mapping[str, Schema]) -> dict[str, Any]:
    relation = operation.relation
    made: dict[str, Any] = {
        "operationId": operation.id,
        "tags": [schema_name(relation.schema, relation.name)],
        "summary": _summary(operation),
        "responses": _responses(operation, named),
    }
    if operation.kind.many_rows and relation.comment:
        made["description"] = relation.comment
    if operation.kind.pages:
        made["parameters"] = _query_parameters(operation)
    if operation.kind.body:
        name = body_name(operation)
        content = contents.sent if operation.kind.accepts_many else contents.one
        ref, example = _ref("schemas", name), schemas.example(named[name])
        made["requestBody"] = {"required": True, "content": content(ref, example)}
    if operation.kind.accepts_many:
        made["requestBody"]["description"] = "One row, or many: all of them, or none."
    return made


def _summary(operation: Operation) -> str:
    noun, plural = operation.relation.noun, in_words(operation.relation.name)
    above = [parent.relation.noun for parent in reversed(operation.parents)]
    of = "".join(f" of one {parent}" for parent in above)
    verb = operation.kind.verb
    if not verb:
        return plural[:1].upper() + plural[1:] + of
    # A view may show what another is named after.
    same = plural.startswith(noun) and plural.count(" ") == noun.count(" ")
    return f"{verb} {with_article(noun) if same else f'one of the {plural}'}{of.replace(' of', ' to', 1)}"


def _responses(operation: Operation, named: Mapping[str, Schema]) -> dict[str, Any]:
    relation = operation.relation
    name = schema_name(relation.schema, relation.name)
    ref, example = _ref("schemas", name), schemas.example(named[name])
    row, rows = contents.one(ref, example), contents.many(ref, example)
    made = contents.created(ref, example, _ref("schemas", CREATED))
    page = "A page of rows; or all of them, in the list's order and without `Link`, unless `limit` is given."
    answers: dict[kinds.Kind, dict[str, Any]] = {
        kinds.LIST: {"description": page, "headers": _used("Link"), "content": rows},
        kinds.REPORT: {"description": "The whole report.", "content": rows},
        kinds.CREATE: {
            "description": "The new row, or how many.",
            "headers": _used("Location"),
            "content": made,
        },
        kinds.DELETE: {"description": "It is gone."},
    }
    success = answers.get(operation.kind, {"description": "The row.", "content": row})
    missing = ("not-found",) if operation.keys else ()
    refused = problems.responses((*operation.kind.problems, *missing))
    return {str(operation.kind.status): success, **refused}


def _path_parameter(name: str, column: Column) -> dict[str, Any]:
    schema = schemas.parameter(column)
    return {
        "name": name,
        "in": "path",
        "required": True,
        "schema": schema,
        **_described(column.comment),
    }


def _query_parameters(operation: Operation) -> list[dict[str, Any]]:
    found = []
    for filter_ in filters(operation):
        text = f"Rows whose {filter_.column.name} {_OPERATORS[filter_.operator]}."
        found.append(_query(filter_.name, text, filter_schema(filter_)))
    served = index_access.orders(operation.relation, operation.fixed)
    ranged = {f.column.name for f in filters(operation) if f.operator in RANGES}
    values = [
        sign + name for name in dict.fromkeys((*served, *sorted(ranged))) for sign in ("", "-")
    ]
    text = "The column to order by; a minus reverses it. Without it: the column of a `gte gt lte lt in prefix` "
    text += "filter, else the key, else, where no index has the key there, the next column of the index. "
    text += "One index has to serve filters and order together."
    found.append(_query("order", text, choice({value: _order_name(value) for value in values})))
    limit = {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}
    found.append(_query("limit", "How many rows a page holds.", limit))
    found.append(
        _query(
            "after", "Where the page starts: from the previous page's `Link`.", {"type": "string"}
        )
    )
    return found


def filter_schema(filter_: Filter) -> Schema:
    """Give the schema of a filter's value."""
    if filter_.operator in ("in", "prefix"):
        return {"type": "string", "minLength": 1}
    if filter_.operator == "contains":
        # What a trigram index can look up in any locale: where LC_CTYPE is C, other letters are no
        # part of a word.
        sentence = "must have three letters (A to Z) or digits that stand together"
        return {"type": "string", "pattern": "[0-9A-Za-z]{3}", "x-sentences": {"pattern": sentence}}
    bound = filter_.column.type.base.part
    if filter_.operator == "on" and bound:
        return schemas.value(bound)
    return schemas.parameter(filter_.column)


def _order_name(value: str) -> str:
    return f"{value[1:]}_DESCENDING" if value.startswith("-") else value


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
        "Location": "The new row's own path; absent where there are many, and where its key can't stand in one.",
        "Retry-After": "Seconds to wait (RFC 9110); absent where repeating could do it twice.",
    }
    return {
        name: {"description": text, "schema": {"type": "string"}} for name, text in texts.items()
    }


def _service() -> dict[str, Any]:
    status: Schema = {
        "type": "object",
        "properties": {"status": {"type": "string"}},
        "required": ["status"],
    }
    return {
        own.path: {
            "get": _service_operation(own, status if "status" in own.answer else {"type": "object"})
        }
        for own in SERVICE_PATHS
        if own.summary
    }


def _service_operation(own: ServicePath, schema: Schema) -> dict[str, Any]:
    content = {"application/json": {"schema": schema, "example": own.answer}}
    return {
        "operationId": own.id,
        "tags": ["service"],
        "summary": own.summary,
        "responses": {
            "200": {"description": own.summary, "content": content},
            **problems.responses(own.problems),
        },
    }
