"""Entity tags of reads, and reads under a condition (RFC 9110, sections 8.8.3 and 13)."""

import asyncio

import httpx
import pytest

from api.config import Config
from api.endpoints.tagged import entity_tag
from api.operations import kinds
from tests.support import samples
from tests.support.batches import new_batches, send_at_once, unhurried, until_waiting
from tests.support.databases import TestDatabase
from tests.support.entity_tags import CHANGED, NEVER, NO_TAG, found, tag, tag_of
from tests.support.menagerie import ID
from tests.support.outages import locked, superuser_url, wait_for_locks
from tests.support.problems import assert_problem
from tests.support.raw_http import exchange, get_bytes
from tests.support.sample_requests import INSERT_VISITS
from tests.support.serving import Serve, Serving, serving
from tests.support.visits import UNKNOWN_ID, bill_visit

pytestmark = pytest.mark.unmeasured


@samples.SAMPLED
async def test_each_read_has_a_tag_that_head_has_too(both: Serving, share: float) -> None:
    seen = 0
    for operation, path in await found(both, kinds.READ, kinds.LIST, kinds.REPORT, share=share):
        got = await both.client.get(path)
        head = await both.client.head(path)
        assert got.status_code == 200, (path, got.text)
        assert head.headers.get("etag") == got.headers["etag"], path
        if "link" not in got.headers:
            assert got.headers["etag"] == tag_of(got.content), operation.id
        seen += 1
    assert seen >= 3


@samples.SAMPLED
async def test_read_that_the_client_has_is_304(both: Serving, share: float) -> None:
    for _, path in await found(both, kinds.READ, kinds.LIST, kinds.REPORT, share=share):
        got = await both.client.get(path)
        own = got.headers["etag"]
        for method in ("GET", "HEAD"):
            for named in (own, f"W/{own}", f'"a", W/"b,c" ,, {own}', "*", f'"", {own}, "é"'):
                sent = {b"if-none-match": named.encode("latin-1")}
                same = await both.client.request(method, path, headers=sent)
                assert (same.status_code, same.content) == (304, b""), (path, named)
                assert same.headers["etag"] == own
                assert not {"content-type", "content-length"} & same.headers.keys()
                assert same.headers["cache-control"] == "no-store"
        for named in (NEVER, own.replace('"', '"x', 1), own.upper(), f'"a", W/{NEVER}'):
            again = await both.client.get(path, headers={"if-none-match": named})
            assert (again.status_code, again.headers["etag"]) == (200, own), named
            assert again.content == got.content


@samples.SAMPLED
async def test_read_under_if_match_needs_a_strong_tag_of_the_content(
    both: Serving, share: float
) -> None:
    for _, path in await found(both, kinds.READ, kinds.LIST, kinds.REPORT, share=share):
        got = await both.client.get(path)
        own = got.headers["etag"]
        for named in (own, "*", f"{NEVER},{own}", f'"*", {own}'):
            answer = await both.client.get(path, headers={"if-match": named})
            assert (answer.status_code, answer.content) == (200, got.content), named
        for named in (NEVER, f"W/{own}", '""', f"W/{own}, {NEVER}"):
            for also in ({}, {"if-none-match": own}):
                answer = await both.client.get(path, headers={"if-match": named, **also})
                assert_problem(answer, "precondition-failed", CHANGED, NO_TAG)
        both_hold = {"if-match": own, "if-none-match": own}
        assert (await both.client.get(path, headers=both_hold)).status_code == 304


async def test_304_is_the_last_thing_of_its_answer_and_the_connection_stays(
    service: Serving,
) -> None:
    visit = await bill_visit(service.client)
    path = f"/patients/{visit.patient}".encode()
    got = await service.client.get(path.decode())
    own = got.headers["etag"].encode()
    asked = b"GET %b HTTP/1.1\r\nHost: superbill\r\nIf-None-Match: %b\r\n\r\n" % (path, own)
    first, second, last = await exchange(service, asked * 2 + get_bytes(path))
    assert [first.status_code, second.status_code, last.status_code] == [304, 304, 200]
    assert (first.headers, first.content) == (second.headers, b"")
    assert last.content == got.content
    two_lines = (b'If-None-Match: "a"', b"If-None-Match: " + own)
    (answer,) = await exchange(service, get_bytes(path, *two_lines))
    assert answer.status_code == 304


