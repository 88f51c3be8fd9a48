"""Connections that are ended, stall, or are cut off under load: each client hears the truth, in bounded time."""

import asyncio
import time
from asyncio import AbstractEventLoop
from pathlib import Path

import psycopg
import pytest

from tests.batches import clients
from tests.conftest import TestDatabase
from tests.crashes import run, settled
from tests.ledger import DONE, NOTHING, PARTS, UNKNOWN, Load, writers
from tests.networks import Network
from tests.outages import superuser

CONNECTIONS, STREAMS, WAIT, TIMEOUT = 6, 2, 1, 2
SETTINGS = {"CONNECTIONS": str(CONNECTIONS), "STREAMS": str(STREAMS), "LOG_LEVEL": "DEBUG", "DRAIN": "0"}
IMPATIENT = {**SETTINGS, "WAIT": str(WAIT), "TIMEOUT": str(TIMEOUT)}
END = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'superbill_server' AND datname = %s"


@pytest.mark.parametrize("seconds", [2, pytest.param(60, marks=[pytest.mark.long, pytest.mark.timeout(300)])])
async def test_connections_are_terminated_under_load(
    loop: AbstractEventLoop, database: TestDatabase, tmp_path: Path, seconds: int
) -> None:
    database.execute(PARTS)
    async with run(database.api_url, tmp_path, **SETTINGS) as s, clients(s.port, 32) as made:
        load = Load(await writers(made))
        load.begin()
        with psycopg.connect(superuser(database), autocommit=True) as connection:
            for number in range(seconds * 10):
                connection.execute(END + (" AND random() < 0.5" if number % 3 else ""), [database.name])
                await asyncio.sleep(0.1)
        await load.served(time.monotonic(), 2)
        found = await load.stop()
        load.hold_against(database)
        await settled(superuser(database), CONNECTIONS + STREAMS + 1)
    print(dict(found), f"slowest {load.slowest:.2f} s")
    assert found[DONE] > 100
    assert found[UNKNOWN] >= 5
    assert load.slowest < 3


@pytest.mark.parametrize("times", [1, pytest.param(10, marks=[pytest.mark.long, pytest.mark.timeout(300)])])
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
        found = await load.stop()
        load.hold_against(database)
        await settled(superuser(database), CONNECTIONS + STREAMS + 1)
    print(dict(found), "back after", [f"{seconds:.2f}" for seconds in took], f"slowest {load.slowest:.2f} s")
    assert min(found[UNKNOWN], found[NOTHING]) >= times
    assert max(took) < 2
    assert load.slowest < 2 * WAIT + TIMEOUT + 1


@pytest.mark.parametrize("seconds", [2, pytest.param(60, marks=[pytest.mark.long, pytest.mark.timeout(300)])])
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
        found = await load.stop()
        load.hold_against(database)
        await settled(superuser(database), CONNECTIONS + STREAMS + 1)
    print(dict(found), f"slowest {load.slowest:.2f} s")
    assert found[DONE] > 100
    assert found[UNKNOWN] >= 10
