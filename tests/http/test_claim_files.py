"""Claims as a file: what it says, that it never changes, and what a receiver would refuse."""

import asyncio
import re
from typing import Any, LiteralString

import httpx
import psycopg
import pytest

from tests.support import html, refusals_of_files
from tests.support.billing_sql import attempt, rows
from tests.support.bills import PROVIDER, bill, change
from tests.support.claims_files import faults, segments
from tests.support.databases import TestDatabase
from tests.support.outages import locked, wait_for_locks
from tests.support.problems import assert_problem
from tests.support.visits import UNKNOWN_ID, add

pytestmark = pytest.mark.unmeasured

EDI = {"accept": "application/edi-x12"}
ADDRESS = {"address_line_1": "1 Main Street", "city": "Seattle", "state": "WA"}
PRACTICE = ADDRESS | {
    "name": "Müller Family Medicine",
    "npi": "1234567893",
    "tax_id": "911234567",
    "postal_code": "981010001",
    "time_zone": "Pacific/Kiritimati",
}
PARTNER = {
    "name": "Example Clearinghouse",
    "receiver_id": "CLEARING01",
    "sender_id": "CLINIC0042",
    "contact_name": "Grace Kim",
    "contact_phone": "2065550100",
}
DETAIL = ADDRESS | {"birth_date": "1950-05-05", "sex": "F", "postal_code": "98101"}
SEND: LiteralString = (
    "INSERT INTO api.interchanges (trading_partner_id, claim_ids)"
    " SELECT t.id, ARRAY(SELECT c.id FROM api.claims AS c) FROM api.trading_partners AS t"
)


async def claim(client: httpx.AsyncClient, database: TestDatabase, lines: int = 0) -> Any:
    """Claim for a visit whose practice, patient and payer are complete; give the claim."""
    encounter, _ = await bill(client, database)
    patient = (await client.get(encounter)).json()["patient_id"]
    other = {"cpt_code": "G0438", "diagnosis_pointers": [1]}
    for line in (await client.get(f"{encounter}/line_items/")).json():
        await change(client, f"/line_items/{line['id']}", diagnosis_pointers=[1])
    if lines:
        answer = await client.post(f"{encounter}/line_items/", json=[other] * lines)
        assert answer.status_code == 201, answer.text
    await add(client, "/practices/", **PRACTICE)
    await add(client, "/patient_details/", patient_id=patient, **DETAIL)
    await add(client, "/trading_partners/", **PARTNER)
    payer = await add(client, "/payers/", name="Acme", payer_number="ACME1")
    covered = {"member_id": "1EG4TE5MK73", "effective_on": "2024-01-01"}
    coverage = await add(client, f"/patients/{patient}/coverages/", payer_id=payer["id"], **covered)
    await change(client, encounter, status="posted")
    return await add(client, f"{encounter}/claims/", coverage_id=coverage["id"])


async def send(client: httpx.AsyncClient, *claims: str) -> httpx.Response:
    """Send claims to the trading partner."""
    (partner,) = (await client.get("/trading_partners/")).json()
    body = {"trading_partner_id": partner["id"], "claim_ids": claims}
    return await client.post("/interchanges/", json=body)


async def test_page_of_an_interchange_leads_to_its_file(
    client: httpx.AsyncClient, database: TestDatabase
) -> None:
    made = await claim(client, database)
    path = (await send(client, made["id"])).headers["location"]
    page = html.read((await client.get(path, headers=html.BROWSER)).text)
    assert page.links["X12"] == f"{path}?format=x12"
    file = await client.get(page.links["X12"], headers=html.BROWSER)
    assert file.headers["content-type"] == "application/edi-x12"
    assert page.texts["pre"][0].startswith('{ "')
    assert re.fullmatch(r"Interchange [0-9-]{10} [0-9:]{8} UTC", page.texts["h1"][0])


async def test_file_stays_the_same_whatever_is_changed_later(
    client: httpx.AsyncClient, database: TestDatabase
) -> None:
    made = await claim(client, database)
    sent = await send(client, made["id"])
    assert sent.status_code == 201, sent.text
    path = sent.headers["location"]
    file = await client.get(path, headers=EDI)
    assert file.headers["content-type"] == "application/edi-x12"
    assert faults(file.text) == []
    found = segments(file.text)
    assert ["NM1", "85", "2", "MULLER FAMILY MEDICINE", "", "", "", "", "XX", "1234567893"] in found
    (clm,) = (each for each in found if each[0] == "CLM")
    assert clm[1:3] == [made["control_number"], "320"]
    (se,) = (each for each in found if each[0] == "SE")
    assert se[1:] == [str(len(found) - 4), "000000001"]
    at = (await client.get(path)).json()["content"]["made_at"]
    assert found[0][9:11] == [at[2:10].replace("-", ""), at[11:16].replace(":", "")]
    (practice,) = (await client.get("/practices/")).json()
    other = {"name": "Other", "time_zone": "America/New_York"}
    await change(client, f"/practices/{practice['id']}", **other)
    partner = (await client.get(path)).json()["trading_partner_id"]
    await change(client, f"/trading_partners/{partner}", receiver_id="OTHER", usage_indicator="P")
    await change(client, f"/providers/{PROVIDER}", last_name="Other")
    again = await client.get(f"{path}?format=x12")
    assert again.content == file.content
    assert (await client.get(path)).json() == sent.json()


