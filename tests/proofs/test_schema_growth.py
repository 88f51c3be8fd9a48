"""The API grows as the schema does: twice the tables, twice the document."""

from collections.abc import Callable

from api.document import layout, openapi
from api.operations import discovery
from tests.benchmark.related_tables import migration
from tests.support.catalogs import read_catalog
from tests.support.databases import TestDatabase

MOST_BYTES = 1_850_000  # of the document of 40 tables: 0.4 % of it is the parameter `format`


async def test_document_grows_with_the_tables_and_not_with_the_ways_between_them(
    databases: Callable[[str], TestDatabase],
) -> None:
    """With two foreign keys in each table; `tests.benchmark.schema_growth` measures the start."""
    found = []
    for tables in (20, 40):
        database = databases("template1")
        database.execute("CREATE TABLE public._yoyo_migration (migration_id text)")
        database.execute(migration(tables))
        catalog = await read_catalog(database.api_url)
        operations = discovery.build(catalog)
        document = openapi.build(catalog, operations)
        found.append((len(document["paths"]), len(layout.text(document).encode())))
    (few_paths, few_bytes), (many_paths, many_bytes) = found
    assert many_paths < 2.2 * few_paths < 400
    assert many_bytes < 2.2 * few_bytes
    assert many_bytes < MOST_BYTES
