"""Streams that don't end well: who reads them can tell, and nothing goes on that nobody wants."""

import asyncio
import logging
from asyncio import AbstractEventLoop, StreamReader, StreamWriter
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from api.config import Config
from tests.http.test_access_log import lines
from tests.http.test_metrics import told
from tests.support.csv_text import CSV, NDJSON, export
from tests.support.databases import TestDatabase
from tests.support.outages import UNAVAILABLE, Wire, outcome, superuser, terminate
from tests.support.serving import Serving, serving
from tests.support.visits import config

MANY = 50_000
PATH, ID = "/reporting/crowd/", "reporting.crowd.report"
LAST_CHUNK = b"\r\n0\r\n\r\n"
RUNNING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'COPY%'"


@pytest.fixture
def crowd(database: TestDatabase) -> TestDatabase:
    """Give a database with a report of more than sockets hold; the last row can't be computed where `odd` is asked."""
    rows = f"SELECT n, repeat('x', 1000) AS name FROM generate_series(1, {MANY}) AS n"
    # The text of this error quotes the row.
    odd = f"SELECT CAST(CASE c.n WHEN {MANY} THEN c.name ELSE '1' END AS integer) AS odd, c.name FROM ({rows}) AS c"
    for name, query in {"crowd": rows, "odd": odd}.items():
        database.execute(f"CREATE VIEW reporting.{name} AS {query}")
        database.execute(f"GRANT SELECT ON reporting.{name} TO superbill_api")
    return database


async def begin(
    s: Serving, path: str = PATH, media: str = NDJSON, version: str = "1.1"
) -> tuple[StreamReader, StreamWriter]:
    """Ask for a stream and read its first bytes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", s.port, limit=2**14)
    writer.write(f"GET {path} HTTP/{version}\r\nHost: x\r\nAccept: {media}\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    return reader, writer


async def the_rest(reader: StreamReader) -> bytes:
    """Read until the other side has ended or broken the connection; give the last bytes."""
    last = b""
    try:
        while piece := await reader.read(2**16):
            last = (last + piece)[-100:]
    except ConnectionResetError:
        pass
    return last


async def until(database: TestDatabase, *, running: int) -> None:
    """Wait until so many streams run in Postgres."""
    with psycopg.connect(superuser(database), autocommit=True) as connection:
        for _ in range(500):
            if connection.execute(RUNNING.encode()).fetchone() == (running,):
                return
            await asyncio.sleep(0.02)
    message = f"other than {running} streams run"
    raise AssertionError(message)


async def logged(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Wait for the stream's line in the access log, and give the statuses of such lines."""
    for _ in range(500):
        found = [status for operation, status, _ in lines(caplog) if operation == ID]
        if found:
            return found
        await asyncio.sleep(0.02)
    return []