async def test_tag_of_a_bill_changes_with_its_line_items(client: httpx.AsyncClient) -> None:
    one, other = await bill_visit(client), await bill_visit(client, "Other")
    bill, items = f"/superbills/{one.encounter}", f"/superbills/{one.encounter}/line_items/"
    before = [await tag(client, path) for path in (bill, items, f"/patients/{one.patient}")]
    await client.patch(f"/line_items/{other.line_item}", json={"units": 9})
    await client.patch(f"/patients/{other.patient}", json={"first_name": "Ada"})
    after = [await tag(client, path) for path in (bill, items, f"/patients/{one.patient}")]
    assert after == before
    await client.patch(f"/line_items/{one.line_item}", json={"units": 9})
    changed = [await tag(client, path) for path in (bill, items, f"/patients/{one.patient}")]
    assert [a == b for a, b in zip(changed, before, strict=True)] == [False, False, True]
    await client.patch(f"/patients/{one.patient}", json={"first_name": "Ada"})
    assert await tag(client, bill) not in (before[0], changed[0])


async def test_page_that_gets_a_successor_has_another_tag(client: httpx.AsyncClient) -> None:
    """Its rows are the same, but its `Link` is not."""
    await client.post("/patients/", json={"first_name": "Ada", "last_name": "Byron"})
    alone = await client.get("/patients/?limit=1")
    await client.post("/patients/", json={"first_name": "Ida", "last_name": "Byron"})
    first = await client.get("/patients/?limit=1", headers={"if-none-match": alone.headers["etag"]})
    assert (first.status_code, first.content) == (200, alone.content)
    same = await client.get("/patients/?limit=1", headers={"if-none-match": first.headers["etag"]})
    assert (same.status_code, same.headers["link"]) == (304, first.headers["link"])
    last = await client.get(first.links["next"]["url"])
    again = await client.get(
        first.links["next"]["url"], headers={"if-none-match": last.headers["etag"]}
    )
    assert (again.status_code, "link" in again.headers) == (304, False)
    assert last.headers["etag"] == tag_of(last.content) != first.headers["etag"]


async def test_report_that_is_a_stream_has_no_tag(serve: Serve, database: TestDatabase) -> None:
    """So no tag matches it, and `*` does."""
    database.execute(INSERT_VISITS)
    database.execute(
        "INSERT INTO billing.encounter (patient_id, date)"
        f" SELECT '{ID}001', '2024-03-01' FROM generate_series(1, 1100)"
    )
    client = (await serve(Config(database_url=database.api_url, connections=3))).client
    path = "/reporting/encounters_without_line_items/"
    plain = await client.get(path)
    assert (plain.status_code, "etag" in plain.headers) == (200, False)
    for headers, status in (
        ({"if-none-match": NEVER}, 200),
        ({"if-none-match": "*"}, 304),
        ({"if-match": "*"}, 200),
        ({"if-match": NEVER}, 412),
    ):
        answer = await client.get(path, headers=headers)
        assert answer.status_code == status, headers
        assert status != 200 or answer.content == plain.content


async def test_missing_row_is_404_under_any_condition(client: httpx.AsyncClient) -> None:
    for name in ("if-match", "if-none-match"):
        for named in ("*", NEVER):
            answer = await client.get(f"/patients/{UNKNOWN_ID}", headers={name: named})
            assert_problem(answer, "not-found", "patient not found")
            answer = await client.get(f"/patients/{UNKNOWN_ID}/encounters/", headers={name: named})
            assert_problem(answer, "not-found", "patient not found")


async def test_page_that_clients_share_is_written_once_with_its_tag(
    database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.execute(INSERT_VISITS)
    written: list[bytes] = []

    def noted(content: bytes, more: str = "") -> str:
        written.append(content)
        return entity_tag(content, more)

    monkeypatch.setattr("api.endpoints.list.entity_tag", noted)
    made = new_batches(monkeypatch, patience=1000)
    requests = [("GET", "/patients/", None), ("GET", "/patients/?limit=1", None)]
    async with serving(unhurried(database.api_url)) as service:
        pages = {path: await service.client.get(path) for _, path, _ in requests}
        written.clear()
        with locked(database.owner_url, "LOCK billing.patient"):
            held = asyncio.create_task(send_at_once(service.port, requests))
            await wait_for_locks(superuser_url(database), 2)
            sent = asyncio.create_task(send_at_once(service.port, requests * 20))
            await until_waiting(made[0], 40)
        answers = [*await held, *await sent]
    for number, path in enumerate(pages):
        documents = [answer.document for answer in answers[number::2]]
        assert documents == [pages[path].json()] * 21
        assert written.count(pages[path].content) == 2, "once alone, and once for twenty"
