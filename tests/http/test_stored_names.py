"""Names that were stored before the rules of names: they stay, and a report lists them."""

import httpx
import pytest

from api.cli.migrations import migrate, rollback
from api.config import ROOT
from tests.support.databases import TestDatabase
from tests.support.problems import assert_problem
from tests.support.serving import Serve
from tests.support.visits import config

pytestmark = pytest.mark.unmeasured

SCHEMA = ROOT / "schema"
LONG = "A patient's last name must have at most 60 characters, which is what a claim holds."
STORED = {
    "long": ("Ann", "x" * 61),
    "longer": ("é" * 36, "Other"),
    "tab": ("A\tnn", "Other"),
    "blank": ("Ann", "Other\u00a0"),
    "right": ("A" * 35, "O" * 60),
}


async def test_stored_names_stay_and_a_report_lists_what_to_correct(
    serve: Serve, database: TestDatabase
) -> None:
    later = [file for file in SCHEMA.glob("*.rollback.sql") if file.name >= "0009"]
    rollback(database.owner_url, SCHEMA, count=len(later))
    for first, last in STORED.values():
        sql = "INSERT INTO billing.patient (first_name, last_name) VALUES ($${}$$, $${}$$)"
        database.execute(sql.format(first, last))
    migrate(database.owner_url, SCHEMA)
    client: httpx.AsyncClient = (await serve(config(database))).client
    wrong = [(row["first_name"], row["last_name"]) for row in await report(client)]
    assert wrong == [names for case, names in STORED.items() if case != "right"]
    patients = (await client.get("/patients/?limit=5")).json()
    assert [(p["first_name"], p["last_name"]) for p in patients] == list(STORED.values())
    # Postgres checks the whole row that is changed, not only the field that is named.
    path = f"/patients/{patients[0]['id']}"
    answer = await client.patch(path, json={"first_name": "Anna"})
    assert_problem(answer, "invalid-content", LONG, ("/last_name", LONG))
    assert (await client.patch(path, json={"last_name": "X"})).status_code == 200
    assert len(await report(client)) == len(wrong) - 1


async def report(client: httpx.AsyncClient) -> list[dict[str, str]]:
    found: list[dict[str, str]] = (await client.get("/reporting/names_to_correct/")).json()
    return found
