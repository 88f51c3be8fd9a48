"""Exports that a test begins and reads over a plain socket."""

import asyncio
from asyncio import StreamReader, StreamWriter

import psycopg

from tests.support.csv_text import NDJSON
from tests.support.databases import TestDatabase
from tests.support.outages import superuser_url
from tests.support.serving import Serving

MANY = 50_000
PATH, ID = "/reporting/crowd/", "reporting.crowd.report"
RUNNING = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND query LIKE 'COPY%'"
)
LAST_CHUNK = b"\r\n0\r\n\r\n"


def large_reports(database: TestDatabase) -> None:
    """Add reports larger than socket buffers: `crowd`, and `odd`, whose last row fails."""
    rows = f"SELECT n, repeat('x', 1000) AS name FROM generate_series(1, {MANY}) AS n"
    # The text of this error quotes the row.
    odd = (
        f"SELECT CAST(CASE c.n WHEN {MANY} THEN c.name ELSE '1' END AS integer) AS odd, c.name"
        f" FROM ({rows}) AS c"
    )
    for name, query in {"crowd": rows, "odd": odd}.items():
        database.execute(f"CREATE VIEW reporting.{name} AS {query}")
        database.execute(f"GRANT SELECT ON reporting.{name} TO superbill_api")


async def begin_export(
    s: Serving, path: str = PATH, media: str = NDJSON, version: str = "1.1"
) -> tuple[StreamReader, StreamWriter]:
    """Ask for a stream and read its first bytes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", s.port, limit=2**14)
    writer.write(f"GET {path} HTTP/{version}\r\nHost: x\r\nAccept: {media}\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    return reader, writer


async def read_rest(reader: StreamReader) -> bytes:
    """Read until the stream has ended or the connection is broken; give the last bytes."""
    last = b""
    try:
        while not last.endswith(LAST_CHUNK) and (piece := await reader.read(2**16)):
            last = (last + piece)[-100:]
    except ConnectionResetError:
        pass
    return last


async def wait_for_uploads(database: TestDatabase, *, running: int) -> None:
    """Wait until so many uploads wait for their clients within a transaction."""
    query = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND state = 'idle in transaction'"
    )
    with psycopg.connect(superuser_url(database), autocommit=True) as connection:
        while connection.execute(query).fetchone() != (running,):  # noqa: ASYNC110 - no event
            await asyncio.sleep(0.01)  # pytest's timeout ends a test that waits too long


async def wait_for_exports(database: TestDatabase, *, running: int) -> None:
    """Wait until so many streams run in Postgres."""
    with psycopg.connect(superuser_url(database), autocommit=True) as connection:
        while connection.execute(RUNNING.encode()).fetchone() != (running,):  # noqa: ASYNC110 - no event
            await asyncio.sleep(0.02)  # pytest's timeout ends a test that waits too long
