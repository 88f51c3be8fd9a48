"""The HTTP contract on the billing schema: the demo, parents, reports, and the order of faults."""

import re
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest
from psycopg.rows import dict_row

from tests.support.databases import TestDatabase
from tests.support.problems import (
    MARK,
    NO_FORMAT,
    NOT_JSON,
    UNFIT_BODY,
    UNFIT_QUERY,
    assert_problem,
)
from tests.support.serving import serving
from tests.support.visits import UNKNOWN_ID, add, bill_visit, config

pytestmark = pytest.mark.unmeasured

ID = "[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"
G0438 = (
    "Annual wellness visit; includes a personalized prevention plan of service (PPS), initial visit"
)
DETAILS = (
    ',"service_date":null,"unit_type":"UN","modifiers":[],"diagnosis_pointers":[],'
    '"unit_charge":null,"charge":null,"is_reversed":false'
)


async def test_demo_answers_as_its_transcript_shows(client: httpx.AsyncClient) -> None:
    shape = f'{{"id":"{ID}","first_name":"John","last_name":"Oberly"}}'
    sent = '{"first_name": "John", "last_name": "Oberly"}'
    posted = await client.post(
        "/patients/", content=sent, headers={"content-type": "application/json"}
    )
    listed = await client.get("/patients/")
    read = await client.get(f"/patients/{posted.json()['id']}")
    assert re.fullmatch(shape, posted.text)
    assert (listed.text, read.text) == (f"[{posted.text}]", posted.text)
    for response in (posted, listed, read):
        assert response.headers["content-type"] == "application/json"


async def test_five_methods_bill_a_visit(database: TestDatabase) -> None:
    async with serving(config(database)) as s:
        patient = await s.client.post(
            "/patients/", json={"first_name": "John", "last_name": "Oberly"}
        )
        p = patient.json()["id"]
        encounter = await s.client.post(f"/patients/{p}/encounters/", json={"date": "2024-03-01"})
        e = encounter.json()["id"]
        nested = f"/patients/{p}/encounters/{e}/line_items/"
        first = await s.client.post(nested, json={"cpt_code": "G0438", "units": 1})
        second = await s.client.post(f"/encounters/{e}/line_items/", json={"cpt_code": "J1885"})
        encounters = await s.client.get(f"/patients/{p}/encounters/")
        line_items = await s.client.get(f"/encounters/{e}/line_items/")
        under_patient = await s.client.get(nested)
        bill = await s.client.get(f"/superbills/{e}")
    assert (
        encounter.text == f'{{"id":"{e}","patient_id":"{p}","date":"2024-03-01",'
        '"provider_id":null,"place_of_service":null,"status":"draft","void_reason":null,'
        '"posted_at":null,"voided_at":null}'
    )
    line = (
        f'{{"id":"%s","encounter_id":"{e}","cpt_code":"G0438",'
        f'"cpt_code_description":"{G0438}","units":1{DETAILS}}}'
    )
    assert first.text == line % first.json()["id"]
    assert second.json()["units"] == 1
    assert encounters.text == f"[{encounter.text}]"
    assert line_items.text == f"[{first.text},{second.text}]" == under_patient.text
    lines = [
        r.text.replace(f'"encounter_id":"{e}",', "").replace(DETAILS, "") for r in (first, second)
    ]
    head = (
        f'"encounter_id":"{e}","date":"2024-03-01","patient_id":"{p}",'
        '"first_name":"John","last_name":"Oberly"'
    )
    # Behind what it always had stands what was added later.
    assert bill.text.startswith(f'{{{head},"line_items":[{lines[0][:-1]},')
    assert f",{lines[1][:-1]}," in bill.text
    assert [r.status_code for r in (patient, encounter, first, second)] == [201] * 4
    assert [r.status_code for r in (encounters, line_items, under_patient, bill)] == [200] * 4


async def test_encounter_without_line_items_has_an_empty_bill(client: httpx.AsyncClient) -> None:
    v = await bill_visit(client)
    deleted = await client.delete(f"/line_items/{v.line_item}")
    bill = (await client.get(f"/superbills/{v.encounter}")).json()
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert "content-type" not in deleted.headers
    assert bill["line_items"] == []


