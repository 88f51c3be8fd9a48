"""Modifiers and places of service are valid on some days; a bill keeps the name of its day."""

from typing import LiteralString

import httpx
import psycopg
import pytest

from tests.support.bills import bill, change
from tests.support.databases import TestDatabase
from tests.support.problems import UNFIT_BODY, assert_problem
from tests.support.visits import add, bill_visit

pytestmark = pytest.mark.unmeasured

NOT_VALID = "A line item's modifiers must be valid on the date of service."
NOT_LISTED = "A line item's modifiers must be listed modifiers, each only once."
NO_PLACE = "An encounter's place of service must be valid on its date."
LT: LiteralString = (
    "UPDATE billing.modifier_version SET valid_during = '[2024-03-01,2024-03-03)' WHERE code = 'LT'"
)
# The visit is of 2024-03-01; from the day after on the place is called otherwise.
OFFICE: LiteralString = (
    "WITH ended AS (UPDATE billing.place_of_service_version"
    " SET valid_during = '[2024-03-01,2024-03-02)' WHERE code = '11' RETURNING code)"
    " INSERT INTO billing.place_of_service_version (code, valid_during, description)"
    " SELECT code, '[2024-03-02,2024-04-01)', 'Consulting room' FROM ended"
)


async def test_modifier_is_refused_on_a_day_on_which_it_is_not_valid(
    client: httpx.AsyncClient, database: TestDatabase
) -> None:
    database.execute(LT)
    visit = await bill_visit(client)
    encounter = f"/encounters/{visit.encounter}"
    lines = f"{encounter}/line_items/"
    new = {"cpt_code": "G0438", "modifiers": ["GA", "LT"]}
    path = f"/line_items/{(await add(client, lines, **new))['id']}"
    late = {"service_date": "2024-03-03"}
    answer = await client.post(lines, json=new | late)
    assert_problem(answer, "invalid-content", NOT_VALID, ("/modifiers/1", NOT_VALID))
    answer = await client.post(lines, json=new | late | {"modifiers": ["LT", "ZQ", "GA", "GA"]})
    assert_problem(
        answer,
        "invalid-content",
        UNFIT_BODY,
        ("/modifiers/0", NOT_VALID),
        ("/modifiers/1", NOT_LISTED),
        ("/modifiers/3", NOT_LISTED),
    )
    answer = await client.patch(path, json=late)
    assert_problem(answer, "invalid-content", NOT_VALID, ("/modifiers/1", NOT_VALID))
    answer = await client.patch(path, json=late | {"modifiers": ["GA"]})
    assert answer.status_code == 200
    answer = await client.patch(path, json={"modifiers": ["LT"]})
    assert_problem(answer, "invalid-content", NOT_VALID, ("/modifiers/0", NOT_VALID))
    visits = f"/patients/{visit.patient}/encounters/"
    answer = await client.post(visits, json={"date": "2024-03-03", "line_items": [new]})
    assert answer.json()["errors"] == [
        {"pointer": "/line_items/0/modifiers/1", "detail": NOT_VALID}
    ]


async def test_moving_the_date_checks_modifiers_again(
    client: httpx.AsyncClient, database: TestDatabase
) -> None:
    database.execute(LT)
    encounter, lines = await bill(client, database)
    for body in ({"date": "2024-03-03"}, {"date": "2024-02-29", "place_of_service": "12"}):
        answer = await client.patch(encounter, json=body)
        assert_problem(answer, "invalid-content", NOT_VALID, ("/date", NOT_VALID))
    await change(client, encounter, date="2024-03-02", status="posted")
    assert (await client.get(lines[1])).json()["unit_charge"] == "80.00"


