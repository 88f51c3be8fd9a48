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
SAMPLED = 17  # with little the gate tries each nth shape of a list
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
# What a bill holds besides. Every fourth encounter is posted, all by one provider; every twelfth
# has the twelve diagnoses that it can have. One payer, patient, payment, line item and encounter
# has a tenth of the rows below it. Each patient has one coverage, which has not ended: a bill reads
# ended ones too.
BILLS = """
INSERT INTO billing.practice (name, time_zone) VALUES ('Oak Street', 'America/Chicago');
INSERT INTO billing.provider (id, npi, last_name) VALUES (pg_temp.id('g', 1), '1679576722', 'Kim');
INSERT INTO billing.payer (id, name, payer_number)
SELECT pg_temp.id('y', n), 'Payer ' || n % 50, CAST(n % 500 AS text)
FROM generate_series(1, 100) AS n;
INSERT INTO billing.patient_detail (patient_id, birth_date, phone, external_id)
SELECT pg_temp.id('p', n), date '1950-01-01' + CAST(n % 5000 AS integer),
    '20655' || lpad(CAST(n % 1000 AS text), 5, '0'), 'MRN-' || n
FROM generate_series(1, {patients}) AS n;
INSERT INTO billing.coverage (id, patient_id, payer_id, member_id, effective_on)
SELECT pg_temp.id('c', n), pg_temp.id('p', n),
    pg_temp.id('y', CASE n % 10 WHEN 1 THEN 1 ELSE n % 100 + 1 END), 'M' || n % 1000, '2000-01-01'
FROM generate_series(1, {patients}) AS n;
UPDATE billing.encounter SET status = 'posted', posted_at = date + interval '9 hours',
    provider_id = pg_temp.id('g', 1), place_of_service = '11'
WHERE id IN (SELECT pg_temp.id('e', n * 4) FROM generate_series(1, {encounters} / 4) AS n);
UPDATE billing.line_item SET unit_charge = 100
WHERE encounter_id IN (
    SELECT pg_temp.id('e', n * 4) FROM generate_series(1, {encounters} / 4) AS n);
INSERT INTO billing.diagnosis (encounter_id, position, diagnosis_code, day)
SELECT pg_temp.id('e', n), position, 'E11' || position, '[2021-01-01,2021-01-02)'
FROM generate_series(1, {encounters}, 12) AS n, generate_series(1, 12) AS position;
INSERT INTO billing.claim_detail (encounter_id)
SELECT pg_temp.id('e', n * 4) FROM generate_series(1, {encounters} / 8) AS n;
INSERT INTO billing.drug (line_item_id, drug_code, quantity, unit)
SELECT pg_temp.id('l', n), '00409379601', 1, 'ML' FROM generate_series(1, {line_items}, 8) AS n;
INSERT INTO billing.reversal (line_item_id, reason, reversed_at)
SELECT pg_temp.id('l', n), 'Not done.', '2024-01-01' FROM generate_series(13, {line_items}, 4) AS n;
UPDATE billing.line_item SET is_reversed = true
WHERE id IN (SELECT line_item_id FROM billing.reversal);
INSERT INTO billing.payment (id, patient_id, received_on, amount)
SELECT pg_temp.id('m', n), pg_temp.id('p', CASE n % 10 WHEN 0 THEN 1 ELSE n % {patients} + 1 END),
    date '2020-01-01' + CAST(n % 2000 AS integer), 25
FROM generate_series(1, {line_items} / 4) AS n;
INSERT INTO billing.allocation (id, payment_id, line_item_id, amount)
SELECT pg_temp.id('a', n), pg_temp.id('m', CASE n % 10 WHEN 0 THEN 1 ELSE n END),
    pg_temp.id('l', CASE n % 10 WHEN 1 THEN 13 ELSE (n + 3) / 4 * 16 - n % 4 END), 25
FROM generate_series(1, {line_items} / 4) AS n;
INSERT INTO billing.adjustment (id, line_item_id, reason_code, amount, adjusted_on)
SELECT pg_temp.id('j', n), pg_temp.id('l', CASE n % 10 WHEN 1 THEN 13 ELSE n * 2 END), '45', 5,
    '2024-01-01'
FROM generate_series(1, {line_items} / 2) AS n;
INSERT INTO billing.claim
    (id, encounter_id, coverage_id, frequency, payer_claim_number, total_charge)
SELECT pg_temp.id('s', n), pg_temp.id('e', CASE n % 10 WHEN 0 THEN 4 ELSE n * 4 END),
    pg_temp.id('c', n), CASE n % 10 WHEN 0 THEN '7' ELSE '1' END,
    CASE n % 10 WHEN 0 THEN 'ICN' END, 400
FROM generate_series(1, {encounters} / 4) AS n
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
        for statement in (HUBS + ";" + BILLS).format(**named).split(";"):
            connection.execute(statement.encode())
        connection.execute("RESET session_replication_role")
        connection.execute("VACUUM ANALYZE")
        row = connection.execute(HEIGHT).fetchone()
        assert row is not None
        yield database, int(str(row[0])), Rows(connection)


@pytest.mark.parametrize(
    ("billed", "every"),
    [(LITTLE, SAMPLED), pytest.param(MUCH, 1, marks=pytest.mark.long)],
    indirect=["billed"],
)
@pytest.mark.costly
async def test_each_page_reads_a_bounded_number_of_buffers(
    billed: tuple[TestDatabase, int, Rows], every: int
) -> None:
    """A page reads what its rows and the height of the indexes explain; nothing is scanned."""
    database, height, rows = billed
    catalog = await read_catalog(database.api_url)
    with psycopg.connect(database.sql_url, autocommit=True, prepare_threshold=None) as connection:
        # As the server's own connections, which the login's settings are for.
        assert connection.execute("SHOW plan_cache_mode").fetchone() == ("force_generic_plan",)
        explained = Explained(connection, height)
        seen, wrong = explained.faults_of_lists(discovery.build(catalog), rows, every)
    assert wrong == []
    assert seen > 1_000 / every
