"""For whom a session acts: a person's own clinic, or what a session of the gate says."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, LiteralString

import psycopg
import pytest

from tests.support.databases import TestDatabase

pytestmark = pytest.mark.unmeasured

FIRST, OTHER = (f"00000000-0000-7000-8000-00000000000{n}" for n in (1, 2))
ROLES = ("api", "front_desk", "clinician", "biller", "auditor", "admin")
ASKED: LiteralString = "SELECT identity.clinic()::text, identity.actor()"


@contextmanager
def session(url: str, **settings: str) -> Iterator[psycopg.Connection[Any]]:
    """Connect, and give the session these settings of `request`."""
    with psycopg.connect(url, autocommit=True) as connection:
        for name, value in settings.items():
            connection.execute("SELECT set_config(%s, %s, false)", [f"request.{name}", value])
        yield connection


def asked(url: str, **settings: str) -> tuple[Any, ...] | None:
    """Ask for whom the session acts."""
    with session(url, **settings) as connection:
        return connection.execute(ASKED).fetchone()


def test_session_of_the_gate_acts_for_whom_it_says(database: TestDatabase) -> None:
    assert asked(database.api_url, tenant=OTHER, actor="x") == (OTHER, "x")


@pytest.mark.parametrize(
    "tenant", ["", " ", "1", "x" * 10_000, f"{OTHER}x", f"{OTHER} {FIRST}", "'", "null", "é"]
)
def test_session_of_the_gate_that_names_no_clinic_acts_for_none(
    database: TestDatabase, tenant: str
) -> None:
    assert asked(database.api_url, tenant=tenant) == (None, None)


def test_session_of_the_gate_without_settings_has_no_clinic_and_no_actor(
    database: TestDatabase,
) -> None:
    assert asked(database.api_url) == (None, None)


def test_setting_that_ended_with_its_transaction_names_no_clinic(database: TestDatabase) -> None:
    with session(database.api_url) as connection:
        with connection.transaction():
            connection.execute("SELECT set_config('request.tenant', %s, true)", [OTHER])
            assert connection.execute(ASKED).fetchone() == (OTHER, None)
        assert connection.execute(ASKED).fetchone() == (None, None)


def test_person_acts_for_her_own_clinic_whatever_she_sets(database: TestDatabase) -> None:
    expected = (FIRST, "superbill_psql")
    assert asked(database.reporter_url) == expected
    assert asked(database.reporter_url, tenant=OTHER, actor="x") == expected
    assert asked(database.owner_url, tenant=OTHER) == (FIRST, "superbill_owner")


def test_member_is_admitted_moved_and_dismissed(database: TestDatabase) -> None:
    database.execute(f"INSERT INTO identity.clinic VALUES ('{OTHER}', 'Other')")
    database.execute(f"SELECT identity.admit('superbill_psql', '{OTHER}')")
    assert asked(database.reporter_url) == (OTHER, "superbill_psql")
    listed = database.execute("SELECT * FROM identity.members")
    assert listed == [
        ("superbill_owner", None, FIRST),
        ("superbill_psql", "superbill_reporter", OTHER),
    ]
    database.execute("SELECT identity.dismiss('superbill_psql')")
    assert asked(database.reporter_url) == (None, "superbill_psql")


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT identity.admit('superbill_psql', '')",
        "SELECT identity.dismiss('superbill_psql')",
        "TABLE identity.clinic",
        "TABLE identity.members",
        "SET ROLE superbill_gate",
        "SET ROLE superbill_owner",
        "SET ROLE superbill_admin",
        "SET SESSION AUTHORIZATION superbill_server",
        "CREATE FUNCTION identity.clinic(int) RETURNS int LANGUAGE sql RETURN 1",
    ],
)
def test_person_can_become_no_other(database: TestDatabase, statement: LiteralString) -> None:
    with session(database.reporter_url) as connection, pytest.raises(psycopg.Error) as caught:
        connection.execute(statement)
    assert caught.value.sqlstate == "42501"


def test_gate_takes_each_role_and_has_no_privilege_by_itself(database: TestDatabase) -> None:
    query: LiteralString = (
        "SELECT pg_has_role('superbill_gate', %s, 'SET'),"
        " pg_has_role('superbill_gate', %s, 'USAGE')"
    )
    with psycopg.connect(database.owner_url) as connection:
        for name in (f"superbill_{role}" for role in ROLES):
            assert connection.execute(query, [name, name]).fetchone() == (True, False)
    held = database.execute(
        "SELECT c.relname FROM pg_class AS c WHERE c.relnamespace >= 16384"
        " AND has_any_column_privilege("
        "'superbill_gate', c.oid, 'SELECT, INSERT, UPDATE, REFERENCES')"
        " AND c.relkind IN ('r', 'v', 'm', 'p')"
    )
    assert held == []


def test_owner_passes_roles_on_and_takes_none_of_the_gate(database: TestDatabase) -> None:
    query = "SELECT pg_has_role('superbill_gate', 'SET'), pg_has_role('superbill_biller', %s)"
    with psycopg.connect(database.owner_url) as connection:
        admin = connection.execute(query, ["USAGE WITH ADMIN OPTION"]).fetchone()
        usage = connection.execute(query, ["USAGE"]).fetchone()
    assert (admin, usage) == ((False, True), (False, False))
