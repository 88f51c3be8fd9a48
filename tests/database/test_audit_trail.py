"""The audit trail: what the triggers write, and that it can only grow."""

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from api.cli import migrations
from api.config import ROOT
from tests.support.audit_trail import ADD, as_superuser, sealed, verify
from tests.support.databases import CLINIC, TestDatabase

NOBODY = "00000000-0000-0000-0000-000000000000"
CHANGES = (
    "SELECT action, before ->> 'last_name', after ->> 'last_name' FROM audit.change"
    " WHERE relation = 'billing.patient' AND record <> '' ORDER BY n"
)


def test_each_change_is_in_the_trail_with_who_made_it(database: TestDatabase) -> None:
    ((patient,),) = database.execute(ADD)
    database.execute("UPDATE billing.patient SET last_name = 'Ash'")
    database.execute("UPDATE billing.patient SET last_name = 'Ash'")
    with psycopg.connect(database.acting_url("superbill_biller")) as connection:
        connection.execute("SET request.actor = 'grace'")
        connection.execute("UPDATE api.patients SET last_name = 'Birch'")
    database.execute("DELETE FROM billing.patient")
    assert database.execute(CHANGES) == [
        ("insert", None, "Byron"),
        ("update", "Byron", "Ash"),
        ("update", "Ash", "Birch"),
        ("delete", "Birch", None),
    ]
    query = "SELECT DISTINCT clinic_id::text, record FROM audit.change WHERE action <> 'watch'"
    assert (CLINIC, str(patient)) in database.execute(query)
    query = (
        "SELECT DISTINCT actor, login, role FROM audit.change WHERE action <> 'watch' ORDER BY 1"
    )
    owner = "superbill_owner"
    assert database.execute(query) == [
        ("grace", "superbill_server", "superbill_biller"),
        (owner, owner, owner),
    ]


def test_change_of_what_no_clinic_has_is_in_the_trail(database: TestDatabase) -> None:
    database.execute("UPDATE billing.cpt_code SET description = 'Other' WHERE code = 'G0438'")
    query = (
        "SELECT clinic_id::text, action, after ->> 'description' FROM audit.change"
        " WHERE relation = 'billing.cpt_code' AND record = 'G0438' ORDER BY n DESC LIMIT 1"
    )
    assert database.execute(query) == [(NOBODY, "update", "Other")]


def test_table_with_any_key_is_watched(database: TestDatabase) -> None:
    database.execute("""
        CREATE TABLE billing."A b" (
            "The key" text, day date, clinic_id uuid DEFAULT identity.clinic(), n int,
            PRIMARY KEY (day, "The key")
        );
        CREATE TABLE billing.plain (code text PRIMARY KEY);
        INSERT INTO billing."A b" VALUES ('x,y%', '2026-01-31');
        SELECT audit.watch('billing."A b"'), audit.watch('billing.plain');
        INSERT INTO billing.plain VALUES ('c,1');
        INSERT INTO billing."A b" ("The key", day, n)
        VALUES ('x,y%', '2026-01-31', 3), ('v', 'epoch', 3)
        ON CONFLICT (day, "The key") DO UPDATE SET n = excluded.n;
        MERGE INTO billing."A b" USING (VALUES ('x,y%', 1), ('z', 2)) AS s (k, n)
        ON s.k = "The key" WHEN MATCHED THEN UPDATE SET n = s.n
        WHEN NOT MATCHED THEN INSERT ("The key", day, n) VALUES (s.k, '2026-02-01', s.n);
        UPDATE billing."A b" SET "The key" = 'w' WHERE n = 2;
        SET datestyle = 'German';
        TRUNCATE billing."A b"
    """)
    query = (
        "SELECT relation, record, action, after ->> 'n', clinic_id::text FROM audit.change"
        " WHERE relation IN ('billing.A b', 'billing.plain') AND record <> ''"
        " ORDER BY record, n"
    )
    v, x, z, w = "1970-01-01,v", "2026-01-31,x%2Cy%25", "2026-02-01,z", "2026-02-01,w"
    assert database.execute(query) == [
        ("billing.A b", v, "insert", "3", CLINIC),
        ("billing.A b", v, "truncate", None, CLINIC),
        ("billing.A b", x, "baseline", None, CLINIC),
        ("billing.A b", x, "update", "3", CLINIC),
        ("billing.A b", x, "update", "1", CLINIC),
        ("billing.A b", x, "truncate", None, CLINIC),
        ("billing.A b", w, "update", "2", CLINIC),
        ("billing.A b", w, "truncate", None, CLINIC),
        ("billing.A b", z, "insert", "2", CLINIC),
        ("billing.A b", z, "update", None, CLINIC),
        ("billing.plain", "c,1", "insert", None, NOBODY),
    ]
    assert verify(database) == ""
    with pytest.raises(psycopg.errors.RaiseException, match="no table with a primary key"):
        database.execute("CREATE TABLE billing.k (); SELECT audit.watch('billing.k')")


