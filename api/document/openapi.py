"""Operations → the OpenAPI 3.1 document, whose schemas also validate requests."""

from collections.abc import Iterable, Sequence
from typing import Any

from api import __version__
from api.catalog.relations import Catalog, in_words, with_article
from api.document import bodies, columns, parameters, responses, schemas, service_operations
from api.document.component_names import body_name, row_name
from api.document.components import Components
from api.document.examples import described
from api.operations import kinds
from api.operations.operation import Operation


def build(catalog: Catalog, operations: Sequence[Operation]) -> dict[str, Any]:
    """Return the document; the same catalog gives the same document."""
    title, _, text = (catalog.comments.get("api") or "API").partition("\n")
    components = Components()
    paths = _paths(operations, components)
    return {
        "openapi": "3.1.0",
        "info": {"title": title.rstrip("."), "description": text.strip(), "version": __version__},
        "servers": [{"url": "/"}],
        "security": [],
        "tags": [*_tags(operations), service_operations.TAG],
        "paths": {**paths, **service_operations.paths(components)},
        "components": components.sections,
    }


def _paths(operations: Sequence[Operation], components: Components) -> dict[str, Any]:
    """Return the paths of the operations, and add the components that they refer to."""
    paths: dict[str, Any] = {}
    for operation in operations:
        item = paths.setdefault(operation.path, {})
        if operation.keys:
            item["parameters"] = parameters.in_path(operation, components)
        made = _operation(operation, components)
        made["responses"] = responses.responses(operation, operations, components)
        item[operation.method.lower()] = made
    for operation in operations:
        if operation.kind.body:
            columns.share(row_name(operation), body_name(operation), components)
    return paths


def _operation(operation: Operation, components: Components) -> dict[str, Any]:
    relation, kind, name = operation.relation, operation.kind, row_name(operation)
    components.refer(
        "schemas", name, lambda: {**described(relation.comment), **schemas.read(relation)}
    )
    made: dict[str, Any] = {
        "operationId": operation.id,
        "tags": [name],
        "summary": _summary(operation),
    }
    if kind.pages:
        made["parameters"] = parameters.in_query(operation, components)
    if kind.body:
        create = schemas.created if kind is kinds.CREATE else schemas.changed
        components.refer("schemas", body_name(operation), lambda: create(operation))
        made["requestBody"] = bodies.body(operation, components)
    return made


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
    relations = {row_name(operation): operation.relation for operation in operations}
    return [{"name": name, **described(relation.comment)} for name, relation in relations.items()]
