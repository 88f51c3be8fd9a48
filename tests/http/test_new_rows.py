"""The answer to a body of many rows: their number, or all of them, as `Prefer` says."""

import json
from typing import Any

import httpx
import pytest
from sanic.compat import Header

from api.request.preferences import preferred_return
from tests.support.databases import TestDatabase
from tests.support.fingerprints import unchanged
from tests.support.problems import FIRST_FAULTS, nothing_created

pytestmark = pytest.mark.unmeasured

JSON, NDJSON, CSV = "application/json", "application/x-ndjson", "text/csv"
WHOLE = {"prefer": "return=representation"}
PEOPLE = [{"first_name": f"Ann {n}", "last_name": f"O'Néill, {n}"} for n in range(2500)]
WRITTEN = {
    JSON: json.dumps(PEOPLE),
    NDJSON: "\n".join(map(json.dumps, PEOPLE)),
    CSV: "first_name,last_name\n"
    + "".join(f'{row["first_name"]},"{row["last_name"]}"\n' for row in PEOPLE),
}


@pytest.mark.parametrize(
    ("sent", "preferred"),
    [
        ([], None),
        (["return=representation"], "representation"),
        (["Return = representation"], "representation"),
        (['return="minimal"'], "minimal"),
        (["return=minimal, return=representation"], "minimal"),
        (["respond-async; x=1, return=representation; foo"], "representation"),
        (["wait=10", "return=representation"], "representation"),
        (['x="return=minimal, ", return=representation'], "representation"),
        (["return=all"], None),
        (["return=Representation"], None),
        (["return"], None),
        (["return=representation minimal"], None),
        (["returned=minimal"], None),
        ([',,;="', "="], None),
    ],
)
def test_preference_is_read_and_anything_else_ignored(
    sent: list[str], preferred: str | None
) -> None:
    assert preferred_return(Header([("prefer", text) for text in sent])) == preferred


async def test_new_rows_are_answered_in_the_order_of_the_body(
    client: httpx.AsyncClient, database: TestDatabase
) -> None:
    for media, content in WRITTEN.items():
        headers = {"content-type": media, **WHOLE}
        answer = await client.post("/patients/", content=content, headers=headers)
        assert answer.status_code == 201
        assert answer.headers["content-type"] == JSON
        assert answer.headers["preference-applied"] == "return=representation"
        rows: list[dict[str, Any]] = answer.json()
        assert [{n: row[n] for n in PEOPLE[0]} for row in rows] == PEOPLE
        stored = database.execute("SELECT id::text FROM billing.patient ORDER BY id")
        assert [(row["id"],) for row in rows] == stored
        database.execute("TRUNCATE billing.patient CASCADE")


async def test_rows_below_a_parent_have_the_columns_of_the_path(
    client: httpx.AsyncClient,
) -> None:
    made = (await client.post("/patients/", json=PEOPLE[:1], headers=WHOLE)).json()
    path = f"/patients/{made[0]['id']}/encounters/"
    days = [{"date": "2024-03-02"}, {"date": "2024-03-01"}]
    answer = await client.post(path, json=days, headers=WHOLE)
    assert [(row["patient_id"], row["date"]) for row in answer.json()] == [
        (made[0]["id"], "2024-03-02"),
        (made[0]["id"], "2024-03-01"),
    ]


async def test_number_is_the_default_and_one_row_is_always_answered(
    client: httpx.AsyncClient,
) -> None:
    for prefer, applied in {
        "return=minimal": "return=minimal",
        "handling=lenient": None,
        "return=full": None,
    }.items():
        answer = await client.post("/patients/", json=PEOPLE[:2], headers={"prefer": prefer})
        assert answer.text == '{"created":2}'
        assert answer.headers.get("preference-applied") == applied
        one = await client.post("/patients/", json=PEOPLE[0], headers={"prefer": prefer})
        assert one.json() | PEOPLE[0] == one.json()
        assert "preference-applied" not in one.headers


async def test_fault_is_a_problem_whatever_is_preferred(
    client: httpx.AsyncClient, database: TestDatabase
) -> None:
    rows: list[dict[str, Any]] = [*PEOPLE, {"first_name": "Ann"}]
    with unchanged(database):
        for headers in ({}, WHOLE):
            content = "\n".join(map(json.dumps, rows))
            answer = await client.post(
                "/patients/", content=content, headers={**headers, "content-type": NDJSON}
            )
            assert (answer.status_code, answer.json()["detail"]) == (
                422,
                nothing_created("1 of 2501"),
            )
            assert "preference-applied" not in answer.headers
        item = {"cpt_code": "99999", "encounter_id": "01a2083f-993d-7c72-8296-d7bebd4edbc8"}
        answer = await client.post("/line_items/", json=[item, item], headers=WHOLE)
        assert answer.json()["detail"] == nothing_created("2 of 2")


async def test_all_rows_with_faults_are_counted(
    client: httpx.AsyncClient, database: TestDatabase
) -> None:
    bad = [{"first_name": "\t", "last_name": "x"}, {"first_name": " x", "last_name": "y"}, {}, 5]
    rows = [*PEOPLE[:50], *(bad[n % 4] for n in range(604)), *PEOPLE[50:96]]
    lines = "\n".join(map(json.dumps, rows))
    with unchanged(database):
        for content, media in ((json.dumps(rows), JSON), (lines + '\n{"a"', NDJSON)):
            headers = {"content-type": media}
            answer = await client.post("/patients/", content=content, headers=headers)
            found = "604 of 700" if media == JSON else "605 of 701"
            assert answer.json()["detail"] == nothing_created(found, FIRST_FAULTS)
            assert len(answer.json()["errors"]) == 100
            assert answer.json()["errors"][0]["pointer"] == "/50/first_name"
        lines = "{}\n" * 20_000
        answer = await client.post("/patients/", content=lines, headers={"content-type": NDJSON})
        assert answer.json()["detail"].startswith("Nothing was created, as at least 10000 of 10")
