"""Calls that wait for each other share a statement: which calls, and what a failure does."""

import asyncio
import gc
import logging
from typing import Any

import psycopg
import pytest

from api.database.batching import Batches
from api.database.call_queue import Call
from api.problem import ProblemError
from tests.support.batches import (
    CALLER,
    HELD,
    MANY,
    ONE,
    RecordedConnections,
    batches,
    logged_sizes,
    until,
    until_waiting,
)
from tests.support.databases import TestDatabase
from tests.support.outages import locked, superuser_url, wait_for_locks
from tests.support.stalling_clients import turns

# A statement that fails for a text which is no number.
NUMBER = "SELECT CAST(CAST($1 AS text) AS integer), CAST($2 AS bigint) + 1"
NUMBERS = (
    "SELECT CAST(k.v AS integer), k.n + CAST($2 AS bigint)"
    " FROM unnest(CAST($1 AS text[])) WITH ORDINALITY AS k (v, n)"
)  # fmt: skip
# A statement that takes long.
SLEEP = "SELECT CAST($1 AS text), pg_sleep(100), CAST($2 AS bigint) + 1"
SLEEP_MANY = (
    "SELECT k.v, pg_sleep(100), k.n + CAST($2 AS bigint)"
    " FROM unnest(CAST($1 AS text[])) WITH ORDINALITY AS k (v, n)"
)  # fmt: skip
# A write that may wait for the lock of its own row.
ROWS = (
    "CREATE TABLE public.t (v text PRIMARY KEY);"
    "INSERT INTO public.t SELECT generate_series(1, 200);"
    "GRANT SELECT, UPDATE ON public.t TO superbill_api"
)
CHANGE = "UPDATE public.t SET v = v WHERE v = CAST($1 AS text) RETURNING v, CAST($2 AS bigint) + 1"
CHANGE_MANY = (
    "UPDATE public.t AS t SET v = t.v"
    " FROM unnest(CAST($1 AS text[])) WITH ORDINALITY AS k (v, n) WHERE t.v = k.v"
    " RETURNING t.v, k.n + CAST($2 AS bigint)"
)
Calls = list["asyncio.Task[Any]"]


def start(
    found: Batches, texts: list[str], many: str = MANY, one: str = ONE, *, write: bool = False
) -> Calls:
    """Start a call for each text."""
    return [
        asyncio.create_task(found.run(one, many, [text], CALLER, write=write)) for text in texts
    ]


async def hold(
    found: Batches,
    connections: RecordedConnections,
    lanes: int = 2,
    many: str = MANY,
    *,
    write: bool = False,
) -> Calls:
    """Take every lane of a queue until the gate opens; its next calls wait."""
    connections.gate.clear()
    connections.sent.clear()
    held = start(found, [f"{HELD} 0"], many, write=write)
    if lanes > 1:
        await until(lambda: len(connections.sent) == 1)
        held += start(found, [f"{HELD} {n}" for n in range(1, lanes)], many, write=write)
    await until(lambda: len(connections.sent) == lanes)
    return held


async def test_call_that_finds_an_idle_queue_runs_alone_without_a_task(
    database: TestDatabase,
) -> None:
    async with batches(database.api_url) as (found, connections):
        for number in range(5):
            tasks = asyncio.all_tasks()
            call = found.run(ONE, "this is never sent", [str(number)], CALLER)
            assert (await call)[0] == str(number)
            assert asyncio.all_tasks() == tasks
        assert connections.sent == [1] * 5


async def test_waiting_calls_share_statements_of_at_most_64(
    database: TestDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "api.database.batching")
    async with batches(database.api_url) as (found, connections):
        held = await hold(found, connections)
        texts = [f"0 {n}" for n in range(130)]
        calls = start(found, texts)
        await until_waiting(found, 130)
        connections.gate.set()
        assert [row[0] for row in await asyncio.gather(*calls)] == texts
        await asyncio.gather(*held)
        assert sorted(connections.sent) == [1, 1, 2, 64, 64]
        assert sorted(logged_sizes(caplog)) == [2, 64, 64]


