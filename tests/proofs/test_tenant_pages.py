"""Each list under a policy reads what it shows: as much with many tenants as with one."""

import psycopg

from api.operations import discovery
from tests.support.databases import TestDatabase
from tests.support.query_plans import Explained, Rows
from tests.support.serving import read_catalog

# One tenant has half of the rows, twenty others have the rest: no index leads to them alone.
FILL = """
SET session_replication_role = replica;
INSERT INTO zoo.lodge (estate, name, beds, opened, rate)
SELECT CASE WHEN n % 2 = 0 THEN 'home' ELSE 'estate ' || n % 20 END, 'Lodge ' || n, 1 + n % 9,
    CASE WHEN n % 5 > 0 THEN date '2000-01-01' + n % 500 END, n % 300
FROM generate_series(1, 40000) AS n;
INSERT INTO zoo.guest (estate, lodge_id, family)
SELECT l.estate, CASE l.estate WHEN 'home' THEN h.id ELSE l.id END, 'Guest ' || l.beds
FROM zoo.lodge AS l
CROSS JOIN (
    SELECT id FROM zoo.lodge WHERE estate = 'home' ORDER BY id OFFSET 5000 LIMIT 1
) AS h;
INSERT INTO zoo.guest (estate, lodge_id, family)
SELECT l.estate, l.id, l.name FROM zoo.lodge AS l WHERE l.estate = 'home';
ANALYZE zoo.lodge, zoo.guest
"""
HEIGHT = 3  # blocks that a search reads in the highest index
TENANT_TABLES = {("zoo", "lodge"), ("zoo", "guest")}


async def test_each_page_of_a_tenant_reads_a_bounded_number_of_buffers(
    menagerie: TestDatabase,
) -> None:
    """An index is read only where it has rows that the caller may see."""
    url = menagerie.server.postgres.url("postgres", menagerie.name)
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in FILL.split(";"):
            connection.execute(statement.encode())
    catalog = await read_catalog(menagerie.api_url)
    operations = [o for o in discovery.build(catalog) if o.relation.table in TENANT_TABLES]
    with psycopg.connect(menagerie.api_url, autocommit=True, prepare_threshold=None) as connection:
        explained = Explained(connection, HEIGHT)
        seen, wrong = explained.faults_of_lists(operations, Rows(connection))
    assert wrong == []
    assert seen > 200
