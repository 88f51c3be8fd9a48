"""A request can be read: it passes few files, and the guide shows the read's journey as it is."""

import re

import pytest

from api.config import ROOT
from tests.journey import Journey, record
from tests.support.databases import TestDatabase

GUIDE = ROOT / ".github" / "CONTRIBUTING.md"
READ = ("GET", "/patients/{id}")
JSON, CSV = "application/json", "text/csv"
REQUESTS = {  # what is sent and accepted, and the most files and changes of file
    "read": (*READ, JSON, JSON, 10, 13),
    "filtered list": ("GET", "/patients/?last_name=Doe&limit=2", JSON, JSON, 15, 24),
    "create": ("POST", "/patients/", JSON, JSON, 18, 27),
    "export": ("GET", "/patients/", JSON, CSV, 15, 30),
    "upload": ("POST", "/patients/", CSV, JSON, 19, 40),
}


async def _journey(database: TestDatabase, *request: str) -> Journey:
    return await record(database.api_url, *request)


@pytest.mark.parametrize("name", REQUESTS)
async def test_request_passes_few_files(database: TestDatabase, name: str) -> None:
    method, path, send, accept, files, changes = REQUESTS[name]
    journey = await _journey(database, method, path, send, accept)
    found = "\n".join(journey.lines())
    assert journey.files <= files, found
    assert journey.changes <= changes, found


async def test_guide_shows_the_journey_of_a_read(database: TestDatabase) -> None:
    """Else run `python -m tests.journey GET /patients/{id}` and copy what it prints."""
    block = re.search(
        r"<!-- journey -->\n+```\n(.*?)```\n+<!-- /journey -->",
        GUIDE.read_text(encoding="utf-8"),
        re.DOTALL,
    )
    assert block, "the guide has no journey"
    journey = await _journey(database, *READ, JSON, JSON)
    assert block[1].splitlines() == list(journey.lines())
