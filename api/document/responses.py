"""The responses of an operation: its success, and a reference for each status of its problems."""

from typing import Any

from api.document import contents, examples, problems
from api.document.component_names import CREATED, reference, schema_name
from api.document.validators import Schema
from api.operations import kinds
from api.operations.operation import Operation

_HEADERS = {
    "Link": 'The next page, `rel="next"` (RFC 8288); absent on the last page.',
    "Location": "The path of the new row; absent for many rows, and if the key cannot stand in a "
    "path.",
    "Retry-After": "Seconds to wait (RFC 9110); absent if a repeated request could be applied "
    "twice.",
}
_PAGE = (
    "A page of rows. As NDJSON or CSV: all rows in the list's order, without `Link`, unless "
    "`limit` is given."
)


def headers() -> dict[str, Any]:
    """Return the components of all headers."""
    return {
        name: {"description": text, "schema": {"type": "string"}} for name, text in _HEADERS.items()
    }


def responses(operation: Operation, row: Schema) -> dict[str, Any]:
    """Return the responses by status, the success first; `row` is the schema of a row."""
    missing = ("not-found",) if operation.keys else ()
    refused = problems.responses((*operation.kind.problems, *missing))
    return {str(operation.kind.status): _success(operation, row), **refused}


def _success(operation: Operation, row: Schema) -> dict[str, Any]:
    relation = operation.relation
    ref = reference("schemas", schema_name(relation.schema, relation.name))
    example = examples.of_object(row)
    if operation.kind is kinds.DELETE:
        return {"description": "The row is deleted."}
    if operation.kind.many_rows:
        rows = contents.many(ref, example)
        if operation.kind.pages:
            return {"description": _PAGE, "headers": _header("Link"), "content": rows}
        return {"description": "The whole report.", "content": rows}
    if operation.kind.accepts_many:
        made = contents.created(ref, example, reference("schemas", CREATED))
        text = "The new row, or the number of new rows."
        return {"description": text, "headers": _header("Location"), "content": made}
    return {"description": "The row.", "content": contents.one(ref, example)}


def _header(name: str) -> dict[str, Any]:
    return {name: reference("headers", name)}
