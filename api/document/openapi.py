"""Operations → the OpenAPI 3.1 document, whose schemas also validate requests."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from api.catalog.relations import Catalog, Relation, in_words, with_article
from api.document import (
    bodies,
    columns,
    nested_rows,
    parameters,
    responses,
    schemas,
    service_operations,
)
from api.document.component_names import body_name, row_name
from api.document.components import Components
from api.document.examples import described
from api.document.info import info
from api.document.media_types import Form
from api.operations import nested_bodies
from api.operations.operation import Operation
from api.operations.references import targets

_BEARER = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "JWT",
    "description": "A token of the issuer that the server trusts. Its claims name the role, whose "
    "operations these are, and the tenant, whose rows they are about.",
}
Forms = Mapping[Operation, Sequence[Form]]
"""The forms that the answers of operations have beside JSON, CSV and NDJSON."""

_DEVELOPMENT = """
**Development identity.** This server has no issuer of tokens: without a token, whoever reaches it
acts with every right that the API has, for one tenant."""


def build(
    catalog: Catalog,
    operations: Sequence[Operation],
    server: str = "/",
    *,
    needs_credentials: bool = True,
    forms: Forms | None = None,
) -> dict[str, Any]:
    """Return the document; the same catalog gives the same document.

    `server`: the API's URL; `needs_credentials`: whether it refuses requests without a token.
    """
    components = Components()
    components.refer("securitySchemes", "bearer", lambda: _BEARER)
    paths = _paths(operations, components, forms or {})
    return {
        "openapi": "3.1.0",
        "info": info(catalog.comments.get("api"), "" if needs_credentials else _DEVELOPMENT),
        "servers": servers(server),
        "security": [{"bearer": []}] if needs_credentials else [{}, {"bearer": []}],
        "tags": [*_tags(operations), service_operations.TAG],
        "paths": {**paths, **service_operations.paths(components)},
        "components": components.sections,
    }


def of_body(operation: Operation, operations: Iterable[Operation]) -> dict[str, Any]:
    """Return that part of the document whose schemas validate an operation's body.

    `operations`: all of the document. It takes a hundredth of the time of the whole.
    """
    components = Components()
    _paths(nested_bodies.with_nested([operation], operations), components, {})
    return {"components": components.sections}


def written(document: dict[str, Any]) -> bytes:
    """Write a document as it is served: compact."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def servers(url: str) -> list[dict[str, str]]:
    """Return the document's `servers` for the URL of the API."""
    return [{"url": url}]


def _paths(operations: Sequence[Operation], components: Components, forms: Forms) -> dict[str, Any]:
    """Return the paths of the operations, and add the components that they refer to."""
    paths: dict[str, Any] = {}
    linked = targets(operations)
    for operation in operations:
        item = paths.setdefault(operation.path, {})
        if operation.keys:
            item["parameters"] = parameters.in_path(operation, components)
        offered = forms.get(operation, ())
        made = _operation(operation, components, offered)
        made["responses"] = responses.responses(operation, linked, components, offered)
        item[operation.method.lower()] = made
    for operation in operations:
        if operation.kind.body:
            columns.share(row_name(operation), body_name(operation), components)
    nested_rows.add(operations, components)
    return paths


def _operation(
    operation: Operation, components: Components, forms: Sequence[Form]
) -> dict[str, Any]:
    relation, kind, name = operation.relation, operation.kind, row_name(operation)
    components.refer(
        "schemas", name, lambda: {**described(relation.comment), **schemas.read(relation)}
    )
    made: dict[str, Any] = {
        "operationId": operation.id,
        "tags": [name],
        "summary": _summary(operation),
    }
    queried = [
        *parameters.in_query(operation, components, forms),
        *parameters.of_create(operation, components),
    ]
    made["parameters"] = [*queried, *parameters.in_header(operation, components)]
    if kind.body:
        make = schemas.BODIES[kind.body]
        components.refer("schemas", body_name(operation), lambda: make(operation))
        made["requestBody"] = bodies.body(operation, components)
    return made


def _summary(operation: Operation) -> str:
    relation, verb = operation.relation, operation.kind.verb
    above = [parent.relation for parent in reversed(operation.parents)]
    of = "".join(f" of one {one.noun if _is_plural(one) else _of_many(one)}" for one in above)
    if not verb:
        plural = in_words(relation.name)
        return plural[:1].upper() + plural[1:] + of
    what = with_article(relation.noun) if _is_plural(relation) else f"one {_of_many(relation)}"
    return f"{verb} {what}{of.replace(' of', ' to', 1)}"


def _is_plural(relation: Relation) -> bool:
    """Return whether the name of a view is the plural of its table's, as far as can be told."""
    noun, plural = relation.noun, in_words(relation.name)
    return plural.startswith(noun) and plural.count(" ") == noun.count(" ")


def _of_many(relation: Relation) -> str:
    return f"of the {in_words(relation.name)}"


def _tags(operations: Iterable[Operation]) -> list[dict[str, str]]:
    relations = {row_name(operation): operation.relation for operation in operations}
    return [{"name": name, **described(relation.comment)} for name, relation in relations.items()]
