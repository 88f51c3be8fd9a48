"""Who bills, gives care, is treated and pays, as the staff of a practice enters them."""

from typing import Any

import httpx
import pytest

from tests.support import valid_bodies
from tests.support.databases import TestDatabase
from tests.support.serving import Serve
from tests.support.visits import add, config

pytestmark = pytest.mark.unmeasured


@pytest.fixture
async def client(database: TestDatabase, serve: Serve) -> httpx.AsyncClient:
    """Serve the billing schema."""
    return (await serve(config(database))).client


async def refused(client: httpx.AsyncClient, path: str, **body: Any) -> dict[str, str]:
    """Send a body that is refused, and give the sentence at each pointer."""
    answer = await client.post(path, json=body)
    assert answer.status_code in (409, 422)
    return {each["pointer"]: each["detail"] for each in answer.json()["errors"]}


async def test_second_practice_of_a_clinic_is_refused(client: httpx.AsyncClient) -> None:
    await add(client, "/practices/", **valid_bodies.PRACTICE)
    answer = await client.post("/practices/", json={"name": "Second"})
    assert answer.status_code == 409
    assert answer.json()["detail"] == "A clinic has one practice; change the one that is there."


async def test_wrong_check_digit_and_malformed_npi_have_a_sentence_each(
    client: httpx.AsyncClient,
) -> None:
    digit = "A provider's NPI must end with the check digit of its first nine digits."
    shape = "A provider's NPI must be ten digits, the first of them 1 or 2."
    assert await refused(client, "/providers/", last_name="Kim", npi="1679576723") == {
        "/npi": digit
    }
    assert await refused(client, "/providers/", last_name="Kim", npi="16795767") == {"/npi": shape}


async def test_new_fee_is_accepted_once_the_old_one_has_ended(client: httpx.AsyncClient) -> None:
    old = await add(client, "/fees/", cpt_code="G0438", effective_on="2024-01-01", amount="125.00")
    new = {"cpt_code": "G0438", "effective_on": "2025-01-01", "amount": "130.00"}
    found = await refused(client, "/fees/", **new)
    assert found.keys() == {"/cpt_code", "/modifier", "/effective_on", "/ends_on"}
    with_modifier = await add(client, "/fees/", **new, modifier="26")
    ended = await client.patch(f"/fees/{old['id']}", json={"ends_on": "2024-12-31"})
    assert ended.status_code == 200
    fees = (await client.get("/fees/", params={"cpt_code": "G0438"})).json()
    assert fees == [ended.json(), with_modifier]
    fees.append(await add(client, "/fees/", **new))
    assert (await client.get("/cpt_codes/G0438/fees.cpt_code/")).json() == fees


async def test_person_with_one_name_has_an_empty_first_name(
    client: httpx.AsyncClient, database: TestDatabase
) -> None:
    sukarno = await add(client, "/patients/", first_name="", last_name="Sukarno")
    assert sukarno.keys() == {"id", "first_name", "last_name"}
    missing = {"/first_name": "is missing"}
    assert await refused(client, "/patients/", last_name="Sukarno") == missing
    encounter = await add(client, f"/patients/{sukarno['id']}/encounters/", date="2024-03-01")
    bill = (await client.get(f"/superbills/{encounter['id']}")).json()
    assert (bill["first_name"], bill["last_name"]) == ("", "Sukarno")
    found = await client.get("/patients/?last_name.search=sukar")
    assert found.json() == [sukarno]
    assert (await client.get("/reporting/names_to_correct/")).json() == []
    renamed = await client.patch(f"/patients/{sukarno['id']}", json={"first_name": "Achmed"})
    assert renamed.json() == sukarno | {"first_name": "Achmed"}
    for text, status in (('"",Suharto', 201), (",Suharto", 422)):
        sent = await client.post(
            "/patients/",
            content=f"first_name,last_name\n{text}\n",
            headers={"content-type": "text/csv"},
        )
        assert sent.status_code == status
    stored = database.execute(
        "SELECT after ->> 'first_name' FROM audit.change"
        f" WHERE record = '{sukarno['id']}' ORDER BY n"
    )
    assert stored == [("",), ("Achmed",)]


async def test_details_of_a_patient_are_put_changed_and_found(client: httpx.AsyncClient) -> None:
    patient = await add(client, "/patients/", first_name="Ada", last_name="Oberly")
    path = f"/patient_details/{patient['id']}"
    put = await client.put(path, json=valid_bodies.DETAIL)
    assert put.status_code == 201
    changed = await client.patch(path, json={"phone": "2065550199"})
    assert changed.json() == put.json() | {"phone": "2065550199"}
    for found in ("birth_date=1962-08-14", "phone=2065550199", "external_id=8842-17"):
        assert (await client.get(f"/patient_details/?{found}")).json() == [changed.json()]
    below = f"/patients/{patient['id']}/patient_details/"
    assert (await client.get(below)).json() == [changed.json()]
    again = await client.post(below, json={})
    sentence = "A patient has one row of details; change the one that is there."
    assert (again.status_code, again.json()["detail"]) == (409, sentence)
    assert await refused(client, "/patients/", first_name="Ada", last_name="Oberly", phone="1") == {
        "/phone": "is not a field of this body"
    }


async def test_second_primary_coverage_is_accepted_once_the_first_has_ended(
    client: httpx.AsyncClient,
) -> None:
    patient = await add(client, "/patients/", first_name="Ada", last_name="Oberly")
    payer = await add(client, "/payers/", name="Medicare")
    path = f"/patients/{patient['id']}/coverages/"
    old = {"payer_id": payer["id"], "member_id": "M1", "effective_on": "2024-01-01"}
    first = await add(client, path, **old)
    new = old | {"effective_on": "2025-01-01"}
    assert {*await refused(client, path, **new)} == {"/priority", "/effective_on", "/ends_on"}
    second = await add(
        client, path, **new, priority="S", relationship="01", subscriber_last_name="Roe"
    )
    ended = await client.patch(f"/coverages/{first['id']}", json={"ends_on": "2024-12-31"})
    third = await add(client, path, **new)
    assert (await client.get(path)).json() == [ended.json(), second, third]


async def test_subscriber_is_named_if_and_only_if_it_is_not_the_patient(
    client: httpx.AsyncClient,
) -> None:
    patient = await add(client, "/patients/", first_name="Ada", last_name="Oberly")
    payer = await add(client, "/payers/", name="Medicare")
    path = f"/patients/{patient['id']}/coverages/"
    body = {"payer_id": payer["id"], "member_id": "M1", "effective_on": "2024-01-01"}
    missing = (
        "A coverage must have the subscriber's last name where the patient is not the subscriber."
    )
    assert await refused(client, path, **body, relationship="19") == {
        "/relationship": missing,
        "/subscriber_last_name": missing,
    }
    found = await refused(client, path, **body, subscriber_city="Seattle")
    assert found["/subscriber_city"] == (
        "A coverage must say nothing of the subscriber where the patient is the subscriber."
    )
