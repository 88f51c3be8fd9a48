"""Relations → JSON Schemas (2020-12) of a row: as it is read, created and changed."""

from collections.abc import Iterable

from api.catalog.relations import Column, Relation
from api.document import check_keywords, examples, type_schemas, values
from api.document.validators import Schema
from api.operations.operation import Operation


def read(relation: Relation) -> Schema:
    """Return the schema of a row in an answer."""
    columns = relation.allowed("select")
    schema = _object(relation, columns)
    schema["required"] = [column.name for column in columns]
    return schema


def created(operation: Operation) -> Schema:
    """Return the schema of a body that creates a row."""
    schema = _object(operation.relation, operation.body, writing=True)
    required = [
        column.name for column in operation.body if not column.nullable and column.default is None
    ]
    return {**schema, "required": required, "additionalProperties": False}


def changed(operation: Operation) -> Schema:
    """Return the schema of a body that changes a row: any of the columns, at least one."""
    schema = _object(operation.relation, operation.body, writing=True)
    for column in schema["properties"].values():
        column.pop("default", None)
    return {**schema, "minProperties": 1, "additionalProperties": False}


def _object(relation: Relation, columns: Iterable[Column], *, writing: bool = False) -> Schema:
    columns = tuple(columns)
    schema: Schema = {
        "type": "object",
        "properties": {c.name: values.column(c, writing=writing) for c in columns},
    }
    carriers = {c.source: type_schemas.carrier(c.type) for c in columns if c.source}
    for constraint in relation.constraints:
        if constraint.kind == "c" and (writing or constraint.validated):
            check_keywords.add(schema, constraint, carriers, relation)
        elif writing:
            check_keywords.add_database_checked(schema, constraint, relation)
    for column in columns:
        part = schema["properties"][column.name]
        if column.nullable:
            part = schema["properties"][column.name] = values.nullable(part)
        elif writing and "type" not in part:
            part["not"] = {"type": "null"}  # Postgres reads JSON's null as SQL's NULL
        _, example = examples.split(column.comment)
        if example is None:
            examples.choose(part)
    return schema
