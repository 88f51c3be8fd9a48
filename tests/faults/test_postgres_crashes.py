"""Postgres is killed under load: acknowledged writes are stored, and none is half done."""

import asyncio
import math
import time
from pathlib import Path

import pytest

from tests.support.batches import clients
from tests.support.killed_postgres import crashing, settled
from tests.support.server_processes import run
from tests.support.write_ledger import DONE, NOTHING, PARTS, UNKNOWN, Load, writers

pytestmark = pytest.mark.unmeasured

CONNECTIONS, STREAMS = 8, 2
SETTINGS = {
    "CONNECTIONS": str(CONNECTIONS),
    "STREAMS": str(STREAMS),
    "LOG_LEVEL": "DEBUG",
    "DRAIN": "0",
}
BACK = 2  # seconds after Postgres is


@pytest.mark.parametrize(
    ("times", "most"),
    [(2, math.inf), pytest.param(10, BACK, marks=[pytest.mark.long, pytest.mark.timeout(600)])],
)
@pytest.mark.costly
async def test_postgres_killed_under_load_makes_no_answer_wrong(
    tmp_path: Path, times: int, most: float
) -> None:
    with crashing() as database:
        database.execute(PARTS)
        async with (
            run(database.postgres.api_url, tmp_path, **SETTINGS) as s,
            clients(s.port, 32) as made,
        ):
            load, took = Load(await writers(made)), []
            load.begin()
            for number in range(times):
                await load.until_more(DONE, 100 + number)
                await asyncio.to_thread(database.kill)
                await load.until_more(NOTHING)
                await database.start()
                took.append(await load.served(time.monotonic()))
                await settled(database.superuser_url, CONNECTIONS + STREAMS + 1)
            found = await load.stop()
            load.hold_against(database)
    print(
        dict(found),
        "back after",
        [f"{seconds:.2f}" for seconds in took],
        f"slowest {load.slowest:.2f} s",
    )
    assert min(found[UNKNOWN], found[NOTHING]) >= times
    assert max(took) < most
