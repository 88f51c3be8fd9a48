"""Filters of reports: Postgres applies each by an index, below joins and GROUP BY."""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import asyncpg
import psycopg
import pytest

from api.catalog import introspection
from api.catalog.relations import Catalog, Relation
from api.operations import kinds, report_access
from api.operations.filters import Filter
from api.operations.operation import Operation
from api.sql import lists
from api.sql.binding import quoted
from tests.support.databases import TestDatabase

DATA = """
INSERT INTO billing.patient (first_name, last_name)
SELECT 'A', 'Name ' || n FROM generate_series(1, 3000) AS n;
INSERT INTO billing.encounter (patient_id, date)
SELECT p.id, date '1990-01-01' + CAST(2 * row_number() OVER () + n AS integer)
FROM billing.patient AS p, generate_series(1, 2) AS n;
INSERT INTO billing.line_item (encounter_id, cpt_code)
SELECT e.id, 'G0438' FROM billing.encounter AS e WHERE extract(day FROM e.date) > 1;
INSERT INTO billing.provider (id, npi, last_name) VALUES
    ('00000000-0000-7000-8000-000000000001', '1245319599', 'Rare'),
    ('00000000-0000-7000-8000-000000000002', '1972510139', 'Usual'),
    ('00000000-0000-7000-8000-000000000003', '1679576722', 'Late');
INSERT INTO billing.payer (name) SELECT 'Payer ' || n FROM generate_series(1, 3000) AS n;
INSERT INTO billing.coverage (patient_id, payer_id, member_id, effective_on)
SELECT p.id, y.id, 'M', '1990-01-01'
FROM (SELECT id, row_number() OVER () AS n FROM billing.patient) AS p
JOIN (SELECT id, row_number() OVER () AS n FROM billing.payer) AS y USING (n);
-- Most are posted, by one of the providers.
ALTER TABLE billing.encounter DISABLE TRIGGER USER;
ALTER TABLE billing.line_item DISABLE TRIGGER USER;
UPDATE billing.encounter
SET status = 'posted', posted_at = now(), place_of_service = '11', provider_id = CASE
    WHEN date < '1990-02-01' THEN uuid '00000000-0000-7000-8000-000000000001'
    WHEN date > (SELECT max(date) - 20 FROM billing.encounter)
        THEN '00000000-0000-7000-8000-000000000003'
    ELSE '00000000-0000-7000-8000-000000000002' END
WHERE date > '1990-01-10';
UPDATE billing.line_item SET unit_charge = 1;
"""
# Views that filter through, or not: columns with an index of the table, as the server finds them.
VIEWS = """
CREATE VIEW reporting.{name} WITH (security_invoker = true) AS {query};
GRANT SELECT ON reporting.{name} TO superbill_api;
-- For a report that groups by a table's whole key.
GRANT SELECT (clinic_id) ON billing.patient TO superbill_api;
"""
VISITS = "SELECT e.patient_id, e.date, e.id FROM billing.encounter AS e"
COUNTS = "SELECT e.patient_id, count(*) AS n FROM billing.encounter AS e GROUP BY e.patient_id"
LAST_NAMES = (
    "SELECT last_name, count(e.id) AS n FROM billing.patient AS p"
    " LEFT JOIN billing.encounter AS e ON p.id = patient_id GROUP BY p.clinic_id, p.id"
)
SHIPPED = {
    "aging": {"last_name", "patient_id"},
    "charge_lag": {"provider_id"},
    "claim_faults": {"encounter_date", "encounter_id", "last_name", "patient_id"},
    "code_utilisation": set[str](),
    "encounters_without_line_items": {"encounter_date", "encounter_id", "last_name", "patient_id"},
    "monthly_activity": set[str](),
    "members": set[str](),
    "monthly_charges": {"provider_id"},
    "names_to_correct": {"last_name", "patient_id"},
    "unbilled_encounters": {
        *("encounter_date", "encounter_id", "last_name", "patient_id", "payer_name"),
        "provider_id",
    },
    "patient_balances": {"last_name", "patient_id"},
    "patient_statements": {
        *("encounter_date", "encounter_id", "last_name", "line_item_id", "patient_id"),
    },
}
EXPECTED: dict[str, tuple[str, set[str]]] = {
    "plain": (VISITS, {"patient_id", "date", "id"}),
    "grouped": (COUNTS, {"patient_id"}),
    "having": (f"{COUNTS} HAVING count(*) > 1", {"patient_id"}),
    "inside": (f"SELECT v.patient_id, v.n FROM ({COUNTS}) AS v", {"patient_id"}),
    "once": (f"WITH v AS ({COUNTS}) SELECT v.patient_id, v.n FROM v", {"patient_id"}),
    "distinct_rows": ("SELECT DISTINCT e.patient_id FROM billing.encounter AS e", {"patient_id"}),
    "dependent": (LAST_NAMES, {"last_name"}),
    "merged": (
        "SELECT id, a.date FROM billing.encounter AS a JOIN billing.encounter AS b USING (id)",
        {"id", "date"},
    ),
    "over_a_view": ("SELECT encounter_id, first_name FROM api.superbills", {"encounter_id"}),
    "over_a_report": ("SELECT s.patient_id FROM reporting.patient_statements AS s", {"patient_id"}),
    "twice": (f"WITH v AS ({VISITS}) SELECT a.id FROM v AS a JOIN v AS b ON a.id = b.id", set()),
    "kept": (f"WITH v AS MATERIALIZED ({VISITS}) SELECT v.id FROM v", set()),
    "limited": (f"SELECT v.id FROM ({VISITS} LIMIT 10) AS v", set()),
    "skipped": (f"{VISITS} OFFSET 1", set()),
    "windowed": ("SELECT e.id, row_number() OVER () AS n FROM billing.encounter AS e", set()),
    "firsts": (f"SELECT DISTINCT ON (v.date) v.id, v.date FROM ({VISITS}) AS v", set()),
    "united": (f"{VISITS} UNION ALL {VISITS}", set()),
    "in_sets": (
        "SELECT e.patient_id, count(*) AS n FROM billing.encounter AS e GROUP BY ROLLUP (1)",
        set(),
    ),
    "several_rows": ("SELECT e.id, unnest(ARRAY[1, 2]) AS n FROM billing.encounter AS e", set()),
    "computed": ("SELECT e.date + 1 AS date FROM billing.encounter AS e", set()),
    "without_an_index": ("SELECT l.cpt_code FROM billing.line_item AS l", set()),
}