async def test_the_statement_of_who_goes_away_is_cancelled(
    loop: AbstractEventLoop, crowd: TestDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with serving(replace(config(crowd), streams=1)) as s:
        _, writer = await begin(s)
        await until(crowd, running=1)
        writer.transport.abort()
        await until(crowd, running=0)
        assert await logged(caplog) == ["499"]
        assert (await told(s.client)).requests()[ID, "499"] == 1
        assert (await export(s.client, "/cpt_codes/", CSV)).text.count(
            "\n"
        ) > 40  # the next one has its place


async def test_who_goes_away_before_the_first_byte_leaves_nothing(
    loop: AbstractEventLoop, crowd: TestDatabase
) -> None:
    crowd.execute("CREATE VIEW reporting.slow AS SELECT pg_sleep(60)::text AS nap")
    crowd.execute("GRANT SELECT ON reporting.slow TO superbill_api")
    async with serving(replace(config(crowd), streams=1)) as s:
        _, writer = await asyncio.open_connection("127.0.0.1", s.port)
        writer.write(f"GET /reporting/slow/ HTTP/1.1\r\nHost: x\r\nAccept: {CSV}\r\n\r\n".encode())
        await until(crowd, running=1)
        writer.transport.abort()
        await until(crowd, running=0)
        assert (await export(s.client, "/cpt_codes/", CSV)).text.count("\n") > 40


async def test_who_takes_nothing_is_cut_off(
    loop: AbstractEventLoop, crowd: TestDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with serving(replace(config(crowd), timeout=1)) as s:
        reader, writer = await begin(s)
        await until(crowd, running=0)
        assert await logged(caplog) == ["499"]
        assert not (await the_rest(reader)).endswith(LAST_CHUNK)
        writer.close()


async def test_who_takes_little_at_a_time_gets_all(
    loop: AbstractEventLoop, crowd: TestDatabase
) -> None:
    async with serving(replace(config(crowd), timeout=1)) as s:
        reader, writer = await begin(s)
        for _ in range(12):
            await asyncio.sleep(0.25)
            size = 0
            while size < 2**21:
                size += len(await reader.read(2**18))
        await until(crowd, running=1)
        writer.write(b"GET /health/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        last = await the_rest(reader)
        assert last.endswith(b'{"status":"ok"}')  # behind the last chunk
        writer.close()


@pytest.mark.parametrize("media", [CSV, NDJSON])
async def test_a_fault_in_mid_stream_ends_without_the_last_chunk(
    loop: AbstractEventLoop, crowd: TestDatabase, caplog: pytest.LogCaptureFixture, media: str
) -> None:
    caplog.set_level(logging.INFO)
    async with serving(config(crowd)) as s:
        reader, writer = await begin(s, media=media)
        terminate(crowd)
        last = await the_rest(reader)
        writer.close()
        assert len(last) == 100
        assert not last.endswith(LAST_CHUNK)
        assert await logged(caplog) == ["503"]
        whole = await export(s.client, PATH, media)
        assert whole.text.count("\n") == MANY + (media == CSV)
    assert "xxx" not in caplog.text


async def test_a_value_that_postgres_cannot_compute_ends_the_stream(
    loop: AbstractEventLoop, crowd: TestDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with serving(config(crowd)) as s:
        reader, writer = await begin(s, "/reporting/odd/")
        assert not (await the_rest(reader)).endswith(LAST_CHUNK)
        writer.close()
        assert [line[:2] for line in lines(caplog)] == [("reporting.odd.report", "500")]
    assert "xxx" not in caplog.text


@pytest.mark.parametrize("fault", ["lost", "odd", "late", "stalled"])
async def test_what_has_no_chunks_and_is_broken_off_ends_in_a_reset(
    loop: AbstractEventLoop, crowd: TestDatabase, fault: str
) -> None:
    """An end without one would be the answer's, in HTTP/1.0."""
    limits = config(crowd)
    limits = replace(limits, stream_timeout=1 if fault == "late" else limits.stream_timeout)
    limits = replace(limits, timeout=1 if fault == "stalled" else limits.timeout)
    async with serving(limits) as s:
        reader, writer = await begin(
            s, "/reporting/odd/" if fault == "odd" else PATH, version="1.0"
        )
        if fault == "lost":
            terminate(crowd)
        elif fault != "odd":
            await until(crowd, running=0)
        with pytest.raises(ConnectionResetError):
            await reader.read()
        writer.close()


async def test_a_stream_has_a_limit_of_its_own(
    loop: AbstractEventLoop, crowd: TestDatabase
) -> None:
    async with serving(replace(config(crowd), stream_timeout=1)) as s:
        reader, writer = await begin(s)
        await until(crowd, running=0)
        assert not (await the_rest(reader)).endswith(LAST_CHUNK)
        writer.close()


async def test_a_database_that_is_away_is_told_of(
    loop: AbstractEventLoop, database: TestDatabase, tmp_path: Path
) -> None:
    async with (
        Wire(database, tmp_path) as wire,
        serving(Config(database_url=wire.url, connections=1, wait=1, timeout=1)) as s,
    ):
        await export(s.client, "/patients/", CSV)
        wire.cut()
        refused = await s.client.get("/patients/", headers={"accept": CSV})
        assert outcome(refused) == UNAVAILABLE
