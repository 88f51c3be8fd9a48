"""The Postgres of the test session, and a database for each test."""

from dataclasses import dataclass
from urllib.parse import quote

import psycopg

from api.cli import dev_postgres
from api.config import ROOT
from api.identity import DEVELOPMENT_ROLE

SCHEMAS = {"billing": ROOT / "schema", "menagerie": ROOT / "tests" / "menagerie"}
CLINIC = "00000000-0000-7000-8000-000000000001"  # the first one, which has what tests add
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
    def sql_url(self) -> str:
        """Give the URL for plain SQL as the server runs it for its development identity."""
        return self.acting_url(DEVELOPMENT_ROLE)

    def acting_url(self, role: str, tenant: str | None = None) -> str:
        """Give the URL of the API's login, whose sessions act as a role for a tenant.

        By default that is the tenant of the development identity.
        """
        if tenant is None:
            function = "to_regprocedure('identity.development_tenant()') IS NOT NULL"
            has_tenants = self.execute(f"SELECT {function}") == [(True,)]
            query = "SELECT identity.development_tenant()" if has_tenants else "SELECT ''"
            tenant = str(self.execute(query)[0][0])
        options = f"-c role={role} -c request.tenant={tenant}"
        return f"{self.api_url}&options={quote(options)}"

    @property
    def reporter_url(self) -> str:
        """Give the URL of the login that reads reports."""
        return self.server.postgres.url("superbill_psql", self.name)

    def execute(self, statement: str) -> list[tuple[object, ...]]:
        """Run a statement as the owner and give its rows."""
        with psycopg.connect(self.owner_url, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []
