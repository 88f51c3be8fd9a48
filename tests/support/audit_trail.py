"""The audit trail: what a superuser does to it, and what `superbill verify` says then."""

from pathlib import Path

import psycopg

from api.cli import audit_trail
from api.cli.refusal import RefusedError
from api.config import Config
from tests.support.databases import TestDatabase
from tests.support.outages import superuser_url

ADD = "INSERT INTO billing.patient (first_name, last_name) VALUES ('Ada', 'Byron') RETURNING id"
SEAL = "SELECT * FROM job.seal_audit()"


def as_superuser(database: TestDatabase, *statements: str) -> None:
    """Run statements in one transaction."""
    with psycopg.connect(superuser_url(database)) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def unguarded(statement: str, table: str) -> tuple[str, str, str]:
    """Write what a superuser does to change a table without its triggers."""
    enable = (
        f"DO $$ DECLARE name text; BEGIN FOR name IN SELECT tgname FROM pg_trigger"
        f" WHERE tgrelid = CAST('{table}' AS regclass) AND NOT tgisinternal LOOP"
        f" EXECUTE format('ALTER TABLE {table} ENABLE ALWAYS TRIGGER %I', name);"
        " END LOOP; END $$"
    )
    return f"ALTER TABLE {table} DISABLE TRIGGER USER", statement, enable


def trail(statement: str) -> tuple[str, ...]:
    """Write what a superuser does to change the trail."""
    return ("SET LOCAL session_replication_role = replica", *unguarded(statement, "audit.change"))


def verify(database: TestDatabase, roots: Path | None = None) -> str:
    """Give what `superbill verify` says is broken; an empty text if nothing is."""
    settings = Config(database_url=database.api_url, migration_database_url=database.owner_url)
    try:
        audit_trail.verify(settings, roots)
    except RefusedError as error:
        return str(error)
    return ""


def sealed(database: TestDatabase) -> list[str]:
    """Seal the trail; give the lines for the log."""
    return [str(line) for (line,) in database.execute(SEAL)]


def two_seals(database: TestDatabase) -> list[str]:
    """Change two patients, and then one of them, and seal each; give the lines for the log."""
    lines = sealed(database)
    database.execute(f"{ADD}; {ADD}")
    lines += sealed(database)
    database.execute("UPDATE billing.patient SET last_name = 'Ash'")
    return lines + sealed(database)