def catalog(database: TestDatabase) -> Catalog:
    async def read() -> Catalog:
        connection = await asyncpg.connect(database.sql_url)
        try:
            return await introspection.read(connection.fetchval)
        finally:
            await connection.close()

    return asyncio.run(read())


def searches(plan: Any) -> Iterator[str]:
    """Give the conditions by which a plan searches indexes."""
    yield plan.get("Index Cond", "")
    for part in plan.get("Plans", []):
        yield from searches(part)


def is_applied(filter_: Filter, plan: Any) -> bool:
    """Say whether the plan searches an index of the table for the filter's value."""
    return any(re.search(rf"\b{filter_.column.source}\b.*'", text) for text in searches(plan))


def plan_of(connection: psycopg.Connection[Any], relation: Relation, filter_: Filter) -> Any:
    """Give the plan of a report with a filter that leaves few rows: those at one end."""
    at_end = "DESC" if filter_.operator in ("gte", "gt") else "ASC"
    column, name = quoted(filter_.column.name), f"reporting.{quoted(relation.name)}"
    ends = f"SELECT CAST({column} AS text) FROM {name} WHERE {column} IS NOT NULL"
    found = connection.execute(f"{ends} ORDER BY {column} {at_end} LIMIT 1".encode())
    ((value,),) = found.fetchall()
    literal = f"'{{{value}}}'" if filter_.operator == "in" else f"'{value}'"
    report = lists.report(Operation(kinds.REPORT, relation, relation.name), (filter_,))
    explained = f"EXPLAIN (FORMAT JSON) {report.replace('$1', literal)}"
    ((plan,),) = connection.execute(explained.encode()).fetchall()
    return plan[0]["Plan"]


def unserved(database: TestDatabase, found: Catalog) -> Iterator[tuple[str, str]]:
    """Give each filter of a report for which Postgres searches no index."""
    database.execute(DATA)
    with psycopg.connect(database.owner_url, autocommit=True) as connection:
        connection.execute("ANALYZE")
        for relation in found.reports:
            for filter_ in report_access.filters(relation):
                if not is_applied(filter_, plan_of(connection, relation, filter_)):
                    yield relation.name, filter_.name


@pytest.mark.costly
def test_columns_that_reach_an_index_are_filters_and_others_are_not(database: TestDatabase) -> None:
    for name, (query, _) in EXPECTED.items():
        database.execute(VIEWS.format(name=name, query=query))
    found = catalog(database)
    names = {r.name: set(r.filterable) for r in found.reports}
    assert names == SHIPPED | {name: columns for name, (_, columns) in EXPECTED.items()}
    # A report without a patient whose name is to be corrected has no value to ask for.
    database.execute("DROP VIEW reporting.names_to_correct")
    asked = replace(found, reports=tuple(r for r in found.reports if r.name != "names_to_correct"))
    assert list(unserved(database, asked)) == []


def test_reports_of_the_menagerie_are_filtered_where_an_index_is(menagerie: TestDatabase) -> None:
    found = {report.name: set(report.filterable) for report in catalog(menagerie).reports}
    assert found["census"] == set()
    assert found["Houses, by room"] == {"house"}
