"""A bill from draft to void: what posting needs and copies, and that nothing posted changes."""

import httpx
import psycopg
import pytest

from tests.support.bills import PROVIDER, bill, change, prepare
from tests.support.databases import TestDatabase
from tests.support.problems import UNFIT_BODY, assert_problem
from tests.support.visits import add, bill_visit

pytestmark = pytest.mark.unmeasured

INCOMPLETE = "An encounter must have a provider and a place of service to be posted."
NO_PROVIDER, NO_PLACE = ("/provider_id", INCOMPLETE), ("/place_of_service", INCOMPLETE)
NO_FEES = (
    "/status",
    "Each line item of an encounter must have a fee in force on its date of service to be posted.",
)
NO_LINE = ("/status", "An encounter must have a line item to be posted.")
STEPS = "An encounter is posted, then billed, and can be voided at any time; no step can be undone."
STAYS = "An encounter can be changed only while it is a draft; void it, and enter another one."
LINES_STAY = "Line items can be added, changed and removed only while their encounter is a draft."
DIAGNOSES_STAY = (
    "Diagnoses can be added, changed and removed only while their encounter is a draft."
)
INVALID = "A procedure code must be valid on the date of service."


async def test_posting_tells_all_that_is_missing_with_its_place(
    client: httpx.AsyncClient, database: TestDatabase
) -> None:
    visit = await bill_visit(client)
    encounter = f"/encounters/{visit.encounter}"
    answer = await client.patch(encounter, json={"status": "posted"})
    assert_problem(answer, "invalid-content", UNFIT_BODY, NO_PROVIDER, NO_PLACE, NO_FEES)
    prepare(database)
    answer = await client.patch(encounter, json={"status": "posted", "place_of_service": "11"})
    assert_problem(answer, "invalid-content", NO_PROVIDER[1], NO_PROVIDER)
    await client.delete(f"/line_items/{visit.line_item}")
    answer = await client.patch(
        encounter, json={"status": "posted", "place_of_service": "11", "provider_id": PROVIDER}
    )
    assert_problem(answer, "invalid-content", NO_LINE[1], NO_LINE)
    assert (await client.get(encounter)).json()["place_of_service"] is None


async def test_posting_copies_the_fees_of_the_day_and_no_later_ones(
    client: httpx.AsyncClient, database: TestDatabase
) -> None:
    encounter, lines = await bill(client, database)
    drug = await add(client, f"{encounter}/line_items/", cpt_code="J1885", units=2.5)
    answer = await client.patch(encounter, json={"status": "posted"})
    assert_problem(answer, "invalid-content", NO_FEES[1], NO_FEES)
    # The fee of J1885 is in force from the day after on; one request may move and post.
    await change(client, encounter, status="posted", date="2024-03-02")
    database.execute("UPDATE billing.fee SET amount = 9.99")
    charges = [(await client.get(path)).json() for path in (*lines, f"/line_items/{drug['id']}")]
    assert [(line["unit_charge"], line["charge"]) for line in charges] == [
        ("100.00", "200.00"),
        ("80.00", "120.00"),
        ("0.33", "0.83"),
    ]
    assert database.execute("SELECT DISTINCT lower(day)::text FROM billing.line_item") == [
        ("2024-03-02",)
    ]


async def test_repeated_step_answers_200_and_changes_nothing(
    client: httpx.AsyncClient, database: TestDatabase
) -> None:
    encounter, _ = await bill(client, database)
    for step in (
        {"status": "draft"},
        {"status": "posted"},
        {"status": "billed"},
        {"status": "voided", "void_reason": "Wrong patient"},
    ):
        done = await client.patch(encounter, json=step)
        count = database.execute("SELECT count(*) FROM audit.change")
        again = await client.patch(encounter, json=step)
        assert (done.status_code, again.status_code) == (200, 200)
        assert again.content == done.content
        assert database.execute("SELECT count(*) FROM audit.change") == count
    assert done.json()["voided_at"]


async def test_step_that_does_not_follow_is_409(
    client: httpx.AsyncClient, database: TestDatabase
) -> None:
    encounter, _ = await bill(client, database)
    for step, refused in (("posted", ["draft"]), ("billed", ["draft", "posted"])):
        await change(client, encounter, status=step)
        for status in refused:
            answer = await client.patch(encounter, json={"status": status})
            assert_problem(answer, "conflict", STEPS, ("/status", STEPS))
    answer = await client.patch(encounter, json={"status": "voided"})
    assert answer.status_code == 422
    await change(client, encounter, status="voided", void_reason="Wrong patient")
    for body, place, sentence in (
        ({"status": "posted", "void_reason": None}, "/status", STEPS),
        ({"void_reason": "Another one"}, "/void_reason", STAYS),
    ):
        answer = await client.patch(encounter, json=body)
        assert_problem(answer, "conflict", sentence, (place, sentence))


