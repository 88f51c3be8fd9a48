"""Each list under a policy reads what it shows: as much with many tenants as with one."""

import psycopg
import pytest

from api.operations import discovery
from tests.support.catalogs import read_catalog
from tests.support.databases import CLINIC, TestDatabase
from tests.support.query_plans import Explained, Rows

# One tenant has 20,000 rows, and twenty others have 1,000 each: no index leads to its rows alone.
# One of its rows, in the middle, has many rows below it.
FILL = {
    "billing": f"""
INSERT INTO identity.clinic
SELECT CAST('00000000-0000-7000-8000-' || lpad(CAST(n AS text), 12, '0') AS uuid), 'Clinic ' || n
FROM generate_series(2, 21) AS n;
INSERT INTO billing.patient (clinic_id, first_name, last_name)
SELECT c.id, 'Jo', (ARRAY['Ash', 'Nguyễn', 'Öz', 'Brook'])[1 + n % 4] || n % 2000
FROM identity.clinic AS c
CROSS JOIN generate_series(1, 20000) AS n WHERE n <= 1000 OR c.id = '{CLINIC}';
INSERT INTO billing.encounter (clinic_id, patient_id, date)
SELECT p.clinic_id, p.id, date '2020-01-01' + CAST(random() * 2000 AS integer)
FROM billing.patient AS p;
INSERT INTO billing.encounter (clinic_id, patient_id, date)
SELECT h.clinic_id, h.id, date '2020-01-01' + n % 2000
FROM generate_series(1, 2000) AS n
CROSS JOIN (
    SELECT clinic_id, id FROM billing.patient WHERE clinic_id = '{CLINIC}'
    ORDER BY id OFFSET 5000 LIMIT 1
) AS h;
INSERT INTO billing.line_item (clinic_id, encounter_id, cpt_code, day)
SELECT e.clinic_id, e.id, 'G0438', daterange(e.date, e.date, '[]') FROM billing.encounter AS e;
INSERT INTO billing.line_item (clinic_id, encounter_id, cpt_code, day)
SELECT h.clinic_id, h.id, 'J1885', daterange(h.date, h.date, '[]')
FROM generate_series(1, 2000) AS n
CROSS JOIN (
    SELECT clinic_id, id, date FROM billing.encounter WHERE clinic_id = '{CLINIC}'
    ORDER BY id OFFSET 5000 LIMIT 1
) AS h""",
    "menagerie": """
INSERT INTO zoo.lodge (estate, name, beds, opened, rate)
SELECT CASE WHEN n % 2 = 0 THEN 'home' ELSE 'estate ' || n % 40 END, 'Lodge ' || n, 1 + n % 9,
    CASE WHEN n % 5 > 0 THEN date '2000-01-01' + n % 500 END, n % 300
FROM generate_series(1, 40000) AS n;
INSERT INTO zoo.guest (estate, lodge_id, family)
SELECT l.estate, CASE l.estate WHEN 'home' THEN h.id ELSE l.id END, 'Guest ' || l.beds
FROM zoo.lodge AS l
CROSS JOIN (
    SELECT id FROM zoo.lodge WHERE estate = 'home' ORDER BY id OFFSET 5000 LIMIT 1
) AS h;
INSERT INTO zoo.guest (estate, lodge_id, family)
SELECT l.estate, l.id, l.name FROM zoo.lodge AS l WHERE l.estate = 'home'""",
}
HEIGHT = 3  # blocks that a search reads in the highest index
SAMPLED = 29  # the gate tries each nth shape of a list


@pytest.mark.parametrize("every", [SAMPLED, pytest.param(1, marks=pytest.mark.long)])
@pytest.mark.parametrize("schema", ["billing", "menagerie"])
@pytest.mark.costly
async def test_each_page_of_a_tenant_reads_a_bounded_number_of_buffers(
    schema: str, every: int, request: pytest.FixtureRequest
) -> None:
    """An index is read only where it has rows that the caller may see."""
    name = "database" if schema == "billing" else schema
    database: TestDatabase = request.getfixturevalue(name)
    catalog = await read_catalog(database.api_url)
    operations = [o for o in discovery.build(catalog) if o.relation.given]
    url = database.server.postgres.url("postgres", database.name)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        for statement in FILL[schema].split(";"):
            connection.execute(statement.encode())
        for table in {".".join(o.relation.table or ()) for o in operations}:
            connection.execute(f"REINDEX TABLE {table}".encode())  # so that blocks are full
            connection.execute(f"VACUUM ANALYZE {table}".encode())
    with (
        psycopg.connect(database.sql_url, autocommit=True) as asking,
        psycopg.connect(database.sql_url, autocommit=True, prepare_threshold=None) as connection,
    ):
        asking.execute("SET statement_timeout = 0")
        explained = Explained(connection, HEIGHT)
        seen, wrong = explained.faults_of_lists(operations, Rows(asking), every)
    assert wrong == []
    assert seen > 200 / every
