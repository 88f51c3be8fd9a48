"""What each role may do, in SQL and as operations: a part of what superbill_api may."""

import os
from pathlib import Path
from typing import LiteralString

import asyncpg
import psycopg
import pytest

from api.catalog import introspection
from api.catalog.relations import Catalog
from api.operations import discovery, kinds, notes
from api.operations.operation import Operation
from tests.support.billing_sql import rows
from tests.support.databases import TestDatabase

pytestmark = pytest.mark.unmeasured

SNAPSHOT = Path(__file__).with_name("roles.snapshot.txt")
ROLES = ("front_desk", "clinician", "biller", "auditor", "admin")
# What may be written, on the table and on its view alike. DELETE has no columns.
PATIENTS = {
    ("patient", "INSERT"): {"first_name", "last_name"},
    ("patient", "UPDATE"): {"first_name", "last_name"},
}
OPENED = {("encounter", "INSERT"): {"patient_id", "date", "provider_id", "place_of_service"}}
LINE_ITEM_COLUMNS = {
    *("cpt_code", "units", "service_date", "unit_type", "modifiers", "diagnosis_pointers"),
}
DONE = {
    ("encounter", "UPDATE"): {"date", "provider_id", "place_of_service"},
    ("diagnosis", "INSERT"): {"encounter_id", "position", "diagnosis_code"},
    ("diagnosis", "UPDATE"): {"diagnosis_code"},
    ("diagnosis", "DELETE"): set[str](),
    ("line_item", "INSERT"): {"encounter_id", *LINE_ITEM_COLUMNS},
    ("line_item", "UPDATE"): LINE_ITEM_COLUMNS,
    ("line_item", "DELETE"): set[str](),
}
CLAIM_DETAIL_COLUMNS = {
    *("provider_signature", "assignment", "benefits_assigned", "release_of_information"),
    *("related_cause", "accident_date", "accident_state", "referring_provider_id"),
    "prior_authorization_number",
}
DONE |= {
    ("claim_detail", "INSERT"): {"encounter_id", *CLAIM_DETAIL_COLUMNS},
    ("claim_detail", "UPDATE"): CLAIM_DETAIL_COLUMNS,
    ("drug", "INSERT"): {"line_item_id", "drug_code", "quantity", "unit"},
    ("drug", "UPDATE"): {"drug_code", "quantity", "unit"},
    ("drug", "DELETE"): set[str](),
}
BILLED = DONE | {
    ("claim", "INSERT"): {"encounter_id", "coverage_id", "frequency", "payer_claim_number"},
    ("payment", "INSERT"): {
        *("patient_id", "payer_id", "received_on", "method", "reference", "amount"),
    },
    ("allocation", "INSERT"): {"payment_id", "line_item_id", "amount"},
    ("adjustment", "INSERT"): {
        *("line_item_id", "group_code", "reason_code", "amount", "adjusted_on"),
    },
    ("encounter", "UPDATE"): DONE["encounter", "UPDATE"] | {"status", "void_reason"},
    ("reversal", "INSERT"): {"line_item_id", "reason"},
    ("interchange", "INSERT"): {"trading_partner_id", "claim_ids"},
    ("submission", "UPDATE"): {"is_rejected"},
}
PARTNER_COLUMNS = {
    *("name", "contact_name", "contact_phone", "usage_indicator"),
    *("receiver_qualifier", "receiver_id", "sender_qualifier", "sender_id"),
}
PARTNERS = {
    ("trading_partner", "INSERT"): PARTNER_COLUMNS,
    ("trading_partner", "UPDATE"): PARTNER_COLUMNS,
}
PRACTICE_COLUMNS = {
    *("name", "npi", "tax_id", "tax_id_type", "phone", "taxonomy_code", "time_zone"),
    *("address_line_1", "address_line_2", "city", "state", "postal_code"),
}
PRACTICE = {
    ("practice", "INSERT"): PRACTICE_COLUMNS,
    ("practice", "UPDATE"): PRACTICE_COLUMNS,
}
PROVIDER_COLUMNS = {
    *("npi", "first_name", "last_name", "credentials"),
    *("license_number", "license_state", "taxonomy_code"),
}
PRICED = {
    ("provider", "INSERT"): PROVIDER_COLUMNS,
    ("provider", "UPDATE"): PROVIDER_COLUMNS,
    ("fee", "INSERT"): {"cpt_code", "modifier", "effective_on", "ends_on", "amount"},
    ("fee", "UPDATE"): {"effective_on", "ends_on", "amount"},
    ("fee", "DELETE"): set[str](),
}
DETAIL = {
    *("middle_name", "suffix", "birth_date", "sex", "phone", "external_id"),
    *("address_line_1", "address_line_2", "city", "state", "postal_code"),
}
COVERED = {
    *("priority", "member_id", "group_number", "group_name", "effective_on", "ends_on"),
    *("relationship", "subscriber_first_name", "subscriber_last_name", "subscriber_birth_date"),
    *("subscriber_sex", "subscriber_address_line_1", "subscriber_address_line_2"),
    *("subscriber_city", "subscriber_state", "subscriber_postal_code"),
}
INSURED = {
    ("patient_detail", "INSERT"): DETAIL | {"patient_id"},
    ("patient_detail", "UPDATE"): DETAIL,
    ("coverage", "INSERT"): COVERED | {"patient_id", "payer_id"},
    ("coverage", "UPDATE"): COVERED,
    ("coverage", "DELETE"): set[str](),
}
PAYER = {
    *("name", "payer_number", "claim_filing", "filing_days"),
    *("address_line_1", "address_line_2", "city", "state", "postal_code"),
}
PAYERS = {("payer", "INSERT"): PAYER, ("payer", "UPDATE"): PAYER}
# The answers that are kept for requests that are repeated: of each role that writes.
KEPT = {("answer", "INSERT"): {"key", "fingerprint", "body", "location"}}
WRITES = {
    "superbill_api": (PATIENTS | OPENED | BILLED | PRACTICE | PRICED | INSURED | PAYERS | PARTNERS),
    "superbill_reporter": {},
    "superbill_front_desk": PATIENTS | OPENED | INSURED,
    "superbill_clinician": OPENED | DONE,
    "superbill_biller": PATIENTS | OPENED | BILLED | PRICED | INSURED | PAYERS,
    "superbill_auditor": {},
    "superbill_admin": PRACTICE | PRICED | PARTNERS,
}
_FIELDS = {kinds.CREATE: "insert", kinds.UPDATE: "update"}


