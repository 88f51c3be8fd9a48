"""Jobs: which functions of a schema are jobs, and why others are none."""

from api.catalog import jobs
from api.catalog.jobs import Job, Jobs
from api.cli import served_catalog
from api.config import Config
from tests.support import jobs as made
from tests.support.databases import TestDatabase

# A function of the schema, and why it is no job.
FAULTS = [
    (made.function("often", "SELECT 'x'", "Every: often"), "its comment lacks a line such as"),
    (made.function("silent", "SELECT 'x'", ""), "its comment lacks a line such as `Every: 10 s`"),
    (made.function("never", "SELECT 'x'", "Every: 0 s"), "its comment lacks a line such as"),
    (made.function("row", "SELECT 1", returns="int"), "it returns integer; a job returns text"),
    (
        made.function("hidden", "SELECT 'x'").replace("superbill_keeper", "superbill_api"),
        "superbill_keeper may not execute it",
    ),
    (
        "CREATE FUNCTION job.given(n int) RETURNS void LANGUAGE sql AS ''",
        "a job is a function without arguments",
    ),
    ("CREATE PROCEDURE job.proc() LANGUAGE sql AS ''", "a job is a function without arguments"),
]


def served(database: TestDatabase) -> Jobs:
    return served_catalog.read_servable(Config(database_url=database.api_url), ()).jobs


def test_comment_of_a_job_says_how_often_it_runs(one_role: TestDatabase) -> None:
    before = served(one_role)
    times = {"Every: 10 s": 10, "Every: 2 min": 120, "Every: 24 h\nMore.": 86_400}
    for number, every in enumerate(times):
        one_role.execute(made.function(f"j{number}", "SELECT 'x'", every))
    one_role.execute(made.function('"A b"', "SELECT", returns="void"))
    new = set(served(one_role).found) - set(before.found)
    expected = {Job(f"job.j{number}", seconds) for number, seconds in enumerate(times.values())}
    assert new == {*expected, Job('job."A b"', 1)}
    assert before.faults == ()


def test_function_that_is_no_job_is_named_with_the_reason(one_role: TestDatabase) -> None:
    before = served(one_role)
    for statement, _ in FAULTS:
        one_role.execute(statement)
    found = served(one_role)
    assert found.found == before.found
    assert len(found.faults) == len(FAULTS)
    for _, reason in FAULTS:
        assert any(f"is no job: {reason}" in fault for fault in found.faults), reason


def test_schema_without_jobs_has_none(menagerie: TestDatabase) -> None:
    assert served(menagerie) == Jobs()


def test_keeper_is_no_role_of_callers(one_role: TestDatabase) -> None:
    one_role.execute(f"GRANT SELECT ON api.patients TO {jobs.KEEPER}")
    settings = Config(database_url=one_role.api_url)
    assert jobs.KEEPER not in served_catalog.read_servable(settings, ()).catalogs


def test_login_that_may_not_act_as_the_keeper_is_told_that_no_job_runs(
    one_role: TestDatabase,
) -> None:
    one_role.execute(made.function("j", "SELECT 'x'"))
    one_role.execute("DROP FUNCTION audit.record_reads")  # without which it is not served
    one_role.execute("CREATE ROLE other LOGIN; GRANT superbill_api TO other WITH INHERIT FALSE")
    try:
        url = one_role.server.postgres.url("other", one_role.name)
        found = served_catalog.read_servable(Config(database_url=url), ()).jobs
    finally:
        one_role.server.execute("DROP ROLE other")
    assert found == Jobs((), ("no job runs: the login may not act for superbill_keeper",))


def test_kept_answers_are_deleted_after_their_time(database: TestDatabase) -> None:
    database.execute(
        "INSERT INTO identity.answer (key, fingerprint, kept_at) SELECT n, 'f',"
        " now() - CAST(n || ' hours' AS interval) FROM generate_series(1, 48) AS n"
    )
    database.execute("SET job.keep_answers = '24 hours'; SELECT job.forget_answers()")
    left = "SELECT count(*), max(CAST(key AS int)) FROM identity.answer"
    assert database.execute(left) == [(23, 23)]
