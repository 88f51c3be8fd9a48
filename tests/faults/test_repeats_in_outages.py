"""Clients repeat a write with its key until it is answered, while Postgres or a worker dies."""

import asyncio
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped] # it has annotations, but does not say so
import pytest

from tests.support.batches import Client
from tests.support.killed_postgres import Crashing, crashing, settled
from tests.support.server_processes import Running, run
from tests.support.write_ledger import PARTS

pytestmark = pytest.mark.unmeasured

CLIENTS, WORKERS, CONNECTIONS, STREAMS = 24, 2, 8, 4
SETTINGS = {
    "WORKERS": str(WORKERS),
    "CONNECTIONS": str(CONNECTIONS),
    "STREAMS": str(STREAMS),
    "DRAIN": "0",
}
# What was read of an answer, or connecting, failed: the server has gone.
GONE = (OSError, asyncio.IncompleteReadError)


@dataclass(slots=True)
class Load:
    """Clients that add patients, each by a request with a key of its own."""

    port: int
    rows: dict[str, int] = field(default_factory=dict)  # a name → how many rows it must have
    lost: int = 0  # requests that were sent and not answered, or answered `outcome-unknown`
    replayed: int = 0  # of them, those that had been done
    found: Counter[int] = field(default_factory=Counter)  # statuses

    async def keep_on(self, number: int, end: asyncio.Event) -> None:
        """Add patients one after the other; every eighth time several at once."""
        client, turn = None, 0
        try:
            while not end.is_set():
                turn += 1
                name = f"{number}-{turn}"
                row = {"first_name": name, "last_name": "One"}
                body: Any = [row] * 3 if turn % 8 == 0 else row
                self.rows[name] = 3 if turn % 8 == 0 else 1
                client = await self._until_answered(client, name, body)
        finally:
            if client:
                client.writer.close()

    async def _until_answered(self, client: Client | None, key: str, body: Any) -> Client:
        field_, was_lost = f"Idempotency-Key: {key}\r\n", False
        while True:
            try:
                if client is None:
                    client = Client(*await asyncio.open_connection("127.0.0.1", self.port))
                answer = await client.ask("POST", "/patients/", body, more=field_)
            except GONE:
                was_lost = was_lost or client is not None
                if client:
                    client.writer.close()
                client = None
                await asyncio.sleep(0.02)
                continue
            self.found[answer.status] += 1
            if answer.status == 503:
                assert answer.retry_after == "1"
                was_lost = was_lost or answer.document["type"].endswith("outcome-unknown")
                await asyncio.sleep(0.02)
                continue
            assert answer.status == 201, answer
            self.lost += was_lost
            self.replayed += was_lost and answer.replayed
            return client

    async def until_answered(self, more: int) -> None:
        """Wait until so many more requests have succeeded."""
        enough = self.found[201] + more
        while self.found[201] < enough:  # noqa: ASYNC110 - pytest's timeout ends it
            await asyncio.sleep(0.01)

    def hold_against(self, database: Crashing) -> None:
        """Check that each name has as many rows as it was to have, all of them whole."""
        query = "SELECT first_name, count(*) FROM billing.patient GROUP BY first_name"
        assert {str(name): rows for name, rows in database.execute(query)} == self.rows
        halves = "SELECT count(*) FROM billing.encounter"
        assert database.execute(halves) == [(sum(self.rows.values()),)]


async def kill_a_worker(server: Running) -> None:
    """Kill a worker; return when another one runs in its place."""
    supervisor = psutil.Process(server.process.pid)
    killed = supervisor.children()[0]
    killed.kill()
    while killed in (now := supervisor.children()) or len(now) < WORKERS:  # noqa: ASYNC110
        await asyncio.sleep(0.02)


async def kill_postgres(database: Crashing) -> None:
    """Kill Postgres and start it again."""
    await asyncio.to_thread(database.kill)
    await database.start()
    await settled(database.superuser_url, WORKERS * (CONNECTIONS + STREAMS + 1) + 2)


@pytest.mark.parametrize(
    "lost", [8, pytest.param(1000, marks=[pytest.mark.long, pytest.mark.timeout(3000)])]
)
@pytest.mark.costly
async def test_write_that_is_repeated_until_it_is_answered_is_done_once(
    tmp_path: Path, lost: int
) -> None:
    end = asyncio.Event()
    with crashing() as database:
        database.execute(PARTS)
        async with run(database.postgres.api_url, tmp_path, **SETTINGS) as server:
            load = Load(server.port)
            clients = [asyncio.create_task(load.keep_on(n, end)) for n in range(CLIENTS)]
            try:
                while load.lost < lost or not load.replayed:
                    await load.until_answered(100)
                    await kill_a_worker(server)
                    await load.until_answered(100)
                    await kill_postgres(database)
            finally:
                end.set()
                with suppress(Exception):
                    await asyncio.wait_for(asyncio.gather(*clients), 100)
            await asyncio.gather(*clients)
        load.hold_against(database)
    print(f"{load.lost} lost, {load.replayed} of them done before,", dict(load.found))
    assert load.lost >= lost
    assert load.replayed
