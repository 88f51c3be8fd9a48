"""Bills in SQL and over HTTP: a provider, fees, and a visit that can be posted."""

from typing import Any

import httpx

from tests.support.databases import CLINIC, TestDatabase
from tests.support.visits import add, bill_visit

PROVIDER = "01a2083f-0000-7000-8000-000000000011"


def prepare(database: TestDatabase) -> None:
    """Add a provider, and fees: G0438 at 100.00, with LT 80.00; J1885 at 0.33 from 2024-03-02."""
    database.execute(
        f"INSERT INTO billing.provider (clinic_id, id, npi, first_name, last_name)"
        f" VALUES ('{CLINIC}', '{PROVIDER}', '1679576722', 'Grace', 'Kim');"
        "INSERT INTO billing.fee (clinic_id, cpt_code, modifier, effective_on, amount)"
        f" VALUES ('{CLINIC}', 'G0438', '', '2020-01-01', 100),"
        f" ('{CLINIC}', 'G0438', 'LT', '2020-01-01', 80),"
        f" ('{CLINIC}', 'J1885', '', '2024-03-02', 0.33)"
    )


async def bill(client: httpx.AsyncClient, database: TestDatabase) -> tuple[str, list[str]]:
    """Enter a visit that can be posted; give the paths of its encounter and its line items."""
    prepare(database)
    visit = await bill_visit(client)
    encounter = f"/encounters/{visit.encounter}"
    await add(client, f"{encounter}/diagnoses/", position=1, diagnosis_code="E119")
    other = await add(
        client, f"{encounter}/line_items/", cpt_code="G0438", units=1.5, modifiers=["LT"]
    )
    await change(client, encounter, provider_id=PROVIDER, place_of_service="11")
    return encounter, [f"/line_items/{visit.line_item}", f"/line_items/{other['id']}"]


async def change(client: httpx.AsyncClient, path: str, **fields: Any) -> Any:
    """Change a row and give it."""
    response = await client.patch(path, json=fields)
    assert response.status_code == 200, response.text
    return response.json()
