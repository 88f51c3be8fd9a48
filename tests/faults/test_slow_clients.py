"""Slow clients keep their place for a stream until another stream waits for one."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace

import httpx
import pytest

from api.config import Config
from api.request.body import FREE
from tests.support.batches import until
from tests.support.csv_text import CSV, NDJSON, export, send
from tests.support.databases import TestDatabase
from tests.support.exports import begin_export, read_rest, wait_for_exports
from tests.support.problems import assert_problem
from tests.support.raw_http import TOO_SLOW, get_bytes, parse_responses, post_bytes
from tests.support.serving import Serve
from tests.support.stalling_clients import stalling_clients
from tests.support.visits import config as plain

pytestmark = pytest.mark.unmeasured

PLACES = 2
PATH, COUNT = "/patients/", "SELECT count(*) FROM billing.patient"
HEADER, ROW = b"first_name,last_name\n", b"Slow,Oberly\n"
LATE = "first_name,last_name\nLate,Oberly\n"
MANY = HEADER + ROW * (FREE // len(ROW) + 1)
STARTS = {
    "csv": post_bytes(b"Content-Type: text/csv", body=MANY, length=10**6),
    "ndjson": post_bytes(
        b"Content-Type: application/x-ndjson",
        body=b'{"first_name":"Slow","last_name":"x"}\n' * 2000,
        length=10**6,
    ),
}


def config(database: TestDatabase) -> Config:
    """Configure PLACES streams, for which another waits for as long as it takes."""
    return replace(plain(database), streams=PLACES, wait=100, timeout=100)


async def import_row(client: httpx.AsyncClient) -> None:
    """Import one more row."""
    answer = await send(client, PATH, CSV, LATE)
    assert (answer.status_code, answer.text) == (201, '{"created":1}')


@pytest.mark.parametrize("kind", STARTS)
async def test_slow_import_is_cut_off_for_one_that_waits(
    serve: Serve, database: TestDatabase, kind: str
) -> None:
    service = await serve(config(database))
    async with stalling_clients(service.port, PLACES, STARTS[kind], b"\n") as slow:
        await import_row(service.client)
        await until(lambda: any(client.received for client in slow))
        # The other import goes on.
        (received,) = (client.received for client in slow if client.received)
        assert_problem(parse_responses(received)[0], "request-timeout", TOO_SLOW)
        assert database.execute(COUNT) == [(1,)]


async def test_client_that_has_sent_next_to_nothing_takes_no_place(
    serve: Serve, database: TestDatabase
) -> None:
    start = post_bytes(b"Content-Type: text/csv", body=HEADER + ROW, length=10**6)
    service = await serve(config(database))
    async with stalling_clients(service.port, 60, start, b"\n") as slow:
        await import_row(service.client)
        assert not any(client.received for client in slow)


async def test_slow_export_is_cut_off_for_one_that_waits(
    serve: Serve, large_report: TestDatabase
) -> None:
    service = await serve(config(large_report))
    async with AsyncExitStack() as stack:
        slow = [await begin_export(service, media=NDJSON) for _ in range(PLACES)]
        for _, writer in slow:
            stack.callback(writer.close)
            writer.write(get_bytes(b"/health/"))  # is answered after the export
        await wait_for_exports(large_report, running=PLACES)
        assert (await export(service.client, "/cpt_codes/", CSV)).text.count("\n") > 40
        await wait_for_exports(large_report, running=1)
        ends = await asyncio.gather(*(read_rest(reader) for reader, _ in slow))
        assert sorted(end.endswith(b'{"status":"ok"}') for end in ends) == [False, True]


@pytest.mark.long
async def test_client_that_is_fast_enough_is_not_cut_off(
    serve: Serve, database: TestDatabase
) -> None:
    rows = ROW * 4000
    start = post_bytes(b"Content-Type: text/csv", body=HEADER, length=len(HEADER) + 20 * len(rows))
    service = await serve(replace(config(database), streams=1, wait=1))
    reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
    writer.write(start)
    others = []
    for number in range(20):
        writer.write(rows)
        await asyncio.sleep(0.15)
        if number % 6 == 3:
            others.append(asyncio.create_task(send(service.client, PATH, CSV, LATE)))
    (made,) = parse_responses(await reader.read(2**16))
    writer.close()
    assert made.text == '{"created":80000}'
    assert {answer.status_code for answer in await asyncio.gather(*others)} <= {201, 503}
