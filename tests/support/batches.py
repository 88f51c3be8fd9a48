"""For the tests of batching: batches that record what they send, and many clients at once."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from api.config import Config
from api.database.batching import Batches
from api.database.connections import Connections
from api.database.train import Car
from api.identity import DEVELOPMENT_ROLE, Identity

# A statement for one, and the same for many: a text in, the same text out.
ONE = "SELECT CAST($1 AS text), CAST($2 AS bigint) + 1"
MANY = (
    "SELECT k.v, k.n + CAST($2 AS bigint)"
    " FROM unnest(CAST($1 AS text[])) WITH ORDINALITY AS k (v, n)"
)  # fmt: skip
# A caller, for whom the statements of tests act.
CALLER = Identity(DEVELOPMENT_ROLE)
_HEAD = "{} {} HTTP/1.1\r\nHost: x\r\nContent-Type: {}\r\nContent-Length: {}\r\n{}\r\n"


HELD = "held"  # a statement whose first text begins so waits for the gate


class RecordedConnections(Connections):
    """Connections that record how many calls each statement was for, and can hold statements.

    A held statement occupies its lane, but no connection, until the gate opens.
    """

    def __init__(self, url: str, size: int) -> None:
        """Prepare for `size` connections, with time limits that no test reaches."""
        super().__init__(url, size, wait=100, timeout=100)
        self.sent: list[int] = []
        self.gate = asyncio.Event()
        self.running = self.most_running = 0

    async def run(
        self, sql: str, values: Sequence[Any], identity: Identity, *, write: bool = False
    ) -> Any:
        """Record and run a statement for one call, behind the gate if it is to be held."""
        async with self._recorded(1, values[0] if values else ""):
            return await super().run(sql, values, identity, write=write)

    async def run_many(self, cars: Sequence[Car], *, write: bool = False) -> Any:
        """Record and run statements for many calls, behind the gate if they are to be held."""
        texts = [text for car in cars for text in _texts(car.values[0])]
        async with self._recorded(len(texts), texts[0]):
            return await super().run_many(cars, write=write)

    @asynccontextmanager
    async def _recorded(self, calls: int, first: str) -> AsyncIterator[None]:
        self.sent.append(calls)
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            if first.startswith(HELD):
                await self.gate.wait()
            yield
        finally:
            self.running -= 1


def _texts(value: str | tuple[str, ...]) -> tuple[str, ...]:
    """Give the texts of a value of one call, or of many."""
    return (value,) if isinstance(value, str) else value


def unhurried(url: str, connections: int = 4, lanes: int = 2) -> Config:
    """Configure a server whose time limits no test reaches, however busy the machine is."""
    return Config(database_url=url, connections=connections, lanes=lanes, wait=100, timeout=100)


@asynccontextmanager
async def batches(
    url: str, size: int = 4, lanes: int = 2, most: int = 64, **parameters: Any
) -> AsyncIterator[tuple[Batches, RecordedConnections]]:
    """Give batches on connections of their own.

    Where no parameter says otherwise, the clock decides nothing: a call that waits takes another
    lane in the next turn of the loop, and each statement keeps its lane.
    """
    connections = RecordedConnections(url, size)
    await connections.open()
    try:
        yield (
            Batches(connections, lanes, most, **{"quick": 0, "patience": 1000, **parameters}),
            connections,
        )
    finally:
        await connections.close()


async def until(condition: Callable[[], object]) -> None:
    """Wait until something is the case: pytest's timeout ends a test where it never is."""
    while not condition():  # noqa: ASYNC110 - of a condition that has no event
        await asyncio.sleep(0.002)


async def until_waiting(found: Batches, count: int) -> None:
    """Wait until `count` calls wait in the queues."""
    queues = found._queues  # noqa: SLF001 - waiting calls show nowhere else
    await until(lambda: sum(len(queue.waiting) for queue in queues.values()) == count)


def new_batches(monkeypatch: pytest.MonkeyPatch, **parameters: Any) -> list[Batches]:
    """Give the batches of every server that starts from now on, made with these parameters."""
    made: list[Batches] = []
    init = Batches.__init__

    def record(found: Batches, *arguments: Any, **others: Any) -> None:
        init(found, *arguments, **{**others, **parameters})
        made.append(found)

    monkeypatch.setattr(Batches, "__init__", record)
    return made


def logged_sizes(caplog: pytest.LogCaptureFixture) -> list[int]:
    """Give from the log how many calls each shared statement was for."""
    name = "api.database.batching"
    return [int(r.getMessage().split()[0]) for r in caplog.records if r.name == name]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: status, `Location`, JSON document, `Retry-After`, and whether it was kept."""

    status: int
    location: str
    document: Any
    retry_after: str | None = None
    replayed: bool = False


class Client:
    """One kept connection to a server: httpx takes as long for a request as the server does."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Use an open connection."""
        self.reader = reader
        self.writer = writer

    async def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        media: str = "application/json",
        more: str = "",
    ) -> Answer:
        """Send a request and read its answer; a body is a JSON value, or a text to send.

        `more`: header fields, each with a line end.
        """
        text = body if isinstance(body, str) else json.dumps(body)
        content = b"" if body is None else text.encode()
        self.writer.write(_HEAD.format(method, path, media, len(content), more).encode() + content)
        line, *fields = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(entry.lower().split(": ", 1) for entry in fields if entry)
        found = await self.reader.readexactly(int(headers.get("content-length", 0)))
        location = next(
            (entry.split(": ", 1)[1] for entry in fields if entry.lower().startswith("location:")),
            "",
        )
        document = json.loads(found, parse_float=str) if found else None
        return Answer(
            int(line.split()[1]),
            location,
            document,
            headers.get("retry-after"),
            "idempotency-replayed" in headers,
        )


@asynccontextmanager
async def clients(port: int, count: int) -> AsyncIterator[list[Client]]:
    """Open so many connections to a server."""
    made = [Client(*await asyncio.open_connection("127.0.0.1", port)) for _ in range(count)]
    try:
        yield made
    finally:
        for client in made:
            client.writer.close()


async def send_at_once(port: int, requests: Iterable[tuple[str, str, Any]]) -> list[Answer]:
    """Send requests at once, each on its own connection; give the answers in the same order."""
    asked = list(requests)
    async with clients(port, len(asked)) as made:
        calls = zip(made, asked, strict=True)
        return await asyncio.gather(*(client.ask(*request) for client, request in calls))