async def test_nothing_of_a_posted_encounter_can_be_changed(
    client: httpx.AsyncClient, database: TestDatabase
) -> None:
    encounter, lines = await bill(client, database)
    await change(client, encounter, status="posted")
    before = [(await client.get(path)).text for path in (encounter, *lines)]
    answer = await client.patch(encounter, json={"date": "2024-03-02", "provider_id": None})
    assert_problem(
        answer,
        "conflict",
        STAYS,
        ("/date", STAYS),
        ("/provider_id", STAYS),
    )
    diagnosis = f"/diagnoses/{encounter.rpartition('/')[2]},1"
    for method, path, body, sentence in (
        ("PATCH", lines[0], {"units": 3}, LINES_STAY),
        ("DELETE", lines[0], None, LINES_STAY),
        ("POST", f"{encounter}/line_items/", {"cpt_code": "G0438"}, LINES_STAY),
        ("PATCH", diagnosis, {"diagnosis_code": "I10"}, DIAGNOSES_STAY),
        ("PUT", diagnosis, {"diagnosis_code": "I10"}, DIAGNOSES_STAY),
        ("DELETE", diagnosis, None, DIAGNOSES_STAY),
        (
            "POST",
            f"{encounter}/diagnoses/",
            {"position": 2, "diagnosis_code": "I10"},
            DIAGNOSES_STAY,
        ),
    ):
        assert_problem(await client.request(method, path, json=body), "conflict", sentence)
    with psycopg.connect(database.acting_url("superbill_biller")) as connection:
        for statement in ("DELETE FROM api.line_items", "UPDATE api.line_items SET units = 3"):
            with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState):
                connection.execute(statement.encode())
            connection.rollback()
    assert [(await client.get(path)).text for path in (encounter, *lines)] == before


async def test_wrong_item_of_an_array_is_pointed_at(
    client: httpx.AsyncClient, database: TestDatabase
) -> None:
    _, lines = await bill(client, database)
    for field, items, places in (
        ("modifiers", ["LT", "ZQ", "LT"], [1, 2]),
        ("diagnosis_pointers", [1, 2], [1]),
        ("diagnosis_pointers", [1, 1], [1]),
    ):
        answer = (await client.patch(lines[0], json={field: items})).json()
        assert [fault["pointer"] for fault in answer["errors"]] == [
            f"/{field}/{place}" for place in places
        ]


async def test_what_is_reversed_or_voided_is_in_no_report(
    client: httpx.AsyncClient, database: TestDatabase
) -> None:
    encounter, lines = await bill(client, database)
    reverse = {"line_item_id": lines[1].rpartition("/")[2], "reason": "Entered twice"}
    assert (await client.post("/reversals/", json=reverse)).status_code == 409
    await change(client, encounter, status="posted")
    assert (await client.post("/reversals/", json=reverse)).status_code == 201
    once = "A line item can be reversed only once."
    answer = await client.post("/reversals/", json=reverse)
    assert_problem(answer, "conflict", once, ("/line_item_id", once))
    assert [(await client.get(path)).json()["is_reversed"] for path in lines] == [False, True]
    used = (await client.get("/reporting/code_utilisation/")).json()
    assert [(row["line_item_count"], row["unit_count"]) for row in used] == [(1, 2)]
    statements = (await client.get("/reporting/patient_statements/")).json()
    assert [row["units"] for row in statements] == [2]
    (month,) = (await client.get("/reporting/monthly_activity/")).json()
    assert (month["line_item_count"], month["unit_count"]) == (1, 2)
    await change(client, encounter, status="voided", void_reason="Wrong patient")
    for report in (
        "code_utilisation",
        "patient_statements",
        "monthly_activity",
        "encounters_without_line_items",
    ):
        assert (await client.get(f"/reporting/{report}/")).json() == [], report
    reverse["line_item_id"] = lines[0].rpartition("/")[2]
    assert (await client.post("/reversals/", json=reverse)).status_code == 409


async def test_code_has_the_words_of_the_day_and_ends_with_it(
    client: httpx.AsyncClient, database: TestDatabase
) -> None:
    database.execute(
        "WITH ended AS (UPDATE billing.cpt_code_version"
        " SET valid_during = '[2020-01-01,2024-03-02)' WHERE code = 'G0438' RETURNING code)"
        " INSERT INTO billing.cpt_code_version"
        " (code, valid_during, description)"
        " SELECT code, '[2024-03-02,2025-01-01)', 'New words' FROM ended"
    )
    visit = await bill_visit(client)
    path, encounter = f"/line_items/{visit.line_item}", f"/encounters/{visit.encounter}"
    old = (await client.get(path)).json()["cpt_code_description"]
    assert old.startswith("Annual wellness visit")
    changed = await change(client, path, service_date="2024-03-02")
    assert changed["cpt_code_description"] == "New words"
    await change(client, path, service_date=None)
    answer = await client.patch(encounter, json={"date": "2025-01-01"})
    assert_problem(answer, "invalid-content", INVALID, ("/date", INVALID))
    answer = await client.patch(path, json={"service_date": "2019-12-31"})
    assert_problem(answer, "invalid-content", INVALID, ("/cpt_code", INVALID))
    await change(client, encounter, date="2024-12-31")
    bill = (await client.get(f"/superbills/{visit.encounter}")).json()
    (statement,) = (await client.get("/reporting/patient_statements/")).json()
    assert (await client.get(path)).json()["cpt_code_description"] == "New words"
    assert bill["line_items"][0]["cpt_code_description"] == "New words"
    assert statement["cpt_code_description"] == "New words"
