"""What only adds to the schema only adds to the API.

Random schemas grow by random additions, and after each one the document and the orders of all lists
are compared with those before. Excepted is what makes Postgres itself refuse more, so nothing here
adds NOT NULL, CHECK, a trigger, a policy, or UNIQUE over less than the key.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

from api.document import openapi, parameters
from api.document.changes import changes
from api.document.schema_changes import BROKEN
from api.operations import discovery, index_access, kinds
from api.operations.filters import EQUAL
from api.operations.index_order import Order
from api.operations.operation import Operation
from tests.support.catalogs import read_catalog
from tests.support.databases import TestDatabase
from tests.support.random_schemas import START, Schema

Orders = Mapping[tuple[str, ...], object]


@dataclass(frozen=True, slots=True)
class Offer:
    """The document of a schema; the order of each list with each filter, or with none."""

    document: dict[str, Any]
    orders: Orders


async def offered(url: str) -> Offer:
    """Read what a database offers, and check that all of it has different names."""
    catalog = await read_catalog(url)
    operations = discovery.build(catalog)
    assert len({o.id for o in operations}) == len(operations)
    assert len({(o.method, o.path) for o in operations}) == len(operations)
    orders = {key: order for o in operations for key, order in ordered(o)}
    return Offer(openapi.build(catalog, operations), orders)


def ordered(operation: Operation) -> Iterator[tuple[tuple[str, ...], object]]:
    """Give the order of a list without `order`, by operation and filter; and the orders to choose.

    What comes after the first column only breaks ties, and does so by the key.
    """
    if operation.kind is not kinds.LIST:
        return
    relation, fixed = operation.relation, operation.fixed
    for filter_ in (None, *parameters.filters(operation)):
        chosen = () if filter_ is None else (filter_,)
        equal = {*fixed, *(f.column.name for f in chosen if f.operator in EQUAL)}
        for name in (None, *(column.name for column in relation.columns)):
            order = index_access.serve(relation, fixed, chosen, name)
            if order is not None:
                filtered = "" if filter_ is None else f"{filter_.column.name} {filter_.operator}"
                yield (operation.id, filtered, name or ""), _compared(order, equal, relation.key)


def _compared(order: Order, equal: set[str], key: tuple[str, ...]) -> object:
    free = [name for name in order.columns if name not in equal]
    if not free:
        return "one row"
    # The operators of text_pattern_ops compare as the collation C does.
    return free if free[0] in key else free[:1], "C" if order.pattern else order.collation


def lost(before: Offer, after: Offer) -> list[str]:
    """Say what has gone, and which lists have another order; a foreign key refuses more values."""
    gone = [
        str(change)
        for change in changes(before.document, after.document)
        if change.kind == BROKEN and "the database checks more" not in change.text
    ]
    for key, order in before.orders.items():
        found = after.orders.get(key)
        if found is None or (found != order and "one row" not in (found, order)):
            gone.append(f"order of {key}: {found} instead of {order}")
    return gone


async def losses(database: TestDatabase, *additions: str) -> list[str]:
    """Say what additions to a database's schema take away, each with the addition."""
    found, before = [], await offered(database.api_url)
    with psycopg.connect(database.owner_url, autocommit=True) as connection:
        for addition in additions:
            connection.execute(addition.encode())
            after = await offered(database.api_url)
            found += [f"{addition}\n    {line}" for line in lost(before, after)]
            before = after
    return found


