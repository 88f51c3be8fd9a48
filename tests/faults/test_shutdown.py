"""SIGTERM while the database is unreachable or busy: the server answers requests, then ends."""

import asyncio
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

import psutil  # type: ignore[import-untyped] # it has annotations, but does not say so
import pytest

from tests.support.batches import Client, clients
from tests.support.databases import TestDatabase
from tests.support.network_proxy import Network
from tests.support.outages import JOHN, locked, superuser_url, wait_for_locks
from tests.support.processes import eventually, unread_bytes
from tests.support.server_processes import Running, run
from tests.support.write_ledger import DONE, NOTHING, UNKNOWN, outcome_of

pytestmark = pytest.mark.unmeasured

WAIT, TIMEOUT = 1, 2
SETTINGS = {
    "CONNECTIONS": "6",
    "WAIT": str(WAIT),
    "TIMEOUT": str(TIMEOUT),
    "DRAIN": "0",
    "LOG_LEVEL": "DEBUG",
}
LOCK = "SELECT FROM billing.patient WHERE id = '{}' FOR UPDATE"
INSERT = "INSERT INTO billing.patient (first_name, last_name) VALUES ('A', 'B') RETURNING id"
STATES = pytest.mark.parametrize("opening", [False, True], ids=["running", "opening"])


async def end(s: Running) -> float:
    """End the server by SIGTERM; give the seconds that this took."""
    began = time.monotonic()
    s.process.terminate()
    assert await asyncio.to_thread(s.process.wait, 100) == 0
    return time.monotonic() - began


async def all_read(s: Running) -> None:
    """Wait until the server has read everything that it was sent."""
    assert await asyncio.to_thread(eventually, lambda: unread_bytes(s.port) == 0)


async def stops_listening(s: Running) -> None:
    """Wait until the server accepts no more connections, which is when DRAIN is over."""
    process = psutil.Process(s.process.pid)

    def listens() -> bool:
        return psutil.CONN_LISTEN in {one.status for one in process.net_connections("tcp")}

    assert await asyncio.to_thread(eventually, lambda: not listens())


async def ask(client: Client, method: str, path: str) -> str:
    """Send a request; give whether the answer says that it was done."""
    body = JOHN if method == "POST" else None
    return outcome_of(await client.ask(method, path, body))


async def end_while_the_network_stalls(
    database: TestDatabase, folder: Path, *, opening: bool
) -> float:
    """End it while its connections are idle, run a statement, or are about to open.

    Checks the answers; gives the seconds that the end took.
    """
    async with (
        Network(database) as network,
        run(network.url, folder, **SETTINGS) as s,
        clients(s.port, 12) as made,
    ):
        assert {await ask(client, "POST", "/patients/") for client in made} == {DONE}
        network.stall()
        if opening:
            reads = (ask(client, "GET", "/patients/") for client in made[6:])
            assert set(await asyncio.gather(*reads)) == {NOTHING}
        requests = [("GET", "/cpt_codes/"), ("POST", "/patients/"), ("GET", "/ready/")] * 2
        sent = [
            asyncio.create_task(ask(client, *request))
            for client, request in zip(made, requests, strict=False)
        ]
        await asyncio.sleep(0)  # each of them writes
        await all_read(s)
        seconds = await end(s)
        answers = await asyncio.gather(*sent)
    assert answers[0::3] + answers[2::3] == [NOTHING] * 4
    assert set(answers[1::3]) <= ({NOTHING} if opening else {NOTHING, UNKNOWN})
    return seconds


@STATES
async def test_server_ends_while_the_network_to_the_database_stalls(
    database: TestDatabase, tmp_path: Path, *, opening: bool
) -> None:
    await end_while_the_network_stalls(database, tmp_path, opening=opening)


@pytest.mark.long
@STATES
async def test_stalled_network_delays_the_end_by_no_more_than_wait_and_timeout(
    database: TestDatabase, tmp_path: Path, *, opening: bool
) -> None:
    seconds = await end_while_the_network_stalls(database, tmp_path, opening=opening)
    assert seconds < 2 * WAIT + TIMEOUT + 2


HEADER = b"first_name,last_name\n"
HEAD = (
    b"POST /patients/ HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\nContent-Length: %d\r\n\r\n"
)
ROWS = 3000


