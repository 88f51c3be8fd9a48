"""Many callers of many tenants at once, each of whom must see the rows of one tenant alone.

The tenants have rows with equal keys, so that an answer that is mixed up is another tenant's row
and no missing one. Every text of a tenant's rows begins with its name.
"""

import asyncio
import random
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import psycopg

from api.identity import DEVELOPMENT_ROLE
from tests.support.batches import Client
from tests.support.databases import TestDatabase
from tests.support.issuers import Issuer
from tests.support.outages import superuser_url

TENANTS = [f"estate{n:02}" for n in range(20)]
LODGES = 10  # of each tenant
_NAME = re.compile(r"estate\d\d")
_ID = "00000000-0000-7000-8000-{:012x}"
_FILL = f"""
    DELETE FROM zoo.guest;
    DELETE FROM zoo.lodge;
    INSERT INTO zoo.lodge (estate, id, name, beds)
    SELECT
        'estate' || lpad(CAST(e AS text), 2, '0'),
        CAST('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0') AS uuid),
        'estate' || lpad(CAST(e AS text), 2, '0') || ' lodge ' || n,
        1 + e
    FROM generate_series(0, {len(TENANTS) - 1}) AS e, generate_series(1, {LODGES}) AS n;
    INSERT INTO zoo.lodge (estate, id, name, beds)
    SELECT
        'estate' || lpad(CAST(e AS text), 2, '0'),
        CAST('00000000-0000-7000-8000-' || lpad(to_hex(1000 + e), 12, '0') AS uuid),
        'estate' || lpad(CAST(e AS text), 2, '0') || ' canary',
        1
    FROM generate_series(0, {len(TENANTS) - 1}) AS e;
    INSERT INTO zoo.guest (estate, id, lodge_id, family)
    SELECT l.estate, uuidv7(), l.id, l.estate || ' family ' || n
    FROM zoo.lodge AS l, generate_series(1, 3) AS n"""


def fill(database: TestDatabase) -> None:
    """Give each tenant rows, with the same keys as those of the others, and one of its own."""
    database.execute(_FILL)


@dataclass(slots=True)
class Watch:
    """What callers have seen. `wrong`: what no caller may ever see."""

    wrong: list[str] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    done: int = 0