GRANTS = "GRANT SELECT, INSERT ON billing.{table}, api.{view} TO superbill_api;"
VISITS = """
CREATE TABLE billing.carer (id uuid PRIMARY KEY DEFAULT uuidv7());
CREATE TABLE billing.visit (
    id uuid PRIMARY KEY DEFAULT uuidv7(),
    doctor_id uuid REFERENCES billing.carer (id), nurse_id uuid REFERENCES billing.carer (id)
);
CREATE VIEW api.carers WITH (security_invoker = true) AS SELECT p.id FROM billing.carer AS p;
CREATE VIEW api.visits WITH (security_invoker = true) AS
SELECT v.id, v.doctor_id, v.nurse_id FROM billing.visit AS v;
GRANT SELECT, INSERT ON billing.carer, api.carers, billing.visit, api.visits TO superbill_api;
CREATE INDEX ON billing.visit (doctor_id);
"""
# What strangers added, by what it took away; each must still be there.
ADDITIONS = {
    "another view of a table": """
CREATE VIEW api.active_patients WITH (security_invoker = true) AS
SELECT p.id, p.first_name, p.last_name FROM billing.patient AS p WHERE p.last_name <> 'Gone';
GRANT SELECT, INSERT ON api.active_patients TO superbill_api;
""",
    "a foreign key that replaces another one": """
ALTER TABLE billing.line_item ADD CONSTRAINT line_item_encounter_id_fkey2
FOREIGN KEY (clinic_id, encounter_id) REFERENCES billing.encounter (clinic_id, id)
ON DELETE CASCADE NOT VALID;
""",
    "an index on a second foreign key": "CREATE INDEX ON billing.visit (nurse_id, doctor_id);",
    "an index with a column before the key": """
CREATE INDEX visit_a ON billing.visit (doctor_id, nurse_id, id);
""",
    "a view that is called like the schema of problems": """
CREATE VIEW api.problem WITH (security_invoker = true) AS SELECT p.id FROM billing.carer AS p;
GRANT SELECT ON api.problem TO superbill_api;
""",
    "a view that is called like a path": """
CREATE VIEW api."carers.visits" WITH (security_invoker = true) AS
SELECT v.id, v.doctor_id FROM billing.visit AS v;
GRANT SELECT, INSERT (id, doctor_id) ON billing.visit, api."carers.visits" TO superbill_api;
CREATE VIEW api."visits.doctor_id" WITH (security_invoker = true) AS
SELECT v.id, v.doctor_id FROM billing.visit AS v;
GRANT SELECT ON api."visits.doctor_id" TO superbill_api;
""",
    "a foreign key to the same table": """
ALTER TABLE billing.visit ADD COLUMN carer_id uuid REFERENCES billing.carer (id);
CREATE OR REPLACE VIEW api.visits WITH (security_invoker = true) AS
SELECT v.id, v.doctor_id, v.nurse_id, v.carer_id FROM billing.visit AS v;
CREATE INDEX ON billing.visit (carer_id, id);
""",
    "an index in another collation": """
CREATE INDEX patient_a ON billing.patient (clinic_id, last_name COLLATE "C", id);
CREATE INDEX patient_b ON billing.patient (clinic_id, last_name text_pattern_ops, id);
""",
    "a column that is called like a filter": """
ALTER TABLE billing.patient ADD COLUMN "last_name.gte" text;
CREATE OR REPLACE VIEW api.patients WITH (security_invoker = true) AS
SELECT p.id, p.first_name, p.last_name, p.last_name_search, p."last_name.gte"
FROM billing.patient AS p;
GRANT SELECT ON billing.patient TO superbill_api;
CREATE INDEX ON billing.patient (clinic_id, "last_name.gte", id);
""",
}


@pytest.mark.parametrize(
    "additions",
    [
        pytest.param(["".join(ADDITIONS.values())], id="at once"),
        pytest.param([*ADDITIONS.values()], id="each", marks=pytest.mark.long),
    ],
)
async def test_what_strangers_added_takes_nothing_away(
    database: TestDatabase, additions: list[str]
) -> None:
    database.execute(VISITS)
    assert await losses(database, *additions) == []


@pytest.mark.parametrize(
    "seed", [1, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(2, 203))]
)
@pytest.mark.costly
async def test_random_additions_take_nothing_away(
    databases: Callable[[str], TestDatabase], seed: int
) -> None:
    database = databases("template1")
    database.execute(START)
    assert await losses(database, *Schema(seed).additions(25)) == []
