"""PgBouncer in transaction mode, between the API and a test's database.

Its connections to Postgres are fewer than those of the API, so that calls of one API connection run
on several of Postgres, and the other way round.
"""

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg

from api.catalog.text_settings import NOT_TRACKED
from tests.support.databases import TestDatabase
from tests.support.folders import reachable_folder
from tests.support.processes import eventually

PORT = 6432  # part of the socket's name
CONNECTIONS = 2
_SETTINGS = {
    "pool_mode": "transaction",
    "max_prepared_statements": "1000",
    "ignore_startup_parameters": ",".join(NOT_TRACKED),
    "max_client_conn": "1000",
    "server_login_retry": "1",  # seconds
    "listen_addr": "",
    "listen_port": str(PORT),
    "auth_type": "trust",
}


@dataclass(frozen=True, slots=True)
class PgBouncer:
    """A running pooler: the folder of its socket, and the database behind it."""

    folder: Path
    database: TestDatabase

    @property
    def api_url(self) -> str:
        """Give the URL of the API's login."""
        return self.url("superbill_server")

    def url(self, login: str) -> str:
        """Write the URL of a login that existed when the pooler started."""
        host = quote(str(self.folder), safe="")
        return f"postgresql://{login}@/{self.database.name}?host={host}&port={PORT}"


@contextmanager
def pgbouncer(database: TestDatabase, connections: int = CONNECTIONS) -> Iterator[PgBouncer]:
    """Run PgBouncer with so many connections to the database for each login.

    Its program, `pgbouncer`, must be on PATH and at least 1.21: tests have the marker for it.
    """
    with reachable_folder() as folder:
        command = [_program(), "--quiet", str(_configure(folder, database, connections))]
        process = subprocess.Popen(command, cwd=folder)  # noqa: S603 - a program on PATH
        try:
            assert eventually(lambda: process.poll() is not None or _listens(folder))
            assert process.poll() is None, (folder / "log").read_text(encoding="utf-8")
            yield PgBouncer(folder, database)
        finally:
            process.kill()
            process.wait()


def _program() -> str:
    found = shutil.which("pgbouncer")
    assert found is not None
    return found


def _configure(folder: Path, database: TestDatabase, connections: int) -> Path:
    """Write the configuration; return its path."""
    server = database.server.postgres.socket
    settings = {
        **_SETTINGS,
        "default_pool_size": str(connections),
        "unix_socket_dir": str(folder),
        "logfile": str(folder / "log"),
        "auth_file": str(folder / "logins"),
    }
    if os.geteuid() == 0:  # as which it does not run; Postgres's user can enter its folder
        owner = server.stat()
        settings["user"] = pwd.getpwuid(owner.st_uid).pw_name
        os.chown(folder, owner.st_uid, owner.st_gid)
    (folder / "logins").write_text(
        "".join(f'"{login}" ""\n' for login in _logins(database)), encoding="utf-8"
    )
    path = folder / "pgbouncer.ini"
    path.write_text(
        f"[databases]\n* = host={server} port=5432\n[pgbouncer]\n"
        + "".join(f"{name} = {value}\n" for name, value in settings.items()),
        encoding="utf-8",
    )
    return path


def _logins(database: TestDatabase) -> list[str]:
    with psycopg.connect(database.owner_url) as connection:
        query = "SELECT rolname FROM pg_roles WHERE rolcanlogin"
        return [str(name) for (name,) in connection.execute(query)]


def _listens(folder: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(folder / f".s.PGSQL.{PORT}")) == 0