async def test_no_call_waits_or_shares_where_a_batch_is_one_call(
    database: TestDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "api.database.batching")
    async with batches(database.api_url, most=1) as (found, connections):
        held = await hold(found, connections, lanes=4)
        rows = await asyncio.gather(*start(found, [str(n) for n in range(200)]))
        assert [row[0] for row in rows] == [str(n) for n in range(200)]
        assert not any(call.done() for call in held)
        connections.gate.set()
        await asyncio.gather(*held)
        assert connections.sent == [1] * 204
        assert logged_sizes(caplog) == []


async def test_shared_statement_is_bounded_in_characters(database: TestDatabase) -> None:
    async with batches(database.api_url, most_characters=4000) as (found, connections):
        held = await hold(found, connections)
        texts = [f"{'x' * 1000}{n}" for n in range(10)]
        calls = start(found, texts)
        await until_waiting(found, 10)
        connections.gate.set()
        assert [row[0] for row in await asyncio.gather(*calls)] == texts
        await asyncio.gather(*held)
        assert sorted(connections.sent) == [1, 1, 2, 4, 4]


async def test_calls_wait_for_a_lane_whose_statement_started_just_now(
    database: TestDatabase,
) -> None:
    async with batches(database.api_url, quick=1000) as (found, connections):
        held = await hold(found, connections, lanes=1)
        calls = start(found, list("abcdef"))
        await until_waiting(found, 6)
        await turns()  # in which one of no time would have ended
        assert connections.sent == [1]
        connections.gate.set()
        await asyncio.gather(*held, *calls)
        assert connections.sent == [1, 6]


async def test_call_takes_another_lane_where_the_first_is_slow(database: TestDatabase) -> None:
    async with batches(database.api_url) as (found, connections):
        held = await hold(found, connections, lanes=1)
        assert (await found.run(ONE, MANY, ["a"], CALLER))[0] == "a"
        assert not held[0].done()
        connections.gate.set()
        await asyncio.gather(*held)
        assert connections.sent == [1, 1]


async def test_steady_load_uses_no_more_than_the_lanes(database: TestDatabase) -> None:
    async with batches(database.api_url, size=10, most=8) as (found, connections):

        async def client(number: int) -> None:
            for turn in range(10):
                await found.run(ONE, MANY, [f"{number} {turn}"], CALLER)

        await asyncio.gather(*(client(number) for number in range(100)))
        assert connections.most_running == 2


async def test_statements_beyond_patience_give_their_lanes_to_waiting_calls(
    database: TestDatabase,
) -> None:
    async with batches(database.api_url, patience=0) as (found, connections):
        held = await hold(found, connections)
        for number in range(20):
            texts = [f"{number} {n}" for n in range(20)]
            rows = await asyncio.gather(*start(found, texts))
            assert [row[0] for row in rows] == texts
        assert not any(call.done() for call in held)
        assert max(connections.sent) >= 10
        connections.gate.set()
        await asyncio.gather(*held)


async def test_statements_that_differ_do_not_wait_for_each_other(database: TestDatabase) -> None:
    async with batches(database.api_url) as (found, connections):
        held = await hold(found, connections)
        assert (await found.run(ONE, f"{MANY} -- other", ["a"], CALLER))[0] == "a"
        assert not any(call.done() for call in held)
        connections.gate.set()
        await asyncio.gather(*held)


async def test_only_calls_with_wrong_values_fail(database: TestDatabase) -> None:
    """Wrong for a cast, for Postgres's text, or for the driver."""
    async with batches(database.api_url) as (found, connections):
        held = await hold(found, connections, many=NUMBERS)
        texts = ["100", "x b", "0 c\0", "0 \ud800", *(str(n) for n in range(40))]
        calls = start(found, texts, NUMBERS, NUMBER)
        await until_waiting(found, 44)
        connections.gate.set()
        rows = await asyncio.gather(*calls, return_exceptions=True)
        states = [getattr(row, "sqlstate", None) for row in rows[:4]]
        assert states == [None, "22P02", "22021", "22000"]
        good = [row[0] for row in rows if not isinstance(row, BaseException)]
        assert good == [100, *range(40)]
        await asyncio.gather(*held)
        assert sorted(connections.sent) == [1] * 46 + [44]