def test_trail_goes_on_after_the_columns_of_a_table_have_changed(database: TestDatabase) -> None:
    database.execute(ADD)
    database.execute("ALTER TABLE billing.patient ADD COLUMN late int DEFAULT 5")
    assert verify(database) == ""
    database.execute("SELECT audit.watch('billing.patient'); UPDATE billing.patient SET late = 6")
    assert [row[0] for row in database.execute(CHANGES)] == ["insert", "baseline", "update"]
    assert verify(database) == ""
    database.execute("SELECT audit.unwatch('billing.patient'); DELETE FROM billing.patient")
    assert verify(database) == ""


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit.change SET actor = 'x'",
        "DELETE FROM audit.change",
        "TRUNCATE audit.change",
        "TRUNCATE audit.change_other",
        "UPDATE audit.seal SET changes = 0",
        "DELETE FROM audit.seal",
        "TRUNCATE audit.seal",
    ],
)
def test_trail_can_only_grow(database: TestDatabase, statement: str) -> None:
    sealed(database)
    with pytest.raises(InsufficientPrivilege, match="can only grow"):
        database.execute(statement)
    with pytest.raises(InsufficientPrivilege, match="can only grow"):
        as_superuser(database, "SET session_replication_role = replica", statement)
    with (
        psycopg.connect(database.sql_url) as connection,
        pytest.raises(InsufficientPrivilege, match="permission denied"),
    ):
        connection.execute(statement.encode())


def test_change_under_session_replication_role_is_in_the_trail(database: TestDatabase) -> None:
    database.execute(ADD)
    as_superuser(
        database,
        "SET session_replication_role = replica",
        "UPDATE billing.patient SET last_name = 'Ash'",
    )
    assert database.execute(CHANGES)[-1] == ("update", "Byron", "Ash")
    assert verify(database) == ""


def test_months_are_made_ahead_and_a_month_without_one_refuses_nothing(
    database: TestDatabase,
) -> None:
    query = "SELECT count(*) FROM pg_inherits WHERE inhparent = CAST('audit.change' AS regclass)"
    assert database.execute(query) == [(5,)]
    assert database.execute("SELECT * FROM audit.make_months(5)") == []
    assert database.execute(query) == [(7,)]
    as_superuser(
        database,
        "INSERT INTO audit.change (clinic_id, relation, record, action, at)"
        f" VALUES ('{NOBODY}', 'x', 'y', 'insert', now() + interval '12 months')",
    )
    ((line,),) = database.execute("SELECT * FROM audit.make_months(12)")
    assert str(line).endswith(" has changes in change_other, and stays there")
    assert database.execute(query) == [(13,)]


def test_rollback_ends_the_trail_of_every_table(database: TestDatabase) -> None:
    names = [path.name for path in (ROOT / "schema").glob("*.sql") if "rollback" not in path.name]
    count = sum(name >= "0020" for name in names)
    migrations.rollback(database.owner_url, ROOT / "schema", count=count)
    query = "SELECT FROM pg_trigger WHERE tgname LIKE 'audit_%'"
    assert database.execute(query) == []
    assert "has no audit trail" in verify(database)
