"""The responses of an operation: its success, and a reference for each status of its problems."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from api.document import contents, examples, nested_rows, parameters, problems
from api.document.component_names import row_name
from api.document.components import Components, reference
from api.document.links import links
from api.document.media_types import Form
from api.operations import kinds
from api.operations.operation import Operation
from api.operations.references import Targets
from api.operations.unique_keys import unique_keys

_HEADERS = {
    "ETag": "The tag of this content (RFC 9110), for `If-Match` and `If-None-Match`; absent in "
    "CSV and NDJSON, for a large report, and for many new rows.",
    "Idempotency-Replayed": "`true` if the answer was kept: the request had been done before.",
    "Link": 'The next page, `rel="next"` (RFC 8288); absent on the last page.',
    "Location": "The path of the new row; absent for many rows, and if the key cannot stand in a "
    "path.",
    "Preference-Applied": "The preference of `Prefer` that the answer follows.",
}
_REPLAYED = ("Idempotency-Replayed",)
_PAGE = "A page of rows; as NDJSON or CSV all rows, without `Link`, unless `limit` is given."
_NOT_MODIFIED = "The client has this content: `If-None-Match` names its tag."


def responses(
    operation: Operation, linked: Targets, components: Components, forms: Sequence[Form] = ()
) -> dict[str, Any]:
    """Return the responses by status, the success first; the row's schema is a component already.

    `linked`: the operations that links can lead to; `forms`: those of the success, beside the
    usual ones.
    """
    kind, row = operation.kind, row_name(operation)
    missing = ("not-found",) if operation.keys else ()
    if parameters.needs_match(operation) or parameters.needs_key(operation):
        missing = (*missing, "precondition-required")
    if operation.keeps_answers:
        missing = (*missing, "key-reused")
    query = "list" if kind.pages else "report" if parameters.filters(operation) else ""
    refused = problems.responses(
        (*kind.problems, *missing), components, query=query, body=bool(kind.body)
    )
    if kind is kinds.DELETE:
        success = components.refer("responses", "deleted", lambda: _deleted(operation, components))
    elif kind.by_filters:
        success = _written(operation, components)
    elif kind is kinds.REPORT:
        success = _rows(operation, components, forms)  # no other path has it
    elif kind.many_rows:
        success = components.refer(
            "responses", f"{row}.list", lambda: _rows(operation, components, forms)
        )
    else:
        ending = "created" if kind.accepts_many else "changed" if kind.keeps_answers else "row"
        name = f"{row}.{'read' if forms else ending}"
        success = components.refer(
            "responses", name, lambda: _row(operation, linked, components, forms)
        )
    same = {"304": _not_modified(operation, components)} if kind.safe else {}
    if unique_keys(operation):
        same = {"200": _resolved(operation, components)}
    if kind is kinds.REPLACE:
        same = {"201": _placed(operation, linked, components)}
    return {str(kind.status): success, **same, **refused}


def _resolved(operation: Operation, components: Components) -> dict[str, Any]:
    """Describe the answer to many rows all of which were there."""
    row = row_name(operation)
    rows = contents.resolved(reference("schemas", row), components)
    made = {
        "description": "All rows were there: how many were changed or ignored, or those changed.",
        "headers": _headers(components, "Preference-Applied"),
        "content": rows,
    }
    return components.refer("responses", f"{row}.resolved", lambda: made)


def _written(operation: Operation, components: Components) -> dict[str, Any]:
    """Describe the answer to a write to the rows that filters find."""
    row, done = row_name(operation), "deleted" if operation.kind is kinds.DELETE_MANY else "changed"
    replayed = _REPLAYED if operation.keeps_answers else ()
    made = {
        "description": f"How many rows were {done}; or the rows.",
        "headers": _headers(components, *replayed, "Preference-Applied"),
        "content": contents.written(reference("schemas", row), done, components),
    }
    return components.refer("responses", f"{row}.many.{done}", lambda: made)


def _placed(operation: Operation, linked: Targets, components: Components) -> dict[str, Any]:
    """Describe the answer to a PUT that has created a row."""
    made = _row(operation, linked, components)
    made["description"] = "The new row."
    made["headers"] = _headers(components, "ETag", "Location")
    return components.refer("responses", f"{row_name(operation)}.placed", lambda: made)


def _deleted(operation: Operation, components: Components) -> dict[str, Any]:
    made: dict[str, Any] = {"description": "The row is deleted."}
    if operation.keeps_answers:
        made["headers"] = _headers(components, *_REPLAYED)
    return made


def _not_modified(operation: Operation, components: Components) -> dict[str, Any]:
    """Describe the answer to a client that has the content."""
    names = ("ETag", "Link") if operation.kind.pages else ("ETag",)
    made = {"description": _NOT_MODIFIED, "headers": _headers(components, *names)}
    name = "304.list" if operation.kind.pages else "304"
    return components.refer("responses", name, lambda: made)


def _rows(operation: Operation, components: Components, forms: Sequence[Form]) -> dict[str, Any]:
    """Describe an answer of many rows: of a list or a report."""
    name = row_name(operation)
    example = examples.of_object(components.schema(name))
    content = contents.many(reference("schemas", name), example, components)
    content |= contents.formed(forms)
    if operation.kind.pages:
        headers = _headers(components, "ETag", "Link")
        return {"description": _PAGE, "headers": headers, "content": content}
    headers = _headers(components, "ETag")
    return {"description": "The whole report.", "headers": headers, "content": content}


def _row(
    operation: Operation, linked: Targets, components: Components, forms: Sequence[Form] = ()
) -> dict[str, Any]:
    """Describe an answer of one row, with its links."""
    name = row_name(operation)
    example, ref = examples.of_object(components.schema(name)), reference("schemas", name)
    replayed = _REPLAYED if operation.keeps_answers and not operation.kind.safe else ()
    made: dict[str, Any] = {
        "description": "The row.",
        "headers": _headers(components, "ETag", *replayed),
        "content": contents.one(ref, example) | contents.formed(forms),
    }
    if operation.kind.accepts_many:
        made["description"] = "The new row; of many rows their number, or all of them."
        names = ("ETag", *replayed, "Location", "Preference-Applied")
        made["headers"] = _headers(components, *names)
        made["content"] = contents.created(nested_rows.answer(operation), example, components)
    if found := links(operation, linked):
        made["links"] = found
    return made


def _headers(components: Components, *names: str) -> dict[str, Any]:
    return {
        name: components.refer("headers", name, partial(_header, _HEADERS[name])) for name in names
    }


def _header(text: str) -> dict[str, Any]:
    return {"description": text, "schema": {"type": "string"}}