ROWS_OF_MANY = "unnest(CAST($1 AS text[])) WITH ORDINALITY AS k (v, n)"


@pytest.mark.parametrize(
    ("many", "tries"),
    [
        (f"SELECT k.x FROM {ROWS_OF_MANY}", 1),  # 42703
        (f"SELECT 1 FROM elsewhere.public.t, {ROWS_OF_MANY}", 1),  # 0A000
        (  # 22012: other values may do
            f"SELECT 1 / (count(*) - 2) FROM {ROWS_OF_MANY} WHERE CAST($2 AS bigint) = 0",
            3,
        ),
    ],
)
async def test_statement_for_many_that_cannot_run_is_tried_once(
    database: TestDatabase, many: str, tries: int
) -> None:
    sent = []
    async with batches(database.api_url) as (found, connections):
        for _ in range(3):
            held = await hold(found, connections, many=many)
            calls = start(found, ["0", "1"], many)
            await asyncio.sleep(0)
            connections.gate.set()
            assert [row[0] for row in await asyncio.gather(*calls)] == ["0", "1"]
            await asyncio.gather(*held)
            sent += connections.sent
    assert sorted(sent) == [1] * 12 + [2] * tries


@pytest.mark.parametrize("running", [False, True], ids=["waiting", "running"])
@pytest.mark.parametrize(
    "leaving", [slice(0, 64, 2), slice(0, 64), slice(1, 2)], ids=["half", "all", "one"]
)
async def test_cancelled_calls_harm_no_other_call(
    database: TestDatabase, leaving: slice, *, running: bool
) -> None:
    """While they wait, or while their shared statement runs; and no lane is lost by it."""
    async with batches(database.api_url, lanes=1) as (found, connections):
        held = await hold(found, connections, lanes=1)
        texts = [f"{HELD if running else 'free'} {n}" for n in range(64)]
        calls = start(found, texts)
        await until_waiting(found, 64)
        if running:
            connections.gate.set()
            await asyncio.gather(*held)
            connections.gate.clear()
            await until(lambda: connections.sent == [1, 64])
        else:
            held[0].cancel()
        for call in calls[leaving]:
            call.cancel()
        await asyncio.sleep(0)
        connections.gate.set()
        rows: list[Any] = await asyncio.gather(*calls, return_exceptions=True)
        for number, row in enumerate(rows):
            if number in range(64)[leaving]:
                assert isinstance(row, asyncio.CancelledError)
            else:
                assert row[0] == texts[number]
        await asyncio.gather(*held, return_exceptions=True)
        rows = await asyncio.gather(*start(found, texts))
        assert [row[0] for row in rows] == texts


RUNNING = (
    "SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
    " AND query LIKE '%, pg_sleep(100)%' AND pid <> pg_backend_pid()"
)


def running(database: TestDatabase) -> int:
    """Count the statements of SLEEP and SLEEP_MANY that Postgres runs."""
    with psycopg.connect(superuser_url(database), autocommit=True) as connection:
        return len(connection.execute(RUNNING).fetchall())


async def test_statement_is_cancelled_with_the_last_of_its_calls(database: TestDatabase) -> None:
    async with batches(database.api_url) as (found, connections):
        held = await hold(found, connections, many=SLEEP_MANY)
        calls = start(found, ["0", "1", "2"], SLEEP_MANY, SLEEP)
        await until_waiting(found, 3)
        connections.gate.set()
        await asyncio.gather(*held)
        await until(lambda: running(database) == 1)
        assert connections.sent == [1, 1, 3]
        for call in calls:
            assert running(database) == 1
            call.cancel()
            await asyncio.gather(call, return_exceptions=True)
        await until(lambda: running(database) == 0)