def rows(name: str) -> bytes:
    """Give the rows of an upload."""
    return f"{name},Oberly\n".encode() * ROWS


async def begin_uploads(s: Running, made: list[Client], names: list[str]) -> list[bytes]:
    """Send the beginning of an upload on each connection; give what is left of each."""
    for client, name in zip(made, names, strict=True):
        length = len(HEADER) + len(rows(name))
        client.writer.write(HEAD % length + HEADER + rows(name)[:20_000])
        await client.writer.drain()
    await all_read(s)
    return [rows(name)[20_000:] for name in names]


async def status(client: Client) -> bytes:
    """Read the status of an answer; nothing where the connection was closed without one."""
    return (await client.reader.read(12))[9:]


def stored(database: TestDatabase) -> list[tuple[object, ...]]:
    return database.execute(
        "SELECT first_name, count(*) FROM billing.patient GROUP BY 1 ORDER BY 1"
    )


async def test_upload_that_goes_on_while_the_server_drains_is_done(
    database: TestDatabase, tmp_path: Path
) -> None:
    # On a busy machine, to open an upload's connection to Postgres may take longer than a second.
    settings = {**SETTINGS, "DRAIN": "1", "TIMEOUT": "60", "WAIT": "30"}
    async with run(database.api_url, tmp_path, **settings) as s, clients(s.port, 2) as made:
        rest = await begin_uploads(s, made, ["Sent", "Late"])
        ending = asyncio.create_task(end(s))
        made[0].writer.write(rest[0])
        await stops_listening(s)
        made[1].writer.write(rest[1])
        assert [await status(client) for client in made] == [b"201"] * 2
        await ending
    assert stored(database) == [("Late", ROWS), ("Sent", ROWS)]


async def test_upload_that_stops_does_not_keep_the_server_from_ending(
    database: TestDatabase, tmp_path: Path
) -> None:
    settings = {**SETTINGS, "TIMEOUT": "1"}
    async with run(database.api_url, tmp_path, **settings) as s, clients(s.port, 1) as (client,):
        await begin_uploads(s, [client], ["Lost"])
        await end(s)
        assert await status(client) in (b"408", b"")
    assert stored(database) == []


async def change_two_patients(
    database: TestDatabase, folder: Path, settings: Mapping[str, str], hold: float
) -> float:
    """Send two changes, of which the second waits for the connection of the first, and SIGTERM.

    Each statement waits `hold` seconds for a lock. Checks that both are done; gives the seconds
    that the end took.
    """
    ids = [database.execute(INSERT)[0][0] for _ in range(2)]
    settings = {**SETTINGS, "CONNECTIONS": "1", **settings}
    async with run(database.api_url, folder, **settings) as s, clients(s.port, 2) as made:
        with ExitStack() as stack:
            locks = [
                stack.enter_context(locked(database.owner_url, LOCK.format(key))) for key in ids
            ]
            sent = []
            for client, key in zip(made, ids, strict=True):
                change = client.ask("PATCH", f"/patients/{key}", JOHN)
                sent.append(asyncio.create_task(change))
                await asyncio.sleep(0)  # the task sends its request, before it waits
                await wait_for_locks(superuser_url(database))
            await all_read(s)
            ending = asyncio.create_task(end(s))
            await stops_listening(s)
            for lock in locks:
                await asyncio.sleep(hold)
                await wait_for_locks(superuser_url(database))
                lock.rollback()
            assert {outcome_of(answer) for answer in await asyncio.gather(*sent)} == {DONE}
        return await ending


async def test_request_that_waits_for_a_connection_is_served_before_the_end(
    database: TestDatabase, tmp_path: Path
) -> None:
    await change_two_patients(database, tmp_path, {"WAIT": "60", "TIMEOUT": "60"}, 0)


@pytest.mark.long
async def test_request_that_waits_and_runs_longer_than_timeout_is_served_before_the_end(
    database: TestDatabase, tmp_path: Path
) -> None:
    """It waits for a connection almost as long as a statement may take, and runs as long."""
    settings = {"WAIT": "3"}
    assert await change_two_patients(database, tmp_path, settings, 0.7 * TIMEOUT) > TIMEOUT
