"""Numbers of JSON in validation: as doubles where the type is one, otherwise exact.

Python reads a number with a point or an exponent as a `Decimal`. A schema with `format` is of a
float or a double, so its values are compared as Postgres does it, after rounding. The values of any
other are compared with every digit, and so are the limits that the document prints.
"""

from decimal import Decimal
from typing import Any

from api.document.validators import Schema

_DOUBLES = ("float", "double")


def exact(schema: Schema) -> Schema:
    """Return the schema for values of `carried`: its limits are decimals where its values are."""
    made = dict(schema)
    if _is_number(schema) and not is_double(schema):
        return {name: _decimals(part) for name, part in schema.items()}
    if "items" in schema:
        made["items"] = exact(schema["items"])
    if "properties" in schema:
        made["properties"] = {name: exact(part) for name, part in schema["properties"].items()}
    return made


def carried(value: Any, schema: Schema) -> Any:
    """Return a decoded JSON value as its schema compares it."""
    if isinstance(value, Decimal):
        return float(value) if is_double(schema) else value
    if isinstance(value, list) and "items" in schema:
        return [carried(item, schema["items"]) for item in value]
    if isinstance(value, dict) and "properties" in schema:
        parts = schema["properties"]
        return {name: carried(item, parts.get(name, {})) for name, item in value.items()}
    return value


def is_double(schema: Schema) -> bool:
    """Return whether a schema is of a float or a double."""
    return schema.get("format") in _DOUBLES


def _is_number(schema: Schema) -> bool:
    return schema.get("type") in ("number", ["number", "null"])


def _decimals(part: Any) -> Any:
    if isinstance(part, float):
        return Decimal(repr(part))
    if isinstance(part, dict):
        return {name: _decimals(inner) for name, inner in part.items()}
    return [_decimals(inner) for inner in part] if isinstance(part, list) else part
