"""A practice whose superbills have everything that an insurer asks for."""

from collections.abc import Mapping
from typing import Any

import httpx

from tests.support.visits import add

PRACTICE = {
    "name": "Example Family Medicine",
    "npi": "1234567893",
    "tax_id": "911234567",
    "tax_id_type": "EIN",
    "address_line_1": "1 Main Street",
    "address_line_2": "Suite 200",
    "city": "Seattle",
    "state": "WA",
    "postal_code": "981010001",
    "phone": "2065550100",
    "time_zone": "America/Los_Angeles",
}
PROVIDER = {
    "npi": "1679576722",
    "first_name": "Zoë",
    "last_name": "Kim-Ünal",
    "credentials": "MD",
    "license_number": "MD00012345",
    "license_state": "WA",
}
PATIENT = {"first_name": "Ada", "last_name": "Ångström & <Byron>"}
DETAILS = {
    "birth_date": "1950-05-05",
    "sex": "F",
    "address_line_1": "2 Elm Street",
    "city": "Seattle",
    "state": "WA",
    "postal_code": "98101",
    "phone": "2065550111",
    "external_id": "MRN-001",
}
COVERAGE = {
    "member_id": "1EG4TE5MK73",
    "group_number": "998877",
    "relationship": "19",
    "subscriber_first_name": "Ann",
    "subscriber_last_name": "Lovelace",
    "subscriber_birth_date": "1928-01-31",
    "effective_on": "2024-01-01",
}
FEES = {"G0438": "190.10", "G0008": "25.00", "J1885": "0.33", "G0444": "1234.50"}
DIAGNOSES = ("E119", "I10", "Z0000", "M25561")


async def practice(client: httpx.AsyncClient) -> dict[str, str]:
    """Set a practice up, with a patient; give the ids of the patient and the provider."""
    await add(client, "/practices/", **PRACTICE)
    provider = await add(client, "/providers/", **PROVIDER)
    payer = await add(client, "/payers/", name="Medicare", payer_number="00882")
    patient = await add(client, "/patients/", **PATIENT)
    await add(client, "/patient_details/", patient_id=patient["id"], **DETAILS)
    of = {"patient_id": patient["id"], "payer_id": payer["id"]}
    await add(client, "/coverages/", **of, **COVERAGE)
    for code, amount in FEES.items():
        await add(client, "/fees/", cpt_code=code, effective_on="2024-01-01", amount=amount)
    return {"patient": patient["id"], "provider": provider["id"]}


async def bill(client: httpx.AsyncClient, ids: Mapping[str, str], lines: int) -> str:
    """Post a bill of so many lines; give its encounter's id."""
    items: list[dict[str, Any]] = [
        {
            "cpt_code": list(FEES)[n % 4],
            "units": n % 3 + 1,
            "modifiers": ["LT", "GA"] if n % 2 else [],
            "diagnosis_pointers": [n % 4 + 1, *([1] if n % 4 else [])],
        }
        for n in range(lines)
    ]
    encounter = await add(
        client,
        f"/patients/{ids['patient']}/encounters/",
        date="2024-03-01",
        provider_id=ids["provider"],
        place_of_service="11",
        diagnoses=[{"position": n, "diagnosis_code": code} for n, code in enumerate(DIAGNOSES, 1)],
        line_items=items,
    )
    path = f"/encounters/{encounter['id']}"
    posted = await client.patch(path, json={"status": "posted"})
    assert posted.status_code == 200, posted.text
    return str(encounter["id"])
