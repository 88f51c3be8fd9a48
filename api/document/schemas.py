"""Relations → JSON Schemas (2020-12) of a row: as it is read, created and changed."""

from collections.abc import Container, Iterable

from api.catalog.relations import Column, Relation
from api.document import check_keywords, examples, type_schemas, values
from api.document.validators import Schema
from api.operations.operation import Operation


def read(relation: Relation) -> Schema:
    """Return the schema of a row in an answer."""
    columns = relation.allowed("select")
    schema = _object(relation, columns, loose=relation.answers_by_trigger)
    schema["required"] = [column.name for column in columns]
    return schema


def created(operation: Operation) -> Schema:
    """Return the schema of a body that creates a row."""
    schema = _written(operation)
    filled = operation.relation.filled("insert")
    required = [
        column.name
        for column in operation.body
        if not _accepts_null(column, filled) and column.default is None
    ]
    return {**schema, "required": required, "additionalProperties": False}


def changed(operation: Operation) -> Schema:
    """Return the schema of a body that changes a row: any of the columns, at least one."""
    schema = _written(operation)
    for column in schema["properties"].values():
        column.pop("default", None)
    return {**schema, "minProperties": 1, "additionalProperties": False}


def _written(operation: Operation) -> Schema:
    relation = operation.relation
    filled = relation.filled(operation.kind.privilege)
    schema = _object(relation, operation.body, writing=True, filled=filled)
    check_keywords.add_condition(schema, relation)
    check_keywords.add_triggers(schema, relation, operation.kind.privilege)
    names = [column.name for column in operation.body if column.name in filled]
    if names:
        which = "any field" if len(names) == len(operation.body) else ", ".join(names)
        schema["description"] = (
            f"A trigger may fill or change {which}; the database judges the result."
        )
    return schema


def _accepts_null(column: Column, filled: Container[str]) -> bool:
    """Return whether a body may hold null: a domain refuses it before a trigger could fill it."""
    if column.name in filled:
        return not column.type.not_null
    return column.nullable and not column.refuses_null


def _object(
    relation: Relation,
    columns: Iterable[Column],
    *,
    writing: bool = False,
    filled: Container[str] = (),
    loose: bool = False,
) -> Schema:
    """Return the schema of a row without `required`.

    `filled`: columns that a trigger may fill or change before Postgres judges them; `loose`:
    whether the tables' NOT NULL and CHECKs need not be true of a row.
    """
    columns = tuple(columns)
    schema: Schema = {
        "type": "object",
        "properties": {c.name: values.column(c, writing=writing) for c in columns},
    }
    filled_sources = {c.source for c in columns if c.name in filled}
    carriers = {c.source: type_schemas.carrier(c.type) for c in columns if c.source}
    for constraint in relation.constraints:
        if not constraint.enforced or (loose and constraint.kind == "c"):
            continue
        if constraint.kind != "c":
            if writing:
                check_keywords.add_database_checked(schema, constraint, relation)
        elif writing or constraint.validated:
            judged = not filled_sources.intersection(constraint.columns)
            check_keywords.add(schema, constraint, carriers, relation, judged=judged)
    for column in columns:
        part = schema["properties"][column.name]
        if _accepts_null(column, filled) if writing else column.nullable or loose:
            part = schema["properties"][column.name] = values.nullable(part)
        elif writing and "type" not in part:
            part["not"] = {"type": "null"}  # Postgres reads JSON's null as SQL's NULL
        _, example = examples.split(column.comment)
        if example is None or not examples.is_value(example, part):
            examples.choose(part)
    return schema
