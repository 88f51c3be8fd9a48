"""Rows on which a template is tried before anything is served: the example, and empty ones."""

from collections.abc import Iterator
from typing import Any

from api.catalog.relations import Relation
from api.document import schemas
from api.document.validators import Schema

# Values of columns without an example, by their type in the schema.
_VALUES: dict[str, Any] = {
    "string": "text",
    "integer": 1,
    "number": 1,
    "boolean": True,
    "array": [],
    "object": {},
}


def rows(relation: Relation) -> Iterator[dict[str, Any]]:
    """Yield the document's example; it with null or an empty array wherever that can be.

    Then the same below the row itself: objects that are there, with nothing in them.
    """
    parts: dict[str, Schema] = schemas.read(relation)["properties"]
    example = {name: _example(part) for name, part in parts.items()}
    yield example
    yield {name: _empty(part, example[name]) for name, part in parts.items()}
    yield {name: _hollow(value) for name, value in example.items()}


def _types(part: Schema) -> list[str]:
    types = part.get("type", "object")
    return types if isinstance(types, list) else [types]


def _example(part: Schema) -> Any:
    found = part.get("examples", ())
    return found[0] if found else _VALUES.get(_types(part)[0])


def _empty(part: Schema, example: Any) -> Any:
    if "array" in _types(part):
        return []
    return None if "null" in _types(part) or "type" not in part else example


def _hollow(value: Any) -> Any:
    """Return a value in whose objects everything is null, or an array that is empty."""
    if isinstance(value, list):
        return [_hollow(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {name: _bare(each) for name, each in value.items()}


def _bare(member: Any) -> Any:
    if isinstance(member, list):
        return []
    return _hollow(member) if isinstance(member, dict) else None
