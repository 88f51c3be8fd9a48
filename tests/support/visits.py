"""A visit that is billed over HTTP: what most tests of the billing API begin with."""

from dataclasses import dataclass
from typing import Any

import httpx

from api.config import Config
from tests.support.databases import TestDatabase
from tests.support.problems import MARK

NOBODY = "01890a5d-ac96-774b-bcce-b302099a8057"  # a UUID that no row has


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


async def visit(client: httpx.AsyncClient, last_name: str = MARK) -> Visit:
    """Bill one visit."""
    patient = await add(client, "/patients/", first_name="John", last_name=last_name)
    encounter = await add(client, f"/patients/{patient['id']}/encounters/", date="2024-03-01")
    line_item = await add(
        client, f"/encounters/{encounter['id']}/line_items/", cpt_code="G0438", units=2
    )
    return Visit(patient["id"], encounter["id"], line_item["id"])
