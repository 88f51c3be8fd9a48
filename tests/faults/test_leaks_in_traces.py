"""Marked values in everything that a request may hold: no byte that is exported has one."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import httpx
import pytest

from api.document.media_types import CSV, NDJSON
from api.operations import discovery, kinds
from api.operations.operation import Operation
from tests.support import samples
from tests.support.collector import Collector, collector, values
from tests.support.databases import TestDatabase
from tests.support.leak_markers import CANARY, find_marks, marked_paths, row_path, rows, valid_body
from tests.support.sample_requests import INSERT_VISITS
from tests.support.serving import Serving, serving
from tests.support.visits import config

pytestmark = pytest.mark.unmeasured

CANARIES = {
    "user-agent": CANARY,
    "tracestate": f"{CANARY.lower()}=77135",
    "baggage": f"name={CANARY}",
    CANARY: CANARY,
}
PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
TEXTS = ("text", "varchar", "bpchar")
NAMES = {"first_name": CANARY, "last_name": CANARY}


@pytest.fixture(params=["menagerie", "database"])
def either(request: pytest.FixtureRequest) -> TestDatabase:
    """Give a database of each schema, with rows in it."""
    found: TestDatabase = request.getfixturevalue(request.param)
    if request.param == "database":
        found.execute(INSERT_VISITS)
    return found


def exported(found: Collector) -> str:
    """Give all that was exported but for ids and times, whose digits may be any."""
    for span in found.spans:
        for name in ("trace_id", "span_id", "parent_span_id"):
            span.ClearField(name)
        span.start_time_unix_nano = span.end_time_unix_nano = 0
    return "".join(one.SerializeToString().decode("latin-1") for one in found.received)


def requests(operation: Operation, row: dict[str, Any]) -> list[tuple[str, str, Any]]:
    """Give requests of an operation with canaries: in its path, its query and its body."""
    body: Any = None
    if operation.kind.body:
        named = {c.name: CANARY for c in operation.body if c.type.base.name in TEXTS}
        body = {**valid_body(operation, row), **named}
    paths = [row_path(operation, row)] if row else []
    paths += [*marked_paths(operation), f"{operation.path}?{CANARY}={CANARY}"]
    if operation.kind is kinds.LIST and not operation.parents:
        paths += [f"{operation.path}?{c.name}={CANARY}" for c in operation.relation.columns]
        paths += [f"{operation.path}?after={CANARY}", f"{operation.path}?order={CANARY}"]
    return [(operation.method, path, body) for path in paths]


async def ask_all(s: Serving, database: TestDatabase, share: float) -> int:
    """Send them all, and what belongs to no operation; count them."""
    url, count = f"http://127.0.0.1:{s.port}", 0
    async with httpx.AsyncClient(base_url=url, headers=CANARIES, timeout=100) as client:
        offered = discovery.build(s.catalog)
        for operation in samples.sample(offered, samples.kind_of_operation, share):
            has_rows = not operation.parents and operation.kind is not kinds.REPORT
            there = rows(database, operation) if has_rows else {}
            for method, path, body in requests(operation, there):
                own = {"idempotency-key": f"{CANARY}{uuid4()}", "if-match": "*"}
                own |= {"traceparent": PARENT} if count % 2 else {}
                own |= {"accept": CSV if count % 3 == 0 else "application/json, text/html;q=0.5"}
                await client.request(method, path, json=body, headers=own)
                count += 1
        others: list[tuple[str, str, dict[str, Any]]] = [
            (CANARY.upper(), f"/{CANARY}", {}),
            ("GET", f"/docs/{CANARY}", {}),
            (
                "GET",
                f"/docs?{CANARY}=1",
                {"headers": {"accept": "text/html", "traceparent": CANARY}},
            ),
            ("GET", f"/{CANARY}", {"headers": {"authorization": f"Bearer {CANARY}"}}),
            ("POST", f"/{CANARY}", {"content": CANARY}),
        ]
        create = next(o for o in offered if o.kind is kinds.CREATE and not o.parents)
        others += [("POST", create.path, {"json": {CANARY: CANARY}})]  # whatever the sample has
        if any(o.segment == "patients" for o in offered):
            text = f"first_name,last_name\n{CANARY},{CANARY}\n"
            others += [
                ("POST", "/patients/", {"content": text, "headers": {"content-type": CSV}}),
                ("POST", "/patients/", {"content": "{" + CANARY}),
                ("POST", "/patients/", {"json": [NAMES, NAMES]}),
                ("GET", f"/patients/?last_name={CANARY}", {"headers": {"accept": NDJSON}}),
                ("GET", f"/patients/?last_name={CANARY}", {"headers": {"accept": "text/html"}}),
            ]
        for method, path, named in others:
            await client.request(method, path, **named)
            count += 1
    return count


@samples.shares(0.1)
async def test_no_span_has_anything_of_a_request_or_a_row(
    monkeypatch: pytest.MonkeyPatch, either: TestDatabase, share: float
) -> None:
    with collector() as found:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", found.url)
        monkeypatch.setenv("OTEL_BSP_MAX_QUEUE_SIZE", "100000")
        traced = replace(config(either), otel_exporter_otlp_endpoint=found.url)
        async with serving(traced) as s:
            count = await ask_all(s, either, share)
    assert len(found.spans) == count > 200
    statuses = {values(span.attributes)["http.response.status_code"] for span in found.spans}
    assert statuses >= {200, 400, 404, 422}
    text = exported(found)
    assert "superbill.operation" in text
    assert find_marks(text) == []
    named = {name for span in found.spans for name in values(span.attributes)}
    assert named == {
        "http.request.method",
        "http.response.status_code",
        "http.route",
        "superbill.operation",
        "superbill.request_id",
        "url.scheme",
        "user.roles",
    }
    assert {len(span.events) + len(span.links) for span in found.spans} == {0}
