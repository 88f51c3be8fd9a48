"""Where a page leads: the paths of items, collections and reports, with the prefix before them."""

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import quote, unquote

from api.catalog.relations import in_words
from api.operations.identifiers import in_path
from api.operations.operation import Operation
from api.pages.cells import moment, short
from api.pages.columns import heading

_UUID = 36  # characters
_UNRESERVED = re.compile(r"[A-Za-z0-9_-]+").fullmatch  # `quote` takes six times as long


def key_of(row: Mapping[str, Any], columns: Sequence[str]) -> str | None:
    """Write the key of a row as a path has it; None where a part is null."""
    texts = []
    for name in columns:
        value = row[name]
        if value is None:
            return None
        text = value if isinstance(value, str) else _text(value)
        texts.append(text if _UNRESERVED(text) else quote(text, safe=""))
    key = ",".join(texts)
    return None if key in ("", ".", "..") else key


def _text(value: object) -> str:
    """Write a value as JSON does, without the quotes of a string."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def items(operation: Operation, prefix: str) -> str:
    """Return what stands before the key in the paths of a relation's items."""
    return f"{prefix}/{quote(in_path(operation.relation.name), safe='')}/"


def collection(operation: Operation, prefix: str) -> str:
    """Return the path of a collection or report without a key before it."""
    return f"{prefix}{operation.path}"


def crumbs(operation: Operation, path: str, prefix: str) -> list[tuple[str, str]]:
    """List what is above a page, then itself: labels and paths; `path`: without the prefix."""
    steps = path.strip("/").split("/")
    found: list[tuple[str, str]] = []
    made = prefix
    if operation.kind.under_schema:
        steps = steps[1:]
        made += f"/{operation.relation.schema}"
    names = [(in_words(p.segment), p.relation.noun) for p in operation.parents]
    names.append((collection_name(operation), operation.relation.noun))
    for number, step in enumerate(steps):
        made += f"/{step}"
        plural, noun = names[number // 2]
        if number % 2:
            found.append((f"{noun} {_shortened(unquote(step, errors='replace'))}", made))
        else:
            found.append((plural, f"{made}/"))
    return found


def _shortened(key: str) -> str:
    parts = key.split(",")
    return ", ".join(short(part) if len(part) == _UUID else moment(part) for part in parts)


def collection_name(operation: Operation) -> str:
    """Name the collection of an operation; where rows have several parents, by which of them."""
    return in_words(operation.segment).replace(".", " by ")


def title(operation: Operation) -> str:
    """Name a collection or report."""
    return heading(in_words(operation.relation.name))


def anchor(href: str, text: str, *more: str) -> str:
    """Write a link; `text`: HTML; `more`: further attributes."""
    attributes = "".join(f" {each}" for each in more)
    return f'<a href="{escape(href)}"{attributes}>{text}</a>'
