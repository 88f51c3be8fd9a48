"""A session sees the rows of its own clinic, and is not told of any other's."""

from collections.abc import Iterator
from typing import Any, LiteralString

import psycopg
import pytest
from psycopg import errors, sql

from api.config import ROOT
from tests.support.billing_sql import add_line_item, add_visit, rows
from tests.support.databases import CLINIC, TestDatabase

pytestmark = pytest.mark.unmeasured

OTHER = "00000000-0000-7000-8000-000000000002"
UNKNOWN = "01890a5d-ac96-774b-bcce-b302099a8057"
RELATIONS: LiteralString = (
    "SELECT schemaname, viewname FROM pg_views WHERE schemaname IN ('api', 'reporting')"
    " AND viewname NOT IN ('audit_reads', 'members', 'cpt_codes', 'cpt_code_versions',"
    " 'diagnosis_codes', 'diagnosis_code_versions', 'modifiers', 'modifier_versions',"
    " 'places_of_service', 'place_of_service_versions')"
    " ORDER BY 1, 2"
)
PATIENTS: LiteralString = "SELECT first_name FROM api.patients ORDER BY 1"


@pytest.fixture
def two(database: TestDatabase) -> tuple[TestDatabase, str, str]:
    """Give a database of two clinics with a visit each, and the patients: ours, theirs."""
    database.execute(f"INSERT INTO identity.clinic VALUES ('{OTHER}', 'Other')")
    patients = []
    for name, clinic in (("Ours", CLINIC), ("Theirs", OTHER)):
        url = database.acting_url("superbill_api", clinic)
        patient, encounter = add_visit(url, name)
        add_line_item(url, encounter, "G0438", 1)
        add_visit(url, f"{name} too")
        patients.append(patient)
    ours, theirs = patients
    return database, ours, theirs


@pytest.fixture
def person(two: tuple[TestDatabase, str, str]) -> Iterator[str]:
    """Give the URL of a biller and auditor who logs in to Postgres, for the other clinic."""
    database = two[0]
    server, login = database.server, f"grace_of_{database.name}"
    server.execute(f"CREATE ROLE {login} LOGIN IN ROLE superbill_biller, superbill_auditor")
    database.execute(f"SELECT identity.admit('{login}', '{OTHER}')")
    yield server.postgres.url(login, database.name)
    server.execute(f"DROP ROLE {login}")


def seen(url: str, database: TestDatabase) -> dict[str, int]:
    """Count the rows of each view, but for the codes, which are shared."""
    found = {}
    with psycopg.connect(url) as connection:
        for schema, name in rows(database.owner_url, RELATIONS):
            query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(schema, name))
            row = connection.execute(query).fetchone()
            assert row
            found[f"{schema}.{name}"] = row[0]
    return found


def test_session_sees_its_own_clinic_in_every_view(
    two: tuple[TestDatabase, str, str], person: str
) -> None:
    database = two[0]
    ours, theirs = (
        seen(database.acting_url("superbill_api", clinic), database) for clinic in (CLINIC, OTHER)
    )
    assert theirs == seen(person, database)
    # The members of a clinic are in its trail, and the two have not as many.
    assert min(each.pop("api.audit_events") for each in (ours, theirs)) > 4
    assert ours == theirs
    assert ours["api.patients"] == 2
    assert ours["reporting.patient_statements"] == 2
    assert rows(database.sql_url, PATIENTS) == [("Ours",), ("Ours too",)]
    assert rows(person, PATIENTS) == [("Theirs",), ("Theirs too",)]


@pytest.mark.parametrize("tenant", ["", "x", UNKNOWN, f"{OTHER}x", "%"])
def test_session_of_no_clinic_sees_nothing_and_adds_nothing(
    two: tuple[TestDatabase, str, str], tenant: str
) -> None:
    database = two[0]
    url = database.acting_url("superbill_api", tenant)
    assert not any(seen(url, database).values())
    with pytest.raises((errors.InsufficientPrivilege, errors.ForeignKeyViolation)):
        add_visit(url)


def test_role_without_a_tenant_sees_nothing(two: tuple[TestDatabase, str, str]) -> None:
    with psycopg.connect(two[0].api_url, autocommit=True) as connection:
        connection.execute("SET ROLE superbill_api")
        assert connection.execute(PATIENTS).fetchall() == []


def test_person_stays_in_her_clinic_whatever_she_sets(
    two: tuple[TestDatabase, str, str], person: str
) -> None:
    with psycopg.connect(person, autocommit=True) as connection:
        for name in ("request.tenant", "request.clinic", "request.actor", "superbill.clinic"):
            connection.execute("SELECT set_config(%s, %s, false)", [name, CLINIC])
        assert connection.execute(PATIENTS).fetchall() == [("Theirs",), ("Theirs too",)]
        connection.execute("SET ROLE superbill_biller")
        assert connection.execute(PATIENTS).fetchall() == [("Theirs",), ("Theirs too",)]
        connection.execute("SET row_security = off")
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute(PATIENTS)
        for role in ("superbill_owner", "superbill_server", "superbill_gate", "superbill_api"):
            with pytest.raises(errors.InsufficientPrivilege):
                connection.execute(f"SET ROLE {role}".encode())
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute("SELECT clinic_id FROM billing.patient")


def test_new_rows_belong_to_the_clinic_of_who_adds_them(
    two: tuple[TestDatabase, str, str], person: str
) -> None:
    add_visit(person, "New")
    query = "SELECT clinic_id::text FROM billing.patient WHERE first_name = 'New'"
    assert two[0].execute(query) == [(OTHER,)]


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO api.encounters (patient_id, date) VALUES (%s, '2024-03-01')",
        "UPDATE api.patients SET first_name = 'x' WHERE id = %s",
        "SELECT FROM api.patients WHERE id = %s",
        "SELECT FROM api.encounters WHERE patient_id = %s",
        "SELECT FROM reporting.patient_statements WHERE patient_id = %s",
    ],
)
def test_foreign_row_and_missing_row_are_the_same_answer(
    two: tuple[TestDatabase, str, str], statement: LiteralString
) -> None:
    database, _, theirs = two

    def answer(key: str) -> tuple[Any, ...]:
        with psycopg.connect(database.sql_url) as connection:
            try:
                return (connection.execute(statement, [key]).rowcount,)
            except psycopg.Error as error:
                told = error.diag
                return error.sqlstate, told.message_primary, told.constraint_name

    assert answer(theirs) == answer(UNKNOWN)
    assert answer(theirs)[0] in (0, "23503")


def test_owner_sees_every_clinic(two: tuple[TestDatabase, str, str]) -> None:
    """Who migrates, loads and backs up is not subject to the policies."""
    assert two[0].execute("SELECT count(*) FROM api.patients") == [(4,)]


def test_rollback_is_refused_while_rows_of_clinics_would_be_mixed(
    two: tuple[TestDatabase, str, str],
) -> None:
    last = next((ROOT / "schema").glob("*.tenants.rollback.sql")).read_bytes()
    with psycopg.connect(two[0].owner_url) as connection, pytest.raises(errors.CheckViolation):
        connection.execute(last)
