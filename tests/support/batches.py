"""Calls that share statements, for the tests of batching: what was sent to Postgres, and many clients at once."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from api.database.batching import Batches
from api.database.connections import Connections

# A statement for one, and the same for many: a text in, the same text out.
ONE = "SELECT CAST($1 AS text)"
MANY = "SELECT k.n, k.v FROM unnest(CAST($1 AS text[])) WITH ORDINALITY AS k (v, n)"
_HEAD = "{} {} HTTP/1.1\r\nHost: x\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n"


class Noted(Connections):
    """Connections that remember how many calls each statement was for."""

    sent: list[int]

    async def run(
        self, sql: str, values: Sequence[Any], *, write: bool = False, many: bool = False
    ) -> Any:
        """Run it."""
        self.sent.append(len(values[0]) if many else 1)
        return await super().run(sql, values, write=write, many=many)


@asynccontextmanager
async def batches(
    url: str, size: int = 4, lanes: int = 2, most: int = 64
) -> AsyncIterator[tuple[Batches, list[int]]]:
    """Give batches on connections of their own, and the sizes of what they send."""
    connections = Noted(url, size, 5, 30)
    connections.sent = []
    await connections.open()
    try:
        yield Batches(connections, lanes, most), connections.sent
    finally:
        await connections.close()


async def gathered(found: Batches, count: int) -> None:
    """Wait until so many calls wait."""
    for _ in range(1000):
        # nothing else tells
        if sum(len(queue.waiting) for queue in found._queues.values()) == count:  # noqa: SLF001
            return
        await asyncio.sleep(0.01)
    message = "they do not wait"
    raise AssertionError(message)


def served(monkeypatch: pytest.MonkeyPatch) -> list[Batches]:
    """Give the batches of every server that starts from now on."""
    made: list[Batches] = []
    begin = Batches.__init__

    def note(found: Batches, *arguments: Any) -> None:
        begin(found, *arguments)
        made.append(found)

    monkeypatch.setattr(Batches, "__init__", note)
    return made


def sizes(caplog: pytest.LogCaptureFixture) -> list[int]:
    """Give the sizes of the batches that the log tells of."""
    return [
        int(r.getMessage().split()[0]) for r in caplog.records if r.name == "api.database.batching"
    ]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: its status, its `Location`, its document, and after how many seconds to try again."""

    status: int
    location: str
    document: Any
    retry_after: str | None = None


class Client:
    """One kept connection to a server: httpx takes as long for a request as the server does."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Use an open connection."""
        self.reader = reader
        self.writer = writer

    async def ask(
        self, method: str, path: str, body: Any = None, media: str = "application/json"
    ) -> Answer:
        """Send a request and read its answer; a body is a JSON value, or text as it is to be sent."""
        text = body if isinstance(body, str) else json.dumps(body)
        content = b"" if body is None else text.encode()
        self.writer.write(_HEAD.format(method, path, media, len(content)).encode() + content)
        line, *fields = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(entry.lower().split(": ", 1) for entry in fields if entry)
        found = await self.reader.readexactly(int(headers.get("content-length", 0)))
        location = next(
            (entry.split(": ", 1)[1] for entry in fields if entry.lower().startswith("location:")),
            "",
        )
        document = json.loads(found, parse_float=str) if found else None
        return Answer(int(line.split()[1]), location, document, headers.get("retry-after"))


@asynccontextmanager
async def clients(port: int, count: int) -> AsyncIterator[list[Client]]:
    """Open so many connections to a server."""
    made = [Client(*await asyncio.open_connection("127.0.0.1", port)) for _ in range(count)]
    try:
        yield made
    finally:
        for client in made:
            client.writer.close()


async def at_once(port: int, requests: Iterable[tuple[str, str, Any]]) -> list[Answer]:
    """Send requests at once, each on a connection of its own; give the answers in the requests' order."""
    asked = list(requests)
    async with clients(port, len(asked)) as made:
        calls = zip(made, asked, strict=True)
        return await asyncio.gather(*(client.ask(*request) for client, request in calls))
