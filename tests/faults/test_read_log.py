"""Reads that are recorded when a process ends, and while the database is away."""

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from tests.support.batches import clients
from tests.support.databases import TestDatabase
from tests.support.network_proxy import Network
from tests.support.outages import add_billed_visit
from tests.support.processes import eventually
from tests.support.server_processes import KeptConnection, run, server_process

pytestmark = pytest.mark.unmeasured


def count(database: TestDatabase) -> int:
    """Count the reads on record."""
    query = "SELECT coalesce(sum(1 + cardinality(repeats)), 0) FROM audit.read"
    return int(str(database.execute(query)[0][0]))


async def read(connection: KeptConnection, path: str, times: int) -> None:
    for _ in range(times):
        await connection.ask("GET", path)


@pytest.mark.parametrize("workers", ["1", "2"])
async def test_sigterm_loses_no_read_that_was_answered(
    database: TestDatabase, tmp_path: Path, workers: str
) -> None:
    path = f"/patients/{add_billed_visit(database)['patient_id']}"
    settings = {"WORKERS": workers, "DRAIN": "0"}
    async with server_process(database, tmp_path / "output", **settings) as s:
        made = [await s.connect() for _ in range(8)]
        await asyncio.gather(*(read(connection, path, 25) for connection in made))
        s.process.terminate()
        assert await s.ended() == 0
    answered = sum((connection.statuses for connection in made), Counter())
    assert answered == {200: 200}
    assert count(database) == 200


async def test_killed_process_loses_what_is_not_written_yet(
    database: TestDatabase, tmp_path: Path
) -> None:
    path = f"/patients/{add_billed_visit(database)['patient_id']}"
    async with server_process(database, tmp_path / "output") as s:
        connection = await s.connect()
        await read(connection, path, 50)
        assert await asyncio.to_thread(eventually, lambda: count(database) == 50)
        await read(connection, path, 20)
        s.process.kill()
        await s.ended()
    assert 50 <= count(database) <= 70


async def test_outage_of_the_database_loses_no_read(database: TestDatabase, tmp_path: Path) -> None:
    path = f"/patients/{add_billed_visit(database)['patient_id']}"
    settings = {"CONNECTIONS": "2", "WAIT": "1", "TIMEOUT": "1", "DRAIN": "0"}
    async with (
        Network(database) as network,
        run(network.url, tmp_path, **settings) as s,
        clients(s.port, 1) as (client,),
    ):
        for _ in range(20):
            assert (await client.ask("GET", path)).status == 200
        network.stall()
        output = s.output.read_text
        assert await asyncio.to_thread(eventually, lambda: "reads can't be recorded" in output())
        network.flow()
        assert await asyncio.to_thread(eventually, lambda: count(database) >= 20)
    reads = database.execute(
        "SELECT sum(1 + cardinality(repeats)) FROM audit.read WHERE status=200"
    )
    assert reads == [(20,)]
