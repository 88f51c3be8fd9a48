"""Types, sequences and functions that the role may not use: what needs them is not offered."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from api.catalog import sql_names
from api.catalog.obstacles import Obstacle, grant
from api.catalog.relations import Column, Relation, Type

_WRITES = frozenset({"insert", "update"})


def without(relation: Relation, missing: list[dict[str, Any]], role: str) -> Relation:
    """Return a relation without the privileges that Postgres would refuse at each use.

    `missing`: those items of catalog.sql's list that concern the relation or its base table.
    """
    found: dict[Obstacle, None] = {}
    columns = []
    for column in relation.columns:
        schemas = sorted(set(_hidden(column.type)))
        for schema in schemas:
            verbs = "neither written nor filtered by"
            reason = f"{column.name} can be {verbs}: {role} may not use the schema of its type"
            found[Obstacle(reason, grant("USAGE", f"SCHEMA {sql_names.name(schema)}", role))] = None
        readable = column.privileges & {"select"}
        limited = replace(column, privileges=readable, usable=False) if schemas else column
        columns.append(limited)
    lost: frozenset[str] = frozenset()
    for item in missing:
        part, _, name = item["user"].partition(" ")
        of_item = _lost(part, next((c for c in columns if c.source == name), None))
        if not any(column.privileges & of_item for column in columns):
            continue
        lost |= of_item
        kind, verb = item["kind"], "use" if item["kind"] == "SEQUENCE" else "execute"
        privilege = "USAGE" if kind == "SEQUENCE" else "EXECUTE"
        method = "POST is" if of_item == {"insert"} else "POST and PATCH are"
        needs = f"{item['user']} needs {item['name']}, which {role} may not {verb}"
        reason = f"{method} not offered: {needs}"
        found[Obstacle(reason, grant(privilege, f"{kind} {item['name']}", role))] = None
    if lost:
        columns = [replace(column, privileges=column.privileges - lost) for column in columns]
    return replace(relation, columns=tuple(columns), obstacles=(*relation.obstacles, *found))


def _lost(part: str, column: Column | None) -> frozenset[str]:
    """Return the privileges that are of no use: a default is needed by each insert."""
    is_default = part == "column" and not (column and column.read_only)
    return frozenset({"insert"}) if is_default else _WRITES


def _hidden(type_: Type) -> Iterator[str]:
    """Yield the schemas of a type, and of its parts, that the role may not use."""
    if type_.hidden_in:
        yield type_.hidden_in
    parts: Iterable[Type | None] = (type_.part, *(field.type for field in type_.fields))
    for part in parts:
        if part:
            yield from _hidden(part)
