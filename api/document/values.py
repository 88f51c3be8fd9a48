"""Columns and types → JSON Schemas of their values."""

import json
import re
from dataclasses import replace
from typing import Any

from api.catalog.quantities import Carrier
from api.catalog.relations import Column, Type
from api.document import check_keywords, examples, type_schemas, validators
from api.document.validators import Schema

_NUMBER = r"-?\d+(?:\.\d+)?(?:e[+-]\d+)?"  # as Postgres prints one
# A default that is a literal: a text with its cast, or else a number, true or false.
_LITERAL = re.compile(rf"'((?:[^']|'')*)'::[\w\s\".]+|({_NUMBER}|true|false)")


def value(type_: Type, *, writing: bool = True) -> Schema:
    """Return the schema of a type's values; stored ones may violate a CHECK that is NOT VALID."""
    schema = _without_domain(type_)
    if type_.kind == "d":
        for check in check_keywords.of_domain(type_):
            if not (writing or check.validated):
                continue
            carriers = {"VALUE": type_schemas.carrier(type_)}
            check_keywords.add({"properties": {"VALUE": schema}}, check, carriers)
    return schema


def parameter(column: Column) -> Schema:
    """Return the schema of a column's value in a URL: that of its type alone.

    A request for a value that no row can have is no error. Where JSON has the value as an array, an
    object or any other JSON, the URL has the text of this JSON.
    """
    type_ = column.type
    bare = type_ if type_.is_quantity else replace(type_.base, modifier=-1)
    schema = _without_domain(bare)
    if type_.compound:
        return {"type": "string", "contentMediaType": "application/json", "contentSchema": schema}
    said = {name: text for name, text in schema.get("x-sentences", {}).items() if name != "type"}
    return {**schema, **({"x-sentences": said} if said else {})}


def beyond(type_: Type) -> str | None:
    """Return a pattern of the texts that a URL may hold though the schema refuses them, or None.

    An enum may have a new label since this process has started.
    """
    return ".*" if type_.base.kind == "e" else type_schemas.BEYOND.get(type_.base.name)


def column(of: Column, *, writing: bool) -> Schema:
    """Return the schema of a column's values, with description and example.

    `writing`: in a body, so with the default and without `readOnly`.
    """
    schema = value(of.type, writing=writing)
    text, example = examples.split(of.comment)
    if text:
        schema["description"] = text
    given = None if example is None else examples.parsed(example, schema)
    schema["examples"] = [_example(of.type) if given is None else given]
    if not writing and (of.read_only or not of.privileges & {"insert", "update"}):
        schema["readOnly"] = True
    default = _default(of) if writing else None
    if default is not None and validators.validator(schema).is_valid(default):
        schema["default"] = default
    return schema


def nullable(schema: Schema) -> Schema:
    """Return the schema that accepts null too."""
    if "type" not in schema:
        return schema  # it accepts any JSON value
    made = {**schema, "type": [schema["type"], "null"]}
    if "enum" in made:
        made["enum"] = [*made["enum"], None]
    if "allOf" in made:
        made["allOf"] = [
            {**part, "enum": [*part["enum"], None]} if "enum" in part else part
            for part in made["allOf"]
        ]
    return made


def _without_domain(type_: Type) -> Schema:
    base = type_.base
    if type_.is_quantity:
        return dict(type_schemas.QUANTITY.schema)
    match base.kind:
        case "a":
            items = value(base.part) if base.part else {}
            return {"type": "array", "items": items if base.items_not_null else nullable(items)}
        case "e":
            return {"type": "string", "enum": list(base.labels)}
        case "c":
            fields = {f.name: nullable(column(f, writing=True)) for f in base.fields}
            return {
                "type": "object",
                "properties": fields,
                "required": list(fields),
                "additionalProperties": False,
            }
    return type_schemas.schema(base)


def _example(type_: Type) -> Any:
    base = type_.base
    if type_.is_quantity:
        return type_schemas.QUANTITY.example
    match base.kind:
        case "a":
            return [_example(base.part)] if base.part else []
        case "e":
            return base.labels[0]
        case "c":
            return {f.name: column(f, writing=True)["examples"][0] for f in base.fields}
    return type_schemas.example(base)


def _default(of: Column) -> Any:
    """Read a default that is a literal; None for any other. Postgres quotes negative numbers."""
    found = _LITERAL.fullmatch(of.default or "")
    if not found:
        return None
    quoted, bare = found.groups()
    text = bare or quoted.replace("''", "'")
    match type_schemas.carrier(of.type):
        case Carrier.INTEGER | Carrier.NUMBER | Carrier.QUANTITY | Carrier.BOOLEAN:
            return json.loads(text) if bare or re.fullmatch(_NUMBER, text) else None
        case Carrier.DECIMAL:
            return text
        case Carrier.STRING | Carrier.ENUM | Carrier.DATE:
            return None if bare else text
    return None