async def test_place_is_refused_on_a_day_on_which_it_is_not_valid(
    client: httpx.AsyncClient, database: TestDatabase
) -> None:
    database.execute(OFFICE)
    visit = await bill_visit(client)
    encounter = f"/encounters/{visit.encounter}"
    wrong = (("/place_of_service", NO_PLACE), ("/date", NO_PLACE))
    await change(client, encounter, place_of_service="11")
    answer = await client.patch(encounter, json={"date": "2024-04-01"})
    assert_problem(answer, "invalid-content", NO_PLACE, *wrong)
    late = {"date": "2024-02-29", "place_of_service": "11"}
    answer = await client.post(f"/patients/{visit.patient}/encounters/", json=late)
    assert_problem(answer, "invalid-content", NO_PLACE, *wrong)
    await change(client, encounter, date="2024-04-01", place_of_service="12")
    answer = await client.patch(encounter, json={"place_of_service": "11"})
    assert_problem(answer, "invalid-content", NO_PLACE, *wrong)
    await change(client, encounter, date="2024-03-31", place_of_service="11")


async def test_bill_keeps_the_name_that_its_place_had(
    client: httpx.AsyncClient, database: TestDatabase
) -> None:
    encounter, _ = await bill(client, database)
    superbill = encounter.replace("encounters", "superbills")
    database.execute(OFFICE)
    database.execute("UPDATE billing.place_of_service SET name = 'Consulting room'")
    assert (await client.get(superbill)).json()["place_of_service_name"] == "Office"
    await change(client, encounter, date="2024-03-02", status="posted")
    assert (await client.get(superbill)).json()["place_of_service_name"] == "Consulting room"
    versions = "/places_of_service/11/place_of_service_versions.code/"
    names = [row["description"] for row in (await client.get(versions)).json()]
    assert names == ["Office", "Consulting room"]
    (version,) = (await client.get(f"{versions}?valid_during.on=2024-03-31")).json()
    assert (version["valid_during"], version["code_list"]) == ("[2024-03-02,2024-04-01)", "hand")
    (listed,) = (await client.get("/modifier_versions/?code=LT&valid_during.on=1900-01-01")).json()
    assert listed["description"].startswith("Left side")


@pytest.mark.parametrize("status", ["draft", "posted"])
async def test_version_that_a_bill_needs_keeps_its_days(
    client: httpx.AsyncClient, database: TestDatabase, status: str
) -> None:
    encounter, _ = await bill(client, database)
    await change(client, encounter, status=status)
    for table, code, rule, refused in (
        (
            "modifier_version",
            "LT",
            "modifier_version_stays_while_line_items_need_it",
            psycopg.errors.ObjectNotInPrerequisiteState,
        ),
        (
            "place_of_service_version",
            "11",
            "encounter_place_of_service_day_fkey",
            psycopg.errors.ForeignKeyViolation,
        ),
    ):
        one = f"WHERE code = '{code}'"
        for statement in (
            f"UPDATE billing.{table} SET valid_during = '[2024-03-02,)' {one}",
            f"DELETE FROM billing.{table} {one}",
        ):
            with (
                psycopg.connect(database.owner_url) as connection,
                pytest.raises(refused) as caught,
            ):
                connection.execute(statement.encode())
            assert caught.value.diag.constraint_name == rule, statement
        with psycopg.connect(database.owner_url) as connection:
            # It loses no day, or others, or is split in one statement.
            for statement in (
                f"UPDATE billing.{table} SET description = 'Another text' {one}",
                f"UPDATE billing.{table} SET valid_during = '[2024-03-01,2025-01-01)' {one}",
                (
                    f"WITH cut AS (UPDATE billing.{table} SET valid_during = '[2024-06-01,)' {one}"
                    " RETURNING code)"
                    f" INSERT INTO billing.{table} (code, valid_during, description)"
                    " SELECT code, '[2020-01-01,2024-06-01)', 'Before' FROM cut"
                ),
            ):
                connection.execute(statement.encode())


def test_code_that_is_removed_takes_its_versions_along(database: TestDatabase) -> None:
    for table in ("modifier", "place_of_service"):
        one = f"code = (SELECT max(code) FROM billing.{table})"
        count = f"SELECT count(*) FROM billing.{table}_version WHERE {one}"
        assert database.execute(count) == [(1,)]
        ((code,),) = database.execute(f"DELETE FROM billing.{table} WHERE {one} RETURNING code")
        versions = f"SELECT code FROM billing.{table}_version WHERE code = '{code}'"
        assert database.execute(versions) == []
