"""The database server that all systems share; its background work is switched off."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from api.cli import dev_postgres, migrations
from api.config import ROOT
from tests.benchmark import dataset
from tests.benchmark.dataset import Sample, Size

# A vacuum or a checkpoint would count as a cost of the system that is measured at that moment.
# Commits are durable.
SETTINGS = {
    "max_connections": "500",
    "shared_buffers": "1GB",
    "autovacuum": "off",
    "checkpoint_timeout": "1h",
    "max_wal_size": "16GB",
}


# The login of the peers, which know no tokens: a person's, with every right of the API for one
# clinic, and with the settings of the API's login.
PEER = "superbill_peer"
_PEER = f"""
    CREATE ROLE {PEER} LOGIN IN ROLE superbill_api;
    ALTER ROLE {PEER} SET plan_cache_mode = 'force_generic_plan';
    ALTER ROLE {PEER} SET jit = 'off'"""


_AUDIT_OFF = """
    DO $$
    DECLARE one record;
    BEGIN
        FOR one IN SELECT t.tgrelid::regclass AS relation, t.tgname AS name
            FROM pg_trigger AS t
            INNER JOIN pg_proc AS p ON p.oid = t.tgfoid
            WHERE p.pronamespace = 'audit'::regnamespace
            AND t.tgrelid IN (
                SELECT oid FROM pg_class WHERE relnamespace = 'billing'::regnamespace
            )
        LOOP
            EXECUTE format('ALTER TABLE %s DISABLE TRIGGER %I', one.relation, one.name);
        END LOOP;
    END $$"""


@dataclass(frozen=True, slots=True)
class Testbed:
    """The running Postgres, its process id, and a directory for the files of the benchmark."""

    server: dev_postgres.Postgres
    pid: int
    directory: Path

    @property
    def peer_url(self) -> str:
        """The URL of the login of the peers."""
        return self.server.url(PEER)

    def create(self, name: str) -> None:
        """Create a database, unless it exists, and apply the migrations to it."""
        with psycopg.connect(
            self.server.url("postgres", "postgres"), autocommit=True
        ) as connection:
            if not connection.execute(
                "SELECT FROM pg_database WHERE datname = %s", [name]
            ).rowcount:
                connection.execute(f"CREATE DATABASE {name} OWNER superbill_owner".encode())
        migrations.migrate(self.server.url("superbill_owner", name), ROOT / "schema")

    def filled(self, size: Size, name: str = "") -> list[Sample]:
        """Fill a database, by default the server's own, and return samples of its rows."""
        self.create(name or self.server.database)
        with self.connect(name) as connection:
            dataset.fill(connection, size)
            connection.execute(f"SELECT identity.admit('{PEER}', '{dataset.CLINIC}')".encode())
            return dataset.samples(connection)

    def end_audit(self) -> None:
        """Record no change and, by servers that start from now on, no read."""
        with self.connect() as connection:
            connection.execute(_AUDIT_OFF)
            connection.execute("DROP FUNCTION audit.record_reads")

    def connect(self, name: str = "") -> psycopg.Connection[tuple[object, ...]]:
        """Connect as the superuser; without a name to the server's default database."""
        return psycopg.connect(self.server.url("postgres", name), autocommit=True)


@contextmanager
def start_testbed() -> Iterator[Testbed]:
    """Run Postgres in a temporary directory."""
    with tempfile.TemporaryDirectory(prefix="superbill-benchmark-") as name:
        directory = Path(name)
        directory.chmod(0o711)  # for root, Postgres runs as another user
        with dev_postgres.postgres(directory / "postgres", settings=SETTINGS) as server:
            pid = int((directory / "postgres" / "data" / "postmaster.pid").read_text().split()[0])
            testbed = Testbed(server, pid, directory)
            with testbed.connect() as connection:
                connection.execute(_PEER.encode())
            yield testbed
