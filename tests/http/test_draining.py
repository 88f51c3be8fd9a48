"""SIGTERM under load: what was sent is answered, connections are not kept, and the server ends by itself."""

import asyncio
import json
import signal
import time
from asyncio import AbstractEventLoop
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from api.http.protocol import Connection
from tests.faults.test_database_wait import free_port, started
from tests.faults.test_make_run import answers, eventually
from tests.support.batches import clients
from tests.support.databases import TestDatabase
from tests.support.outages import JOHN, billed, locked, superuser, waiting
from tests.support.serving import serving
from tests.support.visits import config

if TYPE_CHECKING:
    import subprocess

GRACE = 10
HEAD = "{} {} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n"


@dataclass(slots=True)
class Client:
    """One kept-alive connection: what it was answered, and how it ended."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    statuses: Counter[int] = field(default_factory=Counter)
    lost: int = 0  # requests without an answer, on a connection that the server has closed
    cut: bool = False  # in the middle of an answer
    told: bool = False  # by `Connection: close`

    async def ask(self, method: str, path: str, body: object = None) -> bool:
        """Send a request and read its whole answer; tell whether another may follow."""
        content = b"" if body is None else json.dumps(body).encode()
        try:
            self.writer.write(HEAD.format(method, path, len(content)).encode() + content)
            await self.writer.drain()
            line, *fields = (
                (await self.reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
            )
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            self.lost += 1
            self.cut |= bool(getattr(error, "partial", b""))
            return False
        headers = dict(entry.split(": ", 1) for entry in fields if entry)
        await self.reader.readexactly(int(headers["content-length"]))
        self.statuses[int(line.split()[1])] += 1
        self.told = headers["connection"] == "close"
        return not self.told

    async def keep_asking(self) -> None:
        """Read and write until the connection ends."""
        while await self.ask("GET", "/patients/?limit=3") and await self.ask(
            "POST", "/patients/", JOHN
        ):
            pass


@dataclass(frozen=True, slots=True)
class Server:
    """A server in a process of its own."""

    process: "subprocess.Popen[bytes]"
    port: int
    clients: list[Client] = field(default_factory=list)

    async def connect(self) -> Client:
        """Open a connection."""
        client = Client(*await asyncio.open_connection("127.0.0.1", self.port))
        self.clients.append(client)
        return client

    async def ended(self) -> int:
        """Wait for its end; give the exit status."""
        return await asyncio.to_thread(self.process.wait, GRACE)

    async def refuses(self) -> bool:
        """Tell whether a new connection is refused."""
        try:
            await self.connect()
        except ConnectionRefusedError:
            return True
        return False


@asynccontextmanager
async def serve(database: TestDatabase, output: Path, **environ: str) -> AsyncIterator[Server]:
    """Start a server and give it once it answers."""
    port = free_port()
    settings = {"DATABASE_URL": database.api_url, "PORT": port, "CONNECTIONS": "4", **environ}
    with started(output, "serve", **settings) as process:
        assert await asyncio.to_thread(eventually, lambda: answers(f"http://127.0.0.1:{port}"))
        server = Server(process, int(port))
        try:
            yield server
        finally:
            for client in server.clients:
                client.writer.close()
            await asyncio.sleep(0)
    assert "Traceback" not in await asyncio.to_thread(output.read_text)


def count(database: TestDatabase) -> int:
    ((rows,),) = database.execute("SELECT count(*) FROM billing.patient")
    assert isinstance(rows, int)
    return rows


async def test_under_load_everything_is_answered(
    loop: AbstractEventLoop, database: TestDatabase, tmp_path: Path
) -> None:
    path = f"/patients/{billed(database)['patient_id']}"
    async with serve(database, tmp_path / "output") as s:
        clients = [await s.connect() for _ in range(8)]
        load = [loop.create_task(client.keep_asking()) for client in clients]
        slow, late, idle = [await s.connect() for _ in range(3)]
        for client in (slow, late, idle):
            assert await client.ask("GET", path)
        with locked(database.owner_url, "SELECT FROM billing.patient FOR UPDATE"):
            change = loop.create_task(slow.ask("PATCH", path, {"first_name": "Jane"}))
            await waiting(superuser(database))
            await asyncio.sleep(0.5)
            began = time.monotonic()
            s.process.terminate()
            await asyncio.sleep(0.3)
            assert not await late.ask("GET", path)
            probe = await s.connect()
            assert not await probe.ask("GET", "/ready/")
            assert probe.statuses == {503: 1}
            await asyncio.sleep(1.2)
            assert await s.refuses()
            assert not change.done()
        await asyncio.gather(*load, change)
        assert await s.ended() == 0
        assert time.monotonic() - began < GRACE
        assert await idle.reader.read() == b""
    for client in (*clients, slow, late):
        assert (client.lost, client.cut, client.told) == (0, False, True)
    assert slow.statuses == {200: 2}
    total = sum((client.statuses for client in clients), Counter[int]())
    assert total.keys() == {200, 201}
    assert total[201] > 50
    assert count(database) == 1 + total[201]


async def test_who_asks_while_idle_connections_are_closed_is_answered_or_nothing_is_done(
    loop: AbstractEventLoop, database: TestDatabase, tmp_path: Path
) -> None:
    async def ask(client: Client, pause: float) -> None:
        await asyncio.sleep(pause)
        await client.ask("POST", "/patients/", JOHN)

    async with serve(database, tmp_path / "output") as s:
        clients = [await s.connect() for _ in range(100)]
        for client in clients:
            await client.ask("GET", "/health/")
        s.process.terminate()
        await asyncio.gather(
            *(ask(client, 0.8 + number / 250) for number, client in enumerate(clients))
        )
        assert await s.ended() == 0
    answered = sum(client.statuses[201] for client in clients)
    assert not [client for client in clients if client.cut]
    assert answered + sum(client.lost for client in clients) == len(clients)
    assert count(database) == answered > 10


async def test_who_connects_anew_all_the_time_loses_nothing_either(
    loop: AbstractEventLoop, database: TestDatabase, tmp_path: Path
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

    async with serve(database, tmp_path / "output") as s:
        load = [loop.create_task(connect_anew()) for _ in range(4)]
        await asyncio.sleep(0.5)
        s.process.terminate()
        await asyncio.gather(*load)
        assert await s.ended() == 0
    # Who connects in the moment in which the server stops to listen can be lost, but nothing is
    # done then.
    assert found["lost"] <= 1
    assert count(database) == found["answered"] > 50


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
async def test_without_a_connection_it_ends_at_once(
    loop: AbstractEventLoop, database: TestDatabase, tmp_path: Path, number: signal.Signals
) -> None:
    async with serve(database, tmp_path / "output") as s:
        began = time.monotonic()
        s.process.send_signal(number)
        assert await s.ended() == 0
        assert time.monotonic() - began < 5


async def test_it_outlives_its_terminal_where_nohup_asks_for_that(
    loop: AbstractEventLoop, database: TestDatabase, tmp_path: Path
) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # what is started now inherits that
    try:
        async with serve(database, tmp_path / "output") as s:
            s.process.send_signal(signal.SIGHUP)
            client = await s.connect()
            assert await client.ask("GET", "/health/")
            await asyncio.sleep(0.2)
            assert await client.ask("GET", "/health/")
            s.process.terminate()
            assert await s.ended() == 0
    finally:
        signal.signal(signal.SIGHUP, before)


async def test_ctrl_c_closes_idle_connections_at_once_and_answers_the_others(
    loop: AbstractEventLoop, database: TestDatabase, tmp_path: Path
) -> None:
    path = f"/patients/{billed(database)['patient_id']}"
    async with serve(database, tmp_path / "output") as s:
        slow, idle = await s.connect(), await s.connect()
        assert await idle.ask("GET", path)
        with locked(database.owner_url, "SELECT FROM billing.patient FOR UPDATE"):
            change = loop.create_task(slow.ask("PATCH", path, {"first_name": "Jane"}))
            await waiting(superuser(database))
            s.process.send_signal(signal.SIGINT)
            assert await asyncio.wait_for(idle.reader.read(), 0.8) == b""
            s.process.send_signal(signal.SIGINT)  # impatience changes nothing
        assert not await change
        assert slow.statuses == {200: 1}
        assert await s.ended() == 0


async def test_what_has_just_been_sent_is_answered_though_its_connection_was_idle(
    loop: AbstractEventLoop, database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the very turn in which idle connections are closed."""
    made: list[Connection] = []
    begin = Connection.connection_made

    def note(own: Connection, transport: asyncio.BaseTransport) -> None:
        made.append(own)
        begin(own, transport)

    monkeypatch.setattr(Connection, "connection_made", note)
    async with serving(config(database)) as s, clients(s.port, 1) as (client,):
        assert (await client.ask("GET", "/health/")).status == 200
        made[-1].data_received(b"GET /health/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert not made[-1].close_if_idle()
        assert (await client.reader.read()).startswith(b"HTTP/1.1 200 ")
