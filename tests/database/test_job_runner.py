"""The runner of jobs, in this process: it goes on after failures, and ends at once."""

import asyncio
from collections.abc import Callable

import psycopg
import pytest

from api.catalog.jobs import Job
from api.database.job_runner import JobRunner
from tests.support import jobs
from tests.support.databases import TestDatabase
from tests.support.outages import superuser_url
from tests.support.processes import eventually

KEEP = {"job.keep_answers": "24 hours"}


def runner(database: TestDatabase, *names: str) -> JobRunner:
    """Make a runner of jobs that are due each second."""
    found = [Job(f"job.{name}", 1) for name in names]
    return JobRunner(database.api_url, found, KEEP, wait=60, timeout=600)


async def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition while the event loop runs."""
    assert await asyncio.to_thread(eventually, condition)


async def test_runner_goes_on_after_a_failed_job_and_a_lost_connection(
    one_role: TestDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "api.database.job_runner")
    jobs.add(
        one_role,
        jobs.function("fails", "SELECT CAST(count(*) / 0 AS text) FROM billing.run"),
        jobs.function("notes", jobs.NOTE),
    )
    running = runner(one_role, "fails", "notes")
    running.start()
    await until(lambda: len(jobs.runs(one_role, "notes")) >= 1)
    ((backend, *_),) = set(jobs.runs(one_role, "notes"))
    with psycopg.connect(superuser_url(one_role), autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(%s)", [backend])
    one_role.execute(
        "CREATE OR REPLACE FUNCTION job.fails() RETURNS SETOF text LANGUAGE sql AS $$ SELECT 'x' $$"
    )
    await until(lambda: "job.fails: x" in caplog.messages)
    await until(lambda: len(set(jobs.runs(one_role, "notes"))) == 2)
    await running.close()
    said = caplog.messages
    assert said.count("the job job.fails failed with 22012; it is tried again") == 1
    assert "the job job.fails works again" in said
    assert "job.notes: noted" in said
    assert any(line.startswith("the connection of the jobs failed with") for line in said)
    assert "the connection of the jobs works again" in said


async def test_runner_that_is_closed_undoes_the_job_that_runs(one_role: TestDatabase) -> None:
    jobs.add(one_role, jobs.function("sleeps", f"{jobs.NOTE}; SELECT pg_sleep(600)::text"))
    running = runner(one_role, "sleeps")
    running.start()
    waiting = "SELECT FROM pg_stat_activity WHERE datname = current_database()"
    waiting += " AND wait_event = 'PgSleep'"
    with psycopg.connect(superuser_url(one_role), autocommit=True) as connection:
        await until(lambda: connection.execute(waiting.encode()).rowcount == 1)
        async with asyncio.timeout(60):
            await running.close()
        connection.execute(
            f"SELECT pg_terminate_backend(pid) {waiting.removeprefix('SELECT ')}".encode()
        )
    assert jobs.runs(one_role, "sleeps") == []


async def test_runner_without_jobs_connects_to_nothing() -> None:
    running = JobRunner("postgresql://nobody@127.0.0.1:1/x", [], KEEP, wait=1, timeout=1)
    running.start()
    await running.close()
