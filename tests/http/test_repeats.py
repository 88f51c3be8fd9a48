"""Requests with an `Idempotency-Key`: done once, however often they are sent."""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Any
from uuid import uuid4

import httpx
import pytest

from api.config import Config
from api.operations import kinds
from api.operations.operation import Operation
from tests.support import samples, strangers
from tests.support.batches import (
    Answer,
    clients,
    logged_sizes,
    new_batches,
    until_waiting,
)
from tests.support.databases import TestDatabase
from tests.support.entity_tags import NEVER, ask, found, tag
from tests.support.fingerprints import unchanged
from tests.support.outages import add_billed_visit, locked, superuser_url, wait_for_locks
from tests.support.problems import assert_problem
from tests.support.sample_requests import SAMPLE_BODIES
from tests.support.serving import Serve, Serving

JOHN = {"first_name": "John", "last_name": "Oberly"}
CSV, NDJSON = "text/csv", "application/x-ndjson"
POINTER = "/headers/idempotency-key"
REUSED = "This `Idempotency-Key` was sent with another request: use a new key for each change."
NUMBERS = count(100)
Together = tuple[httpx.AsyncClient, Callable[..., Awaitable[list[Answer]]]]
ANSWERS = """
CREATE SCHEMA identity;
CREATE TABLE identity.answer (
    actor text DEFAULT current_setting('request.actor'), key text, fingerprint text NOT NULL,
    body text, location text, PRIMARY KEY (actor, key)
);
GRANT USAGE ON SCHEMA identity TO superbill_api;
GRANT SELECT (key, fingerprint, body, location), INSERT (key, fingerprint, body, location)
ON identity.answer TO superbill_api
"""


def body_of(operation: Operation) -> dict[str, Any]:
    """Make a good body of the values that are listed first, another one each time."""
    number = next(NUMBERS)
    listed = SAMPLE_BODIES[operation.relation.name]
    names = {column.name for column in operation.body}
    first = {name: values[0] for name, values in listed.items() if name in names}
    return {
        name: value.replace("{n}", str(number)) if isinstance(value, str) else value
        for name, value in first.items()
    }


async def twice(
    client: httpx.AsyncClient, method: str, path: str, *, match: bool = False, **sent: Any
) -> httpx.Response:
    """Send a request twice with a new key; check that the answers are alike, and give the first."""
    headers = {"idempotency-key": str(uuid4()), **sent.pop("headers", {})}
    if match:
        headers["if-match"] = (await client.get(path)).headers.get("etag", NEVER)
    first = await ask(client, method, path, headers, **sent)
    second = await ask(client, method, path, headers, **sent)
    assert second.status_code == first.status_code, second.text
    if first.is_success:
        assert second.content == first.content
    told = {**second.headers}
    assert told.pop("idempotency-replayed", None) == ("true" if first.is_success else None)
    assert told.keys() == first.headers.keys()
    for name in ("location", "etag", "content-type"):
        assert told.get(name) == first.headers.get(name)
    return first


@samples.SAMPLED
async def test_create_with_a_key_is_done_once(both: Serving, share: float) -> None:
    seen = Counter[int]()
    for operation, path in await found(both, kinds.CREATE, share=share):
        answer = await twice(both.client, "POST", path, json=body_of(operation))
        seen[answer.status_code] += 1
    assert seen[201] >= len(seen) or share < 1, seen
    assert seen


@samples.SAMPLED
async def test_change_and_delete_with_a_key_are_done_once(both: Serving, share: float) -> None:
    seen = Counter[tuple[str, int]]()
    changes = await found(both, kinds.UPDATE, share=share)
    deletes = await found(both, kinds.DELETE, share=share)
    for number, (operation, path) in enumerate([*changes, *changes, *deletes]):
        sent = {"json": body_of(operation)} if operation.body else {}
        match = operation.relation.lines.require("If-Match") or number >= len(changes) + number % 2
        answer = await twice(both.client, operation.method, path, match=match, **sent)
        seen[operation.method, answer.status_code] += 1
    assert seen["PATCH", 200] or share < 1, seen
    assert seen["DELETE", 204] or share < 1, seen


