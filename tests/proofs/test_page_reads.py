"""Each list reads as many buffers of ten million rows as of ten thousand."""

from collections.abc import Iterator

import psycopg
import pytest

from api.operations import discovery
from tests.benchmark import dataset
from tests.benchmark.dataset import Size
from tests.support.catalogs import read_catalog
from tests.support.databases import TestDatabase
from tests.support.query_plans import Explained, Rows

LITTLE, MUCH = 10_000, 10_000_000  # line items
# One patient has every eleventh encounter, one encounter every eleventh line item, one name every
# eleventh patient.
HUBS = """
INSERT INTO billing.patient (id, first_name, last_name)
SELECT pg_temp.id('h', n * 10), 'Ada', 'Common' FROM generate_series(1, {patients} / 10) AS n;
INSERT INTO billing.encounter (id, patient_id, date)
SELECT pg_temp.id('h', n * 10), (SELECT id FROM billing.patient
    ORDER BY id OFFSET {patients} / 3 LIMIT 1),
    date '2020-01-01' + CAST(n % 2000 AS integer)
FROM generate_series(1, {encounters} / 10) AS n;
INSERT INTO billing.line_item (id, encounter_id, cpt_code, day)
SELECT pg_temp.id('h', n * 10), (SELECT id FROM billing.encounter
    ORDER BY id OFFSET {encounters} / 3 LIMIT 1), 'X0001', '[2021-01-01,2021-01-02)'
FROM generate_series(1, {line_items} / 10) AS n
"""
# How many blocks a search reads in the highest of the indexes.
HEIGHT = """
SELECT max((bt_metap(i.indexrelid::regclass::text)).level) + 1
FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid JOIN pg_am AS a ON a.oid = c.relam
    WHERE c.relnamespace = 'billing'::regnamespace AND a.amname = 'btree'
"""


@pytest.fixture
def billed(
    database: TestDatabase, request: pytest.FixtureRequest
) -> Iterator[tuple[TestDatabase, int, Rows]]:
    """Give a database of so many line items, the height of its indexes, and its rows."""
    size = Size(request.param // 12, request.param // 4, request.param, names=20)
    with psycopg.connect(
        database.server.postgres.url("postgres", database.name), autocommit=True
    ) as connection:
        connection.execute("CREATE EXTENSION pageinspect")
        dataset.fill(connection, size)
        connection.execute("SET session_replication_role = replica")
        named = {
            "patients": size.patients,
            "encounters": size.encounters,
            "line_items": size.line_items,
        }
        for statement in HUBS.format(**named).split(";"):
            connection.execute(statement.encode())
        connection.execute("RESET session_replication_role")
        connection.execute("VACUUM ANALYZE")
        row = connection.execute(HEIGHT).fetchone()
        assert row is not None
        yield database, int(str(row[0])), Rows(connection)


@pytest.mark.parametrize(
    "billed", [LITTLE, pytest.param(MUCH, marks=pytest.mark.long)], indirect=True
)
async def test_each_page_reads_a_bounded_number_of_buffers(
    billed: tuple[TestDatabase, int, Rows],
) -> None:
    """A page reads what its rows and the height of the indexes explain; nothing is scanned."""
    database, height, rows = billed
    catalog = await read_catalog(database.api_url)
    with psycopg.connect(database.sql_url, autocommit=True, prepare_threshold=None) as connection:
        # As the server's own connections, which the login's settings are for.
        assert connection.execute("SHOW plan_cache_mode").fetchone() == ("force_generic_plan",)
        explained = Explained(connection, height)
        seen, wrong = explained.faults_of_lists(discovery.build(catalog), rows)
    assert wrong == []
    assert seen > 1_000
