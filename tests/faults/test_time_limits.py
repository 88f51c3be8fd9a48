"""The limits of time in seconds, on a machine that has nothing else to do: `make test-long`.

The tests of the gate assert the same answers without a clock.
"""

import asyncio
import signal
import time
from pathlib import Path

import pytest

from api.config import Config
from tests.support.databases import TestDatabase
from tests.support.raw_http import HOST, JSON, post_bytes, request_head
from tests.support.server_processes import server_process
from tests.support.serving import Serve

pytestmark = pytest.mark.long

WITHIN = (0.9, 4)  # seconds in which a limit of one second ends a wait
ENDINGS = {
    "head": (b"GET /health/ HTTP/1.1\r\nX: ", b"HTTP/1.1 408 "),
    "body": (post_bytes(JSON, body=b"", length=100), b"HTTP/1.1 408 "),
    "unread body": (
        request_head(b"GET /patients/ HTTP/1.1", HOST, b"Content-Length: 5"),
        b"HTTP/1.1 408 ",
    ),
    "request": (b"", b""),
}


@pytest.mark.parametrize("missing", ENDINGS)
async def test_connection_that_sends_nothing_more_ends_after_its_limit(
    serve: Serve, database: TestDatabase, missing: str
) -> None:
    sent, answer = ENDINGS[missing]
    limits = Config(database_url=database.api_url, connections=1, timeout=1, keep_alive=1)
    service = await serve(limits)
    reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
    try:
        began = time.monotonic()
        writer.write(sent)
        received = await reader.read()
        low, high = WITHIN
        assert low < time.monotonic() - began < high
        assert received.startswith(answer)
        assert bool(received) is bool(answer)
    finally:
        writer.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
async def test_signal_ends_a_server_that_is_idle_within_five_seconds(
    database: TestDatabase, tmp_path: Path, number: signal.Signals
) -> None:
    async with server_process(database, tmp_path / "output") as s:
        client = await s.connect()
        assert await client.ask("GET", "/health/")
        began = time.monotonic()
        s.process.send_signal(number)
        assert await client.reader.read() == b""
        assert await s.ended() == 0
        assert time.monotonic() - began < 5
