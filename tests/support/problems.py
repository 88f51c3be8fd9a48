"""The assertion for problem documents: one shape for every error, which quotes no value."""

import json
from uuid import UUID

import httpx

from api.problem import KINDS, MEDIA_TYPE

# Tests put it into every value that nobody should read again: a name, a path, a query.
MARK = "Wetherby"

NOT_JSON = (
    "Send the body as application/json, application/x-ndjson or text/csv, in UTF-8, not compressed."
)
NO_FORMAT = (
    "The answer is available as application/json, application/x-ndjson, text/csv,"
    " text/csv; formulas=escaped or text/html."
)
NOTHING_HERE = "There is nothing at this path."
UNFIT_BODY = "The body does not fit; `errors` says where and why."
UNFIT_QUERY = "The query string does not fit; `errors` says where and why."
UNKNOWN_METHOD = "Method not allowed; see `Allow`."


def assert_problem(
    response: httpx.Response, kind: str, detail: str, *errors: tuple[str, str]
) -> None:
    """Check for the problem document of a kind with these errors: (pointer, sentence)."""
    status, title = KINDS[kind]
    assert response.headers.get_list("content-type") == [MEDIA_TYPE], (
        response.request.url,
        response.text,
    )
    document = json.loads(response.content)
    expected = {
        "type": f"urn:problem-type:{kind}",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": document.get("instance"),
    }
    if errors:
        expected["errors"] = [
            {"pointer": pointer, "detail": sentence} for pointer, sentence in errors
        ]
    assert (response.status_code, document) == (status, expected), (document, expected)
    assert list(document) == list(expected)
    assert response.content == json.dumps(document, separators=(",", ":")).encode()
    assert UUID(document["instance"].removeprefix("urn:uuid:")).urn == document["instance"]
    assert MARK.casefold() not in response.text.casefold()
    assert ("allow" in response.headers) == (kind == "method-not-allowed")
    assert ("retry-after" in response.headers) == (kind == "unavailable")
    assert not {"link", "location"} & response.headers.keys()


def nothing_created(rows: str, told: str = "says which and why") -> str:
    """Give the sentence about a body of many rows, such as `1 of 3`, that has faults."""
    return f"Nothing was created, as {rows} rows can't be; `errors` {told}."


FIRST_FAULTS = "has the first 100 faults"
