"""Operations → the OpenAPI 3.1 document, whose schemas also validate requests."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from api import __version__
from api.catalog.relations import Catalog, in_words, with_article
from api.document import (
    contents,
    examples,
    parameters,
    problems,
    responses,
    schemas,
    service_operations,
)
from api.document.component_names import CREATED, body_name, reference, schema_name
from api.document.examples import described
from api.document.links import links
from api.document.validators import Schema
from api.operations import kinds
from api.operations.operation import Operation


def build(catalog: Catalog, operations: Sequence[Operation]) -> dict[str, Any]:
    """Return the document; the same catalog gives the same document."""
    title, _, text = (catalog.comments.get("api") or "API").partition("\n")
    components: dict[str, Any] = {
        "schemas": {"problem": problems.schema(), CREATED: contents.CREATED},
        "responses": {},
        "headers": responses.headers(),
    }
    paths = _paths(operations, components["schemas"])
    used = set(re.findall('"#/components/responses/([^"]+)"', json.dumps(paths)))
    components["responses"] = {name: problems.response(name) for name in sorted(used)}
    return {
        "openapi": "3.1.0",
        "info": {"title": title.rstrip("."), "description": text.strip(), "version": __version__},
        "servers": [{"url": "/"}],
        "tags": [*_tags(operations), service_operations.TAG],
        "paths": paths,
        "components": components,
    }


def _paths(operations: Sequence[Operation], named: dict[str, Schema]) -> dict[str, Any]:
    """Return the paths, and add the schemas that they refer to to `named`."""
    paths: dict[str, Any] = {}
    for operation in operations:
        relation = operation.relation
        row = {**described(relation.comment), **schemas.read(relation)}
        named[schema_name(relation.schema, relation.name)] = row
        if operation.kind.body:
            make = schemas.created if operation.kind is kinds.CREATE else schemas.changed
            named[body_name(operation)] = make(operation)
        item = paths.setdefault(operation.path, {})
        if operation.keys:
            item["parameters"] = [parameters.in_path(*key) for key in operation.keys]
        made = _operation(operation, named)
        if found := links(operation, operations):
            success = made["responses"][str(operation.kind.status)]
            success["links"] = {schema_name("api", name): link for name, link in found.items()}
        item[operation.method.lower()] = made
    return {**paths, **service_operations.paths()}


def _operation(operation: Operation, named: Mapping[str, Schema]) -> dict[str, Any]:
    relation, kind = operation.relation, operation.kind
    name = schema_name(relation.schema, relation.name)
    made: dict[str, Any] = {
        "operationId": operation.id,
        "tags": [name],
        "summary": _summary(operation),
        "responses": responses.responses(operation, named[name]),
    }
    if kind.many_rows and relation.comment:
        made["description"] = relation.comment
    if kind.pages:
        made["parameters"] = parameters.in_query(operation)
    if kind.body:
        made["requestBody"] = _body(operation, named[body_name(operation)])
    return made


def _body(operation: Operation, schema: Schema) -> dict[str, Any]:
    ref, example = reference("schemas", body_name(operation)), examples.of_object(schema)
    if not operation.kind.accepts_many:
        return {"required": True, "content": contents.one(ref, example)}
    text = "One row, or many: all of them are created, or none."
    return {"required": True, "content": contents.sent(ref, example), "description": text}


def _summary(operation: Operation) -> str:
    noun, plural = operation.relation.noun, in_words(operation.relation.name)
    above = [parent.relation.noun for parent in reversed(operation.parents)]
    of = "".join(f" of one {parent}" for parent in above)
    verb = operation.kind.verb
    if not verb:
        return plural[:1].upper() + plural[1:] + of
    # The name of a view may have nothing in common with its table's.
    same = plural.startswith(noun) and plural.count(" ") == noun.count(" ")
    what = with_article(noun) if same else f"one of the {plural}"
    return f"{verb} {what}{of.replace(' of', ' to', 1)}"


def _tags(operations: Iterable[Operation]) -> list[dict[str, str]]:
    relations = {schema_name(o.relation.schema, o.relation.name): o.relation for o in operations}
    return [{"name": name, **described(relation.comment)} for name, relation in relations.items()]
