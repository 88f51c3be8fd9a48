"""Jobs that a test adds to a schema which has the schema `job`."""

from tests.support.databases import TestDatabase

# What each run notes: who ran it.
RUN = """
CREATE TABLE billing.run (
    job text DEFAULT identity.actor(), backend int DEFAULT pg_backend_pid(),
    role text DEFAULT current_setting('role'), keep interval
    DEFAULT CAST(current_setting('job.keep_answers') AS interval)
)
"""
NOTE = "INSERT INTO billing.run DEFAULT VALUES RETURNING 'noted'"


def function(name: str, body: str, every: str = "Every: 1 s", returns: str = "SETOF text") -> str:
    """Write the SQL of a job."""
    return f"""
        CREATE FUNCTION job.{name}() RETURNS {returns} LANGUAGE sql SECURITY DEFINER
        SET search_path = '' AS $$ {body} $$;
        COMMENT ON FUNCTION job.{name}() IS 'Does something.
{every}';
        REVOKE ALL ON FUNCTION job.{name}() FROM PUBLIC;
        GRANT EXECUTE ON FUNCTION job.{name}() TO superbill_keeper;
    """


def add(database: TestDatabase, *functions: str) -> None:
    """Add jobs, and the table of their runs."""
    database.execute(";".join((RUN, *functions)))


def runs(database: TestDatabase, job: str) -> list[tuple[object, ...]]:
    """Give the runs of a job: backend, role, and how long answers are kept."""
    query = f"SELECT backend, role, CAST(keep AS text) FROM billing.run WHERE job = 'job.{job}'"
    return database.execute(query)
