"""Calls that wait for each other share a statement: who goes with whom, and who suffers for whom (nobody)."""

import asyncio
import gc
import logging
import time
from asyncio import AbstractEventLoop

import psycopg
import pytest

from api.database import batching
from api.database.batching import Batches
from api.problem import ProblemError
from tests.support.batches import MANY, ONE, batches, sizes
from tests.support.databases import TestDatabase
from tests.support.outages import locked, superuser, waiting

# For one and for many: a text that says how long it takes, in seconds.
SLOW = "SELECT pg_sleep(CAST(split_part(CAST($1 AS text), ' ', 1) AS float)), CAST($1 AS text)"
SLOW_MANY = (
    "SELECT k.n, pg_sleep(CAST(split_part(k.v, ' ', 1) AS float)), k.v"
    " FROM unnest(CAST($1 AS text[])) WITH ORDINALITY AS k (v, n)"
)
# The same as a write that a lock on a row of its own may stop.
ROWS = "CREATE TABLE public.t (v text PRIMARY KEY); INSERT INTO public.t SELECT generate_series(1, 200)"
GRANT = "GRANT SELECT, UPDATE ON public.t TO superbill_api"
CHANGE = "UPDATE public.t SET v = v WHERE v = CAST($1 AS text) RETURNING v"
CHANGE_MANY = (
    "WITH w AS MATERIALIZED (SELECT set_config('lock_timeout', '100ms', true)),"
    " k AS (SELECT * FROM unnest(CAST($1 AS text[])) WITH ORDINALITY AS k (v, n), w)"
    " UPDATE public.t AS t SET v = t.v FROM k WHERE t.v = k.v RETURNING k.n, t.v"
)


async def hold(
    found: Batches, lanes: int, seconds: float, together: str = SLOW_MANY, *, write: bool = False
) -> list["asyncio.Task[object]"]:
    """Take every lane for a while, one after the other: who comes in the same turn goes together."""
    held = []
    for number in range(lanes):
        held.append(
            asyncio.create_task(found.run(SLOW, together, [f"{seconds} {number}"], write=write))
        )
        await asyncio.sleep(0.01)
    return held


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let calls wait until a lane is free, however busy the machine is."""
    monkeypatch.setattr(batching, "PATIENCE", 60)


async def test_a_call_that_waits_for_nobody_goes_alone_and_as_it_is(
    loop: AbstractEventLoop, database: TestDatabase
) -> None:
    async with batches(database.api_url) as (found, sent):
        for number in range(5):
            tasks = asyncio.all_tasks()
            call = found.run(ONE, "this is never sent", [str(number)])
            assert (await call)[0] == str(number)
            assert asyncio.all_tasks() == tasks
        both = await asyncio.gather(
            *(found.run(ONE, "this is never sent", [text]) for text in "ab")
        )  # two lanes
        assert [row[0] for row in both] == ["a", "b"]
        assert sent == [1] * 7


async def test_calls_that_wait_go_together(
    loop: AbstractEventLoop, database: TestDatabase, patient: None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "api.database.batching")
    async with batches(database.api_url) as (found, sent):
        held = await hold(found, 2, 0.2)
        calls = [asyncio.create_task(found.run(SLOW, SLOW_MANY, [f"0 {n}"])) for n in range(130)]
        rows = await asyncio.gather(*calls)
        assert [tuple(row)[1] for row in rows] == [f"0 {n}" for n in range(130)]
        await asyncio.gather(*held)
        assert sorted(sent) == [1, 1, 2, 64, 64]
        assert sorted(sizes(caplog)) == [2, 64, 64]


async def test_a_batch_of_one_is_none(
    loop: AbstractEventLoop, database: TestDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "api.database.batching")
    async with batches(database.api_url, most=1) as (found, sent):
        rows = await asyncio.gather(
            *(found.run(ONE, "this is never sent", [str(n)]) for n in range(200))
        )
        assert [row[0] for row in rows] == [str(n) for n in range(200)]
        began = time.monotonic()
        await asyncio.gather(*await hold(found, 4, 0.5))  # nor does one wait for a lane
        assert time.monotonic() - began < 1
        assert sent == [1] * 204
        assert sizes(caplog) == []


async def test_a_batch_is_bounded_in_bytes(
    loop: AbstractEventLoop, database: TestDatabase, patient: None
) -> None:
    async with batches(database.api_url) as (found, sent):
        held = await hold(found, 2, 0.2, MANY)
        text = "x" * (batching.SIZE // 4 + 1)
        calls = [asyncio.create_task(found.run(ONE, MANY, [f"{text}{n}"])) for n in range(10)]
        assert [row[0] for row in await asyncio.gather(*calls)] == [f"{text}{n}" for n in range(10)]
        await asyncio.gather(*held)
        assert sorted(sent) == [1, 1, 2, 4, 4]


async def test_who_is_quick_waits_for_a_lane_and_no_more_than_the_lanes_run(
    loop: AbstractEventLoop, database: TestDatabase
) -> None:
    """Under steady load too: what was relieved once does not add a lane for ever."""
    async with batches(database.api_url, size=10, most=8) as (found, _):
        most, until = 0, time.monotonic() + 1.5

        async def client(number: int) -> None:
            while time.monotonic() < until:
                await found.run(SLOW, SLOW_MANY, [f"0.001 {number}"])

        async def watch() -> None:
            nonlocal most
            held = found._connections  # noqa: SLF001 - how many run shows nowhere else
            while time.monotonic() < until:
                most = max(most, held.numbers()[1])
                await asyncio.sleep(0.001)

        await asyncio.gather(watch(), *(client(number) for number in range(100)))
        assert 2 <= most <= 3  # one may have been slow on a busy machine


async def test_who_waits_long_is_relieved(loop: AbstractEventLoop, database: TestDatabase) -> None:
    async with batches(database.api_url) as (found, sent):
        held = await hold(found, 2, 3)
        await asyncio.sleep(0)
        began = time.monotonic()
        for number in range(20):
            calls = (found.run(SLOW, SLOW_MANY, [f"0 {number} {n}"]) for n in range(20))
            rows = await asyncio.gather(*calls)
            assert [tuple(row)[1] for row in rows] == [f"0 {number} {n}" for n in range(20)]
        assert time.monotonic() - began < 1.5
        assert not any(call.done() for call in held)
        assert max(sent) >= 10
        await asyncio.gather(*held)


async def test_statements_that_differ_do_not_wait_for_each_other(
    loop: AbstractEventLoop, database: TestDatabase, patient: None
) -> None:
    async with batches(database.api_url) as (found, _):
        held = await hold(found, 2, 1)
        await asyncio.sleep(0)
        assert (await found.run(ONE, MANY, ["a"]))[0] == "a"
        assert not any(call.done() for call in held)
        await asyncio.gather(*held)


async def test_only_who_is_refused_is_refused(
    loop: AbstractEventLoop, database: TestDatabase, patient: None
) -> None:
    """By a cast, by what no text in Postgres may hold, or by what the driver can't send."""
    async with batches(database.api_url) as (found, sent):
        held = await hold(found, 2, 0.2)
        texts = ["0 a", "x b", "0 c\0", "0 \ud800", *(f"0 {n}" for n in range(40))]
        calls = [asyncio.create_task(found.run(SLOW, SLOW_MANY, [text])) for text in texts]
        rows = await asyncio.gather(*calls, return_exceptions=True)
        states = [getattr(row, "sqlstate", None) for row in rows[:4]]
        assert states == [None, "22P02", "22021", "22000"]
        good = [tuple(row)[1] for row in rows if not isinstance(row, BaseException)]
        assert good == ["0 a", *(f"0 {n}" for n in range(40))]
        await asyncio.gather(*held)
        assert sorted(sent) == [1] * 46 + [44]


