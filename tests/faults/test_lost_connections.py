"""Connections that are ended, stall, or are cut off under load: each client hears the truth, in bounded time."""

import asyncio
import time
from asyncio import AbstractEventLoop
from collections import Counter
from pathlib import Path

import psycopg
import pytest

from tests.support.batches import clients
from tests.support.databases import TestDatabase
from tests.support.killed_postgres import settled
from tests.support.network_proxy import Network
from tests.support.outages import billed, locked, superuser, waiting
from tests.support.server_processes import run
from tests.support.write_ledger import DONE, NOTHING, PARTS, UNKNOWN, Load, told, writers

CONNECTIONS, STREAMS, WAIT, TIMEOUT = 6, 2, 1, 2
SETTINGS = {
    "CONNECTIONS": str(CONNECTIONS),
    "STREAMS": str(STREAMS),
    "LOG_LEVEL": "DEBUG",
    "DRAIN": "0",
}
IMPATIENT = {**SETTINGS, "WAIT": str(WAIT), "TIMEOUT": str(TIMEOUT)}
END = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'superbill_server' AND datname = %s"


async def ended(load: Load, database: TestDatabase) -> Counter[str]:
    """Let the clients stop, hold what they were told against what is there, and see that no connection is left over."""
    found = await load.stop()
    load.hold_against(database)
    await settled(superuser(database), CONNECTIONS + STREAMS + 1)
    return found


@pytest.mark.parametrize(
    "seconds", [2, pytest.param(60, marks=[pytest.mark.long, pytest.mark.timeout(300)])]
)
async def test_connections_are_terminated_under_load(
    loop: AbstractEventLoop, database: TestDatabase, tmp_path: Path, seconds: int
) -> None:
    database.execute(PARTS)
    async with run(database.api_url, tmp_path, **SETTINGS) as s, clients(s.port, 32) as made:
        load = Load(await writers(made))
        load.begin()
        with psycopg.connect(superuser(database), autocommit=True) as connection:
            for number in range(seconds * 10):
                connection.execute(
                    END + (" AND random() < 0.5" if number % 3 else ""), [database.name]
                )
                await asyncio.sleep(0.1)
        await load.served(time.monotonic(), 2)
        found = await ended(load, database)
    print(dict(found), f"slowest {load.slowest:.2f} s")
    assert found[DONE] > 100
    assert found[UNKNOWN] >= 5
    assert load.slowest < 3


@pytest.mark.parametrize(
    "times", [1, pytest.param(10, marks=[pytest.mark.long, pytest.mark.timeout(300)])]
)
async def test_a_network_that_stalls_and_goes_on(
    loop: AbstractEventLoop, database: TestDatabase, tmp_path: Path, times: int
) -> None:
    database.execute(PARTS)
    took = []
    async with (
        Network(database) as network,
        run(network.url, tmp_path, **IMPATIENT) as s,
        clients(s.port, 32) as made,
    ):
        load = Load(await writers(made))
        load.begin()
        for number in range(times):
            await asyncio.sleep(0.5)
            network.stall()
            await asyncio.sleep(TIMEOUT + 2 * WAIT + number)
            network.flow()
            took.append(await load.served(time.monotonic(), 5))
        found = await ended(load, database)
    print(
        dict(found),
        "back after",
        [f"{seconds:.2f}" for seconds in took],
        f"slowest {load.slowest:.2f} s",
    )
    assert min(found[UNKNOWN], found[NOTHING]) >= times
    assert max(took) < 2
    assert load.slowest < 2 * WAIT + TIMEOUT + 1


@pytest.mark.parametrize(
    "seconds", [2, pytest.param(60, marks=[pytest.mark.long, pytest.mark.timeout(300)])]
)
async def test_answers_that_are_cut_off_in_their_middle(
    loop: AbstractEventLoop, database: TestDatabase, tmp_path: Path, seconds: int
) -> None:
    database.execute(PARTS)
    async with (
        Network(database) as network,
        run(network.url, tmp_path, **IMPATIENT) as s,
        clients(s.port, 32) as made,
    ):
        load = Load(await writers(made))
        load.begin()
        for _ in range(seconds * 20):
            network.cuts += 1
            await asyncio.sleep(0.05)
        network.cuts = 0
        await load.served(time.monotonic(), 2)
        found = await ended(load, database)
    print(dict(found), f"slowest {load.slowest:.2f} s")
    assert found[DONE] > 100
    assert found[UNKNOWN] >= 10


async def test_slow_statements_exhaust_the_pool(
    loop: AbstractEventLoop, database: TestDatabase, tmp_path: Path
) -> None:
    """Who finds no connection is told so after WAIT, and who has one is served; then all are."""
    path = f"/patients/{billed(database)['patient_id']}"
    lock = "SELECT FROM billing.patient FOR UPDATE"
    async with (
        run(database.api_url, tmp_path, **IMPATIENT) as s,
        clients(s.port, CONNECTIONS + 33) as made,
    ):
        slow, probe, others = made[:CONNECTIONS], made[CONNECTIONS], made[CONNECTIONS + 1 :]
        with locked(database.owner_url, lock) as holder:
            held = [
                loop.create_task(client.ask("PATCH", path, {"first_name": "Jane"}))
                for client in slow
            ]
            await waiting(superuser(database), CONNECTIONS)
            began = time.monotonic()
            asked = [loop.create_task(client.ask("GET", "/cpt_codes/G0438")) for client in others]
            assert (await probe.ask("GET", "/ready/")).status == 200  # busy is not away
            assert {told(answer) for answer in await asyncio.gather(*asked)} == {NOTHING}
            assert WAIT - 0.1 < time.monotonic() - began < WAIT + 0.8
            assert not any(task.done() for task in held)
            holder.rollback()
            assert {told(answer) for answer in await asyncio.gather(*held)} == {DONE}
        answers = await asyncio.gather(*(client.ask("GET", "/cpt_codes/G0438") for client in made))
        assert {told(answer) for answer in answers} == {DONE}
        await settled(superuser(database), CONNECTIONS + STREAMS + 1)


async def test_clients_that_stall_keep_nothing_from_others(
    loop: AbstractEventLoop, database: TestDatabase, tmp_path: Path
) -> None:
    """In a head, in a body, in an upload, and where they should read."""
    body = b"Host: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"
    database.execute(PARTS)
    stalls = [
        b"POST /patients/ HTTP/1.1\r\nHost: x\r\n",
        b"POST /patients/ HTTP/1.1\r\n" + body,
        b"POST /patients/ HTTP/1.1\r\n" + body.replace(b"application/json", b"text/csv"),
        b"GET /patients/?limit=1000 HTTP/1.1\r\nHost: x\r\n\r\n" * 50,
    ] * 8
    async with run(database.api_url, tmp_path, **IMPATIENT) as s, clients(s.port, 8) as made:
        load = Load(await writers(made))
        async with clients(s.port, len(stalls)) as stalled:
            for client, sent in zip(stalled, stalls, strict=True):
                client.writer.write(sent)
            load.begin()
            await asyncio.sleep(TIMEOUT + 1)
            statuses = {(await client.reader.read(12))[9:] for client in stalled[1::4]}
            found = await load.stop()
        load.hold_against(database)
    assert statuses == {b"408"}
    # Uploads may find every place for one taken; nothing else waits.
    assert found[UNKNOWN] == 0
    assert found[DONE] > 100
    assert load.slowest < WAIT + 2