async def test_claim_is_sent_once_unless_it_was_rejected(
    client: httpx.AsyncClient, database: TestDatabase
) -> None:
    made = await claim(client, database)
    first = (await send(client, made["id"])).json()
    once = "A claim is sent only once, unless its submission was rejected."
    assert_problem(await send(client, made["id"]), "conflict", once, ("/claim_ids/0", once))
    (submission,) = (await client.get(f"/claims/{made['id']}/submissions/")).json()
    assert submission["interchange_id"] == first["id"]
    assert submission["total_charge"] == made["total_charge"]
    await change(client, f"/submissions/{submission['id']}", is_rejected=True)
    second = await send(client, made["id"])
    assert second.json()["control_number"] == first["control_number"] + 1
    kept = "A claim that was sent again stays rejected where it was sent before."
    body = {"is_rejected": False}
    answer = await client.patch(f"/submissions/{submission['id']}", json=body)
    assert_problem(answer, "conflict", kept)


async def test_all_that_a_receiver_would_refuse_is_told_at_once(
    client: httpx.AsyncClient, database: TestDatabase
) -> None:
    made = await claim(client, database)
    database.execute(
        "UPDATE billing.practice SET npi = NULL; UPDATE billing.payer SET payer_number = NULL;"
        "UPDATE billing.patient_detail SET sex = NULL, city = NULL"
    )
    answer = await send(client, made["id"], UNKNOWN_ID)
    assert answer.status_code == 422
    assert [(fault["pointer"], fault["detail"]) for fault in answer.json()["errors"]] == [
        ("", "The practice's NPI is missing."),
        ("/claim_ids/0", "The patient's sex is missing."),
        ("/claim_ids/0", "The patient's address is incomplete."),
        ("/claim_ids/0", "The payer's number is missing."),
        ("/claim_ids/1", "A claim must be on record to be sent."),
    ]


async def test_claim_of_over_50_line_items_is_sent_in_parts(
    client: httpx.AsyncClient, database: TestDatabase
) -> None:
    made = await claim(client, database, lines=99)
    sent = await send(client, made["id"])
    file = await client.get(sent.headers["location"], headers=EDI)
    assert faults(file.text) == []
    parts = (await client.get(f"/interchanges/{sent.json()['id']}/submissions/")).json()
    assert [part["part"] for part in parts] == [1, 2, 3]
    numbers = [part["control_number"] for part in parts]
    assert numbers[0] == made["control_number"]
    assert numbers[1:] == [f"{made['control_number'][:17]}P0{part}" for part in (2, 3)]
    claims = [each for each in segments(file.text) if each[0] == "CLM"]
    assert [each[1] for each in claims] == numbers
    assert sum(float(each[2]) for each in claims) == float(made["total_charge"])


async def test_two_interchanges_at_once_send_no_claim_twice(
    client: httpx.AsyncClient, database: TestDatabase
) -> None:
    await claim(client, database)
    superuser = database.server.postgres.url("postgres", database.name)
    with locked(database.sql_url, SEND) as connection:
        waiting = asyncio.create_task(asyncio.to_thread(attempt, database.sql_url, SEND))
        await wait_for_locks(superuser)
        connection.commit()
        assert await waiting == "interchange_claims_are_sent_once"


async def test_interchanges_at_once_have_different_control_numbers(
    client: httpx.AsyncClient, database: TestDatabase
) -> None:
    made = await claim(client, database)
    replace = {"frequency": "7", "payer_claim_number": "ICN1", "coverage_id": made["coverage_id"]}
    path = f"/encounters/{made['encounter_id']}/claims/"
    claims = [made, *[await add(client, path, **replace) for _ in range(7)]]
    sent = await asyncio.gather(*(send(client, each["id"]) for each in claims))
    numbers = sorted(each.json()["control_number"] for each in sent)
    assert numbers == list(range(1, 9))
    found = [await client.get(each.headers["location"], headers=EDI) for each in sent]
    assert sum("REF*F8*ICN1~" in file.text for file in found) == 7


async def test_void_repeats_line_items_that_were_reversed_after_the_claim(
    client: httpx.AsyncClient, database: TestDatabase
) -> None:
    made = await claim(client, database)
    await send(client, made["id"])
    path = f"/encounters/{made['encounter_id']}"
    for line in (await client.get(f"{path}/line_items/")).json():
        await add(client, "/reversals/", line_item_id=line["id"], reason="Twice")
    await change(client, path, status="voided", void_reason="Wrong patient")
    void = {"frequency": "8", "payer_claim_number": "ICN1", "coverage_id": made["coverage_id"]}
    voiding = await add(client, f"{path}/claims/", **void)
    sent = await send(client, voiding["id"])
    assert sent.status_code == 201, sent.text
    file = await client.get(sent.headers["location"], headers=EDI)
    (clm,) = (each for each in segments(file.text) if each[0] == "CLM")
    assert (clm[2], clm[5]) == ("320", "11:B:8")


def test_report_of_faults_has_the_sentences_of_interchanges(database: TestDatabase) -> None:
    query: LiteralString = (
        "SELECT pg_get_viewdef('reporting.claim_faults'::regclass), array_agg(obj_description(oid,"
        " 'pg_constraint')) FROM pg_constraint WHERE conrelid = 'billing.interchange'::regclass"
        " AND conname = ANY(%s)"
    )
    of_claims = {name for name in refusals_of_files.OF_CLAIMS if "_claims_" not in name}
    told = [*of_claims, "interchange_claims_are_not_too_high"]
    with psycopg.connect(database.owner_url) as connection:
        row = connection.execute(query, [told]).fetchone()
    assert row
    assert [sentence for sentence in row[1] if sentence.replace("'", "''") not in row[0]] == []
    assert rows(database.reporter_url, "SELECT * FROM reporting.claim_faults") == []