async def test_what_can_not_be_together_is_not_tried_for_ever(
    loop: AbstractEventLoop, database: TestDatabase, patient: None
) -> None:
    rows = "unnest(CAST($1 AS text[])) WITH ORDINALITY AS k (v, n)"
    wrong = f"SELECT k.x FROM {rows}", f"SELECT 1 FROM elsewhere.public.t, {rows}"
    for together in (*wrong, f"SELECT 1 / (count(*) - 2) FROM {rows}"):
        async with batches(database.api_url) as (found, sent):
            for _ in range(3):
                held = await hold(found, 2, 0.2, together)
                calls = [asyncio.create_task(found.run(ONE, together, [str(n)])) for n in range(2)]
                assert [row[0] for row in await asyncio.gather(*calls)] == ["0", "1"]
                await asyncio.gather(*held)
            expected = [1] * 12 + (
                [2] * 3 if "/" in together else [2]
            )  # a value's fault says nothing of the next
            assert sorted(sent) == expected, together


async def test_who_goes_away_harms_nobody(
    loop: AbstractEventLoop, database: TestDatabase, patient: None
) -> None:
    """While it waits, while the statement that it shares runs, or the lane that it has; and no lane dies of it."""
    async with batches(database.api_url) as (found, sent):
        for leaves in (slice(0, 64, 2), slice(0, 64), slice(1, 2)):
            for moment in (0, 0.1, 0.25, 0.4, 0.5):
                held = await hold(found, 2, 0.2)
                calls = [
                    asyncio.create_task(found.run(SLOW, SLOW_MANY, [f"0.002 {n}"]))
                    for n in range(64)
                ]
                await asyncio.sleep(moment)
                for call in calls[leaves]:
                    call.cancel()
                rows = await asyncio.gather(*calls, return_exceptions=True)
                stayed = set(range(64)) - set(range(64)[leaves])
                assert all(tuple(rows[n])[1] == f"0.002 {n}" for n in stayed)  # type: ignore[arg-type]
                held[0].cancel()
                await asyncio.gather(*held, return_exceptions=True)
        sent.clear()
        rows = await asyncio.gather(*(found.run(SLOW, SLOW_MANY, [f"0 {n}"]) for n in range(64)))
        assert [tuple(row)[1] for row in rows] == [f"0 {n}" for n in range(64)]
        assert sent in ([1, 63], [64])  # as the last one before went alone, or was shared


