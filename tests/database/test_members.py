"""`superbill grant`, `revoke`, `members`: what a person's login may do, and whose rows it sees."""

from collections.abc import Callable, Iterator

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from api.cli import members
from api.cli.refusal import RefusedError
from api.config import Config
from tests.support.databases import TestDatabase
from tests.support.outages import superuser_url

ALICE = "test_alice"
FIRST, SECOND = (f"00000000-0000-7000-8000-00000000000{n}" for n in (1, 2))
BILLER, AUDITOR = "superbill_biller", "superbill_auditor"
PATIENTS = "SELECT last_name FROM api.patients ORDER BY last_name"


@pytest.fixture
def clinics(database: TestDatabase) -> Iterator[TestDatabase]:
    """Give a database with two clinics, and a login that is granted nothing."""
    database.execute(
        f"INSERT INTO identity.clinic (id, name) VALUES ('{SECOND}', 'Second clinic');"
        "INSERT INTO billing.patient (clinic_id, first_name, last_name)"
        f" VALUES ('{FIRST}', 'Ada', 'Ash'), ('{SECOND}', 'Ben', 'Brook')"
    )
    with psycopg.connect(superuser_url(database), autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {ALICE} LOGIN".encode())
        yield database
        connection.execute(f"DROP ROLE {ALICE}".encode())


def settings(database: TestDatabase) -> Config:
    """Give the settings of the owner."""
    return Config(database_url=database.api_url, migration_database_url=database.owner_url)


def rows(database: TestDatabase, query: str, setting: str = "") -> list[str]:
    """Give the first column of a query that the login runs, with a setting of its own."""
    url = database.server.postgres.url(ALICE, database.name)
    options = f"-c {setting}" if setting else ""
    with psycopg.connect(url, autocommit=True, options=options) as connection:
        return [str(row[0]) for row in connection.execute(query.encode())]


def listed(database: TestDatabase, capsys: pytest.CaptureFixture[str]) -> list[list[str]]:
    """Give the lines of `superbill members` about the login."""
    capsys.readouterr()
    members.members(settings(database))
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == ["LOGIN", "ROLE", "TENANT"]
    return [line for line in lines if line[0] == ALICE]


def test_login_has_the_rights_of_its_role_for_the_rows_of_its_clinic(
    clinics: TestDatabase, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(InsufficientPrivilege):
        rows(clinics, PATIENTS)
    members.grant(settings(clinics), ALICE, BILLER, SECOND)
    assert capsys.readouterr().out == f"granted {BILLER} to {ALICE} for {SECOND}\n"
    assert rows(clinics, PATIENTS) == ["Brook"]
    assert rows(clinics, "SELECT count(*) FROM reporting.patient_statements") == ["0"]
    added = "INSERT INTO api.patients (first_name, last_name) VALUES ('Cy', 'Clay') RETURNING id"
    assert len(rows(clinics, added)) == 1
    assert clinics.execute(
        "SELECT CAST(clinic_id AS text) FROM billing.patient WHERE last_name = 'Clay'"
    ) == [(SECOND,)]
    assert listed(clinics, capsys) == [[ALICE, BILLER, SECOND]]


def test_login_that_takes_another_role_or_clinic_is_refused(clinics: TestDatabase) -> None:
    members.grant(settings(clinics), ALICE, AUDITOR, SECOND)
    for statement in (
        f"SET ROLE {AUDITOR}",
        f"SET ROLE {BILLER}",
        "SET ROLE superbill_gate",
        "SET ROLE superbill_owner",
        f"SET SESSION AUTHORIZATION {ALICE}_other",
        "INSERT INTO api.patients (first_name, last_name) VALUES ('Cy', 'Clay')",
        f"SELECT identity.admit('{ALICE}', '{FIRST}')",
        "SELECT * FROM identity.clinic",
    ):
        with pytest.raises(psycopg.Error):
            rows(clinics, statement)
    assert rows(clinics, "SELECT login FROM reporting.members") == [ALICE]
    assert rows(clinics, PATIENTS, f"request.tenant={FIRST}") == ["Brook"]


def test_login_moves_to_another_clinic_by_another_grant(
    clinics: TestDatabase, capsys: pytest.CaptureFixture[str]
) -> None:
    members.grant(settings(clinics), ALICE, BILLER, SECOND)
    members.grant(settings(clinics), ALICE, AUDITOR)
    assert listed(clinics, capsys) == [[ALICE, AUDITOR, SECOND], [ALICE, BILLER, SECOND]]
    members.grant(settings(clinics), ALICE, AUDITOR, FIRST)
    assert rows(clinics, PATIENTS) == ["Ash"]


def test_login_without_its_last_role_leaves_its_clinic(
    clinics: TestDatabase, capsys: pytest.CaptureFixture[str]
) -> None:
    for role in (BILLER, AUDITOR):
        members.grant(settings(clinics), ALICE, role, SECOND)
    members.revoke(settings(clinics), ALICE, BILLER)
    assert listed(clinics, capsys) == [[ALICE, AUDITOR, SECOND]]
    assert rows(clinics, PATIENTS) == ["Brook"]
    members.revoke(settings(clinics), ALICE, AUDITOR)
    assert listed(clinics, capsys) == []
    with pytest.raises(InsufficientPrivilege):
        rows(clinics, PATIENTS)


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (("test_nobody", BILLER, FIRST), "There is no login test_nobody: "),
        ((BILLER, AUDITOR, FIRST), f"There is no login {BILLER}: "),
        ((ALICE, "superbill_gate", FIRST), "superbill_gate is no role that a person may have"),
        ((ALICE, "superbill_owner", FIRST), "superbill_owner is no role that a person may have"),
        ((ALICE, "pg_read_all_data", FIRST), "pg_read_all_data is no role that a person may have"),
        ((ALICE, "nothing", FIRST), "nothing is no role that a person may have"),
        ((ALICE, BILLER, None), f"{ALICE} belongs to no clinic yet: "),
        ((ALICE, BILLER, FIRST[:-1] + "9"), "There is no clinic "),
        ((ALICE, BILLER, "first"), "There is no clinic first."),
    ],
)
def test_grant_that_cannot_be_made_changes_nothing(
    clinics: TestDatabase,
    capsys: pytest.CaptureFixture[str],
    asked: tuple[str, str, str | None],
    sentence: str,
) -> None:
    with pytest.raises(RefusedError) as refused:
        members.grant(settings(clinics), *asked)
    assert str(refused.value).startswith(sentence)
    assert listed(clinics, capsys) == []


def test_role_that_was_not_granted_cannot_be_revoked(clinics: TestDatabase) -> None:
    with pytest.raises(RefusedError) as refused:
        members.revoke(settings(clinics), ALICE, BILLER)
    assert str(refused.value) == f"{ALICE} does not have {BILLER}."


def test_schema_without_tenants_takes_no_clinic(
    clinics: TestDatabase, databases: Callable[[str], TestDatabase]
) -> None:
    empty = databases("template1")
    with pytest.raises(RefusedError) as refused:
        members.grant(settings(empty), ALICE, BILLER, FIRST)
    assert str(refused.value) == "This schema has no tenants: leave --clinic out."
    members.grant(settings(empty), ALICE, BILLER)
    with pytest.raises(RefusedError):
        members.members(settings(empty))
    members.revoke(settings(empty), ALICE, BILLER)