@pytest.mark.parametrize(("write", "kind"), [(False, "unavailable"), (True, "outcome-unknown")])
async def test_lost_connection_fails_its_own_calls_which_are_not_sent_again(
    database: TestDatabase, kind: str, *, write: bool
) -> None:
    async with batches(database.api_url) as (found, connections):
        held = await hold(found, connections, many=SLEEP_MANY, write=write)
        calls = start(found, [str(n) for n in range(20)], SLEEP_MANY, SLEEP, write=write)
        await until_waiting(found, 20)
        connections.gate.set()
        await asyncio.gather(*held)
        connections.gate.clear()
        other = start(found, [f"{HELD} here"])
        await until(lambda: running(database) == 1)
        with psycopg.connect(superuser_url(database), autocommit=True) as connection:
            end = RUNNING.replace("pid", "pg_terminate_backend(pid)", 1)
            assert connection.execute(end).fetchall() == [(True,)]
        lost = await asyncio.gather(*calls, return_exceptions=True)
        assert {one.problem.kind for one in lost if isinstance(one, ProblemError)} == {kind}
        assert len({id(one) for one in lost}) == 20
        connections.gate.set()
        assert (await other[0])[0] == f"{HELD} here"
        assert connections.sent == [1, 1, 20, 1]
        assert (await found.run(ONE, SLEEP_MANY, ["x"], CALLER))[0] == "x"


async def test_calls_that_wait_for_a_row_lock_delay_no_others(database: TestDatabase) -> None:
    """Whether they have a lane, both lanes, or go together with others."""
    database.execute(ROWS)
    async with batches(database.api_url, size=8, patience=0.1) as (found, _):
        lock = "SELECT FROM public.t WHERE v IN ('1', '2', '3') FOR UPDATE"
        with locked(database.owner_url, lock):
            stuck = start(found, ["1", "2"], CHANGE_MANY, CHANGE, write=True)
            await wait_for_locks(superuser_url(database), 2)
            texts = [str(n) for n in range(4, 60)]
            for turn in range(3):
                if turn == 1:
                    stuck += start(found, ["3"], CHANGE_MANY, CHANGE, write=True)
                calls = start(found, texts, CHANGE_MANY, CHANGE, write=True)
                assert [row[0] for row in await asyncio.gather(*calls)] == texts
            assert not any(call.done() for call in stuck)
        assert [row[0] for row in await asyncio.gather(*stuck)] == ["1", "2", "3"]


async def test_calls_that_follow_an_answer_join_the_group_that_starts_then(
    database: TestDatabase,
) -> None:
    async with batches(database.api_url, lanes=1, most=3) as (found, connections):

        async def ask_twice(text: str) -> None:
            for _ in range(2):
                assert (await found.run(ONE, MANY, [text], CALLER))[0] == text

        held = await hold(found, connections, lanes=1)
        asked = [asyncio.create_task(ask_twice(str(n))) for n in range(4)]
        await until_waiting(found, 4)
        connections.gate.set()
        await asyncio.gather(*held, *asked)
        assert connections.sent == [1, 3, 3, 2]


async def test_queues_that_are_kept_are_bounded(database: TestDatabase) -> None:
    """A body of n optional columns has 2ⁿ statements, and clients choose which."""
    async with batches(database.api_url, most_queues=20) as (found, _):
        for number in range(100):
            assert (await found.run(ONE, f"{number}", ["a"], CALLER))[0] == "a"
            assert len(found._queues) <= 20  # noqa: SLF001 - the queues show nowhere else
        calls = (found.run(ONE, f"{MANY} -- {n % 50}", [str(n)], CALLER) for n in range(500))
        assert [row[0] for row in await asyncio.gather(*calls)] == [str(n) for n in range(500)]


async def test_calls_leave_no_reference_cycles(database: TestDatabase) -> None:
    """Without the collector, no call is left after its answer."""
    async with batches(database.api_url, lanes=1) as (found, connections):
        texts = [str(n) for n in range(64)]
        gc.collect()  # what other tests left
        gc.disable()
        try:
            for _ in range(2):
                await asyncio.gather(*start(found, texts))
            await asyncio.sleep(0)
            assert [one for one in gc.get_objects() if type(one) is Call] == []
        finally:
            gc.enable()
        assert connections.sent == [1, 63, 64]
