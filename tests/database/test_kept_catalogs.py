"""A catalog that a test reads again is one that was kept, but only where nothing has changed."""

import pytest

from api.catalog import introspection
from api.database import connections
from api.identity import DEVELOPMENT_ROLE
from tests.support import catalogs
from tests.support.catalogs import read_catalog
from tests.support.databases import Server, TestDatabase

pytestmark = pytest.mark.unmeasured

# One for each part of the key.
CHANGES = [
    "COMMENT ON COLUMN zoo.animal.name IS 'Another sentence.'",
    "COMMENT ON SCHEMA api IS 'Another sentence.'",
    "ALTER TYPE zoo.conservation_status ADD VALUE 'another'",
    "ALTER DOMAIN zoo.kilogram DROP CONSTRAINT kilogram_is_positive",
    "REVOKE UPDATE (txt) ON zoo.sign FROM superbill_api",
    "DROP VIEW api.lockers",
]


async def read_now(database: TestDatabase) -> str:
    """Give the answer to catalog.sql."""
    async with connections.connect(database.api_url, min_size=1, max_size=1) as connected:
        found = await connections.fetch_as(DEVELOPMENT_ROLE, connected, introspection.QUERY)
        return str(found)


async def test_changed_catalog_is_read_again(menagerie: TestDatabase) -> None:
    found = [await read_catalog(menagerie.api_url)]
    for change in CHANGES:
        menagerie.execute(change)
        found.append(await read_catalog(menagerie.api_url))
        assert found[-1] is not found[-2], change
    assert await read_catalog(menagerie.api_url) is found[-1]


async def test_catalog_of_another_copy_is_not_read_again(
    server: Server, menagerie: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What a template was read as before may be another value by now.
    monkeypatch.setattr(catalogs, "_of_templates", {})
    other = server.create("another_copy", "template_menagerie")
    try:
        found = await read_catalog(other.api_url)
        assert found is await read_catalog(menagerie.api_url)
        assert await read_now(other) == await read_now(menagerie)
    finally:
        server.drop(other.name)
