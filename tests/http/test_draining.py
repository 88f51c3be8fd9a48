"""SIGTERM under load: requests are answered, connections are closed, and the server ends."""

import asyncio
import signal
from collections import Counter
from pathlib import Path

import pytest

from api.http.protocol import Connection
from tests.support.batches import clients, until
from tests.support.databases import TestDatabase
from tests.support.outages import JOHN, add_billed_visit, locked, superuser_url, wait_for_locks
from tests.support.server_processes import KeptConnection, count_patients, server_process
from tests.support.serving import Serve
from tests.support.visits import config

pytestmark = pytest.mark.unmeasured


@pytest.fixture
def database(one_role: TestDatabase) -> TestDatabase:
    """Give a database on which a server starts in little CPU time."""
    return one_role


async def test_sigterm_under_load_loses_no_request(database: TestDatabase, tmp_path: Path) -> None:
    path = f"/patients/{add_billed_visit(database)['patient_id']}"
    async with server_process(database, tmp_path / "output", DRAIN="3") as s:
        clients = [await s.connect() for _ in range(8)]
        load = [asyncio.create_task(client.keep_asking()) for client in clients]
        slow, idle = await s.connect(), await s.connect()
        for client in (slow, idle):
            assert await client.ask("GET", path)
        with locked(database.owner_url, "SELECT FROM billing.patient FOR UPDATE"):
            change = asyncio.create_task(slow.ask("PATCH", path, {"first_name": "Jane"}))
            await wait_for_locks(superuser_url(database))
            await until(lambda: sum(client.statuses[201] for client in clients) > 50)
            s.process.terminate()
            while not await s.refuses():  # noqa: ASYNC110 - no event
                await asyncio.sleep(0.1)
            assert not change.done()
        await asyncio.gather(*load, change)
        assert await s.ended() == 0
        assert await idle.reader.read() == b""
    for client in (*clients, slow):
        assert (client.lost, client.cut, client.told) == (0, False, True)
    assert slow.statuses == {200: 2}
    total = sum((client.statuses for client in clients), Counter[int]())
    assert total.keys() == {200, 201}
    assert count_patients(database) == 1 + total[201]


async def test_draining_server_reports_it_and_answers_idle_connections_once(
    database: TestDatabase, tmp_path: Path
) -> None:
    path = f"/patients/{add_billed_visit(database)['patient_id']}"
    async with server_process(database, tmp_path / "output", DRAIN="600") as s:
        late = await s.connect()
        assert await late.ask("GET", path)
        s.process.terminate()
        probe = await s.connect()
        while await probe.ask("GET", "/ready/") or probe.statuses[503] == 0:
            probe = await s.connect()  # it may have been answered as the end began
        assert not await late.ask("GET", path)
        s.process.kill()  # rather than wait for the end of DRAIN
    for client in (probe, late):
        assert (client.lost, client.cut, client.told) == (0, False, True)


@pytest.mark.parametrize(
    ("drain", "moments", "least"),
    [
        ("2", [number / 40 for number in range(100)], 0),
        pytest.param("1", [0.8 + n / 250 for n in range(100)], 10, marks=pytest.mark.long),
    ],
    ids=["wide", "dense"],
)
async def test_request_on_a_closing_idle_connection_is_answered_or_not_executed(
    database: TestDatabase, tmp_path: Path, drain: str, moments: list[float], least: int
) -> None:
    """Requests are sent before and after the moment at which idle connections are closed."""

    async def ask(client: KeptConnection, pause: float) -> None:
        await asyncio.sleep(pause)
        await client.ask("POST", "/patients/", JOHN)

    async with server_process(database, tmp_path / "output", DRAIN=drain) as s:
        clients = [await s.connect() for _ in range(100)]
        for client in clients:
            await client.ask("GET", "/health/")
        s.process.terminate()
        await asyncio.gather(
            *(ask(client, moment) for client, moment in zip(clients, moments, strict=True))
        )
        assert await s.ended() == 0
    answered = sum(client.statuses[201] for client in clients)
    assert not [client for client in clients if client.cut]
    assert answered + sum(client.lost for client in clients) == len(clients)
    assert count_patients(database) == answered > least


async def test_new_connections_at_sigterm_lose_no_request(
    database: TestDatabase, tmp_path: Path
) -> None:
    found: Counter[str] = Counter()

    async def connect_anew() -> None:
        while True:
            try:
                client = await s.connect()
            except ConnectionError:  # nothing was sent
                return
            await client.ask("POST", "/patients/", JOHN)
            found["answered" if client.statuses == {201: 1} else "lost"] += 1

    async with server_process(database, tmp_path / "output") as s:
        load = [asyncio.create_task(connect_anew()) for _ in range(4)]
        await until(lambda: found["answered"] > 50)
        s.process.terminate()
        await asyncio.gather(*load)
        assert await s.ended() == 0
    assert found["lost"] == 0
    assert count_patients(database) == found["answered"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
async def test_server_without_connections_ends_at_once(
    database: TestDatabase, tmp_path: Path, number: signal.Signals
) -> None:
    async with server_process(database, tmp_path / "output") as s:
        s.process.send_signal(number)
        assert await s.ended() == 0  # long before WAIT and TIMEOUT, which requests would have


async def test_server_under_nohup_outlives_its_terminal(
    database: TestDatabase, tmp_path: Path
) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # what is started now inherits that
    try:
        async with server_process(database, tmp_path / "output") as s:
            s.process.send_signal(signal.SIGHUP)
            client = await s.connect()
            for _ in range(20):
                assert await client.ask("GET", "/health/")
            s.process.terminate()
            assert await s.ended() == 0
    finally:
        signal.signal(signal.SIGHUP, before)


async def test_ctrl_c_closes_idle_connections_and_answers_the_others(
    database: TestDatabase, tmp_path: Path
) -> None:
    path = f"/patients/{add_billed_visit(database)['patient_id']}"
    async with server_process(database, tmp_path / "output", DRAIN="600") as s:
        slow, idle = await s.connect(), await s.connect()
        assert await idle.ask("GET", path)
        with locked(database.owner_url, "SELECT FROM billing.patient FOR UPDATE"):
            change = asyncio.create_task(slow.ask("PATCH", path, {"first_name": "Jane"}))
            await wait_for_locks(superuser_url(database))
            s.process.send_signal(signal.SIGINT)
            assert await asyncio.wait_for(idle.reader.read(), 60) == b""
            s.process.send_signal(signal.SIGINT)  # impatience changes nothing
        assert not await change
        assert slow.statuses == {200: 1}
        assert await s.ended() == 0


async def test_request_that_has_just_arrived_on_an_idle_connection_is_answered(
    serve: Serve, database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the very turn in which idle connections are closed."""
    made: list[Connection] = []
    begin = Connection.connection_made

    def note(own: Connection, transport: asyncio.BaseTransport) -> None:
        made.append(own)
        begin(own, transport)

    monkeypatch.setattr(Connection, "connection_made", note)
    service = await serve(config(database))
    async with clients(service.port, 1) as (client,):
        assert (await client.ask("GET", "/health/")).status == 200
        made[-1].data_received(b"GET /health/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert not made[-1].close_if_idle()
        assert (await client.reader.read()).startswith(b"HTTP/1.1 200 ")
