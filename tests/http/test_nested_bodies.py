"""Creates whose bodies hold rows below the new one: all are created in one statement, or none."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from api.config import Config
from api.database.connections import Connections
from api.database.streams import Streams
from api.identity import Identity
from api.operations import discovery
from api.operations.operation import Operation
from api.problem import Problem, ProblemError
from tests.support.batches import clients, logged_sizes, new_batches, until_waiting
from tests.support.catalogs import read_catalog
from tests.support.databases import TestDatabase
from tests.support.fingerprints import unchanged
from tests.support.outages import locked, superuser_url, wait_for_locks
from tests.support.problems import UNFIT_BODY, assert_problem, nothing_created
from tests.support.serving import Serve
from tests.support.visits import bill_visit

UNLISTED = "A line item's procedure code must be one of the listed procedure codes."
TOO_DEEP = "stands too deep: a body has rows on at most 2 levels below its own"
VISITS: dict[str, Any] = {
    "first_name": "John",
    "last_name": "Oberly",
    "encounters": [
        {"date": "2024-03-02", "line_items": [{"cpt_code": "G0439", "units": 2.5}]},
        {"line_items": [], "date": "2024-03-01"},
        {"date": "2024-03-03"},
        {"date": "2024-03-01", "line_items": [{"cpt_code": c} for c in ("G0439", "G0438")]},
    ],
}


def visit(*codes: str) -> dict[str, Any]:
    """Make the body of a visit."""
    return {"date": "2024-03-01", "line_items": [{"cpt_code": code} for code in codes]}


async def creates(database: TestDatabase, role: str = "superbill_api") -> dict[str, Operation]:
    """Give the operations of a role by their ids."""
    catalog = await read_catalog(database.api_url, role)
    return {operation.id: operation for operation in discovery.build(catalog)}


async def test_rows_on_two_levels_are_created_and_answered_in_the_order_of_the_body(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.post("/patients/", json=VISITS)
    assert answer.status_code == 201, answer.text
    patient = answer.json()
    encounters = patient.pop("encounters")
    assert list(patient) == ["id", "first_name", "last_name"]
    assert [e["date"] for e in encounters] == [e["date"] for e in VISITS["encounters"]]
    assert [e.pop("line_items", None) is None for e in encounters] == [False, False, True, False]
    # As it is read later, in the order in which it was sent.
    read = await client.get(answer.headers["location"])
    assert (read.json(), read.headers["etag"]) == (patient, answer.headers["etag"])
    path = f"{answer.headers['location']}/encounters/"
    assert (await client.get(path)).json() == encounters
    assert " " not in answer.text.replace("Annual wellness visit", "").split('"cpt_code_desc')[0]
    sent = json.loads(answer.content)["encounters"]
    for encounter in sent:
        listed = (await client.get(f"/encounters/{encounter['id']}/line_items/")).json()
        assert encounter.get("line_items", []) == listed
    assert sent[0]["line_items"][0]["units"] == 2.5
    assert [item["units"] for item in sent[3]["line_items"]] == [1, 1]


async def test_faults_are_found_in_all_rows_at_once(client: httpx.AsyncClient) -> None:
    v = await bill_visit(client)
    body: dict[str, Any]
    body = {"date": "2024-02-30", "line_items": [{"cpt_code": 3}, 7, {"units": 1, "x": None}]}
    assert_problem(
        await client.post(v.encounters, json=body),
        "invalid-content",
        UNFIT_BODY,
        ("/date", "must be a date that exists, as in 2024-03-01"),
        ("/line_items/0/cpt_code", "must be a string"),
        ("/line_items/1", "must be an object"),
        ("/line_items/2/cpt_code", "is missing"),
        ("/line_items/2/x", "is not a field of this body"),
    )
    body = {
        "date": "2024-03-01",
        "line_items": [{"cpt_code": "G0438", "encounter_id": v.encounter}],
    }
    fault = ("/line_items/0/encounter_id", "is given by the row above")
    answer = await client.post(v.encounters, json=body)
    assert_problem(answer, "invalid-content", UNFIT_BODY, fault)
    wrongs: list[Any] = [{}, None, "x", 1]
    for wrong in wrongs:
        body = {"date": "2024-03-01", "line_items": wrong}
        fault = ("/line_items", "must not be null" if wrong is None else "must be an array")
        answer = await client.post(v.encounters, json=body)
        assert_problem(answer, "invalid-content", UNFIT_BODY, fault)


async def test_more_than_100_rows_or_two_levels_are_refused(
    client: httpx.AsyncClient, menagerie_client: httpx.AsyncClient
) -> None:
    v = await bill_visit(client)
    full = await client.post(v.encounters, json=visit(*["G0438"] * 100))
    assert len(full.json()["line_items"]) == 100
    many = ("", "must have at most 100 rows below it in all")
    body = {**VISITS, "encounters": [visit(*["G0438"] * 49)] * 2 + [{"date": "2024-03-01"}]}
    answer = await client.post("/patients/", json=body)
    assert_problem(answer, "invalid-content", UNFIT_BODY, many)
    answer = await client.post(v.encounters, json=visit(*["G0438"] * 101))
    at_most = ("/line_items", "must have at most 100 items")
    assert_problem(answer, "invalid-content", UNFIT_BODY, many, at_most)
    body = {"keepers.chief_id": [{"keepers.chief_id": [{"keepers.chief_id": []}]}]}
    answer = await menagerie_client.post("/keepers/", json=body)
    step = "/keepers.chief_id/0"
    deep = {"pointer": f"{step}{step}/keepers.chief_id", "detail": TOO_DEEP}
    assert deep in answer.json()["errors"]


async def test_each_row_that_postgres_refuses_has_its_pointer_and_nothing_is_left(
    client: httpx.AsyncClient, database: TestDatabase
) -> None:
    v = await bill_visit(client)
    with unchanged(database):
        answer = await client.post(v.encounters, json=visit("G0438", "A0000", "G0439", "A0001"))
        pointers = ("/line_items/1/cpt_code", "/line_items/3/cpt_code")
        faults = [(pointer, UNLISTED) for pointer in pointers]
        assert_problem(answer, "invalid-content", UNFIT_BODY, *faults)
        body = {**VISITS, "encounters": [visit("G0438"), visit("G0438", "A0000")]}
        pointer = "/encounters/1/line_items/1/cpt_code"
        answer = await client.post("/patients/", json=body)
        assert_problem(answer, "invalid-content", UNLISTED, (pointer, UNLISTED))
        # The row above them is at fault itself.
        answer = await client.post(v.encounters, json={**visit("A0000"), "date": "2999-01-01"})
        sentence = "An encounter's date must not be later than today is anywhere on Earth."
        assert_problem(answer, "invalid-content", sentence, ("/date", sentence))
        path = "/patients/01890a5d-ac96-774b-bcce-b302099a8057/encounters/"
        answer = await client.post(path, json=visit("G0438"))
        assert_problem(answer, "not-found", "patient not found")


async def test_refused_row_is_named_by_its_collection_where_rows_cannot_be_tried(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    v = await bill_visit(client)

    @asynccontextmanager
    async def busy(*_: object) -> AsyncIterator[None]:
        raise ProblemError(Problem("unavailable", ""))
        yield

    monkeypatch.setattr(Streams, "writing", busy)
    answer = await client.post(v.encounters, json=visit("G0438", "A0000"))
    assert_problem(answer, "invalid-content", UNLISTED, ("/line_items", UNLISTED))


async def test_repeated_visit_is_created_once(
    client: httpx.AsyncClient, database: TestDatabase
) -> None:
    v = await bill_visit(client)
    headers = {"idempotency-key": "a"}
    answers = [
        await client.post(v.encounters, json=visit("G0438", "G0439"), headers=headers)
        for _ in range(2)
    ]
    first, second = answers
    assert first.status_code == 201, first.text
    assert second.content == first.content
    assert second.headers["idempotency-replayed"] == "true"
    for name in ("location", "etag"):
        assert second.headers[name] == first.headers[name]
    other = await client.post(v.encounters, json=visit("G0438"), headers=headers)
    assert (other.status_code, other.json()["type"]) == (422, "urn:problem-type:key-reused")
    counts = "SELECT (SELECT count(*) FROM billing.encounter), count(*) FROM billing.line_item"
    assert database.execute(counts) == [(2, 3)]
    changes = "SELECT count(*) FROM audit.change WHERE action = 'insert' AND relation = '{}'"
    assert database.execute(changes.format("billing.line_item")) == [(3,)]


async def test_visits_that_wait_are_created_by_one_statement(
    serve: Serve,
    database: TestDatabase,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    made = new_batches(monkeypatch, quick=1000, patience=1000)
    service = await serve(Config(database_url=database.api_url, connections=8, lanes=1))
    v = await bill_visit(service.client)
    caplog.set_level("DEBUG", "api.database.batching")
    bodies = [visit("G0438", "G0439")] * 6 + [visit("A0000")] + [visit("G0439")] * 2
    async with clients(service.port, len(bodies)) as several:
        with locked(database.owner_url, "LOCK TABLE billing.line_item IN EXCLUSIVE MODE"):
            sent = []
            for number, (client, body) in enumerate(zip(several, bodies, strict=True)):
                more = f"Idempotency-Key: k{number}\r\n"
                asked = client.ask("POST", v.encounters, body, more=more)
                sent.append(asyncio.create_task(asked))
                if number == 0:
                    await wait_for_locks(superuser_url(database), 1)
            await until_waiting(made[0], len(bodies) - 1)
        answers = await asyncio.gather(*sent)
    assert logged_sizes(caplog) == [len(bodies) - 1]
    assert [answer.status for answer in answers] == [201] * 6 + [422] + [201] * 2
    for body, answer in zip(bodies, answers, strict=True):
        if answer.status == 201:
            codes = [item["cpt_code"] for item in answer.document["line_items"]]
            assert codes == [item["cpt_code"] for item in body["line_items"]]
            owners = {item["encounter_id"] for item in answer.document["line_items"]}
            assert owners == {answer.document["id"]}
    pointers = [fault["pointer"] for fault in answers[6].document["errors"]]
    assert pointers == ["/line_items/0/cpt_code"]


async def test_body_without_nested_rows_has_the_statement_that_it_had(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    v = await bill_visit(client)
    sent: list[str] = []
    run = Connections.run

    async def record(
        self: Connections, sql: str, values: Any, identity: Identity, *, write: bool = False
    ) -> Any:
        sent.append(sql)
        return await run(self, sql, values, identity, write=write)

    monkeypatch.setattr(Connections, "run", record)
    await client.post(v.encounters, json={"date": "2024-03-01"})
    await client.post(v.encounters, json=visit("G0438"))
    plain, nested = sent
    assert plain.startswith('INSERT INTO "api"."encounters"')
    assert nested.startswith("WITH ")


async def test_many_rows_hold_rows_below_them(
    client: httpx.AsyncClient, database: TestDatabase
) -> None:
    v = await bill_visit(client)
    prefer = {"prefer": "return=representation"}
    rows = [visit("G0438", "G0439"), {"date": "2024-03-02"}, visit("G0439"), visit()]
    answer = await client.post(v.encounters, json=rows, headers=prefer)
    assert answer.status_code == 201, answer.text
    found = [[i["cpt_code"] for i in row.get("line_items", [])] for row in answer.json()]
    assert found == [["G0438", "G0439"], [], ["G0439"], []]
    lines = "\n".join(map(json.dumps, rows))
    headers = {"content-type": "application/x-ndjson"}
    answer = await client.post(v.encounters, content=lines, headers=headers)
    assert answer.json() == {"created": 4}
    with unchanged(database):
        rows = [visit("G0438"), visit("G0438", "A0000"), {"date": "2024-03-02"}]
        answer = await client.post(v.encounters, json=rows)
        fault = ("/1/line_items/1/cpt_code", UNLISTED)
        assert_problem(answer, "invalid-content", nothing_created("at least 1 of 3"), fault)
        headers = {"content-type": "text/csv"}
        answer = await client.post(v.encounters, content="date,line_items\n", headers=headers)
        fault = ("/0/line_items", "is not a field here")
        assert_problem(answer, "invalid-content", UNFIT_BODY, fault)


async def test_changes_and_rows_that_may_be_there_hold_no_rows(
    client: httpx.AsyncClient, menagerie_client: httpx.AsyncClient
) -> None:
    v = await bill_visit(client)
    unknown = "is not a field of this body"
    answer = await client.patch(f"/encounters/{v.encounter}", json={"line_items": []})
    assert ("/line_items", unknown) in _faults(answer)
    body: dict[str, Any] = {"length_m": "2", "width_m": "1", "animals": []}
    answer = await menagerie_client.put("/enclosures/New,1", json=body)
    assert ("/animals", unknown) in _faults(answer)
    body |= {"house": "New", "number": 1}
    fault = ("/0/animals", "can't be sent with a row that may be there already")
    for preference in ("merge-duplicates", "ignore-duplicates"):
        headers = {"prefer": f"resolution={preference}"}
        answer = await menagerie_client.post("/enclosures/", json=body, headers=headers)
        assert _faults(answer) == [fault]


def _faults(answer: httpx.Response) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.text
    return [(fault["pointer"], fault["detail"]) for fault in answer.json()["errors"]]


async def test_only_roles_that_may_create_the_rows_have_the_field(database: TestDatabase) -> None:
    all_of_them = (await creates(database))["encounters.create"].nested
    assert "line_items" in {each.segment for each in all_of_them}
    database.execute("REVOKE INSERT ON billing.line_item, api.line_items FROM superbill_api")
    names = "encounter_id, cpt_code, units"
    database.execute(
        f"REVOKE INSERT ({names}) ON billing.line_item, api.line_items FROM superbill_api"
    )
    fewer = (await creates(database))["encounters.create"].nested
    assert "line_items" not in {each.segment for each in fewer}


async def test_column_with_the_name_of_a_collection_wins(menagerie: TestDatabase) -> None:
    before = (await creates(menagerie))["expeditions.create"]
    assert [each.segment for each in before.nested] == ["finds", "stages"]
    menagerie.execute(
        "ALTER TABLE zoo.expedition ADD COLUMN stages integer;"
        "CREATE OR REPLACE VIEW api.expeditions WITH (security_invoker = true) AS"
        " SELECT e.id, e.title, e.begun_on, e.stages FROM zoo.expedition AS e;"
        "GRANT SELECT (stages), INSERT (stages) ON zoo.expedition, api.expeditions"
        " TO superbill_api"
    )
    after = (await creates(menagerie))["expeditions.create"]
    assert [each.segment for each in after.nested] == ["finds"]
    assert "stages" in {column.name for column in after.body}
