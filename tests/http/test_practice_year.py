"""A practice's year through the API: three independent ways to add it up agree to the cent.

They are the plan's own arithmetic, SQL over base tables, and the reports and superbills of the API.
"""

import csv
import io
import json
from decimal import Decimal
from typing import LiteralString

import httpx
import pytest

from tests.support import practice_year
from tests.support.billing_sql import rows
from tests.support.csv_text import CSV, NDJSON, export
from tests.support.databases import TestDatabase
from tests.support.practice_bills import Ids, bill
from tests.support.practice_year import Money, Year

pytestmark = pytest.mark.unmeasured

# Nothing here reads the view that the reports read.
BY_PATIENT: LiteralString = """
WITH owed AS (
    SELECT l.id, e.patient_id, CASE WHEN e.status IN ('posted', 'billed') AND r.line_item_id IS NULL
        THEN l.charge ELSE 0 END AS charge
    FROM billing.encounter AS e
    JOIN billing.line_item AS l ON l.encounter_id = e.id
    LEFT JOIN billing.reversal AS r ON r.line_item_id = l.id
),
paid AS (
    SELECT p.patient_id, p.payer_id IS NULL AS by_patient, sum(p.amount) AS amount
    FROM billing.payment AS p GROUP BY 1, 2
),
adjusted AS (
    SELECT o.patient_id, sum(j.amount) AS amount
    FROM billing.adjustment AS j JOIN owed AS o ON o.id = j.line_item_id GROUP BY 1
)
SELECT
    CAST(o.patient_id AS text), sum(o.charge),
    (SELECT coalesce(sum(amount), 0) FROM paid AS p
        WHERE p.patient_id = o.patient_id AND p.by_patient),
    (SELECT coalesce(sum(amount), 0) FROM paid AS p
        WHERE p.patient_id = o.patient_id AND NOT p.by_patient),
    (SELECT coalesce(sum(amount), 0) FROM adjusted AS a WHERE a.patient_id = o.patient_id)
FROM owed AS o GROUP BY o.patient_id
"""
TODAY: LiteralString = "SELECT CAST(now() AT TIME ZONE 'America/Los_Angeles' AS date)"
AGES = ("to_30_days", "to_60_days", "to_90_days", "over_90_days")


async def report(client: httpx.AsyncClient, name: str) -> list[dict[str, str]]:
    """Read a report as CSV."""
    answer = await export(client, f"/reporting/{name}/", CSV)
    return list(csv.DictReader(io.StringIO(answer.text)))


def sums(money: Money) -> tuple[Decimal, ...]:
    """Give the sums in the order of the reports."""
    return (
        money.charged,
        money.patient_paid,
        money.payer_paid,
        money.adjusted,
        money.balance,
    )


def amounts(row: dict[str, str]) -> tuple[Decimal, ...]:
    """Give the same from a row of a report."""
    names = ("charges", "patient_payments", "payer_payments", "adjustments", "balance")
    return tuple(Decimal(row[name]) for name in names)


async def assert_balances_agree(
    client: httpx.AsyncClient, database: TestDatabase, year: Year, ids: Ids
) -> None:
    """Compare each patient's sums, and all together, in the three ways."""
    today = rows(database.owner_url, TODAY)[0][0]
    by_person = practice_year.by_person(year, today)
    planned = {ids.people[number]: sums(money) for number, money in by_person.items()}
    stored = {
        patient: (charged, own, payer, adjusted, charged - own - payer - adjusted)
        for patient, charged, own, payer, adjusted in rows(database.owner_url, BY_PATIENT)
        if patient in planned
    }
    told = {row["patient_id"]: amounts(row) for row in await report(client, "patient_balances")}
    assert planned == stored
    assert planned == {patient: told[patient] for patient in planned}
    assert not any(sum(map(abs, told[patient])) for patient in told.keys() - planned.keys())
    ages = await report(client, "aging")
    if rows(database.owner_url, TODAY)[0][0] == today:  # otherwise midnight came between
        assert {row["patient_id"]: [Decimal(row[name]) for name in AGES] for row in ages} == {
            ids.people[n]: money.buckets for n, money in by_person.items() if money.balance
        }