class Caller:
    """A client with the token of one tenant, on one connection at a time."""

    def __init__(self, port: int, issuer: Issuer, tenant: int, watch: Watch, seed: int) -> None:
        """Prepare; the connection is opened when it is needed."""
        self._port, self._watch = port, watch
        self._number, self._tenant = tenant, TENANTS[tenant]
        token = issuer.token(role=DEVELOPMENT_ROLE, tenant=self._tenant, sub=f"actor-{seed}")
        self._authorization = f"Authorization: Bearer {token}\r\n"
        self._random = random.Random(seed)
        self._client: Client | None = None

    async def ask(self, *, cut_off: bool) -> None:
        """Send one request and judge its answer; `cut_off`: whether connections may be lost."""
        step = self._random.choice(_STEPS)
        try:
            await step(self)
        except (ConnectionError, asyncio.IncompleteReadError) as error:
            if not cut_off:
                self._watch.wrong.append(f"{step.__name__}: {type(error).__name__}")
            self._client = None
        self._watch.done += 1

    async def close(self) -> None:
        """Close the connection."""
        if self._client:
            self._client.writer.close()
            self._client = None

    async def _send(self, method: str, path: str, body: Any = None, more: str = "") -> Any:
        if self._client is None:
            self._client = Client(*await asyncio.open_connection("127.0.0.1", self._port))
        answer = await self._client.ask(method, path, body, more=self._authorization + more)
        self._watch.statuses[answer.status] += 1
        for name in _NAME.findall(str(answer.document)):
            if name != self._tenant:
                self._watch.wrong.append(f"{method} {path}: {self._tenant} saw {name}")
        return answer

    def _expect(self, answer: Any, *statuses: int) -> bool:
        # 503: a connection of the database was terminated.
        if answer.status not in (*statuses, 503):
            self._watch.wrong.append(f"{answer.status} instead of {statuses}: {answer.document}")
        return answer.status in statuses

    def _lodge(self) -> str:
        return _ID.format(self._random.randint(1, LODGES))

    async def _read(self) -> None:
        lodge = self._lodge()
        answer = await self._send("GET", f"/lodges/{lodge}")
        if self._expect(answer, 200) and not answer.document["name"].startswith(self._tenant):
            self._watch.wrong.append(f"{self._tenant} read {answer.document}")

    async def _read_canary(self) -> None:
        other = self._random.randrange(len(TENANTS))
        answer = await self._send("GET", f"/lodges/{_ID.format(1000 + other)}")
        self._expect(answer, 200 if other == self._number else 404)

    async def _list(self) -> None:
        self._expect(await self._send("GET", "/lodges/?limit=5"), 200)

    async def _list_nested(self) -> None:
        answer = await self._send("GET", f"/lodges/{self._lodge()}/guests/?limit=5")
        if self._expect(answer, 200) and not answer.document:
            self._watch.wrong.append(f"{self._tenant} has no guests")

    async def _create(self) -> None:
        body = {"family": f"{self._tenant} family new"}
        answer = await self._send("POST", f"/lodges/{self._lodge()}/guests/", body)
        self._expect(answer, 201)

    async def _create_under_canary(self) -> None:
        other = self._random.randrange(len(TENANTS))
        body = {"family": f"{self._tenant} family new"}
        answer = await self._send("POST", f"/lodges/{_ID.format(1000 + other)}/guests/", body)
        self._expect(answer, 201 if other == self._number else 404)

    async def _create_twice(self) -> None:
        body = {"name": f"{self._tenant} lodge {self._random.randint(1, LODGES)}", "beds": 1}
        self._expect(await self._send("POST", "/lodges/", body), 409)

    async def _change(self) -> None:
        body = {"beds": 1 + self._number}
        answer = await self._send("PATCH", f"/lodges/{self._lodge()}", body)
        if self._expect(answer, 200) and not answer.document["name"].startswith(self._tenant):
            self._watch.wrong.append(f"{self._tenant} changed {answer.document}")

    async def _change_some(self) -> None:
        path = f"/lodges/?name={self._tenant}%20lodge%20{self._random.randint(1, LODGES)}"
        more, body = "Prefer: max-affected=1\r\n", {"beds": 1 + self._number}
        answer = await self._send("PATCH", path, body, more)
        if self._expect(answer, 200) and answer.document != {"changed": 1}:
            self._watch.wrong.append(f"{self._tenant} changed {answer.document}")

    async def _leave(self) -> None:
        """Send a request, and close the connection before it is answered."""
        path = self._random.choice([f"/lodges/{self._lodge()}", "/lodges/?limit=5"])
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\n{self._authorization}\r\n".encode())
        await asyncio.sleep(self._random.random() / 500)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
        del reader

    async def _export(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        head = f"GET /lodges/ HTTP/1.0\r\nHost: x\r\n{self._authorization}"
        writer.write(f"{head}Accept: application/x-ndjson\r\n\r\n".encode())
        with suppress(ConnectionError):
            text = (await reader.read()).decode()
            for name in _NAME.findall(text):
                if name != self._tenant:
                    self._watch.wrong.append(f"an export of {self._tenant} has {name}")
        writer.close()

    async def _upload(self) -> None:
        body = [{"family": f"{self._tenant} family many"} for _ in range(3)]
        answer = await self._send("POST", f"/lodges/{self._lodge()}/guests/", body)
        self._expect(answer, 201)

    async def _merge(self) -> None:
        """Merge rows by a name, which the other tenants' rows have in another spelling."""
        name = f"{self._tenant} lodge {self._random.randint(1, LODGES)}"
        more = "Prefer: resolution=merge-duplicates\r\n"
        body = [{"name": name, "beds": 1 + self._number}]
        answer = await self._send("POST", "/lodges/?on_conflict=name", body, more)
        if self._expect(answer, 200) and answer.document != {"created": 0, "changed": 1}:
            self._watch.wrong.append(f"{self._tenant} merged {answer.document}")


Step = Callable[[Caller], Coroutine[Any, Any, None]]
_OFTEN: list[Step] = [
    Caller._read,  # noqa: SLF001
    Caller._read_canary,  # noqa: SLF001
    Caller._list,  # noqa: SLF001
    Caller._list_nested,  # noqa: SLF001
    Caller._create,  # noqa: SLF001
]
_RARELY: list[Step] = [
    Caller._create_under_canary,  # noqa: SLF001
    Caller._create_twice,  # noqa: SLF001
    Caller._change,  # noqa: SLF001
    Caller._change_some,  # noqa: SLF001
    Caller._leave,  # noqa: SLF001
    Caller._export,  # noqa: SLF001
    Caller._upload,  # noqa: SLF001
    Caller._merge,  # noqa: SLF001
]
_STEPS = [*_OFTEN * 4, *_RARELY]


async def call(
    port: int, issuer: Issuer, requests: int, *, clients: int = 64, cut_off: bool = False
) -> Watch:
    """Let clients of all tenants send so many requests together, and judge what they see."""
    watch = Watch()
    callers = [
        Caller(port, issuer, number % len(TENANTS), watch, number) for number in range(clients)
    ]

    async def work(caller: Caller) -> None:
        while watch.done < requests:
            await caller.ask(cut_off=cut_off)
        await caller.close()

    await asyncio.gather(*map(work, callers))
    return watch


@asynccontextmanager
async def terminating(database: TestDatabase, pause: float) -> AsyncIterator[None]:
    """Terminate a connection of the API after every pause."""
    query = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        f" WHERE usename = 'superbill_server' AND datname = '{database.name}'"
        " ORDER BY random() LIMIT 1"
    )

    async def terminate() -> None:
        async with await psycopg.AsyncConnection.connect(
            superuser_url(database), autocommit=True
        ) as connection:
            while True:
                await asyncio.sleep(pause)
                await connection.execute(query.encode())

    task = asyncio.create_task(terminate())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def misplaced(database: TestDatabase) -> Sequence[tuple[object, ...]]:
    """Give the rows that a write has put into another tenant than its caller's."""
    return database.execute(
        "SELECT estate, name FROM zoo.lodge WHERE left(name, 8) <> estate"
        " UNION ALL SELECT estate, family FROM zoo.guest WHERE left(family, 8) <> estate"
        " UNION ALL SELECT estate, beds::text FROM zoo.lodge"
        " WHERE name ~ 'lodge' AND beds <> 1 + right(estate, 2)::int AND beds <> 1"
    )
