"""Locks that a test holds, connections that it ends, and what the client reads then."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import httpx
import psycopg

from tests.support.databases import TestDatabase

UNAVAILABLE = (503, "urn:problem-type:unavailable", "1")
OUTCOME_UNKNOWN = (503, "urn:problem-type:outcome-unknown", None)
JOHN = {"first_name": "John", "last_name": "Oberly"}
VISIT = {"date": "2024-03-01"}


def outcome(answer: httpx.Response) -> tuple[int, str | None, str | None]:
    """Give a problem's status, type and `Retry-After`."""
    return answer.status_code, answer.json().get("type"), answer.headers.get("retry-after")


def superuser_url(database: TestDatabase) -> str:
    """Give the superuser's URL of a test's database."""
    return database.server.postgres.url("postgres", database.name)


@contextmanager
def locked(url: str, statement: str) -> Iterator[psycopg.Connection[Any]]:
    """Hold the locks of a statement, in a transaction that is undone unless the test commits."""
    connection = psycopg.connect(url)
    try:
        connection.execute(statement.encode())
        yield connection
    finally:
        connection.close()


async def wait_for_locks(url: str, count: int = 1) -> list[int]:
    """Wait, as the superuser, until so many statements wait for a lock; give their backends."""
    query = (
        "SELECT pid FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    with psycopg.connect(url, autocommit=True) as connection:
        for _ in range(5000):
            found = [pid for (pid,) in connection.execute(query)]
            if len(found) >= count:
                return found
            await asyncio.sleep(0.01)
    message = "nothing waits for the lock"
    raise AssertionError(message)


class Wire:
    """A socket between the API and Postgres; a connection that is cut receives nothing any more."""

    def __init__(self, database: TestDatabase, folder: Path, until: bytes | None = None) -> None:
        """Lead from a socket in `folder` to the server; a statement that has `until` cuts it."""
        self._until = until
        real = str(database.server.postgres.socket)
        self.url = database.api_url.replace(quote(real), quote(str(folder)))
        self._sockets = [str(Path(place) / ".s.PGSQL.5432") for place in (folder, real)]
        self._copies: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        """Listen."""
        self._listener = await asyncio.start_unix_server(self._accept, self._sockets[0])
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close everything."""
        self._listener.close()
        self.cut()
        for writer in self._writers:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    def cut(self) -> None:
        """Pass nothing more on, either way, without closing what is open."""
        for copy in self._copies:
            copy.cancel()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_unix_connection(self._sockets[1])
        self._writers |= {writer, back}
        self._copies |= {
            asyncio.create_task(self._send(reader, back)),
            asyncio.create_task(_copy(there, writer)),
        }

    async def _send(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while received := await reader.read(65536):
            if self._until and self._until in received:
                self.cut()
                await asyncio.sleep(0)
            writer.write(received)
        writer.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while received := await reader.read(65536):
        writer.write(received)
    writer.close()


def terminate_connections(database: TestDatabase) -> None:
    """End every connection of the API to this database, and wait until they are gone."""
    query = (
        "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity"
        " WHERE datname = %s AND usename = %s"
    )
    with psycopg.connect(superuser_url(database), autocommit=True) as connection:
        ended = connection.execute(query, [database.name, "superbill_server"]).fetchall()
    assert ended
    assert all(done for (done,) in ended)


def add_billed_visit(database: TestDatabase) -> dict[str, str]:
    """Bill a visit; give the value of each path parameter."""
    insert = (
        "INSERT INTO billing.patient (first_name, last_name) VALUES ('John', 'Oberly') RETURNING id"
    )
    ((patient,),) = database.execute(insert)
    values = f"('{patient}', '2024-03-01')"
    insert = f"INSERT INTO billing.encounter (patient_id, date) VALUES {values} RETURNING id"
    ((encounter,),) = database.execute(insert)
    values = f"('{encounter}', 'G0438')"
    insert = f"INSERT INTO billing.line_item (encounter_id, cpt_code) VALUES {values} RETURNING id"
    ((item,),) = database.execute(insert)
    ids = {"patient_id": patient, "encounter_id": encounter, "line_item_id": item, "code": "G0438"}
    return {name: str(value) for name, value in ids.items()}


def configure_login(database: TestDatabase, setting: str, value: str) -> None:
    """Set a default of the API's sessions on this database."""
    database.server.execute(
        f"ALTER ROLE superbill_server IN DATABASE {database.name} SET {setting} = '{value}'"
    )


def add_trigger(database: TestDatabase, table: str, events: str, body: str) -> None:
    """Let a trigger run this PL/pgSQL, as the owner."""
    function = (
        "CREATE FUNCTION billing.act() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER"
        f" AS $$ {body} $$"
    )
    database.execute(function)
    database.execute(
        f"CREATE TRIGGER act AFTER {events} ON {table} FOR EACH ROW EXECUTE FUNCTION billing.act()"
    )


def count_deadlocks(database: TestDatabase) -> int:
    """Give how many deadlocks Postgres has broken in this database."""
    query = "SELECT deadlocks FROM pg_stat_database WHERE datname = %s"
    with psycopg.connect(superuser_url(database)) as connection:
        row = connection.execute(query, [database.name]).fetchone()
    assert row is not None
    return int(row[0])
