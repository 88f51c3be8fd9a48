"""A long, mixed load on a server, with samples of what must not grow."""

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import psutil  # type: ignore[import-untyped] # it has annotations, but does not say so
import psycopg

from api.document.media_types import CSV, JSON, NDJSON
from tests.support.batches import Client
from tests.support.server_processes import Running

_SESSIONS = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'superbill_server'"


@dataclass(frozen=True, slots=True)
class Sample:
    """What a server held at a moment, and how long its answers took since the last one."""

    seconds: float  # since the beginning
    memory: float  # MB, resident
    files: int
    sessions: int
    p99: float  # ms
    constant: float  # the P99 of answers that are constants, in ms: what the machine makes of any
    cpu: float  # microseconds of the server a request
    requests: int

    @property
    def slowness(self) -> float:
        """How much slower than a constant the slow answers are: a busy machine makes both slow."""
        return self.p99 / self.constant


# What is expected, and what is sent; none of it takes longer for the rows that the load itself
# leaves.
_ITEMS = "/encounters/{encounter}/line_items/"
_ROWS = "first_name,last_name\n" + "John,Oberly\n" * 50
_REQUESTS: list[tuple[int, str, str, Any, str]] = [
    *[(200, "GET", "/health/", None, JSON)] * 4,
    *[(200, "GET", "/patients/{patient}", None, JSON)] * 10,
    *[(200, "GET", "/patients/{patient}/encounters/", None, JSON)] * 8,
    *[(200, "GET", _ITEMS + "?limit=20", None, JSON)] * 6,
    *[(200, "GET", "/superbills/{encounter}", None, JSON)] * 3,
    *[(201, "POST", _ITEMS, {"cpt_code": "G0438", "units": 2}, JSON)] * 4,
    (200, "GET", "/encounters/?date.gte=2024-01-01&order=-date&limit=100", None, JSON),
    (200, "GET", "/patients/?limit=100", None, JSON),
    (201, "POST", "/patients/", _ROWS, CSV),
    (422, "POST", _ITEMS, {"cpt_code": "G0438", "units": -1, "bogus": 1}, JSON),
    (422, "POST", _ITEMS, {"cpt_code": "XXXXX"}, JSON),
    (422, "POST", "/patients/", "first_name,last_name\nJohn,\n", CSV),
    (404, "GET", "/patients/{encounter}", None, JSON),
    (400, "GET", "/patients/?{patient}=1", None, JSON),
]


class Soak:
    """Clients like an office: mostly reads and small writes, some refused, sometimes an export."""

    def __init__(self, made: Sequence[Client], server: Running, superuser_url: str) -> None:
        """Load a server through these connections."""
        self._clients, self._url, self._process = (
            made,
            superuser_url,
            psutil.Process(server.process.pid),
        )
        self._base = f"http://127.0.0.1:{server.port}"
        self._took: dict[bool, list[float]] = {
            True: [],
            False: [],
        }  # seconds, of constants and of others
        self._cpu = 0.0
        self.samples: list[Sample] = []

    async def run(self, seconds: float, every: float) -> list[Sample]:
        """Load it for so long, with a sample every so many seconds."""
        began = time.monotonic()
        end = asyncio.Event()
        tasks = [
            asyncio.create_task(self._keep_on(client, n, end))
            for n, client in enumerate(self._clients)
        ]
        tasks.append(asyncio.create_task(self._export(end)))
        try:
            while (now := time.monotonic() - began) < seconds:
                await asyncio.sleep(min(every, seconds - now))
                for task in tasks:
                    assert not task.done(), task.exception()
                self.samples.append(await asyncio.to_thread(self._sample, time.monotonic() - began))
        finally:
            end.set()
            await asyncio.gather(*tasks)
        return self.samples

    def _sample(self, seconds: float) -> Sample:
        took, self._took = self._took, {True: [], False: []}
        with psycopg.connect(self._url, autocommit=True) as connection:
            row = connection.execute(_SESSIONS).fetchone()
        used, before, requests = (
            sum(self._process.cpu_times()[:2]),
            self._cpu,
            sum(map(len, took.values())),
        )
        self._cpu = used
        return Sample(
            seconds,
            self._process.memory_info().rss / 2**20,
            self._process.num_fds(),
            row[0] if row else 0,
            _p99(took[False]),
            _p99(took[True]),
            (used - before) / requests * 1e6,
            requests,
        )

    async def _keep_on(self, client: Client, number: int, end: asyncio.Event) -> None:
        patient, encounter = "", ""
        while not end.is_set():
            if not patient or random.random() < 0.02:
                body = {"first_name": f"F{number}", "last_name": f"L{number}"}
                patient = (await self._ask(client, 201, "POST", "/patients/", body)).document["id"]
                made = await self._ask(
                    client, 201, "POST", f"/patients/{patient}/encounters/", {"date": "2024-03-01"}
                )
                encounter = made.document["id"]
            await self._one(client, patient, encounter)
            await asyncio.sleep(0.01)

    async def _one(self, client: Client, patient: str, encounter: str) -> None:
        status, method, path, body, media = random.choice(_REQUESTS)
        path = path.format(patient=patient, encounter=encounter)
        answer = await self._ask(client, status, method, path, body, media=media)
        if method == "POST" and status == 201 and random.random() < 0.2 and "line_items" in path:
            path = f"/line_items/{answer.document['id']}"
            await self._ask(client, 200, "PATCH", path, {"units": random.randint(1, 9)})
            await self._ask(client, 204, "DELETE", path)

    async def _export(self, end: asyncio.Event) -> None:
        """Take a whole list now and then."""
        async with httpx.AsyncClient(base_url=self._base) as client:
            while not end.is_set():
                for media in (CSV, NDJSON):
                    answer = await client.get("/cpt_codes/", headers={"accept": media})
                    assert answer.text.count("\n") > 40
                await asyncio.sleep(0.5)

    async def _ask(
        self, client: Client, status: int, method: str, path: str, body: Any = None, **named: str
    ) -> Any:
        began = time.monotonic()
        answer = await client.ask(method, path, body, **named)
        self._took[path == "/health/"].append(time.monotonic() - began)
        assert answer.status == status, (method, path, answer)
        return answer


def _p99(took: list[float]) -> float:
    return sorted(took)[int(len(took) * 0.99)] * 1000


def slope(values: Sequence[tuple[float, float]]) -> float:
    """Give how much values grow a minute, by least squares; each comes with its second."""
    seconds, found = zip(*values, strict=True)
    mean, middle = sum(found) / len(found), sum(seconds) / len(seconds)
    spread = sum((second - middle) ** 2 for second in seconds)
    grown = sum((s - middle) * (v - mean) for s, v in zip(seconds, found, strict=True))
    return float(60 * grown / spread)
