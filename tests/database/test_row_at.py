"""`audit.row_at`: what a row was, as far as the trail still tells."""

import json

import psycopg
import pytest

from tests.support.databases import CLINIC, TestDatabase

NOBODY = "00000000-0000-0000-0000-000000000000"
PATIENT, STILL = "01890a5d-ac96-774b-bcce-b302099a8051", "01890a5d-ac96-774b-bcce-b302099a8052"
QUERY = "SELECT row_at ->> 'last_name' FROM audit.row_at('billing', 'patient', %s, %s)"


def at(database: TestDatabase, patient: str, moment: str) -> list[str | None]:
    """Give the last names that the function finds: none, NULL where there is no trail, or one."""
    with psycopg.connect(database.sql_url) as connection:
        rows = connection.execute(QUERY, [json.dumps({"id": patient}), moment]).fetchall()
    return [name for (name,) in rows]


def tell(database: TestDatabase, moment: str, patient: str, action: str, *names: str) -> None:
    """Write a change of a patient to the trail, as if it had been then.

    `names`: the last name before it and after it.
    """
    states = [
        json.dumps({"id": patient, "clinic_id": CLINIC, "last_name": name}) if name else None
        for name in names
    ]
    with psycopg.connect(database.owner_url, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO audit.change (clinic_id, at, relation, record, action, before, after)"
            " VALUES (%s, %s, 'billing.patient', %s, %s, %s, %s)",
            [CLINIC, moment, patient, action, *states],
        )


@pytest.fixture
def past(database: TestDatabase) -> TestDatabase:
    """Give a database whose trail of patients began in January 2025."""
    begun = f"""
        INSERT INTO audit.change (clinic_id, at, relation, record, action, after)
        VALUES ('{NOBODY}', '2025-01-10Z', 'billing.patient', '', 'watch',
            jsonb_build_object('triggers', encode(audit.triggers(), 'hex')))
    """
    database.execute(begun)
    for patient in (PATIENT, STILL):
        tell(database, "2025-01-10 01:00Z", patient, "baseline", "", "January")
    tell(database, "2025-02-10Z", PATIENT, "update", "January", "February")
    tell(database, "2025-03-10Z", PATIENT, "delete", "February", "")
    return database


def test_row_is_what_its_last_change_made_of_it(past: TestDatabase) -> None:
    assert at(past, PATIENT, "2025-01-09Z") == [None]
    assert at(past, PATIENT, "2025-01-11Z") == ["January"]
    assert at(past, PATIENT, "2025-02-10Z") == ["February"]
    assert at(past, PATIENT, "2025-03-11Z") == []
    assert at(past, CLINIC, "2025-03-11Z") == []


def test_after_a_month_was_dropped_later_changes_tell(past: TestDatabase) -> None:
    past.execute("SELECT job.seal_audit()")
    past.execute("SELECT audit.drop_month('2025-01-01')")
    for patient in (PATIENT, STILL):
        assert at(past, patient, "2025-01-20Z") == [None]
        assert at(past, patient, "2025-02-05Z") == ["January"]
    assert at(past, STILL, "2025-04-01Z") == ["January"]
    assert at(past, PATIENT, "2025-03-11Z") == []


def test_row_is_null_for_a_time_when_its_table_was_not_watched(past: TestDatabase) -> None:
    past.execute("SELECT audit.unwatch('billing.patient')")
    ended = str(past.execute("SELECT clock_timestamp()")[0][0])
    past.execute("SELECT audit.watch('billing.patient')")
    assert at(past, STILL, ended) == [None]
    assert at(past, STILL, "2025-04-01Z") == ["January"]


def test_moment_to_come_is_refused(past: TestDatabase) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue):
        at(past, PATIENT, "2999-01-01Z")


def test_function_shows_the_columns_that_the_caller_may_read(past: TestDatabase) -> None:
    past.execute("REVOKE SELECT (last_name) ON billing.patient FROM superbill_api")
    assert at(past, STILL, "2025-04-01Z") == [None]
    query = "SELECT row_at FROM audit.row_at('billing', 'patient', %s, now())"
    with psycopg.connect(past.sql_url) as connection:
        ((row,),) = connection.execute(query, [json.dumps({"id": STILL})]).fetchall()
    assert row.keys() == {"id", "first_name", "last_name_search"}
