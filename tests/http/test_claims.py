"""Claims: what makes one, what it asks for, and those that replace or void it."""

import httpx
import pytest

from tests.support.bills import bill, change
from tests.support.databases import TestDatabase
from tests.support.problems import assert_problem
from tests.support.visits import add

pytestmark = pytest.mark.unmeasured


async def test_claim_bills_its_encounter_and_is_corrected_by_others(
    client: httpx.AsyncClient, database: TestDatabase
) -> None:
    encounter, lines = await bill(client, database)
    patient = (await client.get(encounter)).json()["patient_id"]
    payer = await add(client, "/payers/", name="Medicare")
    covered = {"member_id": "1EG4TE5MK73", "effective_on": "2024-01-01"}
    coverage = await add(client, f"/patients/{patient}/coverages/", payer_id=payer["id"], **covered)
    claims, body = f"{encounter}/claims/", {"coverage_id": coverage["id"]}
    draft = await client.post(claims, json=body)
    assert draft.status_code == 409
    await change(client, encounter, status="posted")
    claim = await add(client, claims, **body)
    assert claim["total_charge"] == "320.00"
    assert claim["control_number"] == claim["id"].replace("-", "")[:20].upper()
    assert (await client.get(encounter)).json()["status"] == "billed"
    once = "An encounter has one original claim by each coverage."
    answer = await client.post(claims, json=body)
    assert_problem(answer, "conflict", once, ("/coverage_id", once))
    reverse = {"line_item_id": lines[1].rpartition("/")[2], "reason": "Entered twice"}
    await add(client, "/reversals/", **reverse)
    assert (await client.post(claims, json=body | {"frequency": "7"})).status_code == 422
    corrected = body | {"frequency": "7", "payer_claim_number": "ICN1"}
    assert (await add(client, claims, **corrected))["total_charge"] == "200.00"
    await change(client, encounter, status="voided", void_reason="Wrong patient")
    assert (await client.post(claims, json=corrected)).status_code == 409
    await add(client, claims, **corrected | {"frequency": "8"})
