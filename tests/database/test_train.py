"""Statements that act for several callers share a round trip, and none sees another's rows."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import pytest
from asyncpg import PostgresError

from api.database import train
from api.database.batching import Batches
from api.database.connections import Connections
from api.database.streams import Streams
from api.identity import DEVELOPMENT_ROLE, Identity
from tests.support.batches import HELD, RecordedConnections, batches, until
from tests.support.databases import TestDatabase

# Says for whom the statement acts, beside a text.
WHOSE = "current_setting('request.tenant'), current_setting('request.actor'), current_user::text"
ONE = f"SELECT CAST($1 AS text), {WHOSE}, CAST($2 AS bigint) + 1"
MANY = (
    f"SELECT k.v, {WHOSE}, k.n + CAST($2 AS bigint)"
    " FROM unnest(CAST($1 AS text[])) WITH ORDINALITY AS k (v, n)"
)
CALLERS = [Identity(DEVELOPMENT_ROLE, f"t{n % 5}", f"a{n}") for n in range(20)]
ODD_TEXTS = ["", "NULL", "null", "{}", 'a"b', "a\\b", "a,b", "é\u2028𝄞", " a ", "\t\n", "'", "(,)"]


def whose(caller: Identity) -> tuple[str, str, str]:
    """Give what WHOSE says of a caller."""
    return caller.tenant, caller.actor, caller.role


async def gather(
    found: Batches,
    connections: RecordedConnections,
    calls: Sequence[tuple[str, Identity]],
    *,
    write: bool,
) -> list[tuple[Any, ...]]:
    """Run calls that wait together, behind a held one; give their rows."""
    connections.gate.clear()
    first = asyncio.create_task(found.run(ONE, MANY, [HELD], CALLERS[0], write=write))
    await until(lambda: connections.running)
    running = [
        asyncio.create_task(found.run(ONE, MANY, [text], caller, write=write))
        for text, caller in calls
    ]
    await asyncio.sleep(0)
    connections.gate.set()
    await first
    return [tuple(row) for row in await asyncio.gather(*running)]


@pytest.mark.parametrize("write", [False, True])
async def test_calls_of_several_callers_share_a_round_trip(
    database: TestDatabase,
    write: bool,  # noqa: FBT001 - of the table above
) -> None:
    calls = [(f"{n}", CALLERS[n % 20]) for n in range(60)]
    async with batches(database.api_url, lanes=1, tells_actors=not write) as (found, connections):
        rows = await gather(found, connections, calls, write=write)
        assert connections.sent == [1, 60]
    for row, (text, caller) in zip(rows, calls, strict=True):
        # Reads of one tenant share a car here, and act for nobody; the writes do not.
        expected = whose(caller)
        assert row[0] == text
        assert row[1] == expected[0]
        assert row[3] == expected[2]
        assert row[2] == (expected[1] if write else "")


async def test_equal_reads_of_several_tenants_do_not_share_a_row(database: TestDatabase) -> None:
    calls = [("same", caller) for caller in CALLERS]
    async with batches(database.api_url, lanes=1, tells_actors=True) as (found, connections):
        rows = await gather(found, connections, calls, write=False)
        assert connections.sent == [1, 5]  # one for each tenant
    assert [row[1] for row in rows] == [caller.tenant for caller in CALLERS]


async def test_texts_arrive_as_they_are_in_every_car(database: TestDatabase) -> None:
    calls = [(text, CALLERS[n % 5]) for n, text in enumerate(ODD_TEXTS)]
    async with batches(database.api_url, lanes=1) as (found, connections):
        rows = await gather(found, connections, calls, write=True)
    assert [row[0] for row in rows] == ODD_TEXTS


async def test_null_and_number_are_written_as_elements_of_an_array(database: TestDatabase) -> None:
    sql = (
        "SELECT k.t, k.i, k.n + CAST($3 AS bigint) FROM unnest(CAST($1 AS text[]),"
        " CAST($2 AS bigint[])) WITH ORDINALITY AS k (t, i, n)"
    )
    async with batches(database.api_url) as (_, connections):
        cars = [
            train.Car(CALLERS[0], sql, [["a", None], [1, -(2**62)], 0]),
            train.Car(CALLERS[1], sql, [["NULL"], [None], 2]),
            train.Car(CALLERS[2], sql, [["z"], [3], 3]),
        ]
        rows = await Connections.run_many(connections, cars)
    assert [tuple(row) for row in rows] == [
        ("a", 1, 1),
        (None, -(2**62), 2),
        ("NULL", None, 3),
        ("z", 3, 4),
    ]


async def test_failing_call_fails_alone_and_undoes_nothing_of_others(
    database: TestDatabase,
) -> None:
    number = "SELECT CAST(CAST($1 AS text) AS integer), CAST($2 AS bigint) + 1"
    numbers = (
        "SELECT CAST(k.v AS integer), k.n + CAST($2 AS bigint)"
        " FROM unnest(CAST($1 AS text[])) WITH ORDINALITY AS k (v, n)"
    )
    async with batches(database.api_url, lanes=1) as (found, connections):
        connections.gate.clear()
        first = asyncio.create_task(found.run(ONE, numbers, [HELD], CALLERS[0]))
        await until(lambda: connections.running)
        running = [
            asyncio.create_task(found.run(number, numbers, [text], CALLERS[n]))
            for n, text in enumerate(("1", "two", "3"))
        ]
        await asyncio.sleep(0)
        connections.gate.set()
        await first
        results = await asyncio.gather(*running, return_exceptions=True)
    assert [result[0] for n, result in enumerate(results) if n != 1] == [1, 3]  # type: ignore[index]
    assert isinstance(results[1], PostgresError)


async def test_nothing_of_a_caller_stays_on_the_connection(database: TestDatabase) -> None:
    async with batches(database.api_url, size=1) as (_, connections):
        await connections.run(ONE, ["x", 0], CALLERS[3])
        held = connections._free[0]  # noqa: SLF001 - the connection itself is what is asked
        assert held._connection is not None  # noqa: SLF001
        raw = held._connection.raw_connection  # noqa: SLF001
        left = await raw.fetchrow(
            "SELECT coalesce(current_setting('request.tenant', true), ''),"
            " coalesce(current_setting('request.actor', true), ''), current_user = session_user"
        )
    assert tuple(left) == ("", "", True)


async def test_call_after_a_cancelled_one_acts_for_its_own_caller(database: TestDatabase) -> None:
    sleep = f"SELECT pg_sleep(100), {WHOSE}"
    async with batches(database.api_url, size=1) as (_, connections):
        for turn in range(20):
            leaving = asyncio.create_task(connections.run(sleep, [], CALLERS[0]))
            await until(lambda: connections.numbers()[1] == 1)
            for _ in range(turn):  # until it waits for Postgres, or is anywhere on the way there
                await asyncio.sleep(0)
            leaving.cancel()
            await asyncio.gather(leaving, return_exceptions=True)
            row = await connections.run(ONE, ["x", 0], CALLERS[1])
            assert tuple(row)[1:4] == whose(CALLERS[1])


@asynccontextmanager
async def roles(database: TestDatabase, *names: str) -> AsyncIterator[None]:
    """Make roles for which the API's login may act."""
    with psycopg.connect(database.server.postgres.url("postgres"), autocommit=True) as connection:
        for name in names:
            connection.execute(f"CREATE ROLE {name} NOLOGIN".encode())
            connection.execute(f"GRANT {name} TO superbill_server WITH INHERIT FALSE".encode())
        try:
            yield
        finally:
            for name in names:
                connection.execute(f"DROP ROLE {name}".encode())


