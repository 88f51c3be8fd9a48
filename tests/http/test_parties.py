"""Who bills, who gives care and what it costs, as the staff of a practice enters them."""

from typing import Any

import httpx
import pytest

from tests.support import valid_bodies
from tests.support.databases import TestDatabase
from tests.support.serving import Serve
from tests.support.visits import add, config


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
