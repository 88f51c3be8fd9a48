"""Relations → JSON Schemas (2020-12) of a row: as it is read, created and changed."""

from collections.abc import Callable, Container, Iterable, Mapping

from api.catalog import checks
from api.catalog.relations import Column, Relation
from api.document import check_keywords, examples, type_schemas, values
from api.document.validators import Schema
from api.operations.filters import is_text
from api.operations.operation import Operation


def read(relation: Relation) -> Schema:
    """Return the schema of a row in an answer."""
    columns = relation.allowed("select")
    schema = _object(relation, columns)
    schema["required"] = [column.name for column in columns]
    return schema


def created(operation: Operation) -> Schema:
    """Return the schema of a body that creates a row."""
    filled = operation.relation.filled("insert")
    return {**_written(operation), **_complete(operation.body, filled)}


def replaced(operation: Operation) -> Schema:
    """Return the schema of a body that creates or replaces a row; it may repeat the path's key."""
    schema, relation = _written(operation), operation.relation
    # What only one of the two events has filled would stay empty at the other one.
    filled = relation.filled("insert") & relation.filled("update")
    given = [column for column in operation.body if column.name not in relation.key]
    for name in relation.key:
        schema["properties"][name].pop("default", None)
    return {**schema, **_complete(given, filled)}


def changed(operation: Operation) -> Schema:
    """Return the schema of a body that changes a row: any of the columns, at least one."""
    schema = _written(operation)
    for column in schema["properties"].values():
        column.pop("default", None)
    return {**schema, "minProperties": 1, "additionalProperties": False}


BODIES: Mapping[str, Callable[[Operation], Schema]] = {
    "create": created,
    "replace": replaced,
    "change": changed,
}
"""How the schema of a body is made, by the last part of its name."""


def _complete(columns: Iterable[Column], filled: Container[str]) -> Schema:
    """Return the keywords of a body that is a whole row: it needs those columns without a value."""
    required = [c.name for c in columns if not _accepts_null(c, filled) and c.default is None]
    return {"required": required, "additionalProperties": False}


def judged_as_a_whole(operation: Operation) -> bool:
    """Return whether only Postgres can judge some of a body's columns together."""
    carriers = {c.source: type_schemas.carrier(c.type) for c in operation.body if c.source}
    return any(
        check.enforced
        and check.kind == "c"
        and len(check.columns) > 1
        and not carriers.keys().isdisjoint(check.columns)
        and not checks.read(check.expression or "", carriers).complete
        for check in operation.relation.constraints
    )


def _written(operation: Operation) -> Schema:
    relation = operation.relation
    events = operation.kind.privileges
    filled = frozenset().union(*map(relation.filled, events))
    schema = _object(relation, operation.body, writing=True, filled=filled)
    check_keywords.add_condition(schema, relation)
    check_keywords.add_triggers(schema, relation, events)
    names = [column.name for column in operation.body if column.name in filled]
    if names:
        which = "any field" if len(names) == len(operation.body) else ", ".join(names)
        schema["description"] = (
            f"A trigger may fill or change {which}; the database judges the result."
        )
        # A value that Postgres accepts as it is makes the better example.
        judged = _object(relation, operation.body, writing=True)
        for name in names:
            found = judged["properties"][name].get("examples")
            schema["properties"][name] |= {"examples": found} if found else {}
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
) -> Schema:
    """Return the schema of a row without `required`.

    `filled`: columns that a trigger may fill or change before Postgres judges them. An answer that
    a trigger makes need not obey the tables' NOT NULL and CHECKs.
    """
    columns = tuple(columns)
    loose = relation.answers_by_trigger
    schema: Schema = {
        "type": "object",
        "properties": {c.name: values.column(c, writing=writing) for c in columns},
    }
    doubtful = {c.name for c in columns if "x-database-checked" in schema["properties"][c.name]}
    doubtful |= _add_constraints(schema, relation, columns, writing=writing, filled=filled)
    for column in columns:
        part = schema["properties"][column.name]
        if _accepts_null(column, filled) if writing else column.nullable or loose:
            part = schema["properties"][column.name] = values.nullable(part)
        elif writing:
            _refuse_null(part, column)
        _, example = examples.split(column.comment)
        if example is None or not examples.is_value(example, part):
            examples.choose(part, doubtful=is_text(column) and column.name in doubtful)
    return schema


def _add_constraints(
    schema: Schema,
    relation: Relation,
    columns: Iterable[Column],
    *,
    writing: bool,
    filled: Container[str],
) -> set[str]:
    """Add the constraints; return the columns of those CHECKs that only Postgres can judge."""
    sources: set[str | None] = set()
    stored = [column for column in columns if column.source]
    filled_sources = {c.source for c in stored if c.name in filled}
    carriers = {c.source or "": type_schemas.carrier(c.type) for c in stored}
    for constraint in relation.constraints:
        if not constraint.enforced:
            continue
        if constraint.kind != "c" or not constraint.columns:
            if writing:
                check_keywords.add_database_checked(schema, constraint, relation)
        elif writing or (constraint.validated and not relation.answers_by_trigger):
            judged = not filled_sources.intersection(constraint.columns)
            if not check_keywords.add(schema, constraint, carriers, relation, judged=judged):
                sources.update(constraint.columns)
    return {column.name for column in stored if column.source in sources}


def _refuse_null(part: Schema, column: Column) -> None:
    if "type" not in part:
        part["not"] = {"type": "null"}  # Postgres reads JSON's null as SQL's NULL
    if column.not_null_comment:
        part["x-sentences"] = {**part.get("x-sentences", {}), "null": column.not_null_comment}
