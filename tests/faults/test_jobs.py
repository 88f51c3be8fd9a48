"""Jobs of a running server: one worker runs them, whatever fails."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from tests.support import jobs
from tests.support.databases import TestDatabase
from tests.support.outages import superuser_url
from tests.support.pgbouncer import pgbouncer
from tests.support.processes import eventually
from tests.support.server_processes import server_process

pytestmark = pytest.mark.unmeasured


async def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition while the event loop runs."""
    assert await asyncio.to_thread(eventually, condition)


def end_session(database: TestDatabase, backend: object) -> None:
    """End a session of Postgres."""
    with psycopg.connect(superuser_url(database), autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(%s)", [backend])


async def test_jobs_run_in_one_worker_and_go_on_after_failures(
    one_role: TestDatabase, tmp_path: Path
) -> None:
    void = jobs.NOTE.removesuffix("RETURNING 'noted'")
    jobs.add(
        one_role,
        jobs.function("fails", "SELECT CAST(CAST(upper('Oberly') AS int) AS text)"),
        jobs.function("notes", jobs.NOTE),
        jobs.function("quiet", void, returns="void"),
        jobs.function("odd", "SELECT 'x'", "Every: now"),
    )
    log = tmp_path / "log"
    async with server_process(one_role, log, WORKERS="2", KEEP_ANSWERS="7") as s:
        await until(lambda: len(jobs.runs(one_role, "notes")) >= 3)
        (first,) = set(jobs.runs(one_role, "notes"))
        assert first[1:] == ("superbill_keeper", "07:00:00")
        end_session(one_role, first[0])
        await until(lambda: len(set(jobs.runs(one_role, "notes"))) == 2)
        assert jobs.runs(one_role, "quiet")
        s.process.terminate()
        assert await s.ended() == 0
    text = log.read_text()
    assert "job.notes: noted" in text
    assert text.count("the job job.fails failed with 22P02") == 1
    assert "job.odd() is no job: its comment lacks a line" in text
    assert "job.quiet:" not in text
    assert "OBERLY" not in text


async def test_job_that_another_server_runs_is_left_to_it(
    one_role: TestDatabase, tmp_path: Path
) -> None:
    jobs.add(one_role, jobs.function("held", jobs.NOTE), jobs.function("free", jobs.NOTE))
    with psycopg.connect(one_role.owner_url) as other:
        other.execute("SELECT pg_advisory_xact_lock(hashtextextended('job.held', 0))")
        async with server_process(one_role, tmp_path / "log"):
            await until(lambda: len(jobs.runs(one_role, "free")) >= 2)
            assert jobs.runs(one_role, "held") == []
            other.rollback()
            await until(lambda: len(jobs.runs(one_role, "held")) >= 1)


async def test_running_job_does_not_delay_the_end_of_the_server(
    one_role: TestDatabase, tmp_path: Path
) -> None:
    jobs.add(
        one_role,
        jobs.function("first", jobs.NOTE),
        jobs.function("sleeps", "SELECT pg_sleep(600)::text"),
    )
    async with server_process(one_role, tmp_path / "log", DRAIN="0") as s:
        await until(lambda: len(jobs.runs(one_role, "first")) >= 1)
        s.process.terminate()
        assert await s.ended() == 0  # within a tenth of what the job would take


@pytest.mark.needs("pgbouncer")
async def test_jobs_run_through_a_pooler(one_role: TestDatabase, tmp_path: Path) -> None:
    jobs.add(one_role, jobs.function("notes", jobs.NOTE))
    with pgbouncer(one_role) as pooler:
        async with server_process(one_role, tmp_path / "log", DATABASE_URL=pooler.api_url):
            await until(lambda: len(jobs.runs(one_role, "notes")) >= 3)
            assert {row[1] for row in jobs.runs(one_role, "notes")} == {"superbill_keeper"}
