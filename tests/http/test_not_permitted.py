"""A 403 of the database names in the log what the role may not use, and never a row."""

import psycopg
import pytest

from tests.support.databases import TestDatabase
from tests.support.outages import outcome, superuser_url
from tests.support.serving import Serving

JOHN = {"first_name": "John", "last_name": "Oberly"}
REFUSING = """
CREATE FUNCTION billing.refuse_all() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
RAISE EXCEPTION 'permission denied for table %', new.last_name USING ERRCODE = '42501';
END $$;
CREATE TRIGGER refuse BEFORE INSERT ON billing.patient
FOR EACH ROW EXECUTE FUNCTION billing.refuse_all();
"""
POLICY = """
CREATE POLICY none ON billing.patient AS RESTRICTIVE FOR INSERT WITH CHECK (last_name = 'Roe');
"""
# What is changed while the server runs, the request that meets it, and what the log says.
CASES = [
    ("REVOKE INSERT ON billing.patient FROM superbill_api", "permission denied for table patient"),
    ("REVOKE INSERT ON api.patients FROM superbill_api", "permission denied for view patients"),
    (POLICY, 'new row violates row-level security policy "none" for table "patient"'),
    (REFUSING, "a function raised SQLSTATE 42501"),
]


@pytest.mark.parametrize(("change", "sentence"), CASES, ids=[sentence for _, sentence in CASES])
async def test_log_names_what_the_role_may_not_use(
    service: Serving,
    database: TestDatabase,
    caplog: pytest.LogCaptureFixture,
    change: str,
    sentence: str,
) -> None:
    with psycopg.connect(superuser_url(database), autocommit=True) as connection:
        connection.execute(change.encode())
    answer = await service.client.post("/patients/", json=JOHN)
    assert outcome(answer) == (403, "urn:problem-type:not-permitted", None)
    assert f"{sentence} in {answer.json()['instance']}" in [r.getMessage() for r in caplog.records]
    assert "Oberly" not in caplog.text
