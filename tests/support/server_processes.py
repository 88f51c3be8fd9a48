"""A server in a process of its own, and kept connections that load it."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.databases import TestDatabase
from tests.support.forked_programs import Program
from tests.support.outages import JOHN
from tests.support.processes import eventually, free_port, is_ready, start_server

# Time limits out of the reach of a busy machine; a test that is about one sets it.
LONG_LIMITS = {"WAIT": "100", "TIMEOUT": "100"}
_ALL_SERVE = " serves the schema "  # in the line that the program logs then
HEAD = "{} {} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n"


@dataclass(slots=True)
class KeptConnection:
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
class ServerProcess:
    """A server in a process of its own."""

    process: Program
    port: int
    clients: list[KeptConnection] = field(default_factory=list)

    async def connect(self) -> KeptConnection:
        """Open a connection."""
        client = KeptConnection(*await asyncio.open_connection("127.0.0.1", self.port))
        self.clients.append(client)
        return client

    async def ended(self) -> int:
        """Wait for its end; give the exit status."""
        return await asyncio.to_thread(self.process.wait, 60)

    async def refuses(self) -> bool:
        """Tell whether a new connection is refused."""
        try:
            await self.connect()
        except ConnectionRefusedError:
            return True
        return False


@asynccontextmanager
async def server_process(
    database: TestDatabase, output: Path, **environ: str
) -> AsyncIterator[ServerProcess]:
    """Start a server and give it once it answers."""
    port = free_port()
    settings = {
        **LONG_LIMITS,
        "DATABASE_URL": database.api_url,
        "PORT": port,
        "CONNECTIONS": "4",
        **environ,
    }
    with start_server(output, **settings) as process:
        assert await asyncio.to_thread(eventually, lambda: is_ready(f"http://127.0.0.1:{port}"))
        if "WORKERS" in environ:  # one that answers says nothing of the others
            assert await asyncio.to_thread(eventually, lambda: _ALL_SERVE in output.read_text())
        server = ServerProcess(process, int(port))
        try:
            yield server
        finally:
            for client in server.clients:
                client.writer.close()
            await asyncio.sleep(0)
    assert "Traceback" not in await asyncio.to_thread(output.read_text)


def count_patients(database: TestDatabase) -> int:
    ((rows,),) = database.execute("SELECT count(*) FROM billing.patient")
    assert isinstance(rows, int)
    return rows


TROUBLE = ("Traceback", "never retrieved", "was never awaited", "RuntimeWarning")


@dataclass(frozen=True, slots=True)
class Running:
    """A server in a process of its own."""

    process: Program
    port: int
    output: Path


@asynccontextmanager
async def run(url: str, folder: Path, **environ: str) -> AsyncIterator[Running]:
    """Start a server and yield it once it answers; check that it ends without an error."""
    port, output = free_port(), folder / "output"
    settings = {**LONG_LIMITS, "DATABASE_URL": url, "PORT": port, **environ}
    with start_server(output, **settings) as process:
        assert await asyncio.to_thread(eventually, lambda: is_ready(f"http://127.0.0.1:{port}")), (
            output.read_text()
        )
        yield Running(process, int(port), output)
        process.terminate()
        assert await asyncio.to_thread(process.wait, 60) == 0
    found = output.read_text()
    assert [trouble for trouble in TROUBLE if trouble in found] == [], found[-5000:]
