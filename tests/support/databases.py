"""The Postgres of the test session, and a database for each test."""

from dataclasses import dataclass, field
from urllib.parse import quote

import psycopg
from psycopg.pq import TransactionStatus

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
# A server that starts on a database has one role to serve after that, and starts in less CPU time.
ONE_ROLE = """
    DO $$ DECLARE role text; BEGIN
        FOR role IN SELECT rolname FROM pg_roles WHERE NOT rolcanlogin
            AND pg_has_role('superbill_server', oid, 'SET') AND rolname <> 'superbill_api'
        LOOP
            EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA api, reporting FROM %I', role);
        END LOOP;
    END $$
"""

_SHARED = {"pg_authid": "oid", "pg_auth_members": "oid", "pg_db_role_setting": "setrole"}
_ROWS = ", ".join(
    f"(SELECT string_agg({key} || ' ' || xmin, ',' ORDER BY {key}, xmin::text) FROM {table})"
    for table, key in _SHARED.items()
)
STATE = f"""
    SELECT CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text), md5(concat_ws(';', {_ROWS}))
"""
SESSIONS = "SELECT count(*) FROM pg_stat_activity WHERE datname = '{}'"
# Of copies of a template, by the API's URL: the server, the template, and the id of the transaction
# that is the first one after the copy was made.
_copies: dict[str, tuple["Server", str, str]] = {}


def template_of(url: str) -> str:
    """Name the template whose unchanged copy the API's URL leads to, and the state of the roles.

    Empty where it leads to none. A copy is unchanged if nothing has been written to any database of
    the server since.
    """
    if url not in _copies:
        return ""
    server, template, after = _copies[url]
    now, roles = server.state()
    if now == after:
        return f"{template} {roles}"
    del _copies[url]
    return ""


@dataclass(frozen=True, slots=True)
class Server:
    """The session's Postgres."""

    postgres: dev_postgres.Postgres
    _kept: list[psycopg.Connection] = field(default_factory=list, init=False)
    _owners: dict[str, psycopg.Connection] = field(default_factory=dict, init=False)  # by database
    _spare: dict[str, str] = field(default_factory=dict, init=False)  # template → unchanged copy

    def owner_url(self, name: str) -> str:
        """Give the URL of the owner's login on a database."""
        return self.postgres.url("superbill_owner", name)

    def execute(self, statement: str) -> None:
        """Run a statement as the superuser, outside of any database that is being tested."""
        self._run(statement)

    def state(self) -> tuple[str, str]:
        """Return the id of the next transaction that writes, and what stands for all roles."""
        ((after, roles),) = self._run(STATE).fetchall()
        return str(after), str(roles)

    def execute_in(self, name: str, statement: str) -> list[tuple[object, ...]]:
        """Run a statement as the owner of a database, in a session that is as if it were new.

        The connection is kept until the database is copied, released or dropped: to open one takes
        more CPU time than most statements.
        """
        if name in self._owners:
            try:
                self._owners[name].execute("DISCARD ALL")
            except psycopg.OperationalError:  # a test has ended it
                self.leave(name)
        if name not in self._owners:
            url = self.owner_url(name)
            self._owners[name] = psycopg.connect(url, autocommit=True, prepare_threshold=None)
        connection = self._owners[name]
        try:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []
        finally:
            if connection.info.transaction_status != TransactionStatus.IDLE:
                self.leave(name)

    def leave(self, name: str) -> None:
        """Close the owner's connection to a database."""
        if found := self._owners.pop(name, None):
            found.close()

    def close(self) -> None:
        """Close the kept connections."""
        for name in tuple(self._owners):
            self.leave(name)
        while self._kept:
            self._kept.pop().close()

    def _run(self, statement: str) -> psycopg.Cursor:
        """Run a statement on a connection that is kept; to open one takes as long."""
        try:
            return self._connection().execute(statement.encode())
        except psycopg.OperationalError:  # a test has ended it
            self.close()
            return self._connection().execute(statement.encode())

    def _connection(self) -> psycopg.Connection:
        if not self._kept:
            url = self.postgres.url("postgres", "postgres")
            self._kept.append(psycopg.connect(url, autocommit=True, prepare_threshold=None))
        return self._kept[0]

    def create(self, name: str, template: str = "template1") -> "TestDatabase":
        """Make a database, owned by the owner's login."""
        self.leave(template)
        self.execute(
            f"CREATE DATABASE {name} OWNER superbill_owner TEMPLATE {template} STRATEGY FILE_COPY"
        )
        made = TestDatabase(name, self)
        if template.startswith("template_"):  # they are made once, and not changed
            _copies[made.api_url] = self, template, self.state()[0]
        return made

    def copy(self, name: str, template: str) -> "TestDatabase":
        """Give a copy of a template: one that a test has left unchanged, or a new one."""
        spare = self._spare.pop(template, None)
        if spare is None:
            return self.create(name, template)
        if self._run(SESSIONS.format(spare)).fetchone() != (0,):  # left open by a test
            self.drop(spare)
            return self.create(name, template)
        made = TestDatabase(spare, self)
        _copies[made.api_url] = self, template, self.state()[0]
        return made

    def release(self, database: "TestDatabase") -> None:
        """Keep a copy that is unchanged for the next test, and drop any other."""
        self.leave(database.name)
        found = _copies.get(database.api_url)
        template = found[1] if found else ""
        if template_of(database.api_url) and template not in self._spare:
            self._spare[template] = database.name
        else:
            self.drop(database.name)

    def drop(self, name: str) -> None:
        """Drop a database, whoever is connected."""
        self.leave(name)
        self.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        _copies.pop(TestDatabase(name, self).api_url, None)


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
        return self.server.execute_in(self.name, statement)