async def catalog_of(database: TestDatabase, role: str) -> Catalog:
    """Read the catalog as a role sees it."""
    connection = await asyncpg.connect(database.acting_url(role))
    try:
        return await introspection.read(connection.fetchval)
    finally:
        await connection.close()


def described(operation: Operation) -> str:
    """Write an operation as a line: its method, its path, and the fields of its body."""
    privilege = _FIELDS.get(operation.kind)
    allowed = operation.relation.allowed(privilege) if privilege else ()
    fields = [column.name for column in allowed if column.name not in operation.fixed]
    return f"{operation.kind.method:7} {operation.path}  {', '.join(fields)}".rstrip()


async def test_each_role_has_the_operations_of_the_snapshot(database: TestDatabase) -> None:
    """`UPDATE_SNAPSHOT=1 pytest tests/database/test_roles.py -k snapshot` writes it anew."""
    lines = []
    for role in ROLES:
        found = discovery.build(await catalog_of(database, f"superbill_{role}"))
        lines += [role, *(f"    {described(operation)}" for operation in found), ""]
    text = "\n".join(lines)
    if os.environ.get("UPDATE_SNAPSHOT"):
        SNAPSHOT.write_text(text, encoding="utf-8")
    assert text == SNAPSHOT.read_text(encoding="utf-8")


@pytest.mark.parametrize("role", ROLES)
async def test_role_may_do_a_part_of_what_the_api_may(database: TestDatabase, role: str) -> None:
    whole = await catalog_of(database, "superbill_api")
    part = await catalog_of(database, f"superbill_{role}")
    assert part.missing_from(whole) == []
    assert whole.missing_from(part) or role == "biller"


@pytest.mark.parametrize("role", ["api", *ROLES])
async def test_no_grant_to_a_role_leads_to_nothing(database: TestDatabase, role: str) -> None:
    """Where a view and its table differ, a note names the grant."""
    found = notes.notes(await catalog_of(database, f"superbill_{role}"))
    assert [note.sentence for note in found if "granted" in note.sentence] == []


@pytest.mark.parametrize("role", WRITES)
def test_granted_writes_are_these_and_no_others(database: TestDatabase, role: str) -> None:
    # CASE, because asking for a column's DELETE is an error.
    query: LiteralString = (
        "SELECT relname, p, array(SELECT attname FROM pg_attribute WHERE attrelid = c.oid"
        " AND attnum > 0"
        " AND CASE WHEN p IN ('INSERT', 'UPDATE') THEN has_column_privilege(%(role)s, c.oid,"
        " attnum, p) END)"
        " FROM pg_class AS c, unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE',"
        " 'REFERENCES', 'TRIGGER']) AS p"
        " WHERE relnamespace IN ('api'::regnamespace, 'billing'::regnamespace,"
        " 'identity'::regnamespace, 'reporting'::regnamespace) AND relkind IN ('r', 'v')"
        " AND CASE WHEN p IN ('INSERT', 'UPDATE')"
        " THEN has_any_column_privilege(%(role)s, c.oid, p)"
        " ELSE has_table_privilege(%(role)s, c.oid, p) END"
    )
    with psycopg.connect(database.owner_url) as connection:
        allowed = connection.execute(query, {"role": role}).fetchall()
    found = {(name, privilege): set(columns) for name, privilege, columns in allowed}
    tables = WRITES[role]
    views = {
        (f"{name.removesuffix('is')}{'es' if name.endswith('is') else 's'}", privilege): columns
        for (name, privilege), columns in tables.items()
    }
    assert found == tables | views | (KEPT if tables else {})


@pytest.mark.parametrize("role", WRITES)
def test_readable_columns_of_a_table_are_those_of_its_views(
    database: TestDatabase, role: str
) -> None:
    shown: LiteralString = (
        "SELECT u.table_name, u.column_name FROM information_schema.view_column_usage AS u"
        " JOIN pg_class AS c ON c.oid = to_regclass(format('billing.%%I', u.table_name))"
        " WHERE u.table_schema = 'billing' AND c.relkind = 'r'"
        " AND has_table_privilege(%s, format('%%I.%%I', u.view_schema, u.view_name), 'SELECT')"
    )
    readable: LiteralString = (
        "SELECT relname, attname FROM pg_class AS c JOIN pg_attribute ON attrelid = c.oid"
        " WHERE relkind = 'r' AND relnamespace = 'billing'::regnamespace AND attnum > 0"
        " AND has_column_privilege(%s, c.oid, attnum, 'SELECT')"
    )
    assert (
        set(rows(database.owner_url, shown, role))
        == set(rows(database.owner_url, readable, role))
        != set()
    )
