"""The columns of bodies, which are often the same in the row: said once."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from api.document.component_names import column_name
from api.document.components import Components
from api.document.validators import Schema


def share(row: str, body: str, components: Components) -> None:
    """Let the schemas of a row and of a body, by their names, refer to a column of the body.

    A column with a default is another one: generators of clients ignore what is beside `$ref`, and
    would require a column whose default stands in the body itself.
    """
    read, sent = (components.schema(name)["properties"] for name in (row, body))
    for column, part in sent.items():
        if "$ref" in part:
            continue  # another operation with this body was before
        name = column_name(row, column, default="default" in part)
        ref = components.refer("schemas", name, partial(dict, part))
        for properties in (read, sent):
            if properties.get(column) == components.schema(name):
                properties[column] = ref


def whole(name: str, document: Mapping[str, Any]) -> Schema:
    """Return an object's schema with its columns in the place of the references to them."""
    schemas: Mapping[str, Schema] = document["components"]["schemas"]
    schema = schemas[name]
    columns = {
        column: schemas[part["$ref"].rpartition("/")[2]] if "$ref" in part else part
        for column, part in schema["properties"].items()
    }
    return {**schema, "properties": columns}
