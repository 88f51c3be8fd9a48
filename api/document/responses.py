"""The responses of an operation: its success, and a reference for each status of its problems."""

from typing import Any

from api.document import contents, examples, problems
from api.document.component_names import row_name
from api.document.components import Components, reference
from api.document.links import Targets, links
from api.document.parameters import filters
from api.operations import kinds
from api.operations.operation import Operation

_HEADERS = {
    "Link": 'The next page, `rel="next"` (RFC 8288); absent on the last page.',
    "Location": "The path of the new row; absent for many rows, and if the key cannot stand in a "
    "path.",
    "Preference-Applied": "The preference of `Prefer` that the answer follows.",
}
_PAGE = "A page of rows; as NDJSON or CSV all rows, without `Link`, unless `limit` is given."
_DELETED = {"description": "The row is deleted."}


def responses(operation: Operation, linked: Targets, components: Components) -> dict[str, Any]:
    """Return the responses by status, the success first; the row's schema is a component already.

    `linked`: the operations that links can lead to.
    """
    kind, row = operation.kind, row_name(operation)
    missing = ("not-found",) if operation.keys else ()
    query = "list" if kind.pages else "report" if filters(operation) else ""
    refused = problems.responses(
        (*kind.problems, *missing), components, query=query, body=bool(kind.body)
    )
    if kind is kinds.DELETE:
        success = components.refer("responses", "deleted", lambda: _DELETED)
    elif kind is kinds.REPORT:
        success = _rows(operation, components)  # no other path has it
    elif kind.many_rows:
        success = components.refer("responses", f"{row}.list", lambda: _rows(operation, components))
    else:
        name = f"{row}.created" if kind.accepts_many else f"{row}.row"
        success = components.refer("responses", name, lambda: _row(operation, linked, components))
    return {str(kind.status): success, **refused}


def _rows(operation: Operation, components: Components) -> dict[str, Any]:
    """Describe an answer of many rows: of a list or a report."""
    name = row_name(operation)
    example = examples.of_object(components.schema(name))
    content = contents.many(reference("schemas", name), example, components)
    if operation.kind.pages:
        return {"description": _PAGE, "headers": _header("Link", components), "content": content}
    return {"description": "The whole report.", "content": content}


def _row(operation: Operation, linked: Targets, components: Components) -> dict[str, Any]:
    """Describe an answer of one row, with its links."""
    name = row_name(operation)
    example, ref = examples.of_object(components.schema(name)), reference("schemas", name)
    made: dict[str, Any] = {"description": "The row.", "content": contents.one(ref, example)}
    if operation.kind.accepts_many:
        made["description"] = "The new row; of many rows their number, or all of them."
        made["headers"] = {
            **_header("Location", components),
            **_header("Preference-Applied", components),
        }
        made["content"] = contents.created(ref, example, components)
    if found := links(operation, linked):
        made["links"] = found
    return made


def _header(name: str, components: Components) -> dict[str, Any]:
    made = {"description": _HEADERS[name], "schema": {"type": "string"}}
    return {name: components.refer("headers", name, lambda: made)}