async def test_a_statement_that_nobody_waits_for_is_cancelled(
    loop: AbstractEventLoop, database: TestDatabase, patient: None
) -> None:
    async with batches(database.api_url, size=3) as (found, sent):
        held = await hold(found, 2, 0.1)
        calls = [asyncio.create_task(found.run(SLOW, SLOW_MANY, [f"20 {n}"])) for n in range(3)]
        await asyncio.gather(*held)
        assert sent == [1, 1, 3]
        running = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep(CAST(split%'"
        with psycopg.connect(superuser(database), autocommit=True) as connection:
            for call in calls:
                ((count,),) = connection.execute(
                    running + " AND pid <> pg_backend_pid()"
                ).fetchall()
                assert count == 1  # for as long as anybody is there
                call.cancel()
                await asyncio.gather(call, return_exceptions=True)
            for _ in range(500):
                ((count,),) = connection.execute(
                    running + " AND pid <> pg_backend_pid()"
                ).fetchall()
                if not count:
                    break
                await asyncio.sleep(0.01)
            assert count == 0


async def test_a_lost_connection_is_for_its_own_calls_and_is_not_tried_again(
    loop: AbstractEventLoop, database: TestDatabase, patient: None
) -> None:
    for write, expected in ((False, "unavailable"), (True, "outcome-unknown")):
        async with batches(database.api_url, size=5) as (found, sent):
            held = await hold(found, 2, 0.1, write=write)
            calls = [
                asyncio.create_task(found.run(SLOW, SLOW_MANY, [f"20 {n}"], write=write))
                for n in range(20)
            ]
            await asyncio.gather(*held)
            other = asyncio.create_task(found.run("SELECT pg_sleep(1), 'here'", "another", []))
            await asyncio.sleep(0.1)
            assert sent == [1, 1, 20, 1]
            end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = %s AND state = 'active'"
            with psycopg.connect(superuser(database), autocommit=True) as connection:
                assert connection.execute(end, [SLOW_MANY]).fetchall() == [(True,)]
            lost = await asyncio.gather(*calls, return_exceptions=True)
            assert {one.problem.kind for one in lost if isinstance(one, ProblemError)} == {expected}
            assert len({id(one) for one in lost}) == 20
            assert (await other)[1] == "here"
            assert sent == [1, 1, 20, 1]
            assert tuple(await found.run(SLOW, SLOW_MANY, ["0 x"]))[1] == "0 x"


async def test_who_waits_for_a_lock_delays_nobody(
    loop: AbstractEventLoop, database: TestDatabase
) -> None:
    """Whether it has a lane, both lanes, or goes with others."""
    database.execute(ROWS)
    database.execute(GRANT)
    async with batches(database.api_url, size=8) as (found, _):
        with locked(
            database.owner_url, "SELECT FROM public.t WHERE v IN ('1', '2', '3') FOR UPDATE"
        ):
            stuck = [
                asyncio.create_task(found.run(CHANGE, CHANGE_MANY, [str(n)], write=True))
                for n in (1, 2)
            ]
            await waiting(superuser(database), 2)
            for turn in range(3):
                if turn == 1:
                    stuck.append(
                        asyncio.create_task(found.run(CHANGE, CHANGE_MANY, ["3"], write=True))
                    )
                began = time.monotonic()
                calls = (found.run(CHANGE, CHANGE_MANY, [str(n)], write=True) for n in range(4, 60))
                assert [row[0] for row in await asyncio.gather(*calls)] == [
                    str(n) for n in range(4, 60)
                ]
                assert time.monotonic() - began < 1
            assert not any(call.done() for call in stuck)
        assert [row[0] for row in await asyncio.gather(*stuck)] == ["1", "2", "3"]


async def test_what_is_kept_of_statements_is_bounded(
    loop: AbstractEventLoop, database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A body of n optional columns has 2ⁿ shapes, and clients choose them."""
    monkeypatch.setattr(batching, "STATEMENTS", 20)
    async with batches(database.api_url) as (found, _):
        for number in range(100):
            assert (await found.run(ONE, f"{number}", ["a"]))[0] == "a"
            assert len(found._queues) <= 20  # noqa: SLF001 - what is kept shows only in its time
        rows = await asyncio.gather(
            *(found.run(ONE, f"{MANY} -- {n % 50}", [str(n)]) for n in range(500))
        )
        assert [row[0] for row in rows] == [str(n) for n in range(500)]


async def test_calls_leave_nothing_for_the_collector(
    loop: AbstractEventLoop, database: TestDatabase, patient: None
) -> None:
    async with batches(database.api_url) as (found, sent):
        await asyncio.gather(*(found.run(ONE, MANY, [str(n)]) for n in range(64)))
        gc.collect()
        gc.disable()
        try:
            await asyncio.gather(*(found.run(ONE, MANY, [str(n)]) for n in range(64)))
            await asyncio.sleep(0.05)
            gc.set_debug(gc.DEBUG_SAVEALL)
            gc.collect()
            assert [
                one for one in gc.garbage if type(one).__module__ == "api.database.batching"
            ] == []
        finally:
            gc.set_debug(0)
            gc.garbage.clear()
            gc.enable()
        assert max(sent) == 64