async def assert_months_agree(
    client: httpx.AsyncClient, database: TestDatabase, year: Year, ids: Ids
) -> None:
    """Compare what was charged in each month by provider and code."""
    planned = {
        (str(month), ids.providers[provider], code): amount
        for (month, provider, code), amount in practice_year.by_month(year).items()
    }
    stored: LiteralString = (
        "SELECT CAST(CAST(date_trunc('month', e.date) AS date) AS text),"
        " CAST(e.provider_id AS text), l.cpt_code, sum(l.charge)"
        " FROM billing.encounter AS e JOIN billing.line_item AS l ON l.encounter_id = e.id"
        " WHERE e.status IN ('posted', 'billed')"
        " AND l.id NOT IN (SELECT line_item_id FROM billing.reversal) GROUP BY 1, 2, 3"
    )
    assert planned == {
        (month, provider, code): amount
        for month, provider, code, amount in rows(database.owner_url, stored)
    }
    assert planned == {
        (row["month_start"], row["provider_id"], row["cpt_code"]): Decimal(row["charges"])
        for row in await report(client, "monthly_charges")
    }


async def assert_superbills_agree(client: httpx.AsyncClient, year: Year, ids: Ids) -> None:
    """Compare the sums and the lines of each superbill with the plan."""
    answer = await export(client, "/superbills/", NDJSON)
    bills = {bill["encounter_id"]: bill for bill in map(json.loads, answer.text.splitlines())}
    for key, visit in zip(ids.visits, year.visits, strict=True):
        assert bills[key]["status"] == visit.status
        assert amounts(bills[key]["totals"]) == sums(practice_year.of_visit(visit)), key
        lines = [line["cpt_code"] for line in bills[key]["line_items"]]
        assert lines == [line.cpt_code for line in visit.lines]
        assert [d["diagnosis_code"] for d in bills[key]["diagnoses"]] == list(visit.diagnoses)
        assert bills[key]["practice"]["npi"] == practice_year.practice()["npi"]
        assert len(bills[key]["coverages"]) == (visit.person in ids.coverages)


async def assert_what_is_left_agrees(client: httpx.AsyncClient, year: Year, ids: Ids) -> None:
    """Compare what is not billed yet, and what a payer would refuse."""
    both = list(zip(ids.visits, year.visits, strict=True))
    unbilled = {key for key, visit in both if visit.status in ("draft", "posted")}
    told = await report(client, "unbilled_encounters")
    assert {row["encounter_id"] for row in told} == unbilled
    uninsured = {key for key, v in both if v.status == "posted" and v.person not in ids.coverages}
    faults = await report(client, "claim_faults")
    assert {row["encounter_id"] for row in faults} == uninsured
    fault = "The patient has no primary coverage on the date of service."
    assert {row["fault"] for row in faults} <= {fault}


@pytest.mark.parametrize(
    ("people", "visits"),
    [
        pytest.param(20, 40, id="sample"),
        pytest.param(4_000, 12_000, id="year", marks=[pytest.mark.long, pytest.mark.timeout(3600)]),
    ],
)
async def test_year_of_a_practice_adds_up_to_the_cent_in_three_ways(
    client: httpx.AsyncClient, database: TestDatabase, people: int, visits: int
) -> None:
    last = rows(database.owner_url, TODAY)[0][0]
    year = practice_year.make(17, people, visits, last)
    ids = await bill(client, year)
    await assert_balances_agree(client, database, year, ids)
    await assert_months_agree(client, database, year, ids)
    await assert_superbills_agree(client, year, ids)
    await assert_what_is_left_agrees(client, year, ids)