async def test_write_by_filters_with_a_key_is_done_once(
    service: Serving, database: TestDatabase
) -> None:
    client, ids = service.client, add_billed_visit(database)
    path = f"/line_items/?encounter_id={ids['encounter_id']}"
    bound = {"prefer": "max-affected=5"}
    shown = {"prefer": "max-affected=5, return=representation"}
    changed = await twice(client, "PATCH", path, json={"units": 7}, headers=bound)
    assert changed.json() == {"changed": 1}
    rows = await twice(client, "PATCH", path, json={"units": 8}, headers=shown)
    assert [row["units"] for row in rows.json()] == [8]
    headers = {"idempotency-key": "k", **bound}
    first = await ask(client, "PATCH", path, headers, json={"units": 9})
    assert first.status_code == 200
    with unchanged(database):
        for more in (shown, {"prefer": "max-affected=6"}):
            reused = await ask(client, "PATCH", path, headers | more, json={"units": 9})
            assert_problem(reused, "key-reused", REUSED, (POINTER, "was sent with another request"))
    deleted = await twice(client, "DELETE", path, headers=bound)
    assert deleted.json() == {"deleted": 1}
    assert (await ask(client, "DELETE", path, bound)).json() == {"deleted": 0}


@pytest.mark.parametrize(
    ("media", "content"),
    [
        (
            "application/json",
            '[{"first_name":"A","last_name":"B"},{"first_name":"C","last_name":"D"}]',
        ),
        (CSV, "first_name,last_name\nA,B\nC,D\n"),
        (NDJSON, '{"first_name":"A","last_name":"B"}\n{"first_name":"C","last_name":"D"}\n'),
    ],
)
async def test_many_rows_with_a_key_are_created_once(
    media: str, content: str, service: Serving, database: TestDatabase
) -> None:
    client = service.client
    sent: dict[str, Any] = {"content": content, "headers": {"content-type": media}}
    answer = await twice(client, "POST", "/patients/", **sent)
    assert answer.json() == {"created": 2}
    headers = {"content-type": media, "idempotency-key": "k"}
    with unchanged(database):
        wanted = {**headers, "prefer": "return=representation"}
        refused = await client.post("/patients/", content=content, headers=wanted)
        sentence = "With `Idempotency-Key`, many new rows are answered with their number only."
        fault = "return=representation is not possible with `Idempotency-Key`"
        assert_problem(refused, "invalid-header", sentence, ("/headers/prefer", fault))
    made = await client.post("/patients/", content=content, headers=headers)
    assert "idempotency-replayed" not in made.headers
    with unchanged(database):
        reused = await client.post("/patients/", content=content.replace("A", "E"), headers=headers)
        assert_problem(reused, "key-reused", REUSED, (POINTER, "was sent with another request"))
        reused = await client.post("/patients/", json=JOHN, headers={"idempotency-key": "k"})
        assert_problem(reused, "key-reused", REUSED, (POINTER, "was sent with another request"))
    assert (await client.post("/patients/", json=JOHN, headers={"idempotency-key": "one"})).json()
    with unchanged(database):
        headers["idempotency-key"] = "one"
        reused = await client.post("/patients/", content=content, headers=headers)
        assert_problem(reused, "key-reused", REUSED, (POINTER, "was sent with another request"))
    assert database.execute("SELECT count(*) FROM billing.patient") == [(5,)]


async def test_key_of_another_request_is_422(service: Serving, database: TestDatabase) -> None:
    client, ids = service.client, add_billed_visit(database)
    item, encounter = f"/line_items/{ids['line_item_id']}", f"/encounters/{ids['encounter_id']}"
    headers = {"idempotency-key": "k"}
    assert (await client.patch(item, json={"units": 3}, headers=headers)).status_code == 200
    own = {"if-match": await tag(client, item)}
    requests: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("PATCH", item, {"json": {"units": 4}, "headers": headers}),
        (
            "PATCH",
            item,
            {"content": '{"units": 3}', "headers": headers | {"content-type": "application/json"}},
        ),
        ("PATCH", item, {"json": {"units": 3}, "headers": headers | own}),
        ("PATCH", encounter, {"json": {"date": "2024-01-01"}, "headers": headers}),
        ("DELETE", item, {"headers": headers}),
        ("POST", "/patients/", {"json": JOHN, "headers": headers}),
    )
    with unchanged(database):
        for method, path, sent in requests:
            answer = await ask(client, method, path, sent.pop("headers"), **sent)
            assert_problem(answer, "key-reused", REUSED, (POINTER, "was sent with another request"))


