"""The client of the tests accepts what the document has, and finds small differences."""

import json
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from tests.support.conformance import Document, NotDocumentedError
from tests.support.databases import TestDatabase
from tests.support.serving import Serve, Serving
from tests.support.visits import UNKNOWN_ID, bill_visit, config

ROW = {"id": UNKNOWN_ID, "first_name": "John", "last_name": "Oberly"}
JSON, PROBLEM = {"content-type": "application/json"}, {"content-type": "application/problem+json"}
PLACE = {"location": f"/patients/{UNKNOWN_ID}"}
NEXT = '</patients/?limit=1&after=x>; rel="next"'


def problem(kind: str, status: int, title: str) -> str:
    members = {"type": f"urn:problem-type:{kind}", "title": title, "status": status, "detail": "x"}
    return json.dumps({**members, "instance": f"urn:uuid:{UNKNOWN_ID}"})


MISSING = problem("not-found", 404, "Not found")
UNAVAILABLE = problem("unavailable", 503, "Temporarily unavailable")
UNKNOWN = problem("outcome-unknown", 503, "The outcome is unknown")
METHOD = problem("method-not-allowed", 405, "Method not allowed")
ONE = f"/patients/{UNKNOWN_ID}"
TAG = {"etag": '"a"'}
# Method, path, status, headers, body; what is said of it.
OFF: list[tuple[str, str, int, Mapping[str, str], str, str]] = [
    ("GET", ONE, 201, JSON, json.dumps(ROW), "the status is not documented"),
    ("GET", "/patients/", 404, PROBLEM, MISSING, "the status is not documented"),
    ("GET", "/nothing/", 200, JSON, "{}", "nothing is documented here"),
    ("DELETE", ONE, 404, PROBLEM, MISSING, "nothing is documented here"),
    ("GET", ONE, 200, {"content-type": "text/plain"}, "", "text/plain is not documented"),
    ("GET", ONE, 200, {}, "", "None is not documented"),
    ("DELETE", f"/line_items/{UNKNOWN_ID}", 204, JSON, "", "a body is not documented"),
    ("GET", ONE, 200, JSON, json.dumps({**ROW, "id": "1"}), '"1" is not a "uuid"'),
    ("GET", ONE, 200, JSON, json.dumps({"id": UNKNOWN_ID, "first_name": "John"}),
     '"last_name" is a required property'),
    ("GET", "/patients/", 200, JSON, json.dumps([{**ROW, "first_name": " "}]), "[0, 'first_name']"),
    ("GET", "/nothing/", 404, PROBLEM, json.dumps({"type": "urn:problem-type:x"}), "is not one of"),
    ("GET", ONE, 404, PROBLEM, UNAVAILABLE, "the problem is one of another status"),
    ("GET", ONE, 200, {**JSON, **PLACE}, json.dumps(ROW), "['location'] is not documented"),
    ("GET", "/nothing/", 404, {**PROBLEM, "retry-after": "1"}, MISSING,
     "['retry-after'] is not documented"),
    ("POST", "/patients/", 201, JSON, json.dumps(ROW), "Location belongs to one new row"),
    ("POST", "/patients/", 201, {**JSON, **PLACE}, '{"created":2}',
     "Location belongs to one new row"),
    ("POST", "/patients/", 201, {**JSON, "location": "/patients/"}, json.dumps(ROW),
     "Location leads to /patients/"),
    ("POST", "/patients/", 503, PROBLEM, UNAVAILABLE, "Retry-After belongs to"),
    ("POST", "/patients/", 503, {**PROBLEM, "retry-after": "1"}, UNKNOWN, "Retry-After belongs to"),
    ("PUT", ONE, 405, {**PROBLEM, "allow": "GET"}, METHOD, "Allow is not GET, HEAD, PATCH"),
    ("HEAD", ONE, 405, PROBLEM, "", "the status is not documented"),
    ("GET", "/patients/", 200, {**JSON, "link": NEXT}, json.dumps([ROW]),
     "from a page that is not full"),
    ("GET", "/patients/?limit=1", 200, {**JSON, "link": "</x>"}, json.dumps([ROW]), "Link is </x>"),
    ("GET", ONE, 200, JSON, json.dumps(ROW), "ETag belongs to content in one piece"),
    ("POST", "/patients/", 201, {**JSON, **TAG}, '{"created":2}', "ETag belongs to content"),
    ("GET", ONE, 404, {**PROBLEM, **TAG}, MISSING, "['etag'] is not documented"),
]  # fmt: skip


def answer(
    method: str, path: str, status: int, headers: Mapping[str, str], body: str
) -> httpx.Response:
    request = httpx.Request(method, f"http://superbill{path}")
    return httpx.Response(status, headers=headers, content=body, request=request)


async def test_response_that_differs_from_the_document_is_found(service: Serving) -> None:
    document = Document(service.catalog)
    for *given, told in OFF:
        made = answer(*given)  # type: ignore[arg-type]
        with pytest.raises(NotDocumentedError) as caught:
            document.check(made, made.content)
        assert told in str(caught.value), given
    headers = {**JSON, **TAG, "link": NEXT}
    fine: Any = answer("GET", "/patients/?limit=1", 200, headers, json.dumps([ROW]))
    document.check(fine, fine.content)


async def test_each_response_of_the_client_is_checked(
    serve: Serve, database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, int, bool]] = []
    check = Document.check

    def watched(self: Document, response: httpx.Response, content: bytes | None) -> None:
        seen.append((response.request.method, response.status_code, content is not None))
        check(self, response, content)

    monkeypatch.setattr(Document, "check", watched)
    service = await serve(config(database))
    v = await bill_visit(service.client)
    await service.client.get("/nothing/")
    await service.client.head(v.encounters)
    async with service.client.stream(
        "GET", "/patients/", headers={"accept": "text/csv"}
    ) as streamed:
        await streamed.aread()
    posted = [("POST", 201, True)] * 3
    assert seen == [*posted, ("GET", 404, True), ("HEAD", 200, True), ("GET", 200, False)]
