"""What bodies and answers can be sent as, as the OpenAPI document tells it: one row, and many."""

import csv
import io
import json
from typing import Any

from api.document.media_types import CSV, CSV_FOR_SPREADSHEETS, JSON, NDJSON, STREAMED
from api.document.validators import Schema

Content = dict[str, dict[str, Any]]

CREATED: Schema = {
    "type": "object",
    "description": "What a body of many rows made: the number of them.",
    "properties": {
        "created": {
            "type": "integer",
            "minimum": 1,
            "description": "How many rows are new.",
            "examples": [2],
        }
    },
    "required": ["created"],
    "additionalProperties": False,
}
_SENT = {
    NDJSON: "Many rows, one JSON object a line.",
    CSV: "Many rows, with a header (RFC 4180, in UTF-8). Cells are as JSON has them, arrays and objects as JSON text; "
    'an empty cell is a field that is not given, and `""` the empty text.',
}


def one(ref: Schema, example: Any) -> Content:
    """Give the content of one row, whose schema this refers to; without example where it is None."""
    return {JSON: {"schema": ref, **_exemplified(example)}}


def many(ref: Schema, example: Any) -> Content:
    """Give the content of all rows that a list or a report has."""
    content: Content = {
        JSON: {"schema": _array(ref), **_exemplified(None if example is None else [example])}
    }
    for media, text in STREAMED.items():
        content[media] = {
            "schema": {"type": "string", "description": text},
            **_exemplified(_streamed(media, example)),
        }
    return content


def sent(ref: Schema, example: Any) -> Content:
    """Give the content of a body that creates a row, or many."""
    content: Content = {
        JSON: {"schema": {"anyOf": [ref, {**_array(ref), "minItems": 1}]}, **_exemplified(example)}
    }
    for media, text in _SENT.items():
        content[media] = {
            "schema": {"type": "string", "description": text},
            **_exemplified(_streamed(media, example)),
        }
    return content


def created(ref: Schema, example: Any, count: Schema) -> Content:
    """Give the content of what answers such a body."""
    return {JSON: {"schema": {"anyOf": [ref, count]}, **_exemplified(example)}}


def _array(ref: Schema) -> Schema:
    return {"type": "array", "items": ref}


def _exemplified(example: Any) -> dict[str, Any]:
    return {} if example is None else {"example": example}


def _streamed(media: str, example: Any) -> str | None:
    if example is None:
        return None
    if media == NDJSON:
        return json.dumps(example, ensure_ascii=False) + "\n"
    assert media in (CSV, CSV_FOR_SPREADSHEETS)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(example)
    writer.writerow(
        cell
        if isinstance(cell, str)
        else ""
        if cell is None
        else json.dumps(cell, ensure_ascii=False)
        for cell in example.values()
    )
    return text.getvalue()
