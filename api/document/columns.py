"""The columns that are the same in a relation's row and in its bodies: said once."""

from collections.abc import Mapping
from typing import Any

from api.document.component_names import column_name
from api.document.components import Components
from api.document.validators import Schema


def share(row: str, body: str, components: Components) -> None:
    """Let the schemas of a row and of a body, by their names, refer to the columns of both.

    A column with a default stays in the body: generators of clients ignore what is beside `$ref`.
    """
    read, sent = (components.schema(name)["properties"] for name in (row, body))
    for column, part in sent.items():
        name = column_name(row, column)
        known = components.sections["schemas"].get(name, read.get(column))
        if part == known:
            ref = components.refer("schemas", name, lambda part=part: part)  # type: ignore[misc]
            read[column] = sent[column] = ref


def whole(name: str, document: Mapping[str, Any]) -> Schema:
    """Return an object's schema with its columns in the place of the references to them."""
    schemas: Mapping[str, Schema] = document["components"]["schemas"]
    schema = schemas[name]
    columns = {
        column: schemas[part["$ref"].rpartition("/")[2]] if "$ref" in part else part
        for column, part in schema["properties"].items()
    }
    return {**schema, "properties": columns}