@samples.SAMPLED
async def test_malformed_key_is_400(
    both: Serving, share: float, request: pytest.FixtureRequest
) -> None:
    name = "menagerie" if "menagerie" in request.node.name else "database"
    sentence = (
        "must be 1 to 255 visible ASCII characters without quotes and commas, or any such "
        "characters in quotes"
    )
    malformed = ("", '"', '""', '"a', "a,b", "a b", "a\tb", "a" * 256, '"a" "b"', '\\"')
    with unchanged(request.getfixturevalue(name)):
        writes = kinds.CREATE, kinds.UPDATE, kinds.DELETE
        for operation, path in await found(both, *writes, share=share):
            match = [] if operation.kind is kinds.CREATE else [("if-match", "*")]
            for keys in (*([key] for key in malformed), ["a", "a"]):
                headers = [*match, *(("idempotency-key", key) for key in keys)]
                request_ = both.client.build_request(
                    operation.method, path, headers=headers, json={}, extensions={"bare": True}
                )
                answer = await both.client.send(request_)
                detail = f"`Idempotency-Key` {sentence}."
                assert_problem(answer, "invalid-header", detail, (POINTER, sentence))


async def test_key_can_be_of_any_visible_characters(service: Serving) -> None:
    for key in ('"a b, c"', '"\\""', "~!#$%&'()*+-./:;<=>?@[]^_`{|}", "a" * 255, "\\"):
        answer = await twice(
            service.client, "POST", "/patients/", json=JOHN, headers={"idempotency-key": key}
        )
        assert answer.status_code == 201, key


async def test_error_is_not_kept(service: Serving, database: TestDatabase) -> None:
    client, headers = service.client, {"idempotency-key": "k"}
    ids = add_billed_visit(database)
    path = f"/encounters/{ids['encounter_id']}/line_items/"
    for body, status in (
        ({"units": 0}, 422),
        ({"cpt_code": "XXXXX", "units": 1}, 422),
        ({"cpt_code": "G0438", "units": 1}, 201),
    ):
        answer = await client.post(path, json=body, headers=headers)
        assert answer.status_code == status, answer.text
    item = answer.headers["location"]
    stale = headers | {"idempotency-key": "l", "if-match": NEVER}
    assert (await client.patch(item, json={"units": 2}, headers=stale)).status_code == 412
    own = stale | {"if-match": answer.headers["etag"]}
    assert (await client.patch(item, json={"units": 2}, headers=own)).status_code == 200


@pytest.mark.parametrize("waiting", [True, False], ids=["waiting", "free"])
async def test_one_of_six_requests_with_one_key_is_done(
    serve: Serve, database: TestDatabase, *, waiting: bool
) -> None:
    """Also where those that have begun wait for the row or the table."""
    ids = add_billed_visit(database)
    service = await serve(Config(database_url=database.api_url, connections=8, streams=8))
    item, items = f"/line_items/{ids['line_item_id']}", "/encounters/{encounter_id}/line_items/"
    requests: tuple[tuple[str, str, Any], ...] = (
        ("PATCH", item, {"units": 5}),
        ("POST", items.format_map(ids), {"cpt_code": "G0438"}),
        ("POST", items.format_map(ids), [{"cpt_code": "G0438"}] * 3),
        ("DELETE", item, None),
    )

    async def all_at_once(number: int) -> list[Answer]:
        method, path, body = requests[number]
        match = f"If-Match: {await tag(service.client, item)}\r\n" if method == "PATCH" else ""
        more = f"Idempotency-Key: k{number}\r\n{match}"
        async with clients(service.port, 6) as made:
            asked = (client.ask(method, path, body, more=more) for client in made)
            return await asyncio.gather(*asked)

    for number, (method, _, _) in enumerate(requests):
        if waiting:
            with locked(database.owner_url, "LOCK TABLE billing.line_item IN EXCLUSIVE MODE"):
                sent = asyncio.create_task(all_at_once(number))
                await wait_for_locks(superuser_url(database), 1 if method == "POST" else 6)
            answers = await sent
        else:
            answers = await all_at_once(number)
        statuses = {answer.status for answer in answers}
        assert statuses in ({200}, {201}, {204}), (method, statuses)
        assert all(answer.document == answers[0].document for answer in answers)
    assert database.execute("SELECT count(*) FROM billing.line_item") == [(4,)]


