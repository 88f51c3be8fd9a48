"""SIGTERM while the database is away, or busy: the server ends within its grace, and says what it did."""

import asyncio
import time
from asyncio import AbstractEventLoop
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.batches import Client, clients
from tests.support.databases import TestDatabase
from tests.support.network_proxy import Network
from tests.support.outages import JOHN, locked, superuser, waiting
from tests.support.server_processes import Running, run
from tests.support.write_ledger import DONE, NOTHING, UNKNOWN, told

WAIT, TIMEOUT = 1, 2
SETTINGS = {
    "CONNECTIONS": "6",
    "WAIT": str(WAIT),
    "TIMEOUT": str(TIMEOUT),
    "DRAIN": "0",
    "LOG_LEVEL": "DEBUG",
}
LOCK = "SELECT FROM billing.patient WHERE id = '{}' FOR UPDATE"


async def ended(s: Running) -> float:
    """Give how many seconds it takes to end by SIGTERM."""
    began = time.monotonic()
    s.process.terminate()
    assert await asyncio.to_thread(s.process.wait, 60) == 0
    return time.monotonic() - began


async def ask(client: Client, method: str, path: str) -> str:
    """Ask for something; say what is told."""
    body = JOHN if method == "POST" else None
    return told(await client.ask(method, path, body))


@pytest.mark.parametrize("opening", [False, True], ids=["running", "opening"])
async def test_it_ends_though_the_network_stalls(
    loop: AbstractEventLoop, database: TestDatabase, tmp_path: Path, *, opening: bool
) -> None:
    """While connections are idle, run a statement, or are about to open."""
    async with (
        Network(database) as network,
        run(network.url, tmp_path, **SETTINGS) as s,
        clients(s.port, 12) as made,
    ):
        assert {await ask(client, "POST", "/patients/") for client in made} == {DONE}
        network.stall()
        if opening:
            assert set(
                await asyncio.gather(*(ask(client, "GET", "/patients/") for client in made[6:]))
            ) == {NOTHING}
        requests = [("GET", "/cpt_codes/"), ("POST", "/patients/"), ("GET", "/ready/")]
        asked = [
            loop.create_task(ask(client, *requests[n % 3])) for n, client in enumerate(made[:6])
        ]
        await asyncio.sleep(0.2)
        took = await ended(s)
        found = await asyncio.gather(*asked)
    assert found[0::3] + found[2::3] == [NOTHING] * 4
    assert set(found[1::3]) <= ({NOTHING} if opening else {NOTHING, UNKNOWN})
    print(f"ended after {took:.2f} s")
    assert took < 2 * WAIT + TIMEOUT + 2


HEAD = b"POST /patients/ HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\nContent-Length: %d\r\n\r\nfirst_name,last_name\n"
ROWS = 3000


def rows(name: str) -> bytes:
    """Give the rows of an upload."""
    return f"{name},Oberly\n".encode() * ROWS


async def test_uploads_under_way_are_done_or_not(
    loop: AbstractEventLoop, database: TestDatabase, tmp_path: Path
) -> None:
    """Who goes on to send is answered, and has all rows; who does not has none."""
    names = ["Sent", "Late", "Lost"]
    settings = {**SETTINGS, "STREAMS": "3", "DRAIN": "1"}
    async with run(database.api_url, tmp_path, **settings) as s, clients(s.port, 3) as made:
        for client, name in zip(made, names, strict=True):
            client.writer.write(HEAD % (21 + len(rows(name))) + rows(name)[:20_000])
        await asyncio.sleep(0.2)
        ending = loop.create_task(ended(s))
        made[0].writer.write(rows(names[0])[20_000:])
        await asyncio.sleep(1.2)
        made[1].writer.write(rows(names[1])[20_000:])
        heads = [(await client.reader.read(12))[9:] for client in made]
        assert await ending < 1 + WAIT + TIMEOUT + 2
    assert heads[:2] == [b"201"] * 2
    assert heads[2] in (b"408", b"")
    stored = database.execute(
        "SELECT first_name, count(*) FROM billing.patient GROUP BY 1 ORDER BY 1"
    )
    assert stored == [("Late", ROWS), ("Sent", ROWS)]


async def test_who_waits_for_a_connection_is_still_served(
    loop: AbstractEventLoop, database: TestDatabase, tmp_path: Path
) -> None:
    """One waits longer than a statement may take, and then runs as long."""
    insert = (
        "INSERT INTO billing.patient (first_name, last_name) VALUES ('John', 'Oberly') RETURNING id"
    )
    ids = [database.execute(insert)[0][0] for _ in range(2)]
    settings = {**SETTINGS, "CONNECTIONS": "1", "WAIT": "3"}
    async with run(database.api_url, tmp_path, **settings) as s, clients(s.port, 2) as made:
        with ExitStack() as stack:
            held = [
                stack.enter_context(locked(database.owner_url, LOCK.format(key))) for key in ids
            ]
            asked = []
            for client, key in zip(made, ids, strict=True):
                asked.append(loop.create_task(client.ask("PATCH", f"/patients/{key}", JOHN)))
                await waiting(superuser(database))
            await asyncio.sleep(0.2)
            ending = loop.create_task(ended(s))
            for holder in held:
                await asyncio.sleep(0.7 * TIMEOUT)
                holder.rollback()
            assert {told(answer) for answer in await asyncio.gather(*asked)} == {DONE}
        assert await ending > TIMEOUT