async def test_created_row_is_at_its_location(client: httpx.AsyncClient) -> None:
    v = await bill_visit(client)
    line = {"cpt_code": "G0438"}
    bodies: dict[str, tuple[str, dict[str, Any]]] = {
        "/patients/": ("patients", {"first_name": "É", "last_name": "日本 😀"}),
        v.encounters: ("encounters", {"date": "2024-02-29"}),
        "/encounters/": ("encounters", {"date": "1900-01-01", "patient_id": v.patient}),
        v.line_items: ("line_items", line),
        f"/encounters/{v.encounter}/line_items/": ("line_items", line),
        "/line_items/": (
            "line_items",
            {**line, "encounter_id": v.encounter.upper(), "units": 9999},
        ),
    }
    for path, (relation, body) in bodies.items():
        for spelling in (path, path.rstrip("/")):
            made = await client.post(spelling, json=body)
            assert made.headers["location"] == f"/{relation}/{made.json()['id']}"
            found = await client.get(made.headers["location"])
            assert (made.status_code, found.status_code, found.content) == (
                201,
                200,
                made.content,
            )
            assert made.json().items() >= {**body, "encounter_id": v.encounter}.items() - (
                set() if relation == "line_items" else {("encounter_id", v.encounter)}
            )


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
async def test_missing_parent_answers_404(
    client: httpx.AsyncClient, database: TestDatabase, method: str
) -> None:
    bodies = {"encounters/": {"date": "2024-03-01"}, "line_items/": {"cpt_code": "G0438"}}
    v, other = await bill_visit(client), await bill_visit(client)
    lines = f"encounters/{v.encounter}/line_items/"
    paths = {
        f"/patients/{other.patient}/{lines}": "encounter not found",
        f"/patients/{v.patient}/encounters/{other.encounter}/line_items/": "encounter not found",
        f"/patients/{v.patient}/encounters/{v.patient}/line_items/": "encounter not found",
        f"/patients/{v.encounter}/{lines}": "patient not found",
        f"/patients/{UNKNOWN_ID}/encounters/{UNKNOWN_ID}/line_items/": "patient not found",
    }
    for wrong in (
        UNKNOWN_ID,
        "x",
        "%00",
        "%20",
        v.patient[:-1],
        v.patient.replace("-", ""),
        f"{{{v.patient}}}",
        MARK,
    ):
        paths[f"/patients/{wrong}/encounters/"] = "patient not found"
        paths[f"/patients/{wrong}/{lines}"] = "patient not found"
        paths[f"/patients/{v.patient}/encounters/{wrong}/line_items/"] = "encounter not found"
        paths[f"/encounters/{wrong}/line_items/"] = "encounter not found"
    before = database.execute(
        "SELECT (SELECT count(*) FROM billing.encounter), count(*) FROM billing.line_item"
    )
    for path, sentence in paths.items():
        body = bodies[path.rsplit("/", 2)[1] + "/"] if method == "POST" else None
        response = await client.request(method, path, json=body)
        if method == "HEAD":
            assert (response.status_code, response.content) == (404, b""), path
        else:
            assert_problem(response, "not-found", sentence)
    after = database.execute(
        "SELECT (SELECT count(*) FROM billing.encounter), count(*) FROM billing.line_item"
    )
    assert before == after == [(2, 2)]


async def test_first_fault_in_the_documented_order_wins(client: httpx.AsyncClient) -> None:
    """404 for the path's type, 415, 413, 400 query, 400 syntax, 422, 404 for the parent."""
    huge = '{"date": ' + " " * 2**20
    wrong, right = {"content-type": "text/plain"}, {"content-type": "application/json"}
    bad = '{"date": "soon"}'
    nobody = f"/patients/{UNKNOWN_ID}/encounters/"
    steps = [
        ("/nothing/?x=1", wrong, huge, ("not-found", "There is nothing at this path.")),
        ("/patients/x/encounters/?x=1", wrong, huge, ("not-found", "patient not found")),
        (f"{nobody}?x=1", wrong, huge, ("unsupported-media-type", NOT_JSON)),
        (
            f"{nobody}?x=1",
            right,
            huge,
            ("content-too-large", "A body may have at most 1048576 bytes."),
        ),
        (
            f"{nobody}?x=1",
            right,
            "{",
            ("invalid-query", UNFIT_QUERY, ("/x", "is not a parameter of this operation")),
        ),
        (
            nobody,
            right,
            "{",
            ("malformed-json", "The body is not well-formed JSON at line 1, column 2."),
        ),
        (
            nobody,
            right,
            bad,
            (
                "invalid-content",
                UNFIT_BODY,
                ("/date", "must be a date that exists, as in 2024-03-01"),
            ),
        ),
        (nobody, right, '{"date": "2024-03-01"}', ("not-found", "patient not found")),
    ]
    for path, headers, content, expected in steps:
        response = await client.post(path, headers=headers, content=content)
        kind, detail, *errors = expected
        assert_problem(response, str(kind), str(detail), *errors)  # type: ignore[arg-type]
    unknown = await client.put("/nothing/", content="x")
    assert_problem(unknown, "not-found", "There is nothing at this path.")


