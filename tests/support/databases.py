"""The Postgres of the test session, and a database for each test."""

from dataclasses import dataclass

import psycopg

from api.cli import dev_postgres
from api.config import ROOT

SCHEMAS = {"billing": ROOT / "schema", "menagerie": ROOT / "tests" / "menagerie"}
# The data of a test lives no longer than the test.
FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "300",
    "autovacuum": "off",
    "max_wal_size": "64MB",
}


@dataclass(frozen=True, slots=True)
class Server:
    """The session's Postgres."""

    postgres: dev_postgres.Postgres

    def owner_url(self, name: str) -> str:
        """Give the URL of the owner's login on a database."""
        return self.postgres.url("superbill_owner", name)

    def execute(self, statement: str) -> None:
        """Run a statement as the superuser, outside of any database that is being tested."""
        with psycopg.connect(
            self.postgres.url("postgres", "postgres"), autocommit=True
        ) as connection:
            connection.execute(statement)

    def create(self, name: str, template: str = "template1") -> "TestDatabase":
        """Make a database, owned by the owner's login."""
        self.execute(
            f"CREATE DATABASE {name} OWNER superbill_owner TEMPLATE {template} STRATEGY FILE_COPY"
        )
        return TestDatabase(name, self)

    def drop(self, name: str) -> None:
        """Drop a database, whoever is connected."""
        self.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@dataclass(frozen=True, slots=True)
class TestDatabase:
    """A database of one test."""

    __test__ = False

    name: str
    server: Server

    @property
    def owner_url(self) -> str:
        """Give the URL of who owns the tables."""
        return self.server.postgres.url("superbill_owner", self.name)

    @property
    def api_url(self) -> str:
        """Give the URL of the API's login."""
        return self.server.postgres.url("superbill_server", self.name)

    @property
    def reporter_url(self) -> str:
        """Give the URL of the login that reads reports."""
        return self.server.postgres.url("superbill_psql", self.name)

    def execute(self, statement: str) -> list[tuple[object, ...]]:
        """Run a statement as the owner and give its rows."""
        with psycopg.connect(self.owner_url, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []
