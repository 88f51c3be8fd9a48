"""A visit that is billed over HTTP, as most tests of the billing API need it."""

from dataclasses import dataclass
from typing import Any

import httpx

from api.config import Config
from tests.support.databases import TestDatabase
from tests.support.problems import MARK

UNKNOWN_ID = "01890a5d-ac96-774b-bcce-b302099a8057"  # a UUID that no row has


@dataclass(frozen=True, slots=True)
class Visit:
    """The ids of a patient, of the patient's one encounter, and of its one line item."""

    patient: str
    encounter: str
    line_item: str

    @property
    def encounters(self) -> str:
        """The path of the patient's encounters."""
        return f"/patients/{self.patient}/encounters/"

    @property
    def line_items(self) -> str:
        """The path of the encounter's line items, under the patient."""
        return f"{self.encounters}{self.encounter}/line_items/"


def config(database: TestDatabase) -> Config:
    """Configure a server for a database."""
    return Config(database_url=database.api_url, connections=3)


async def add(client: httpx.AsyncClient, path: str, **body: Any) -> Any:
    """Add a row and give it."""
    response = await client.post(path, json=body)
    assert response.status_code == 201, response.text
    return response.json()


async def bill_visit(client: httpx.AsyncClient, last_name: str = MARK) -> Visit:
    """Bill one visit."""
    patient = await add(client, "/patients/", first_name="John", last_name=last_name)
    encounter = await add(client, f"/patients/{patient['id']}/encounters/", date="2024-03-01")
    line_item = await add(
        client, f"/encounters/{encounter['id']}/line_items/", cpt_code="G0438", units=2
    )
    return Visit(patient["id"], encounter["id"], line_item["id"])


def kind_of_path(allowed: tuple[str, str]) -> tuple[str, int]:
    """Tell paths apart, each with its `Allow`: by its methods, and how deep it is."""
    path, allow = allowed
    return allow, path.count("/")


def allowed_methods(v: Visit) -> dict[str, str]:
    """Give every path with its `Allow`."""
    return {
        "/patients/": "GET, HEAD, PATCH, POST",
        f"/patients/{v.patient}": "GET, HEAD, PATCH",
        v.encounters: "GET, HEAD, POST",
        v.line_items: "GET, HEAD, POST",
        "/encounters/": "GET, HEAD, PATCH, POST",
        f"/encounters/{v.encounter}": "GET, HEAD, PATCH",
        f"/encounters/{v.encounter}/line_items/": "GET, HEAD, POST",
        "/line_items/": "DELETE, GET, HEAD, PATCH, POST",
        f"/line_items/{v.line_item}": "DELETE, GET, HEAD, PATCH",
        "/cpt_codes/": "GET, HEAD",
        "/cpt_codes/G0438": "GET, HEAD",
        "/superbills/": "GET, HEAD",
        f"/superbills/{v.encounter}": "GET, HEAD",
        f"/superbills/{v.encounter}/line_items/": "GET, HEAD, POST",
        f"/patients/{v.patient}/superbills/": "GET, HEAD",
        f"/patients/{v.patient}/superbills/{v.encounter}/line_items/": "GET, HEAD, POST",
        "/reporting/aging/": "GET, HEAD",
        "/reporting/charge_lag/": "GET, HEAD",
        "/reporting/claim_faults/": "GET, HEAD",
        "/reporting/code_utilisation/": "GET, HEAD",
        "/reporting/encounters_without_line_items/": "GET, HEAD",
        "/reporting/names_to_correct/": "GET, HEAD",
        "/reporting/members/": "GET, HEAD",
        "/reporting/monthly_activity/": "GET, HEAD",
        "/reporting/monthly_charges/": "GET, HEAD",
        "/reporting/patient_balances/": "GET, HEAD",
        "/reporting/patient_statements/": "GET, HEAD",
        "/reporting/unbilled_encounters/": "GET, HEAD",
        "/health/": "GET, HEAD",
        "/ready/": "GET, HEAD",
        "/openapi.json": "GET, HEAD",
        "/docs": "GET, HEAD",
    }