async def test_call_takes_the_connection_that_was_used_last_for_its_role(
    database: TestDatabase,
) -> None:
    pid = "SELECT pg_backend_pid(), current_user"
    async with roles(database, "test_train_a", "test_train_b"):
        async with batches(database.api_url, size=4) as (_, connections):
            callers = [Identity("test_train_a"), Identity("test_train_b")]
            used: dict[str, set[int]] = {}
            for _ in range(10):
                for caller in callers:
                    backend, role = await connections.run(pid, [], caller)
                    assert role == caller.role
                    used.setdefault(role, set()).add(backend)
        first, second = used.values()
        assert (len(first), len(second)) == (1, 1)
        assert first != second


async def test_stream_acts_for_its_caller(database: TestDatabase) -> None:
    streams = Streams(database.api_url, 1, 100, 1000, 1000)
    await streams.open()
    try:
        for transaction in (streams.reading, streams.writing):
            for caller in CALLERS[:2]:
                async with transaction(streams.pace(), caller) as connection:
                    row = await connection.fetchrow(f"SELECT {WHOSE}")
                    assert tuple(row or ()) == whose(caller)
    finally:
        await streams.close()


async def test_rows_of_other_tenants_stay_hidden_in_a_train(menagerie: TestDatabase) -> None:
    menagerie.execute(
        "INSERT INTO zoo.lodge (estate, name, beds)"
        " SELECT 'e' || n % 5, 'Lodge ' || n, 1 FROM generate_series(1, 50) AS n"
    )
    many = (
        "SELECT o.*, k.n + CAST($2 AS bigint) FROM unnest(CAST($1 AS text[]))"
        " WITH ORDINALITY AS k (v, n) CROSS JOIN LATERAL ("
        "SELECT string_agg(r.name, ',' ORDER BY r.name), k.v FROM api.lodges AS r OFFSET 0) AS o"
    )
    cars = [
        train.Car(Identity(DEVELOPMENT_ROLE, f"e{n}"), many, [[str(n)] * 3, 3 * n])
        for n in range(5)
    ]
    async with batches(menagerie.api_url) as (_, connections):
        rows = await Connections.run_many(connections, cars)
    assert [row[-1] for row in rows] == list(range(1, 16))
    for row in rows:
        numbers = [int(name.split()[1]) % 5 for name in row[0].split(",")]
        assert numbers == [int(row[1])] * 10
