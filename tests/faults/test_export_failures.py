"""Exports that fail: the client can tell, and no statement runs on."""

import asyncio
import logging
from dataclasses import replace
from pathlib import Path

import pytest

from api.config import Config
from tests.support.access_log import access_log_lines
from tests.support.csv_text import CSV, NDJSON, export
from tests.support.databases import TestDatabase
from tests.support.exports import (
    ID,
    LAST_CHUNK,
    MANY,
    PATH,
    begin_export,
    read_rest,
    wait_for_exports,
)
from tests.support.metrics import read_metrics
from tests.support.outages import UNAVAILABLE, Wire, outcome, terminate_connections
from tests.support.serving import Serve, serving
from tests.support.visits import config

pytestmark = pytest.mark.unmeasured


async def logged(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Wait for the stream's line in the access log, and give the statuses of such lines."""
    while True:  # pytest's timeout ends a test that waits too long
        found = [status for operation, status, _ in access_log_lines(caplog) if operation == ID]
        if found:
            return found
        await asyncio.sleep(0.02)


async def test_export_of_a_disconnected_client_is_cancelled(
    serve: Serve, large_report: TestDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    service = await serve(replace(config(large_report), streams=1))
    _, writer = await begin_export(service)
    await wait_for_exports(large_report, running=1)
    writer.transport.abort()
    await wait_for_exports(large_report, running=0)
    assert await logged(caplog) == ["499"]
    assert (await read_metrics(service.client)).requests()[ID, "499"] == 1
    assert (await export(service.client, "/cpt_codes/", CSV)).text.count(
        "\n"
    ) > 40  # the next one has its place


async def test_client_that_disconnects_before_the_first_byte_leaves_no_statement(
    serve: Serve, large_report: TestDatabase
) -> None:
    large_report.execute("CREATE VIEW reporting.slow AS SELECT pg_sleep(60)::text AS nap")
    large_report.execute("GRANT SELECT ON reporting.slow TO superbill_api")
    service = await serve(replace(config(large_report), streams=1))
    _, writer = await asyncio.open_connection("127.0.0.1", service.port)
    writer.write(f"GET /reporting/slow/ HTTP/1.1\r\nHost: x\r\nAccept: {CSV}\r\n\r\n".encode())
    await wait_for_exports(large_report, running=1)
    writer.transport.abort()
    await wait_for_exports(large_report, running=0)
    assert (await export(service.client, "/cpt_codes/", CSV)).text.count("\n") > 40


async def test_client_that_reads_nothing_is_cut_off(
    serve: Serve, large_report: TestDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    service = await serve(replace(config(large_report), timeout=1))
    reader, writer = await begin_export(service)
    await wait_for_exports(large_report, running=0)
    assert await logged(caplog) == ["499"]
    assert not (await read_rest(reader)).endswith(LAST_CHUNK)
    writer.close()


@pytest.mark.parametrize(
    ("seconds", "pause"),
    [(10, 0.0), pytest.param(2, 0.25, marks=pytest.mark.long)],
    ids=["in pieces", "longer than the timeout"],
)
async def test_client_that_reads_slowly_receives_all(
    serve: Serve, large_report: TestDatabase, seconds: int, pause: float
) -> None:
    service = await serve(replace(config(large_report), timeout=seconds))
    reader, writer = await begin_export(service)
    for _ in range(12):
        await asyncio.sleep(pause)
        size = 0
        while size < 2**21:
            size += len(await reader.read(2**18))
    await wait_for_exports(large_report, running=1)
    writer.write(b"GET /health/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    last = await read_rest(reader)
    assert last.endswith(b'{"status":"ok"}')  # behind the last chunk
    writer.close()


@pytest.mark.parametrize("media", [CSV, NDJSON])
async def test_failure_in_mid_stream_ends_without_the_last_chunk(
    large_report: TestDatabase,
    caplog: pytest.LogCaptureFixture,
    media: str,
) -> None:
    caplog.set_level(logging.INFO)
    async with serving(config(large_report)) as s:
        reader, writer = await begin_export(s, media=media)
        terminate_connections(large_report)
        last = await read_rest(reader)
        writer.close()
        assert len(last) == 100
        assert not last.endswith(LAST_CHUNK)
        assert await logged(caplog) == ["503"]
        whole = await export(s.client, PATH, media)
        assert whole.text.count("\n") == MANY + (media == CSV)
    assert "xxx" not in caplog.text


async def test_value_that_postgres_cannot_compute_ends_the_stream(
    large_report: TestDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with serving(config(large_report)) as s:
        reader, writer = await begin_export(s, "/reporting/odd/")
        assert not (await read_rest(reader)).endswith(LAST_CHUNK)
        writer.close()
    assert [line[:2] for line in access_log_lines(caplog)] == [("reporting.odd.report", "500")]
    assert "xxx" not in caplog.text


@pytest.mark.parametrize("fault", ["lost", "odd", "late", "stalled"])
async def test_broken_export_over_http_1_0_ends_in_a_reset(
    serve: Serve, large_report: TestDatabase, fault: str
) -> None:
    """An end without one would be the answer's, in HTTP/1.0."""
    limits = config(large_report)
    limits = replace(limits, stream_timeout=2 if fault == "late" else limits.stream_timeout)
    limits = replace(limits, timeout=2 if fault == "stalled" else limits.timeout)
    service = await serve(limits)
    reader, writer = await begin_export(
        service, "/reporting/odd/" if fault == "odd" else PATH, version="1.0"
    )
    if fault == "lost":
        terminate_connections(large_report)
    elif fault != "odd":
        await wait_for_exports(large_report, running=0)
    with pytest.raises(ConnectionResetError):
        await reader.read()
    writer.close()


async def test_stream_is_cut_off_at_stream_timeout(
    serve: Serve, large_report: TestDatabase
) -> None:
    service = await serve(replace(config(large_report), stream_timeout=2))
    reader, writer = await begin_export(service)
    await wait_for_exports(large_report, running=0)
    assert not (await read_rest(reader)).endswith(LAST_CHUNK)
    writer.close()


async def test_export_without_a_database_answers_503(
    database: TestDatabase, tmp_path: Path
) -> None:
    async with (
        Wire(database, tmp_path) as wire,
        serving(Config(database_url=wire.url, connections=1, wait=2, timeout=2)) as s,
    ):
        await export(s.client, "/patients/", CSV)
        wire.cut()
        refused = await s.client.get("/patients/", headers={"accept": CSV})
        assert outcome(refused) == UNAVAILABLE
