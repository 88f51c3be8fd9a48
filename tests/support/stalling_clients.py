"""Many clients that keep a server waiting, all in the same manner."""

import asyncio
import math
import resource
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field

import httpx
import psutil  # type: ignore[import-untyped] # it has annotations, but does not say so

from tests.support.plain_http import NO_CERTIFICATES
from tests.support.server_processes import Running

LONGEST_ANSWER = 5.0  # seconds for what takes milliseconds on a machine that does nothing else


class StallingClient(asyncio.Protocol):
    """A client that takes nothing but note of its end."""

    def __init__(self) -> None:
        """Start with nothing received."""
        self.transport: asyncio.Transport
        self.received = b""
        self.lost = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the connection."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Keep it."""
        self.received += data

    def connection_lost(self, _: BaseException | None) -> None:
        """Note it."""
        self.lost.set()


async def turns() -> None:
    """Let the loop, in which a server runs too, take all that has arrived by now."""
    for _ in range(50):
        await asyncio.sleep(0)


@contextmanager
def open_file_limit(count: int) -> Iterator[None]:
    """Let this process have so many files open, if it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert hard == resource.RLIM_INFINITY or hard >= count
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, count), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@asynccontextmanager
async def stalling_clients(
    port: int, count: int, sent: bytes, drip: bytes = b"", *, reads: bool = True
) -> AsyncIterator[list[StallingClient]]:
    """Connect so many clients that send this and then, if they drip, this again and again."""
    loop = asyncio.get_running_loop()
    made: list[StallingClient] = []

    async def connect() -> None:
        _, client = await loop.create_connection(StallingClient, "127.0.0.1", port)
        # Before Python 3.12, asyncio reads on if `connection_made` pauses.
        if not reads:
            client.transport.pause_reading()
        client.transport.write(sent)
        made.append(client)

    async def dripping() -> None:
        while True:
            await asyncio.sleep(0.2)
            for client in made:
                if not client.transport.is_closing():
                    client.transport.write(drip)

    task = loop.create_task(dripping()) if drip else None
    try:
        for _ in range(0, count, 20):
            with suppress(ConnectionError):
                await asyncio.gather(*(connect() for _ in range(min(20, count - len(made)))))
        yield made
    finally:
        if task:
            task.cancel()
        for client in made:
            client.transport.abort()
        await asyncio.gather(*(client.lost.wait() for client in made))


@dataclass(slots=True)
class Watch:
    """Memory, open files and the slowest answer of a server while something goes on."""

    server: Running
    process: psutil.Process = field(init=False)
    memory: float = 0.0  # MB: how much more than before at most
    files: int = 0  # at most
    slowest: float = 0.0  # seconds
    asked: int = 0

    def __post_init__(self) -> None:
        """Look at the server."""
        self.process = psutil.Process(self.server.process.pid)

    def rss(self) -> float:
        """Give what it has in memory, in MB."""
        return float(self.process.memory_info().rss) / 2**20

    async def look(self, client: httpx.AsyncClient, before: float) -> None:
        """Ask as somebody else does, over a new connection and with the database; note all that."""
        began = time.monotonic()
        for path in ("/health/", "/cpt_codes/G0438"):
            answer = await client.get(f"http://127.0.0.1:{self.server.port}{path}")
            assert answer.status_code == 200, answer.text
        self.slowest = max(self.slowest, time.monotonic() - began)
        self.memory = max(self.memory, self.rss() - before)
        self.files = max(self.files, self.process.num_fds())
        self.asked += 1


@asynccontextmanager
async def watched(server: Running, most: float = math.inf) -> AsyncIterator[Watch]:
    """Watch a server with requests of another client; none of them may take `most` seconds."""
    watch, end = Watch(server), asyncio.Event()
    limits = httpx.Limits(max_keepalive_connections=0)

    async def keep_on() -> None:
        async with httpx.AsyncClient(timeout=100, limits=limits, verify=NO_CERTIFICATES) as client:
            await watch.look(client, watch.rss())
            before = watch.rss()
            while not end.is_set():
                await watch.look(client, before)
                await asyncio.sleep(0.02)

    task = asyncio.create_task(keep_on())
    try:
        yield watch
    finally:
        end.set()
        await task
    assert watch.slowest < most
