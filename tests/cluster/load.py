"""A steady load through the Ingress: clients that remember every acknowledged row."""

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

CLIENTS = 8
PAUSE = 0.005


@dataclass(slots=True)
class Observed:
    """The answers by status (or by the exception's name), and the acknowledged rows."""

    answers: Counter[str] = field(default_factory=Counter)
    encounters: dict[str, list[str]] = field(default_factory=dict)  # by patient
    faults: list[str] = field(
        default_factory=list
    )  # answers that were neither a success nor a problem document

    @property
    def failures(self) -> dict[str, int]:
        """Count the answers that are no success."""
        return {
            answer: count for answer, count in self.answers.items() if answer not in ("200", "201")
        }


@contextmanager
def load(address: str) -> Iterator[Observed]:
    """Send requests until the block ends; afterwards every request has been answered."""
    observed, over = Observed(), threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(_work(address, observed, over)))
    thread.start()
    try:
        yield observed
    finally:
        over.set()
        thread.join()
    assert observed.answers.total() > 100, "too few requests"


async def _work(address: str, observed: Observed, over: threading.Event) -> None:
    await asyncio.gather(*(_client(address, observed, over, number) for number in range(CLIENTS)))


async def _client(address: str, observed: Observed, over: threading.Event, number: int) -> None:
    # Every second client opens a connection for each request.
    headers = {"connection": "close"} if number % 2 else {}
    async with httpx.AsyncClient(base_url=address, headers=headers, timeout=60) as client:
        patient = await _send(
            client, observed, "POST", "/patients/", {"first_name": "Load", "last_name": f"{number}"}
        )
        while not over.is_set():
            await asyncio.sleep(PAUSE)
            if patient is None:
                patient = await _send(
                    client, observed, "POST", "/patients/", {"first_name": "L", "last_name": "L"}
                )
                continue
            path, known = (
                f"/patients/{patient['id']}/encounters/",
                observed.encounters.setdefault(patient["id"], []),
            )
            row = await _send(client, observed, "POST", path, {"date": "2024-03-01"})
            if row is not None:
                known.append(row["id"])
            rows = await _send(client, observed, "GET", f"{path}?limit=1000")
            if rows is not None and not {row["id"] for row in rows}.issuperset(known):
                observed.faults.append("a row that was acknowledged is not in the list")
            if rows is not None and len(rows) > 900:
                patient = None


async def _send(
    client: httpx.AsyncClient, observed: Observed, method: str, path: str, body: object = None
) -> Any:
    try:
        answer = await client.request(method, path, json=body)
    except httpx.TransportError as error:
        observed.answers[type(error).__name__] += 1
        observed.faults.append(repr(error))
        return None
    observed.answers[str(answer.status_code)] += 1
    if answer.is_success:
        return answer.json()
    # The Ingress itself answers 503 where no pod is ready.
    if (
        answer.status_code != 503
        and answer.headers.get("content-type") != "application/problem+json"
    ):
        observed.faults.append(f"{answer.status_code} {answer.text[:200]}")
    return None


def lost(address: str, observed: Observed) -> list[str]:
    """List the acknowledged encounters that do not exist."""
    missing = []
    with httpx.Client(base_url=address, timeout=60) as client:
        for patient, known in observed.encounters.items():
            rows = (
                client.get(f"/patients/{patient}/encounters/?limit=1000").raise_for_status().json()
            )
            missing += sorted(set(known) - {row["id"] for row in rows})
    return missing
