"""The fields of bodies and answers that hold the rows of collections below the new row."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from api.catalog.relations import in_words
from api.document import columns, examples, schemas
from api.document.component_names import body_name, created_name, many_name, row_name
from api.document.components import Components, reference
from api.document.validators import Schema
from api.operations.nested_bodies import LEVELS, MOST_ROWS
from api.operations.operation import Operation

_LIMITS = f"In all {MOST_ROWS} rows, on {LEVELS} levels."
_ANSWERED = "Those of the body, in its order."


def answer(operation: Operation) -> Schema:
    """Refer to the schema of a new row in an answer: with those below it, if it may have some."""
    name = created_name(operation) if operation.nested else row_name(operation)
    return reference("schemas", name)


def add(operations: Iterable[Operation], components: Components) -> None:
    """Add the fields to the bodies that may hold them, and the schemas of their answers."""
    nesting = [operation for operation in operations if operation.nested]
    # An example of a row has none below it.
    fields = {body_name(each): _fields(each, components) for each in nesting}
    for name, added in fields.items():
        components.schema(name)["properties"] |= added
    for each in nesting:
        components.refer("schemas", created_name(each), partial(_created, each, components))


def _fields(operation: Operation, components: Components) -> dict[str, Schema]:
    return {
        each.segment: components.refer(
            "schemas", many_name(body_name(each)), partial(_sent, each, operation, components)
        )
        for each in operation.nested
    }


def _sent(nested: Operation, above: Operation, components: Components) -> Schema:
    plural, name = in_words(nested.relation.name), body_name(nested)
    text = f"New {plural}, created with this {above.relation.noun} or not at all."
    made: dict[str, Any] = {
        "type": "array",
        "items": reference("schemas", name),
        "maxItems": MOST_ROWS,
        "description": f"{text} {_LIMITS}",
    }
    example = _example(name, components)
    if example and not schemas.judged_as_a_whole(nested):
        made["examples"] = [[example]]
    return made


def _created(operation: Operation, components: Components) -> Schema:
    fields = {
        each.segment: components.refer(
            "schemas", many_name(created_name(each)), partial(_answered, each)
        )
        for each in operation.nested
    }
    row = reference("schemas", row_name(operation))
    return {"allOf": [row], "type": "object", "properties": fields}


def _answered(nested: Operation) -> Schema:
    return {"type": "array", "items": answer(nested), "description": _ANSWERED}


def _example(name: str, components: Components) -> Any:
    return examples.of_object(columns.whole(name, {"components": components.sections}))