@pytest.fixture
async def together(
    serve: Serve,
    database: TestDatabase,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> Together:
    """Give a function that adds patients in one batch, each with a key, and the server's client.

    The first one runs alone, and waits for the table; the others wait for it.
    """
    made = new_batches(monkeypatch, quick=1000, patience=1000)
    service = await serve(Config(database_url=database.api_url, connections=8, lanes=1))
    caplog.set_level("DEBUG", "api.database.batching")

    async def add(*others: tuple[str, dict[str, str]]) -> list[Answer]:
        asked = [("first", JOHN), *others]
        async with clients(service.port, len(asked)) as several:
            with locked(database.owner_url, "LOCK TABLE billing.patient IN EXCLUSIVE MODE"):
                sent = []
                for client, (key, body) in zip(several, asked, strict=True):
                    more = f"Idempotency-Key: {key}\r\n"
                    sent.append(
                        asyncio.create_task(client.ask("POST", "/patients/", body, more=more))
                    )
                    if len(sent) == 1:
                        await wait_for_locks(superuser_url(database), 1)
                await until_waiting(made[0], len(others))
            first, *answers = await asyncio.gather(*sent)
        assert first.status == 201
        assert logged_sizes(caplog) == [len(others)]
        return answers

    return service.client, add


async def test_equal_keys_in_one_batch_are_done_once(
    together: Together, database: TestDatabase
) -> None:
    _, add = together
    keys = ("a", "b", "a", "c", "a", "d", "b", "e", "f")
    answers = await add(*((key, JOHN) for key in keys))
    assert {answer.status for answer in answers} == {201}
    by_key: dict[str, set[str]] = {}
    for key, answer in zip(keys, answers, strict=True):
        by_key.setdefault(key, set()).add(answer.document["id"])
    assert {len(several) for several in by_key.values()} == {1}
    assert database.execute("SELECT count(*) FROM billing.patient") == [(7,)]


async def test_keys_in_one_batch_are_replayed_beside_new_ones(
    together: Together, database: TestDatabase
) -> None:
    client, add = together
    headers = {"idempotency-key": "old", "content-type": "application/json"}
    old = await client.post("/patients/", content=json.dumps(JOHN), headers=headers)
    other = {**JOHN, "last_name": "X"}
    answers = await add(("old", JOHN), ("new", JOHN), ("old", other), ("newer", JOHN))
    assert [answer.status for answer in answers] == [201, 201, 422, 201]
    assert answers[0].document == old.json()
    assert answers[0].location == old.headers["location"]
    assert database.execute("SELECT count(*) FROM billing.patient") == [(4,)]


async def test_view_can_require_a_key(menagerie: TestDatabase, menagerie_service: Serving) -> None:
    client, needed = menagerie_service.client, (POINTER, "is required")
    sentence = (
        "Send `Idempotency-Key`: a text that is new for each change, and the same when it is "
        "repeated."
    )
    with unchanged(menagerie):
        for method, path in (("POST", "/doses/"), ("PATCH", "/doses/4"), ("DELETE", "/doses/4")):
            answer = await ask(
                client,
                method,
                path,
                {"if-match": "*"} if method != "POST" else {},
                json={"drug": "x"},
            )
            assert_problem(answer, "precondition-required", sentence, needed)
    document = (await client.get("/openapi.json")).json()
    for method, path in (("post", "/doses/"), ("delete", "/doses/{strength}")):
        fields = [one["$ref"] for one in document["paths"][path][method]["parameters"]]
        assert "#/components/parameters/idempotency-key.required" in fields


async def test_schema_that_keeps_no_answers_refuses_keys(
    serve: Serve, database: TestDatabase
) -> None:
    database.execute("DROP TABLE identity.answer")
    service = await serve(Config(database_url=database.api_url, connections=2))
    sentence = "is not supported: a request that is repeated is done again"
    for media in ("application/json", CSV, NDJSON):
        headers = {"idempotency-key": "k", "content-type": media}
        answer = await service.client.post("/patients/", content="{}", headers=headers)
        assert_problem(
            answer, "invalid-header", f"`Idempotency-Key` {sentence}.", (POINTER, sentence)
        )
    document = (await service.client.get("/openapi.json")).json()
    assert "idempotency-key" not in document["components"]["parameters"]
    assert (await service.client.post("/patients/", json=JOHN)).status_code == 201


async def test_soft_delete_with_a_key_is_done_once(
    serve: Serve, databases: Callable[[str], TestDatabase], templates: dict[str, str]
) -> None:
    """In a schema without tenants, whose answers belong to the actor alone."""
    assert templates  # makes the roles
    database = databases("template1")
    database.execute(strangers.TRIGGERS + ANSWERS)
    client = (await serve(Config(database_url=database.api_url, connections=2))).client
    place = (await twice(client, "POST", "/things/", json={"name": "soft"})).headers["location"]
    assert (await twice(client, "DELETE", place)).status_code == 204
    assert (await client.get(place)).status_code == 404
    assert database.execute("SELECT count(*) FROM identity.answer") == [(2,)]
