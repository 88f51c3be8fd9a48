"""The content of bodies and answers in the document: schema and example by media type."""

import csv
import io
import json
from collections.abc import Iterable
from typing import Any

from api.document.component_names import CREATED, RESOLVED
from api.document.components import Components
from api.document.media_types import CSV, CSV_FOR_SPREADSHEETS, JSON, NDJSON, STREAMED, Form
from api.document.validators import Schema

Content = dict[str, dict[str, Any]]
"""Media type → its schema, and an example if there is one."""

_NUMBERS = {
    "created": "How many rows were created.",
    "changed": "How many rows were there and were changed.",
    "ignored": "How many rows were there and were left as they were.",
    "deleted": "How many rows were deleted.",
}
_RESOLVED_AS = ("created", "changed", "ignored")
_NAMES = {NDJSON: "ndjson", CSV: "csv"}
_ESCAPED: Schema = {
    "type": "string",
    "description": STREAMED[CSV_FOR_SPREADSHEETS],
    "examples": ["remark\n'=1+1\n"],
}
_SENT = {
    NDJSON: "Many rows, one JSON object a line.",
    CSV: "Many rows, with a header (RFC 4180, in UTF-8). Cells are written as in JSON, arrays and "
    'objects as JSON text; an empty cell is a field that is absent, and `""` is the empty string.',
}


def one(ref: Schema, example: Any) -> Content:
    """Return the content of one row; `ref` refers to its schema, `example` is a row or None."""
    return {JSON: {"schema": ref, **_exemplified(example)}}


def many(ref: Schema, example: Any, components: Components) -> Content:
    """Return the content of the rows of a list or a report."""
    content: Content = {
        JSON: {"schema": _array(ref), **_exemplified(None if example is None else [example])}
    }
    for media, name in _NAMES.items():
        content[media] = _text(f"many.{name}", media, STREAMED[media], example, components)
    content[CSV_FOR_SPREADSHEETS] = {
        "schema": components.refer("schemas", "many.csv.escaped", lambda: _ESCAPED)
    }
    return content


def formed(forms: Iterable[Form]) -> Content:
    """Return the content in further forms."""
    return {
        form.media_type: {"schema": {"type": "string", "description": form.description}}
        for form in forms
    }


def _numbers(least: int, *names: str) -> Schema:
    """Return the schema of the numbers of rows; `least`: of the first one, which is required."""
    first, *others = (
        {
            "type": "integer",
            "minimum": 0,
            "description": _NUMBERS[name],
            "examples": [2],
        }
        for name in names
    )
    properties = dict(zip(names, ({**first, "minimum": least}, *others), strict=True))
    return {
        "type": "object",
        "description": "The answer to a body of many rows.",
        "properties": properties,
        "required": [names[0]],
        "additionalProperties": False,
    }


def sent(ref: Schema, example: Any, components: Components) -> Content:
    """Return the content of a body that creates one row, or many."""
    content: Content = {
        JSON: {"schema": {"anyOf": [ref, {**_array(ref), "minItems": 1}]}, **_exemplified(example)}
    }
    for media, text in _SENT.items():
        content[media] = _text(f"many.{_NAMES[media]}.sent", media, text, example, components)
    return content


def created(ref: Schema, example: Any, components: Components) -> Content:
    """Return the content of the answer to a body of `sent`."""
    count = components.refer(
        "schemas", CREATED, lambda: _numbers(1, "created", "changed", "ignored")
    )
    return {JSON: {"schema": {"anyOf": [ref, count, _array(ref)]}, **_exemplified(example)}}


def resolved(ref: Schema, components: Components) -> Content:
    """Return the content of the answer to many rows that were there, or that a write changed."""
    count = components.refer(
        "schemas", RESOLVED, lambda: _numbers(0, "created", "changed", "ignored")
    )
    return {JSON: {"schema": {"anyOf": [count, _array(ref)]}}}


def written(ref: Schema, done: str, components: Components) -> Content:
    """Return the content of the answer to a write by filters; `done`: what the number is called."""
    count = components.refer("schemas", f"many.{done}", lambda: _numbers(0, done))
    return {JSON: {"schema": {"anyOf": [count, _array(ref)]}, "example": {done: 2}}}


def _array(ref: Schema) -> Schema:
    return {"type": "array", "items": ref}


def _exemplified(example: Any) -> dict[str, Any]:
    return {} if example is None else {"example": example}


def _text(
    name: str, media: str, description: str, example: Any, components: Components
) -> dict[str, Any]:
    schema = {"type": "string", "description": description}
    return {
        "schema": components.refer("schemas", name, lambda: schema),
        **_exemplified(_streamed(media, example)),
    }


def _streamed(media: str, example: Any) -> str | None:
    """Write an example row in NDJSON or CSV; None where that cannot be."""
    if example is None:
        return None
    if media == NDJSON:
        return json.dumps(example, ensure_ascii=False) + "\n"
    assert media == CSV
    if not example:
        return None  # a header has at least one name
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(example)
    writer.writerow(map(_cell, example.values()))
    return text.getvalue()


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)
