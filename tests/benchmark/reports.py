"""Measure each report over 250,000 posted line items: `python -m tests.benchmark.reports`.

As the API's login, in one clinic. A report may take one second, of wall time on an idle machine.
Beside the statements of all patients stand the same line items in the same order, of plain columns:
what so many rows cost without sums. The last lines are statements that filters find.
"""

import argparse
import statistics
import sys
import time

import psycopg
from psycopg import sql

from tests.benchmark import paid_bills, processes
from tests.benchmark.dataset import Size
from tests.benchmark.postgres import start_testbed

_MOST = 1.0  # seconds
_SIZE = Size(patients=20_000, encounters=62_500, line_items=250_000)
_PLAIN = """
    SELECT
        e.patient_id, p.first_name, p.last_name, e.id AS encounter_id, e.date AS encounter_date,
        l.id AS line_item_id, l.cpt_code, l.units, l.charge
    FROM billing.encounter AS e
    JOIN billing.patient AS p ON p.id = e.patient_id
    JOIN billing.line_item AS l ON l.encounter_id = e.id
    ORDER BY e.patient_id, e.date, e.id, l.id"""
_STATEMENTS = "SELECT * FROM reporting.patient_statements WHERE "
_FILTERED = {
    "statement of one patient": "patient_id = (SELECT id FROM billing.patient OFFSET 5000 LIMIT 1)",
    "statements of a last name": "last_name = 'Ashford'",
    "statements of visits since a day": "encounter_date >= '2025-06-01'",
}
_Connection = psycopg.Connection[tuple[object, ...]]


def main() -> int:
    """Measure and print; return 1 if a report takes longer than it may, else 0."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmark.reports", description=__doc__)
    parser.add_argument(
        "--rounds", type=int, default=5, help="how often each report is read (default: 5)"
    )
    rounds = parser.parse_args().rounds
    slow = []
    with start_testbed() as testbed:
        testbed.filled(_SIZE)
        with testbed.connect() as connection:
            paid_bills.add(connection)
        print(f"{_SIZE}\n\n| report | rows | s | CPU s |\n|---|--:|--:|--:|", flush=True)
        with psycopg.connect(testbed.peer_url, autocommit=True) as connection:
            for name, query in _queries(connection).items():
                rows, seconds, cpu = _read(connection, testbed.pid, query, rounds)
                print(f"| {name} | {rows:,} | {seconds:.2f} | {cpu:.2f} |", flush=True)
                if seconds > _MOST:
                    slow.append(name)
    print(*(f"{name} takes longer than {_MOST} s" for name in slow), sep="\n", file=sys.stderr)
    return int(bool(slow))


def _queries(connection: _Connection) -> dict[str, str]:
    """Return what is measured: the reports that the login may read, and what stands beside them."""
    found = connection.execute(
        "SELECT c.relname FROM pg_class AS c WHERE c.relnamespace = 'reporting'::regnamespace"
        " AND has_table_privilege(c.oid, 'SELECT') ORDER BY c.relname"
    )
    reports = {str(name): f"SELECT * FROM reporting.{name}" for (name,) in found}
    filtered = {name: f"{_STATEMENTS}{condition}" for name, condition in _FILTERED.items()}
    return reports | {"line items, plain columns": _PLAIN} | filtered


def _read(
    connection: _Connection, postgres: int, query: str, rounds: int
) -> tuple[int, float, float]:
    """Return the number of rows, and the medians of seconds and CPU seconds that they take."""
    count = sql.SQL("SELECT count(r::text) FROM ({} OFFSET 0) AS r").format(sql.SQL(query))
    taken, used = [], []
    for _ in range(rounds):
        cpu, begun = processes.cpu(postgres), time.monotonic()
        found = connection.execute(count).fetchone()
        taken.append(time.monotonic() - begun)
        used.append(processes.cpu(postgres) - cpu)
    assert found
    return int(str(found[0])), statistics.median(taken), statistics.median(used)


if __name__ == "__main__":
    raise SystemExit(main())
