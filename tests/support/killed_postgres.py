"""A Postgres of a test's own, which is killed and started again."""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import psutil  # type: ignore[import-untyped] # it has annotations, but does not say so
import psycopg

from api.cli import dev_postgres, migrations, postgres_installation, postgres_server, samples
from api.config import ROOT
from tests.support.folders import data_folder

# What was committed outlives a crash of Postgres, if not of the machine.
SETTINGS = {"fsync": "off", "max_connections": "60"}


@dataclass(frozen=True, slots=True)
class Crashing:
    """A Postgres of a test's own, with the billing schema."""

    postgres: dev_postgres.Postgres

    def execute(self, statement: str) -> list[tuple[object, ...]]:
        """Run a statement as the owner and give its rows."""
        with psycopg.connect(self.postgres.owner_url, autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    @property
    def superuser_url(self) -> str:
        """Give the superuser's URL."""
        return self.postgres.url("postgres")

    def kill(self) -> None:
        """End it with SIGKILL, and every process of it."""
        first = psutil.Process(
            int((self.postgres.socket / "data" / "postmaster.pid").read_text().split()[0])
        )
        found = [first, *first.children(recursive=True)]
        for process in found:
            with suppress(psutil.NoSuchProcess):  # a session that has just ended
                process.kill()
        _, alive = psutil.wait_procs(found, 10)
        assert not alive

    async def start(self) -> None:
        """Start it again, while the test's loop goes on; return when it accepts connections."""
        # Locks, signal handlers and roles are there from the first start.
        installation = postgres_installation.prepare(self.postgres.socket)
        assert postgres_server.socket_directory(installation) is None
        settings = {**postgres_server.SETTINGS, **SETTINGS}
        await asyncio.to_thread(postgres_server.start, installation, settings)


async def settled(superuser_url: str, most: int) -> None:
    """Wait until the API's login has at most so many sessions in a database."""
    query = (
        "SELECT count(*) FROM pg_stat_activity WHERE usename = 'superbill_server'"
        " AND datname = current_database()"
    )
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        while True:  # pytest's timeout ends a test that waits too long
            row = connection.execute(query).fetchone()
            if row and row[0] <= most:
                return
            await asyncio.sleep(0.05)


@contextmanager
def crashing() -> Iterator[Crashing]:
    """Run a Postgres to kill."""
    # Not below pytest's own folder, which every session of pytest closes to other users, Postgres's
    # among them.
    directory = data_folder()
    try:
        with dev_postgres.postgres(directory, settings=SETTINGS) as postgres:
            migrations.migrate(postgres.owner_url, ROOT / "schema")
            samples.load_samples(postgres.owner_url, ROOT / "schema")
            yield Crashing(postgres)
    finally:
        shutil.rmtree(directory)
