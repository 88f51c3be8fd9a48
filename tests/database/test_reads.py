"""The record of reads can only grow, and by the server alone."""

import psycopg
import pytest
from psycopg import errors

from tests.support.databases import CLINIC, TestDatabase

RECORD = f"""
    SELECT audit.record_reads(
        ARRAY['{CLINIC}'], ARRAY['nurse-7'], ARRAY['superbill_biller'], ARRAY['patients.read'],
        ARRAY['a,b'], ARRAY[200]::smallint[], ARRAY[E'1777777777.123456\\t{CLINIC}\\t\\tx']
    )
"""
ROLES = (
    "superbill_api", "superbill_front_desk", "superbill_clinician", "superbill_biller",
    "superbill_auditor", "superbill_admin",
)  # fmt: skip
KEEPER = "superbill_keeper"


@pytest.mark.parametrize(
    ("statement", "roles"),
    [
        (RECORD, ROLES),
        ("INSERT INTO audit.read SELECT FROM audit.read", (*ROLES, KEEPER)),
        ("UPDATE audit.read SET status = 200", (*ROLES, KEEPER)),
        ("DELETE FROM audit.read", (*ROLES, KEEPER)),
        ("TRUNCATE audit.read", (*ROLES, KEEPER)),
        ("SELECT status FROM audit.read", (*ROLES[1:4], KEEPER)),
        ("SELECT clinic_id FROM audit.read", (*ROLES, KEEPER)),
        ("UPDATE api.audit_reads SET status = 200", ROLES),
    ],
)
def test_nobody_changes_the_record_of_reads(
    database: TestDatabase, statement: str, roles: tuple[str, ...]
) -> None:
    for role in roles:
        with (
            psycopg.connect(database.acting_url(role)) as connection,
            pytest.raises(errors.InsufficientPrivilege),
        ):
            connection.execute(statement.encode())


def test_keeper_records_reads_of_any_month(database: TestDatabase) -> None:
    with psycopg.connect(database.acting_url(KEEPER), autocommit=True) as connection:
        connection.execute(RECORD.encode())
        with pytest.raises(errors.UniqueViolation):
            connection.execute(RECORD.encode())
    query = "SELECT at::text, record, filters, repeats, tableoid::regclass::text FROM audit.read"
    assert database.execute(query) == [
        ("2026-05-03 03:09:37.123456+00", "x", ["a", "b"], [], "audit.read_other")
    ]
    ((months,),) = database.execute(
        "SELECT count(*) FROM pg_inherits WHERE inhparent = 'audit.read'::regclass"
    )
    assert months == 5  # this one, three more, and the rest
    assert database.execute("SELECT job.make_read_months()") == []
