"""Two OpenAPI documents → what is added, what has changed, and what breaks clients.

What a `$ref` leads to is compared, not whether there is one.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from api.document.schema_changes import (
    ADDED,
    BROKEN,
    CHANGED,
    Change,
    Json,
    Part,
    Schemas,
    follow,
)

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@dataclass(frozen=True, slots=True)
class _Operation:
    """An operation of a document, with its parameters by place and name."""

    document: Json
    method: str
    path: str
    said: Json
    parameters: Mapping[tuple[str, str], Json]

    @property
    def place(self) -> str:
        return f"{self.method.upper()} {self.path}"

    @property
    def shape(self) -> tuple[str, str]:
        """The method and the path without the names of its parameters."""
        return self.method, re.sub(r"\{[^}]*\}", "{}", self.path)

    @property
    def security(self) -> Any:
        return self.said.get("security", self.document.get("security")) or []


def changes(old: Json, new: Json) -> list[Change]:
    """Return what differs between two documents.

    Raises LookupError, TypeError or AttributeError where one is no OpenAPI document.
    """
    return list(dict.fromkeys(_changes(old, new)))


def _changes(old: Json, new: Json) -> Iterator[Change]:
    schemas = Schemas(old, new)
    before, after = _operations(old), _operations(new)
    known = {str(operation.said.get("operationId")) for operation in after.values()}
    for shape, operation in before.items():
        if shape not in after:
            yield Change(BROKEN, operation.place, "is gone")
        else:
            yield from _operation(operation, after[shape], schemas)
            yield from _links(operation, after[shape], known)
    for shape, operation in after.items():
        if shape not in before:
            yield Change(ADDED, operation.place, operation.said.get("summary", ""))
    named = [document.get("components", {}).get("schemas", {}) for document in (old, new)]
    for name in named[0]:
        if name not in named[1]:
            yield Change(BROKEN, f"schema {name}", "is gone")


def _operations(document: Json) -> dict[tuple[str, str], _Operation]:
    found = {}
    for path, item in document.get("paths", {}).items():
        for method in _METHODS:
            if method in item:
                listed = [*item.get("parameters", ()), *item[method].get("parameters", ())]
                parameters = [follow(document, each) for each in listed]
                named = {(each["in"], each["name"]): each for each in parameters}
                operation = _Operation(document, method, path, item[method], named)
                found[operation.shape] = operation
    return found


def _operation(old: _Operation, new: _Operation, schemas: Schemas) -> Iterator[Change]:
    place = old.place
    if old.path != new.path:
        yield Change(BROKEN, place, f"the path is {new.path}")
    if old.said.get("operationId") != new.said.get("operationId"):
        names = f"{new.said.get('operationId')} instead of {old.said.get('operationId')}"
        yield Change(BROKEN, place, f"the operation id is {names}")
    if old.security != new.security:
        kind = CHANGED if not new.security or {} in new.security else BROKEN
        yield Change(kind, place, "who may use it has changed")
    yield from _parameters(old, new, schemas)
    yield from _body(old, new, schemas)
    yield from _responses(old, new, schemas)


def _parameters(old: _Operation, new: _Operation, schemas: Schemas) -> Iterator[Change]:
    for key, before in old.parameters.items():
        place = f"{old.place}, {' '.join(key)}"
        after = new.parameters.get(key)
        if after is None:
            yield Change(BROKEN, place, "is gone")
            continue
        if before.get("required", False) != after.get("required", False):
            kind, text = (BROKEN, "is") if after.get("required") else (CHANGED, "is not")
            yield Change(kind, place, f"{text} required")
        part = Part(before.get("schema", {}), after.get("schema", {}), place, sent=True)
        yield from schemas.compare(part)
    for key, after in new.parameters.items():
        if key not in old.parameters:
            kind, text = (BROKEN, "is required") if after.get("required") else (ADDED, "is new")
            yield Change(kind, f"{old.place}, {' '.join(key)}", text)


def _body(old: _Operation, new: _Operation, schemas: Schemas) -> Iterator[Change]:
    before = follow(old.document, old.said.get("requestBody", {}))
    after = follow(new.document, new.said.get("requestBody", {}))
    place = f"{old.place}, body"
    if after.get("required") and not before.get("required"):
        yield Change(BROKEN, place, "is required")
    yield from _content(before, after, place, schemas, sent=True)


def _content(old: Json, new: Json, place: str, schemas: Schemas, *, sent: bool) -> Iterator[Change]:
    before, after = old.get("content", {}), new.get("content", {})
    for media, said in before.items():
        if media not in after:
            yield Change(BROKEN, place, f"{media} is gone")
        else:
            one, other = (each.get("schema", {}) for each in (said, after[media]))
            yield from schemas.compare(Part(one, other, place, sent=sent))
    for media in after:
        if media not in before:
            yield Change(ADDED, place, media)


def _responses(old: _Operation, new: _Operation, schemas: Schemas) -> Iterator[Change]:
    before, after = old.said.get("responses", {}), new.said.get("responses", {})
    for status, said in before.items():
        place = f"{old.place}, {status}"
        if status not in after:
            kind = BROKEN if status.startswith("2") else CHANGED
            yield Change(kind, place, "is gone")
            continue
        one, other = follow(old.document, said), follow(new.document, after[status])
        yield from _content(one, other, place, schemas, sent=False)
        for name in one.get("headers", {}):
            if name not in other.get("headers", {}):
                yield Change(BROKEN, place, f"the header {name} is gone")
    for status in after:
        if status not in before:
            yield Change(CHANGED, f"{old.place}, {status}", "is possible")


def _links(old: _Operation, new: _Operation, known: set[str]) -> Iterator[Change]:
    """Yield the links that are gone, except those to what is gone itself."""
    for status, said in old.said.get("responses", {}).items():
        after = follow(new.document, new.said.get("responses", {}).get(status, {}))
        for name, link in follow(old.document, said).get("links", {}).items():
            if name not in after.get("links", {}) and link.get("operationId") in known:
                yield Change(BROKEN, f"{old.place}, {status}", f"the link {name} is gone")
