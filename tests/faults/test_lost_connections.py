"""Connections that are ended, stall, or break under load: each answer to a write is true.

Clients write until enough of them were answered in each way; nothing here measures a time. The
long variants break connections more often.
"""

import asyncio
import time
from collections import Counter
from pathlib import Path

import psycopg
import pytest

from tests.support.batches import clients
from tests.support.databases import TestDatabase
from tests.support.killed_postgres import settled
from tests.support.network_proxy import Network
from tests.support.outages import add_billed_visit, locked, superuser_url, wait_for_locks
from tests.support.server_processes import run
from tests.support.write_ledger import DONE, NOTHING, PARTS, UNKNOWN, Load, outcome_of, writers

pytestmark = pytest.mark.unmeasured

CONNECTIONS, STREAMS, CLIENTS = 6, 2, 32
SETTINGS = {
    "CONNECTIONS": str(CONNECTIONS),
    "STREAMS": str(STREAMS),
    "LOG_LEVEL": "DEBUG",
    "DRAIN": "0",
}
END = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE usename = 'superbill_server' AND datname = %s"
)
LONG = [pytest.mark.long, pytest.mark.timeout(600)]


async def ended(load: Load, database: TestDatabase) -> Counter[str]:
    """Stop the clients; compare their answers with the rows, and find no connection left over."""
    found = await load.stop()
    load.hold_against(database)
    await settled(superuser_url(database), CONNECTIONS + STREAMS + 1)
    print(dict(found), f"slowest {load.slowest:.2f} s")
    return found


@pytest.mark.parametrize("times", [10, pytest.param(500, marks=LONG)])
async def test_terminated_connections_make_no_answer_wrong(
    database: TestDatabase, tmp_path: Path, times: int
) -> None:
    database.execute(PARTS)
    async with run(database.api_url, tmp_path, **SETTINGS) as s, clients(s.port, CLIENTS) as made:
        load = Load(await writers(made))
        load.begin()
        with psycopg.connect(superuser_url(database), autocommit=True) as connection:
            for number in range(times):
                half = " AND random() < 0.5" if number % 3 else ""
                connection.execute(END + half, [database.name])
                await load.until_more(DONE, 10)
            while load.count(UNKNOWN) < 5:
                connection.execute(END, [database.name])
                await asyncio.sleep(0.1)
        await load.served(time.monotonic())
        await ended(load, database)


@pytest.mark.parametrize("times", [1, pytest.param(10, marks=LONG)])
async def test_stalled_network_makes_no_answer_wrong(
    database: TestDatabase, tmp_path: Path, times: int
) -> None:
    """Statements under way answer that the outcome is unknown, later ones that nothing was done."""
    database.execute(PARTS)
    settings = {**SETTINGS, "WAIT": "1", "TIMEOUT": "2"}
    async with (
        Network(database) as network,
        run(network.url, tmp_path, **settings) as s,
        clients(s.port, CLIENTS) as made,
    ):
        load = Load(await writers(made))
        load.begin()
        for _ in range(times):
            await load.served(time.monotonic())
            network.stall()
            await load.until_more(UNKNOWN)
            await load.until_more(NOTHING)
            network.flow()
        await load.served(time.monotonic())
        await ended(load, database)


@pytest.mark.parametrize("times", [10, pytest.param(500, marks=LONG)])
async def test_connections_that_break_in_an_answer_make_no_answer_wrong(
    database: TestDatabase, tmp_path: Path, times: int
) -> None:
    database.execute(PARTS)
    async with (
        Network(database) as network,
        run(network.url, tmp_path, **SETTINGS) as s,
        clients(s.port, CLIENTS) as made,
    ):
        load = Load(await writers(made))
        load.begin()
        while load.count(UNKNOWN) < times:
            network.cuts += 1
            await load.until(lambda: not network.cuts)
        await load.served(time.monotonic())
        await ended(load, database)


async def test_requests_beyond_the_connections_answer_503_after_wait(
    database: TestDatabase, tmp_path: Path
) -> None:
    """The requests that have a connection are served, and later all."""
    path = f"/patients/{add_billed_visit(database)['patient_id']}"
    lock = "SELECT FROM billing.patient FOR UPDATE"
    async with (
        run(database.api_url, tmp_path, **SETTINGS, WAIT="1") as s,
        clients(s.port, CONNECTIONS + 1 + CLIENTS) as made,
    ):
        slow, probe, others = made[:CONNECTIONS], made[CONNECTIONS], made[CONNECTIONS + 1 :]
        with locked(database.owner_url, lock) as holder:
            held = [
                asyncio.create_task(client.ask("PATCH", path, {"first_name": "Jane"}))
                for client in slow
            ]
            await wait_for_locks(superuser_url(database), CONNECTIONS)
            asked = [
                asyncio.create_task(client.ask("GET", "/cpt_codes/G0438")) for client in others
            ]
            # A busy database is there.
            assert (await probe.ask("GET", "/ready/")).status == 200
            assert {outcome_of(answer) for answer in await asyncio.gather(*asked)} == {NOTHING}
            assert not any(task.done() for task in held)
            holder.rollback()
            assert {outcome_of(answer) for answer in await asyncio.gather(*held)} == {DONE}
        answers = [await client.ask("GET", "/cpt_codes/G0438") for client in made]
        assert {outcome_of(answer) for answer in answers} == {DONE}
        await settled(superuser_url(database), CONNECTIONS + STREAMS + 1)


@pytest.mark.costly
async def test_stalled_clients_leave_all_others_served(
    database: TestDatabase, tmp_path: Path
) -> None:
    """They stall in a head, in a body, in an upload, and where they should read."""
    head = b"Host: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"
    database.execute(PARTS)
    stalls = [
        b"POST /patients/ HTTP/1.1\r\nHost: x\r\n",
        b"POST /patients/ HTTP/1.1\r\n" + head,
        b"POST /patients/ HTTP/1.1\r\n" + head.replace(b"application/json", b"text/csv"),
        b"GET /patients/?limit=1000 HTTP/1.1\r\nHost: x\r\n\r\n" * 50,
    ] * 8
    settings = {**SETTINGS, "TIMEOUT": "5"}
    async with run(database.api_url, tmp_path, **settings) as s, clients(s.port, 8) as made:
        load = Load(await writers(made))
        async with clients(s.port, len(stalls)) as stalled:
            for client, sent in zip(stalled, stalls, strict=True):
                client.writer.write(sent)
            load.begin(0.05)  # for TIMEOUT they would otherwise take all CPU time that there is
            await load.served(time.monotonic())
            statuses = {(await client.reader.read(12))[9:] for client in stalled[1::4]}
            await load.served(time.monotonic())
            found = await load.stop()
        load.hold_against(database)
    assert statuses == {b"408"}
    assert found[UNKNOWN] == 0
