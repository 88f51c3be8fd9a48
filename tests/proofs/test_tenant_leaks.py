"""Nobody sees what is another's: many callers of many tenants, in batches, streams and outages."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from api.database import batching
from api.database.call_queue import Call, CallQueue
from api.database.train import Car
from tests.support import tenants
from tests.support.databases import TestDatabase
from tests.support.issuers import Issuer, issuer
from tests.support.pgbouncer import pgbouncer
from tests.support.serving import LONG, serving
from tests.support.tenants import Watch, misplaced, terminating

LEAKING = 2000  # requests in which a fault has to show
USED = (200, 201, 404, 409)


@asynccontextmanager
async def served(url: str) -> AsyncIterator[tuple[int, Issuer]]:
    """Serve a database to the callers of an issuer: on which port."""
    async with issuer() as found:
        config = found.config(database_url=url, connections=4, streams=4, wait=LONG, timeout=LONG)
        async with serving(config) as server:
            yield server.port, found


def judge(watch: Watch, database: TestDatabase, caplog: pytest.LogCaptureFixture) -> None:
    """Fail for what a caller saw of another tenant, what was written there, and what was logged."""
    assert watch.wrong == []
    assert misplaced(database) == []
    assert all(watch.statuses[status] for status in USED), watch.statuses
    assert "estate" not in caplog.text


@pytest.mark.parametrize("requests", [1500, pytest.param(25_000, marks=pytest.mark.long)])
async def test_callers_of_many_tenants_see_their_own_rows(
    menagerie: TestDatabase, caplog: pytest.LogCaptureFixture, requests: int
) -> None:
    tenants.fill(menagerie)
    async with served(menagerie.api_url) as (port, found):
        watch = await tenants.call(port, found, requests)
        assert watch.statuses[503] == 0
        judge(watch, menagerie, caplog)
        async with terminating(menagerie, 0.05):
            watch = await tenants.call(port, found, requests // 3, cut_off=True)
    judge(watch, menagerie, caplog)


@pytest.mark.needs("pgbouncer")
@pytest.mark.parametrize("requests", [1000, pytest.param(25_000, marks=pytest.mark.long)])
async def test_callers_behind_a_pooler_see_their_own_rows(
    menagerie: TestDatabase, caplog: pytest.LogCaptureFixture, requests: int
) -> None:
    tenants.fill(menagerie)
    with pgbouncer(menagerie) as pooler:
        async with served(pooler.api_url) as (port, found):
            watch = await tenants.call(port, found, requests)
            assert watch.statuses[503] == 0
            judge(watch, menagerie, caplog)
            async with terminating(menagerie, 0.1):
                watch = await tenants.call(port, found, requests // 3, cut_off=True)
    judge(watch, menagerie, caplog)


def one_car(queue: CallQueue, calls: list[Call], several: set[str]) -> tuple[list[Call], list[Car]]:
    """Put the calls of all tenants into one car: a mutation."""
    values = [*zip(*(call.values for call in calls), strict=True), 0]
    assert not several
    return calls, [Car(calls[0].identity, queue.sql, values)]


def alike_without_tenant(call: Call, queue: CallQueue) -> object:
    """Let equal reads of several tenants share a row: a mutation."""
    return id(call) if queue.write else tuple(call.values)


@pytest.mark.parametrize(
    ("name", "mutation"), [("cars_of", one_car), ("alike", alike_without_tenant)]
)
async def test_leak_is_noticed(
    menagerie: TestDatabase, monkeypatch: pytest.MonkeyPatch, name: str, mutation: object
) -> None:
    """The two places that keep tenants apart in a batch: without either, the test above fails."""
    monkeypatch.setattr(batching, name, mutation)
    tenants.fill(menagerie)
    async with served(menagerie.api_url) as (port, found):
        watch = await tenants.call(port, found, LEAKING)
    assert [fault for fault in watch.wrong if " saw estate" in fault]