async def test_accepted_media_types_are_negotiated(
    client: httpx.AsyncClient, database: TestDatabase
) -> None:
    taken = [
        "application/json",
        "*/*",
        "application/*",
        "text/html, */*;q=0.1",
        "APPLICATION/JSON",
        "",
    ]
    refused = [
        "text/xml",
        "application/problem+json",
        "application/json;q=0",
        "*/*;q=0",
        "image/*",
    ]
    v = await bill_visit(client)
    for accept in taken:
        assert (await client.get("/patients/", headers={"accept": accept})).status_code == 200, (
            accept
        )
    for accept in refused:
        for path in ("/patients/", "/reporting/monthly_activity/"):
            response = await client.get(path, headers={"accept": accept})
            assert_problem(response, "not-acceptable", NO_FORMAT)
    for accept in (*refused, "text/csv", "application/x-ndjson"):
        response = await client.get(f"/encounters/{v.encounter}", headers={"accept": accept})
        assert_problem(
            response, "not-acceptable", "The answer is available as application/json or text/html."
        )
    body = {"first_name": "John", "last_name": MARK}
    response = await client.post("/patients/", json=body, headers={"accept": "text/html"})
    assert_problem(response, "not-acceptable", "The answer is available as application/json only.")
    several = await client.get(
        "/patients/", headers=[("accept", "text/csv"), ("accept", "application/json")]
    )
    assert several.status_code == 200
    assert database.execute("SELECT count(*) FROM billing.patient") == [(1,)]


async def test_reports_have_the_rows_that_psql_shows(
    client: httpx.AsyncClient, database: TestDatabase
) -> None:
    def plain(value: object) -> object:
        return str(value) if isinstance(value, (UUID, date, Decimal)) else value

    units = ("units", "unit_count")  # quantities, which are numbers in JSON

    names = (
        "encounters_without_line_items",
        "code_utilisation",
        "monthly_activity",
        "patient_statements",
    )
    for name in names:
        assert (await client.get(f"/reporting/{name}/")).text == "[]"
    for number in range(3):
        v = await bill_visit(client)
        await add(client, v.encounters, date=f"2024-0{number + 1}-15")
        await add(
            client,
            f"/encounters/{v.encounter}/line_items/",
            cpt_code="J1885",
            units=number + 1,
        )
    with psycopg.connect(database.reporter_url, row_factory=dict_row) as connection:
        for name in names:
            rows = connection.execute(f"SELECT * FROM reporting.{name}").fetchall()
            expected = [
                {c: value if c in units else plain(value) for c, value in row.items()}
                for row in rows
            ]
            shown = await client.get(f"/reporting/{name}/")
            assert len(expected) > 1
            assert shown.json() == expected
            assert list(shown.json()[0]) == list(expected[0])
            assert "link" not in shown.headers


async def test_procedure_codes_are_read_only_and_have_no_path_to_patients(
    client: httpx.AsyncClient,
) -> None:
    code = await client.get("/cpt_codes/G0438")
    assert code.text == f'{{"code":"G0438","description":"{G0438}"}}'
    for path in (
        "/cpt_codes/g0438",
        "/cpt_codes/99999",
        "/cpt_codes/G0438%20",
        f"/cpt_codes/{MARK}",
    ):
        assert_problem(await client.get(path), "not-found", "cpt code not found")
    back = await client.get("/cpt_codes/G0438/line_items/")
    assert_problem(back, "not-found", "There is nothing at this path.")
    codes = [row["code"] for row in (await client.get("/cpt_codes/")).json()]
    assert codes == sorted(codes)
    assert len(codes) >= 40


async def test_health_readiness_and_document_are_served(database: TestDatabase) -> None:
    async with serving(config(database)) as s:
        assert (await s.client.get("/health/")).text == '{"status":"ok"}'
        assert (await s.client.get("/ready/")).text == '{"status":"ready"}'
        document = (await s.client.get("/openapi.json")).json()
        assert document["openapi"] == "3.1.0"
        for path in ("/health/", "/ready/", "/openapi.json"):
            refused = await s.client.get(path, params={"verbose": MARK})
            expected = ("/verbose", "is not a parameter of this operation")
            assert_problem(refused, "invalid-query", UNFIT_QUERY, expected)
    async with serving(config(database), migrations=["0001.schemas", "9999.missing"]) as s:
        assert_problem(
            await s.client.get("/ready/"),
            "unavailable",
            "The database lacks migration 9999.missing.",
        )
        assert (await s.client.get("/health/")).status_code == 200
