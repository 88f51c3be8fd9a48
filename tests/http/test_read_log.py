"""The record of reads: who read what, without what a filter compared with."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from api.request.reading import Reading
from tests.support.batches import send_at_once, until
from tests.support.databases import CLINIC, TestDatabase
from tests.support.issuers import ACTOR, bearer, issuer
from tests.support.outages import locked, superuser_url, wait_for_locks
from tests.support.problems import MARK
from tests.support.processes import eventually
from tests.support.serving import Serving, serving
from tests.support.visits import UNKNOWN_ID, add, bill_visit, config

OTHER = "00000000-0000-7000-8000-000000000002"
QUERY = (
    "SELECT operation, coalesce(record, '-'), array_to_string(filters, ' '), status, actor, role,"
    " clinic_id::text, 1 + cardinality(repeats) FROM audit.read ORDER BY at"
)
LOCK = "LOCK TABLE audit.read IN ACCESS EXCLUSIVE MODE"


def recorded(database: TestDatabase) -> list[tuple[Any, ...]]:
    return database.execute(QUERY)


def count(database: TestDatabase) -> int:
    """Count the reads on record."""
    ((found,),) = database.execute(
        "SELECT coalesce(sum(1 + cardinality(repeats)), 0) FROM audit.read"
    )
    return int(str(found))


async def until_recorded(database: TestDatabase, reads: int) -> None:
    """Wait until so many reads are on record."""
    assert await asyncio.to_thread(eventually, lambda: count(database) >= reads)


async def test_each_read_of_a_known_caller_is_recorded(database: TestDatabase) -> None:
    async with serving(config(database)) as s:
        v = await bill_visit(s.client)
        tag = (await s.client.get(f"/patients/{v.patient}")).headers["etag"]
        requests: list[tuple[str, str, dict[str, str]]] = [
            ("HEAD", f"/patients/{v.patient}", {}),
            ("HEAD", f"/patients/{v.patient.upper()}", {}),
            ("GET", f"/patients/{v.patient}/", {"If-None-Match": tag}),
            ("GET", f"/patients/{v.patient}", {"If-Match": '"x"'}),
            ("GET", f"/patients/{v.patient}?as_of=2001-01-01T00:00:00Z", {}),
            ("GET", v.encounters, {}),
            ("GET", v.line_items, {}),
            ("GET", f"/patients/?last_name={MARK}&limit=3", {}),
            ("GET", f"/patients/?{MARK}=x", {}),
            ("GET", f"/patients/{UNKNOWN_ID}", {}),
            ("GET", f"/patients/{MARK}", {}),
            ("GET", "/patients/", {"Accept": "text/csv"}),
            ("GET", "/cpt_codes/%470438", {}),
            ("GET", "/reporting/patient_statements/", {}),
            ("GET", "/patients/", {"Accept": "image/png"}),
        ]
        for method, path, headers in requests:
            await s.client.request(method, path, headers=headers)
        for path in ("/health/", "/ready/", "/openapi.json", "/docs", "/metrics", "/nothing"):
            await s.client.get(path)
        await s.client.patch(f"/patients/{v.patient}", json={"last_name": "Owl"})
    found = recorded(database)
    assert [read[:4] for read in found] == [
        ("patients.read", v.patient, "", 200),
        ("patients.read", v.patient, "", 200),
        ("patients.read", v.patient, "", 304),
        ("patients.read", v.patient, "", 412),
        ("patients.read", v.patient, "as_of", 404),
        ("patients.encounters.list", v.patient, "", 200),
        ("patients.encounters.line_items.list", v.encounter, "", 200),
        ("patients.list", "-", "last_name", 200),
        ("patients.list", "-", "", 400),
        ("patients.read", UNKNOWN_ID, "", 404),
        ("patients.read", "-", "", 404),
        ("patients.list", "-", "", 200),
        ("cpt_codes.read", "G0438", "", 200),
        ("reporting.patient_statements.report", "-", "", 200),
        ("patients.list", "-", "", 406),
    ]
    assert {read[4:7] for read in found} == {("development", "superbill_api", CLINIC)}
    assert [read[7] for read in found] == [2] + [1] * 14  # HEAD reads the same again
    whole = database.execute("SELECT coalesce(string_agg(r::text, ' '), '') FROM audit.read AS r")
    assert MARK not in str(whole)


async def test_read_is_found_by_record_actor_and_time_within_a_second_or_so(
    database: TestDatabase,
) -> None:
    async with serving(config(database)) as s:
        v = await bill_visit(s.client)
        before = datetime.now(UTC).isoformat()
        missing = await s.client.get(f"/patients/{UNKNOWN_ID}")
        await s.client.get(f"/patients/{v.patient}")
        await until_recorded(database, 2)
        for query in (
            {"record": UNKNOWN_ID},
            {"actor": "development", "at.gte": before, "limit": "1"},
            {"at.gte": before, "order": "at", "limit": "1"},
        ):
            answer = await s.client.get("/audit_reads/", params=query)
            (read,) = answer.json()
            assert read["request"] == missing.json()["instance"].removeprefix("urn:uuid:")
            assert read["record"] == UNKNOWN_ID
        item = await s.client.get(
            f"/audit_reads/{read['at'].replace('+', '%2B')},{read['request']}"
        )
        assert item.json() == read


async def test_what_is_read_again_is_one_row_with_every_request(database: TestDatabase) -> None:
    async with serving(config(database)) as s:
        v = await bill_visit(s.client)
        path = f"/patients/{v.patient}"
        answers = await send_at_once(s.port, [("GET", path, None)] * 250)
        assert {answer.status for answer in answers} == {200}
    assert count(database) == 250
    rows = database.execute("SELECT request, repeats FROM audit.read")
    ids = {one for request, repeats in rows for one in (request, *repeats)}  # type: ignore[misc]
    assert len(ids) == 250
    assert 3 <= len(rows) < 50


async def test_clinic_sees_its_own_reads_only(database: TestDatabase) -> None:
    database.execute(f"INSERT INTO identity.clinic VALUES ('{OTHER}', 'Other')")
    roles = ["superbill_auditor", "superbill_front_desk"]
    async with issuer() as found:
        settings = found.config(database_url=database.api_url, connections=3)
        async with serving(settings, roles=roles) as s:

            async def ask(role: str, tenant: str, path: str) -> Any:
                token = found.token(role=role, tenant=tenant)
                return await s.client.get(path, headers=bearer(token))

            for tenant in (CLINIC, OTHER):
                await ask("superbill_front_desk", tenant, f"/patients/{UNKNOWN_ID}")
                await ask("superbill_front_desk", tenant, "/reporting/members/")
            await s.client.get("/patients/")  # 401: the caller is not known
            await until_recorded(database, 4)
            theirs = (await ask("superbill_auditor", OTHER, "/audit_reads/")).json()
            refused = await ask("superbill_front_desk", OTHER, "/audit_reads/")
    assert [(read["operation"], read["status"], read["actor"]) for read in theirs] == [
        ("patients.read", 404, ACTOR),
        ("reporting.members.report", 403, ACTOR),
    ]
    assert refused.status_code == 403
    assert [read[6] for read in recorded(database)].count(CLINIC) == 2


async def test_reads_wait_while_they_can_t_be_written_and_none_is_recorded_twice(
    database: TestDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(config(database)) as s:
        v = await bill_visit(s.client)
        with locked(database.owner_url, LOCK):
            for _ in range(5):
                await s.client.get(f"/patients/{v.patient}")
            (writer,) = await wait_for_locks(superuser_url(database))
            with psycopg.connect(superuser_url(database), autocommit=True) as connection:
                connection.execute("SELECT pg_terminate_backend(%s)", [writer])
            await until(lambda: "reads can't be recorded now" in caplog.text)
            await s.client.get(f"/patients/{v.patient}")
        await until_recorded(database, 6)
    assert count(database) == 6


async def test_reads_beyond_the_bound_are_lost_and_counted(
    database: TestDatabase, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.http.read_log._MOST", 20)
    async with serving(config(database)) as s:
        v = await bill_visit(s.client)
        with locked(database.owner_url, LOCK):
            await s.client.get(f"/patients/{v.patient}")
            (writer,) = await wait_for_locks(superuser_url(database))
            for _ in range(30):
                await s.client.get(f"/patients/{v.patient}")
            with psycopg.connect(superuser_url(database), autocommit=True) as connection:
                connection.execute("SELECT pg_terminate_backend(%s)", [writer])
            await until(lambda: "11 reads are not recorded" in caplog.text)
        await until_recorded(database, 20)
        assert "superbill_lost_reads_total 11.0" in (await s.client.get("/metrics")).text
    assert count(database) == 20


async def test_read_that_postgres_refuses_costs_no_other_read(
    database: TestDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    database.execute(f"ALTER TABLE audit.read ADD CHECK (record <> '{UNKNOWN_ID}')")
    async with serving(config(database)) as s:
        v = await bill_visit(s.client)
        for patient in (v.patient, UNKNOWN_ID, v.encounter):
            await s.client.get(f"/patients/{patient}")
        await until_recorded(database, 2)
        await until(lambda: "1 reads are not recorded" in caplog.text)
    assert {read[1] for read in recorded(database)} == {v.patient, v.encounter}
    assert "a read can't be recorded: SQLSTATE 23514" in caplog.text


async def test_failure_of_the_log_itself_costs_no_later_read(
    database: TestDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(config(database)) as s:
        v = await bill_visit(s.client)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Reading, "names", None)
            await s.client.get(f"/patients/{v.patient}")
            await until(lambda: "reads can't be recorded now: TypeError" in caplog.text)
            await until(lambda: "1 reads are not recorded" in caplog.text)
        await s.client.get(f"/patients/{v.patient}")
        await until_recorded(database, 1)
    assert count(database) == 1


async def test_schema_without_a_record_of_reads_is_served(both: Serving) -> None:
    relation = next(one for one in both.catalog.relations if one.key)
    assert (await both.client.get(f"/{relation.name}/")).status_code == 200


async def test_login_that_may_not_record_reads_is_refused(database: TestDatabase) -> None:
    database.execute("REVOKE USAGE ON SCHEMA audit FROM superbill_keeper")
    async with serving(config(database)) as s:
        assert s.catalog.faults == (
            "the login may not act for superbill_keeper, as which it has to record reads",
        )
        await add(s.client, "/patients/", first_name="John", last_name="Oberly")
