"""Writes under a condition (RFC 9110, section 13), and conditions that mean nothing."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest

from api.config import Config
from api.operations import kinds
from api.operations.notes import notes
from tests.support import samples
from tests.support.batches import Answer, clients
from tests.support.catalogs import read_catalog
from tests.support.databases import TestDatabase
from tests.support.entity_tags import CHANGED, NEVER, NO_TAG, ask, found, tag, tag_of
from tests.support.fingerprints import unchanged
from tests.support.menagerie import ID
from tests.support.outages import add_billed_visit, locked, superuser_url, wait_for_locks
from tests.support.problems import assert_problem
from tests.support.serving import Serve, Serving

NEEDED = "Send `If-Match` with the `ETag` of the row that you have read, or `*` for any."
POINTER = "/headers/if-match"
MALFORMED = (
    *("", "x", "2024", '"a', 'a"', '"a" "b"', 'w/"a"', 'W/ "a"', '*, "a"', '"a", *', '"a b"'),
    *("**", ",", "W/*", '"a"; "b"', "'a'"),
)
CSV, NDJSON = "text/csv", "application/x-ndjson"


@dataclass(frozen=True, slots=True)
class Row:
    """A row that can be changed, and what its row in Postgres is locked by."""

    schema: str
    path: str
    column: str
    values: tuple[Any, ...]
    lock: str


ROWS = (
    Row(
        "database",
        "/line_items/{line_item_id}",
        "units",
        (3, 4, 5, 6, 7, 8),
        "SELECT FROM billing.line_item FOR UPDATE",
    ),
    Row(
        "menagerie",
        f"/animals/{ID}001",
        "name",
        ("a", "b", "c", "d", "e", "f"),
        f"SELECT FROM zoo.animal WHERE id = '{ID}001' FOR UPDATE",
    ),
)


async def test_malformed_precondition_is_400(both: Serving) -> None:
    read, path = (await found(both, kinds.READ, share=0))[0]
    writes = (await found(both, kinds.UPDATE, kinds.DELETE, share=0))[:2]
    rule = "must be `*`, or tags as `ETag` has them, separated by commas"

    def assert_refused(answer: httpx.Response, name: str) -> None:
        fault = (f"/headers/{name.lower()}", rule)
        assert_problem(answer, "invalid-header", f"`{name}` {rule}.", fault)

    for value in MALFORMED:
        for name in ("If-Match", "If-None-Match"):
            for where in (path, f"/{read.segment}/"):
                answer = await both.client.get(where, headers={name: value})
                assert_refused(answer, name)
        for operation, place in writes:
            headers = {"If-Match": value}
            answer = await ask(both.client, operation.method, place, headers, json={"no": 1})
            assert_refused(answer, "If-Match")


async def test_answer_to_a_write_has_the_tag_of_the_row(both: Serving) -> None:
    client = both.client
    if any(relation.name == "patients" for relation in both.catalog.relations):
        body: dict[str, Any] = {"first_name": "Ana", "last_name": "Ñu"}
        collection = "/patients/"
        change = {"last_name": "Ñandú \U0001f9a4 \\ \" '"}
    else:
        collection, body = "/signs/", {"sign_number": 77, "wording": "é"}
        change = {"wording": 'ß \\ "\u0001'}
    made = await client.post(collection, json=body)
    place = made.headers["location"]
    assert made.headers["etag"] == tag_of(made.content) == await tag(client, place)
    changed = await client.patch(place, json=change, headers={"if-match": made.headers["etag"]})
    assert changed.status_code == 200, changed.text
    assert changed.headers["etag"] == tag_of(changed.content) == await tag(client, place)
    assert changed.headers["etag"] != made.headers["etag"]
    stale = await client.patch(place, json=change, headers={"if-match": made.headers["etag"]})
    assert_problem(stale, "precondition-failed", CHANGED, NO_TAG)
    same = await client.patch(place, json=change, headers={"if-match": changed.headers["etag"]})
    assert same.headers["etag"] == changed.headers["etag"]


@pytest.mark.parametrize("row", ROWS, ids=["billing", "menagerie"])
async def test_write_under_if_match_needs_a_strong_tag_of_the_row(
    row: Row, serve: Serve, request: pytest.FixtureRequest
) -> None:
    database: TestDatabase = request.getfixturevalue(row.schema)
    path = row.path.format_map(add_billed_visit(database) if row.schema == "database" else {})
    service = await serve(Config(database_url=database.api_url, connections=3))
    client, value = service.client, iter(row.values)
    own = await tag(client, path)
    with unchanged(database):
        for named in (NEVER, f"W/{own}", '""', own.upper(), f'W/{own}, "a"'):
            for method in ("PATCH", "DELETE"):
                body = {row.column: row.values[0]} if method == "PATCH" else None
                answer = await ask(client, method, path, {"if-match": named}, json=body)
                assert_problem(answer, "precondition-failed", CHANGED, NO_TAG)
        wrong = await client.patch(path, json={row.column: []}, headers={"if-match": NEVER})
        assert wrong.status_code == 422  # content comes first
    for named in ("{own}", "*", '"a", {own}', 'W/"b",{own} , "c"'):
        own = await tag(client, path)
        answer = await client.patch(
            path, json={row.column: next(value)}, headers={"if-match": named.format(own=own)}
        )
        assert answer.status_code == 200, answer.text
    stale = await client.delete(path, headers={"if-match": own})
    assert_problem(stale, "precondition-failed", CHANGED, NO_TAG)
    if row.schema == "database":
        own = await tag(client, path)
        assert (await client.delete(path, headers={"if-match": own})).status_code == 204
        for named in (own, "*", NEVER):
            gone = await client.delete(path, headers={"if-match": named})
            assert_problem(gone, "not-found", "line item not found")
            gone = await client.patch(path, json={"units": 1}, headers={"if-match": named})
            assert_problem(gone, "not-found", "line item not found")


@pytest.mark.parametrize("row", ROWS, ids=["billing", "menagerie"])
@pytest.mark.parametrize("waiting", [True, False], ids=["waiting", "free"])
async def test_one_of_six_writes_with_one_tag_is_done(
    row: Row, serve: Serve, request: pytest.FixtureRequest, *, waiting: bool
) -> None:
    """Also where all six have begun when the row can be locked."""
    database: TestDatabase = request.getfixturevalue(row.schema)
    path = row.path.format_map(add_billed_visit(database) if row.schema == "database" else {})
    service = await serve(Config(database_url=database.api_url, connections=8))
    own = await tag(service.client, path)
    async with clients(service.port, 6) as made:
        bodies = [{row.column: value} for value in row.values]

        async def all_at_once() -> list[Answer]:
            more = f"If-Match: {own}\r\n"
            asked = (
                client.ask("PATCH", path, body, more=more)
                for client, body in zip(made, bodies, strict=True)
            )
            return await asyncio.gather(*asked)

        if waiting:
            with locked(database.owner_url, row.lock):
                sent = asyncio.create_task(all_at_once())
                await wait_for_locks(superuser_url(database), 6)
            answers = await sent
        else:
            answers = await all_at_once()
    assert Counter(answer.status for answer in answers) == {200: 1, 412: 5}
    (done,) = (answer.document for answer in answers if answer.status == 200)
    got = (await service.client.get(path)).json()
    assert str(got[row.column]) == str(done[row.column])


async def test_change_that_comes_first_fails_a_write_that_waits(
    serve: Serve, database: TestDatabase
) -> None:
    """Whoever it is that changes the row; but what changes nothing that is shown does not count."""
    ids = add_billed_visit(database)
    path = f"/line_items/{ids['line_item_id']}"
    service = await serve(Config(database_url=database.api_url, connections=3))
    for statement, method, body, status in (
        ("units = units", "PATCH", {"units": 5}, 200),
        ("units = units + 1", "PATCH", {"units": 5}, 412),
        ("units = units + 1", "DELETE", None, 412),
        ("units = units", "DELETE", None, 204),
    ):
        headers = {"if-match": await tag(service.client, path)}
        update = f"UPDATE billing.line_item SET {statement}"
        with locked(database.owner_url, update) as connection:
            sent = asyncio.create_task(ask(service.client, method, path, headers, json=body))
            await wait_for_locks(superuser_url(database))
            connection.commit()
        assert (await sent).status_code == status, (method, statement)


async def test_write_that_waits_for_a_delete_finds_no_row(
    serve: Serve, database: TestDatabase
) -> None:
    path = f"/line_items/{add_billed_visit(database)['line_item_id']}"
    service = await serve(Config(database_url=database.api_url, connections=3))
    own = await tag(service.client, path)
    with locked(database.owner_url, "DELETE FROM billing.line_item") as connection:
        sent = asyncio.create_task(
            service.client.patch(path, json={"units": 5}, headers={"if-match": own})
        )
        await wait_for_locks(superuser_url(database))
        connection.commit()
    assert_problem(await sent, "not-found", "line item not found")


async def test_row_of_another_tenant_is_answered_as_a_missing_one(
    menagerie: TestDatabase, menagerie_client: httpx.AsyncClient
) -> None:
    ((hidden,),) = menagerie.execute(
        "SELECT json_build_object('id', id, 'name', name, 'beds', beds, 'opened', opened,"
        f" 'rate', rate::text)::text FROM zoo.lodge WHERE id = '{ID}a03'"
    )
    guessed = tag_of(str(hidden).replace(" : ", ":").replace(", ", ",").encode())
    with unchanged(menagerie):
        for name in ("if-match", "if-none-match"):
            for named in ("*", NEVER, guessed):
                for method, body in (("GET", None), ("PATCH", {"beds": 5}), ("DELETE", None)):
                    answers = [
                        await menagerie_client.request(
                            method, f"/lodges/{key}", json=body, headers={name: named}
                        )
                        for key in (f"{ID}a03", f"{ID}aff")
                    ]
                    told = [{**answer.json(), "instance": ""} for answer in answers]
                    assert told[0] == told[1], (method, name, named)
                    read_only = name == "if-none-match" and method != "GET"
                    assert {a.status_code for a in answers} == {400 if read_only else 404}


@samples.SAMPLED
async def test_precondition_that_means_nothing_is_400(both: Serving, share: float) -> None:
    client = both.client
    for operation, path in await found(both, kinds.UPDATE, kinds.DELETE, share=share):
        answer = await ask(client, operation.method, path, {"if-none-match": "*"}, json={})
        fault = ("/headers/if-none-match", "is only for GET and HEAD")
        assert_problem(answer, "invalid-header", f"`If-None-Match` {fault[1]}.", fault)
    for _, path in await found(both, kinds.CREATE, share=share):
        for name in ("If-Match", "If-None-Match"):
            for media, content in (("application/json", "{}"), (CSV, "a\n1\n"), (NDJSON, "{}")):
                headers = {name: "*", "content-type": media}
                answer = await client.post(path, content=content, headers=headers)
                fault = (f"/headers/{name.lower()}", "is only for one row that is there")
                assert_problem(answer, "invalid-header", f"`{name}` {fault[1]}.", fault)
    for _, path in await found(both, kinds.LIST, kinds.REPORT, share=share):
        for media in (CSV, NDJSON, f"{CSV}; formulas=escaped"):
            headers = {"accept": media, "if-match": "*", "if-none-match": NEVER}
            answer = await client.get(path, headers=headers)
            sentence = "`If-Match` and `If-None-Match` are only for an answer as application/json."
            faults = [
                (f"/headers/{name}", "is only for an answer as application/json")
                for name in ("if-match", "if-none-match")
            ]
            assert_problem(answer, "invalid-header", sentence, *faults)
            plain = await client.get(path, headers={"accept": media})
            assert "etag" not in plain.headers


async def test_view_can_require_if_match(
    menagerie: TestDatabase, menagerie_service: Serving
) -> None:
    client, path, body = menagerie_service.client, "/doses/4", {"drug": "Aspirin"}

    def key() -> dict[str, str]:
        return {"idempotency-key": str(uuid4())}  # the view requires this too

    with unchanged(menagerie):
        for place in (path, "/doses/99"):
            for method, sent in (("PATCH", body), ("DELETE", None)):
                answer = await ask(client, method, place, key(), json=sent)
                assert_problem(answer, "precondition-required", NEEDED, (POINTER, "is required"))
    own = await tag(client, path)
    changed = await ask(client, "PATCH", path, key() | {"if-match": own}, json=body)
    assert changed.json()["drug"] == "Aspirin"
    assert (await ask(client, "DELETE", path, key() | {"if-match": own})).status_code == 412
    assert (await ask(client, "DELETE", path, key() | {"if-match": "*"})).status_code == 204
    assert (await client.post("/doses/", json={"strength": 4, "drug": "x"})).status_code == 201
    said = menagerie_service.client
    document = (await said.get("/openapi.json")).json()
    fields = [one["$ref"] for one in document["paths"]["/doses/{strength}"]["patch"]["parameters"]]
    assert fields[-1] == "#/components/parameters/if-match.required"
    assert document["components"]["parameters"]["if-match.required"]["required"] is True
    assert document["components"]["schemas"]["doses"]["description"] == "The drugs, by strength."


async def test_line_that_says_something_else_is_noted(menagerie: TestDatabase) -> None:
    menagerie.execute("COMMENT ON VIEW api.signs IS 'If-Match: sometimes'")
    catalog = await read_catalog(menagerie.api_url)
    signs = next(relation for relation in catalog.relations if relation.name == "signs")
    assert (signs.comment, signs.lines.said) == (None, {"If-Match": "sometimes"})
    expected = (
        "api.signs: its line `If-Match: sometimes` has no effect: write `If-Match: required`."
    )
    assert expected in [str(note) for note in notes(catalog)]
