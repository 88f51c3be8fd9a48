"""The bodies that operations take: one row, or one or many."""

from typing import Any

from api.document import contents, examples, schemas
from api.document.component_names import body_name
from api.document.components import Components, reference
from api.operations import kinds
from api.operations.operation import Operation


def body(operation: Operation, components: Components) -> dict[str, Any]:
    """Describe the body of an operation whose schema is a component already."""
    name = body_name(operation)
    ref, example = reference("schemas", name), examples.of_object(components.schema(name))
    if operation.kind is kinds.REPLACE and example:
        # The path has the key.
        key = operation.relation.key
        example = {name: value for name, value in example.items() if name not in key}
    if schemas.judged_as_a_whole(operation):
        example = None  # it might be refused
    if not operation.kind.accepts_many:
        return {"required": True, "content": contents.one(ref, example)}
    text = "One row, or many: all of them are created, or none."
    return components.refer(
        "requestBodies",
        name,
        lambda: {
            "required": True,
            "content": contents.sent(ref, example, components),
            "description": text,
        },
    )
