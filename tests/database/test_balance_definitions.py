"""The reports of money say what their first definitions said, over random bills."""

import re
from collections.abc import Iterator

import psycopg
import pytest

from api.config import ROOT
from tests.benchmark import dataset, paid_bills
from tests.support.databases import TestDatabase

FORMER = ROOT / "schema" / "0042.balances.sql"
SIZE = dataset.Size(patients=40, encounters=300, line_items=1200, codes=100)
# What the bills of the benchmark lack: drafts, payments for what was voided, reversed or paid
# already, payments that are taken back, and adjustments that move a charge to the patient.
MORE = """
SET session_replication_role = replica;
UPDATE billing.line_item AS l SET unit_charge = NULL, is_reversed = false
FROM billing.encounter AS e WHERE e.id = l.encounter_id AND right(e.id::text, 1) = '0';
UPDATE billing.encounter SET
    status = 'draft', posted_at = NULL, voided_at = NULL, void_reason = NULL
WHERE right(id::text, 1) = '0';
DELETE FROM billing.reversal AS r USING billing.line_item AS l
WHERE l.id = r.line_item_id AND l.unit_charge IS NULL;
DELETE FROM billing.allocation AS a USING billing.line_item AS l
WHERE l.id = a.line_item_id AND l.unit_charge IS NULL;
DELETE FROM billing.adjustment AS a USING billing.line_item AS l
WHERE l.id = a.line_item_id AND l.unit_charge IS NULL;
UPDATE billing.encounter SET
    status = 'voided', voided_at = now(), void_reason = 'Wrong', date = current_date - 45
WHERE status = 'posted' AND right(id::text, 1) = '1';
UPDATE billing.encounter SET date = current_date - (30 * (ascii(right(id::text, 1)) % 5))
WHERE status = 'posted' AND right(id::text, 1) < 'c';
INSERT INTO billing.payment (id, patient_id, received_on, amount)
SELECT e.id, e.patient_id, '2024-05-01', 100
FROM billing.encounter AS e WHERE e.posted_at IS NOT NULL;
INSERT INTO billing.allocation (payment_id, line_item_id, amount)
SELECT l.encounter_id, l.id, CASE right(l.id::text, 1) WHEN 'a' THEN -7.07 ELSE 20.31 END
FROM billing.line_item AS l
WHERE l.unit_charge IS NOT NULL AND right(l.id::text, 1) IN ('1', 'a', 'b');
INSERT INTO billing.adjustment (line_item_id, group_code, reason_code, amount, adjusted_on)
SELECT l.id, CASE right(l.id::text, 1) WHEN 'c' THEN 'PR' ELSE 'OA' END, '1', 3.33, '2024-05-01'
FROM billing.line_item AS l
WHERE l.unit_charge IS NOT NULL AND right(l.id::text, 1) IN ('2', 'c');
RESET session_replication_role;
"""
DIFFERENCES = """
(SELECT * FROM former.{0} EXCEPT ALL SELECT * FROM reporting.{0})
UNION ALL (SELECT * FROM reporting.{0} EXCEPT ALL SELECT * FROM former.{0})
"""


def former_views() -> Iterator[tuple[str, str]]:
    """Give the name and the statement of each report of the first definitions."""
    text = FORMER.read_text(encoding="utf-8")
    found = re.finditer(r"(?m)^CREATE (OR REPLACE )?VIEW reporting\.[^;]+;$", text)
    for statement in (match[0] for match in found):
        made = re.sub(r"^CREATE (OR REPLACE )?VIEW reporting\.", "CREATE VIEW former.", statement)
        yield made.split("former.")[1].split()[0], made


@pytest.fixture
def billed(database: TestDatabase) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """Give a superuser's connection to bills, beside the reports as they were first defined."""
    url = database.server.postgres.url("postgres", database.name)
    with psycopg.connect(url, autocommit=True) as connection:
        dataset.fill(connection, SIZE)
        paid_bills.add(connection)
        connection.execute(MORE.encode())
        connection.execute("CREATE SCHEMA former")
        for _, statement in former_views():
            connection.execute(statement.encode())
        yield connection


def test_balances_ages_and_statements_are_what_the_ledger_sums(
    billed: psycopg.Connection[tuple[object, ...]],
) -> None:
    names = [name for name, _ in former_views()]
    assert names == ["patient_balances", "aging", "patient_statements"]
    for name in names:
        ((count,),) = billed.execute(f"SELECT count(*) FROM former.{name}".encode()).fetchall()
        assert int(str(count)) > SIZE.patients / 2
        assert billed.execute(DIFFERENCES.format(name).encode()).fetchall() == []
        former = billed.execute(f"SELECT * FROM former.{name}".encode()).fetchall()
        now = billed.execute(f"SELECT * FROM reporting.{name}".encode()).fetchall()
        assert [list(map(repr, row)) for row in now] == [list(map(repr, row)) for row in former]
    assert billed.execute("SELECT status, count(*) FROM billing.encounter GROUP BY 1").rowcount == 3
