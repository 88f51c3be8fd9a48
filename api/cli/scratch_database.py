"""A database that is made of the migrations, to be looked at, and dropped afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg

from api.cli import dev_postgres, migrations
from api.cli.dev_postgres import Postgres

_NAME = "superbill_scratch"
_DROP = f"DROP DATABASE IF EXISTS {_NAME} WITH (FORCE)"
_LOCK = f"SELECT pg_advisory_lock(hashtext('{_NAME}'))"


@contextmanager
def scratch_database(directory: Path, schema_dir: Path) -> Iterator[Postgres]:
    """Run the development Postgres on `directory`, with a new database that has all migrations.

    The development database itself is not touched, and not made. Other processes that call this
    wait until it has ended; a killed process leaves the database to the next one, which drops it.
    Raises MigrationError, and what `dev_postgres.postgres` raises.
    """
    with (
        dev_postgres.postgres(directory, database="postgres") as server,
        psycopg.connect(server.url("postgres"), autocommit=True) as connection,
    ):
        connection.execute(_LOCK)
        connection.execute(_DROP)
        scratch = replace(server, database=_NAME)
        try:
            dev_postgres.create_roles_and_database(scratch)
            migrations.migrate(scratch.owner_url, schema_dir)
            yield scratch
        finally:
            connection.execute(_DROP)
