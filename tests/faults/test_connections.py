"""Connections that break, run out, or lose their client: the answers, and how service goes on."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from asyncpg import Connection, InternalClientError
from asyncpg.prepared_stmt import PreparedStatement

from api.cli import dev_postgres, migrations
from api.config import ROOT, Config
from api.database.connections import FAILURES, Connections, connect
from api.problem import ProblemError
from tests.support.batches import CALLER, unhurried, until
from tests.support.catalogs import read_catalog
from tests.support.databases import TestDatabase
from tests.support.folders import reachable_folder
from tests.support.outages import (
    JOHN,
    OUTCOME_UNKNOWN,
    UNAVAILABLE,
    Wire,
    add_billed_visit,
    locked,
    outcome,
    superuser_url,
    terminate_connections,
    wait_for_locks,
)
from tests.support.serving import Serve, serving

FAST = {"fsync": "off"}  # commits survive a crash of Postgres, though not of the machine


@asynccontextmanager
async def opened(
    url: str, size: int = 1, seconds: float = 100, most_prepared: int = 500
) -> AsyncIterator[Connections]:
    """Open connections whose statements may run for `seconds`, without a server."""
    connections = Connections(url, size, 100, seconds, most_prepared)
    await connections.open()
    try:
        yield connections
    finally:
        await connections.close()


@pytest.fixture(scope="module")
def directory() -> Iterator[Path]:
    """Give the directory of a migrated Postgres that these tests stop and kill."""
    with reachable_folder() as directory:
        with dev_postgres.postgres(directory, settings=FAST) as postgres:
            migrations.migrate(postgres.owner_url, ROOT / "schema")
        yield directory


@pytest.mark.costly
async def test_server_without_database_answers_503_and_recovers(
    serve: Serve, directory: Path
) -> None:
    with dev_postgres.postgres(directory, settings=FAST) as postgres:
        url = postgres.api_url
        catalog = await read_catalog(url)
    service = await serve(unhurried(url, 2), found=catalog)
    # At first the database is not there yet, then it is lost.
    for _ in range(2):
        for answer in (
            await service.client.get("/patients/"),
            await service.client.post("/patients/", json=JOHN),
        ):
            assert outcome(answer) == UNAVAILABLE
        assert (await service.client.get("/health/")).status_code == 200
        assert outcome(await service.client.get("/ready/")) == UNAVAILABLE
        with dev_postgres.postgres(directory, settings=FAST):
            while (await service.client.get("/patients/")).status_code != 200:
                pass
            answers = await asyncio.gather(*(service.client.get("/patients/") for _ in range(8)))
            assert {answer.status_code for answer in answers} == {200}
            assert (await service.client.get("/ready/")).status_code == 200
            assert (await service.client.get("/patients/")).json() == []


async def test_killed_backend_answers_503_and_service_recovers(directory: Path) -> None:
    with dev_postgres.postgres(directory, settings=FAST) as postgres:
        superuser_url = postgres.url("postgres")
        async with serving(unhurried(postgres.api_url)) as server:
            patient = (await server.client.post("/patients/", json=JOHN)).json()
            item = f"/patients/{patient['id']}"
            with locked(postgres.owner_url, "SELECT FROM billing.patient FOR UPDATE") as other:
                write = asyncio.create_task(server.client.patch(item, json={"last_name": "Other"}))
                (pid,) = await wait_for_locks(superuser_url)
                other.execute("LOCK billing.encounter")
                read = asyncio.create_task(server.client.get("/encounters/"))
                await wait_for_locks(superuser_url, 2)
                os.kill(pid, signal.SIGKILL)  # Postgres then ends all others, and recovers
                assert outcome(await write) == OUTCOME_UNKNOWN
                assert outcome(await read) == UNAVAILABLE
            while (answer := await server.client.get(item)).status_code != 200:
                assert outcome(answer) == UNAVAILABLE
            assert answer.json() == patient
            assert (await server.client.patch(item, json={"last_name": "Other"})).status_code == 200


async def test_terminated_idle_connections_are_replaced_unnoticed(
    serve: Serve, database: TestDatabase
) -> None:
    service = await serve(unhurried(database.api_url, 3))
    for method in ("GET", "POST"):
        terminate_connections(database)
        body = None if method == "GET" else JOHN
        requests = (service.client.request(method, "/patients/", json=body) for _ in range(9))
        answers = await asyncio.gather(*requests)
        assert {answer.status_code for answer in answers} == {200 if method == "GET" else 201}


async def test_requests_without_a_free_connection_answer_503(
    serve: Serve, database: TestDatabase
) -> None:
    service = await serve(Config(database_url=database.api_url, connections=2, wait=1))
    patient = (await service.client.post("/patients/", json=JOHN)).json()
    change = (f"/patients/{patient['id']}", {"last_name": "Other"})
    with locked(database.owner_url, "SELECT FROM billing.patient FOR UPDATE"):
        slow = [
            asyncio.create_task(service.client.patch(change[0], json=change[1])) for _ in range(2)
        ]
        await wait_for_locks(superuser_url(database), 2)
        others = (service.client.get("/cpt_codes/"), service.client.post("/patients/", json=JOHN))
        answers = await asyncio.gather(*others)
        assert [outcome(answer) for answer in answers] == [UNAVAILABLE, UNAVAILABLE]
        # A busy database is there.
        assert (await service.client.get("/ready/")).status_code == 200
    assert [answer.json() for answer in await asyncio.gather(*slow)] == [
        {**patient, **change[1]}
    ] * 2
    assert (await service.client.get("/cpt_codes/")).status_code == 200


def sleeping(database: TestDatabase) -> list[int]:
    """Give the backends that sleep."""
    query = (
        "SELECT pid FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event = 'PgSleep'"
    )
    with psycopg.connect(superuser_url(database)) as connection:
        return [pid for (pid,) in connection.execute(query)]


async def test_statement_that_takes_too_long_is_cancelled(database: TestDatabase) -> None:
    # The role's own limit, after which Postgres notices that the client is gone, is 10 s.
    url = f"{database.api_url}&statement_timeout=2s"
    async with opened(url, seconds=1) as connections:
        for write, expected in ((False, "unavailable"), (True, "outcome-unknown")):
            with pytest.raises(ProblemError) as caught:
                await connections.run("SELECT pg_sleep(100)", (), CALLER, write=write)
            assert caught.value.problem.kind == expected
            # Its connection is replaced.
            await until(lambda: not sleeping(database))
            assert connections.numbers() == (0, 0)
    async with opened(database.api_url) as connections:
        assert (await connections.run("SELECT 1", (), CALLER))[0] == 1


async def test_deallocated_statements_are_prepared_again(database: TestDatabase) -> None:
    async with opened(database.api_url) as connections:
        for _ in range(3):
            assert (await connections.run("SELECT 7", (), CALLER))[0] == 7
            await connections.run("DEALLOCATE ALL", (), CALLER)
            assert (await connections.run("SELECT 7", (), CALLER))[0] == 7


async def test_prepared_statements_are_bounded(database: TestDatabase) -> None:
    async with opened(database.api_url, most_prepared=5) as connections:
        for number in [*range(20), *range(20)]:
            assert (await connections.run(f"SELECT {number}", (), CALLER))[0] == number
        # The one that is dropped is closed when the next one is prepared.
        count = "SELECT count(*) FROM pg_prepared_statements"
        assert (await connections.run(count, (), CALLER))[
            0
        ] <= 5 + 3  # three of the connection itself


async def test_least_recently_used_prepared_statement_is_dropped(database: TestDatabase) -> None:
    async with opened(database.api_url, most_prepared=3) as connections:
        for number in (1, 2, 3, 1, 4):
            await connections.run(f"SELECT {number}", (), CALLER)
        (held,) = connections._all  # noqa: SLF001 - which are kept shows only in their time
        assert list(held.statements) == ["SELECT 3", "SELECT 1", "SELECT 4"]


async def test_connection_without_an_answer_is_replaced(
    database: TestDatabase, tmp_path: Path
) -> None:
    patient = f"/patients/{add_billed_visit(database)['patient_id']}"
    wire = Wire(database, tmp_path)
    config = replace(unhurried(wire.url, 1), timeout=2)
    async with wire, serving(config) as server:
        for method, expected in (("GET", UNAVAILABLE), ("PATCH", OUTCOME_UNKNOWN)):
            body = JOHN if method == "PATCH" else None
            prepared = await server.client.request(method, patient, json=body)
            assert prepared.status_code == 200
            wire.cut()
            assert outcome(await server.client.request(method, patient, json=body)) == expected
            assert (await server.client.get(patient)).status_code == 200


async def test_driver_in_a_wrong_state_answers_503_and_recovers(
    serve: Serve, database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lost(*_: object) -> None:
        raise InternalClientError

    service = await serve(unhurried(database.api_url, 1))
    patient = f"/patients/{add_billed_visit(database)['patient_id']}"
    with monkeypatch.context() as patched:
        patched.setattr(PreparedStatement, "fetchrow", lost)
        assert outcome(await service.client.get(patient)) == UNAVAILABLE
        assert outcome(await service.client.patch(patient, json=JOHN)) == OUTCOME_UNKNOWN
        patched.setattr(Connection, "fetchrow", lost)
        patched.setattr(Connection, "_execute", lost)
        assert outcome(await service.client.get("/ready/")) == UNAVAILABLE
    assert (await service.client.patch(patient, json=JOHN)).status_code == 200
    assert (await service.client.get("/ready/")).status_code == 200


async def count_backends(database: TestDatabase, connections: Connections, calls: int) -> int:
    """Run so many calls at the same time; give how many backends run them."""
    with locked(database.owner_url, "SELECT pg_advisory_xact_lock(1)"):
        query = "SELECT pg_advisory_xact_lock_shared(1), pg_backend_pid()"
        running = [asyncio.create_task(connections.run(query, (), CALLER)) for _ in range(calls)]
        await wait_for_locks(superuser_url(database), calls)
    return len({row[1] for row in await asyncio.gather(*running)})


async def test_cancelled_calls_give_their_connections_back(database: TestDatabase) -> None:
    size = 3
    async with opened(database.api_url, size) as connections:
        for moment in range(30):  # while it waits for a connection, prepares, runs, or is done
            calls = [
                asyncio.create_task(connections.run(f"SELECT pg_sleep(0.01), {moment}", (), CALLER))
                for _ in range(9)
            ]
            await asyncio.sleep(moment / 1000)
            for call in calls:
                call.cancel()
            await asyncio.gather(*calls, return_exceptions=True)
        assert await count_backends(database, connections, size) == size


async def test_calls_that_are_cancelled_while_connections_open_lose_none(
    database: TestDatabase,
) -> None:
    async with opened(database.api_url, 2) as connections:
        for moment in range(10):
            terminate_connections(database)
            calls = [asyncio.create_task(connections.run("SELECT 1", (), CALLER)) for _ in range(4)]
            await asyncio.sleep(moment / 1000)
            for call in calls:
                call.cancel()
            await asyncio.gather(*calls, return_exceptions=True)
            assert (await connections.run("SELECT 1", (), CALLER))[0] == 1
        assert await count_backends(database, connections, 2) == 2


async def test_statement_of_a_disconnected_client_is_cancelled(
    serve: Serve, database: TestDatabase
) -> None:
    service = await serve(unhurried(database.api_url, 2))
    with locked(database.owner_url, "LOCK billing.patient"):
        writers = [(await asyncio.open_connection("127.0.0.1", service.port))[1] for _ in range(2)]
        for writer in writers:
            writer.write(b"GET /patients/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await wait_for_locks(superuser_url(database), 2)
        for writer in writers:
            writer.close()
            await writer.wait_closed()
        # Their statements are cancelled, so a connection is free while the lock is still held.
        assert (await service.client.get("/cpt_codes/")).status_code == 200


async def test_url_is_read_as_libpq_reads_it(tmp_path: Path) -> None:
    received: list[bytes] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received.append((await reader.readexactly(8))[4:])
        writer.close()

    ssl_request, startup = (80877103).to_bytes(4, "big"), (0x30000).to_bytes(4, "big")
    listener = await asyncio.start_server(listen, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    async with listener:
        for mode, expected in (("require", ssl_request), ("disable", startup)):
            for url in (
                f"postgresql://me:pass%2Fword@127.0.0.1:{port}/here?sslmode={mode}",
                f"postgresql:///here?host=127.0.0.1&port={port}&user=me&sslmode={mode}",
            ):
                with pytest.raises(FAILURES):
                    await connect(url, min_size=1, max_size=1, timeout=2).connect()
                assert received.pop() == expected


async def test_concurrent_requests_get_their_own_answers(
    serve: Serve, database: TestDatabase
) -> None:
    service = await serve(unhurried(database.api_url))

    async def bill(number: int) -> None:
        name = {"first_name": f"First {number}", "last_name": f"Last {number}"}
        patient = (await service.client.post("/patients/", json=name)).json()
        visit = {"date": f"2024-03-{number % 28 + 1:02}"}
        encounter = (
            await service.client.post(f"/patients/{patient['id']}/encounters/", json=visit)
        ).json()
        items = f"/encounters/{encounter['id']}/line_items/"
        item = (
            await service.client.post(items, json={"cpt_code": "G0438", "units": number + 1})
        ).json()
        bill = (await service.client.get(f"/superbills/{encounter['id']}")).json()
        assert (bill["first_name"], bill["date"]) == (name["first_name"], visit["date"])
        assert [(line["id"], line["units"]) for line in bill["line_items"]] == [
            (item["id"], number + 1)
        ]
        assert (await service.client.get(f"/patients/{patient['id']}")).json() == {
            **patient,
            **name,
        }
        assert (await service.client.get(f"/patients/{encounter['id']}")).status_code == 404

    await asyncio.gather(*map(bill, range(50)))
