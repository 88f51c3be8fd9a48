"""The answers to writes during an outage, compared afterwards with the rows of the database.

Each write has a name of its own. Where the answer was that it is done, all of it must be there;
where nothing was done, nothing; where the outcome is unknown, all of it or nothing.
"""

import asyncio
import math
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from tests.support.batches import Answer, Client

DONE, NOTHING, UNKNOWN = "done", "nothing", "unknown"
# Creates, changes, deletes, reads, an upload, and an array. The last two share few connections.
_MIX = "c" * 12 + "p" * 6 + "d" * 3 + "r" * 3 + "ug"
_TOLD = {
    (503, "urn:problem-type:unavailable", "1"): NOTHING,
    (503, "urn:problem-type:outcome-unknown", None): UNKNOWN,
}
# A trigger gives each patient an encounter: a patient without one is half a write. Some inserts
# sleep, so that a statement is under way whenever something breaks.
PARTS = (
    "CREATE FUNCTION billing.first_visit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER"
    " AS $$ BEGIN"
    " INSERT INTO billing.encounter (patient_id, date) VALUES (new.id, '2024-03-01');"
    " PERFORM pg_sleep(0.02) WHERE random() < CASE new.last_name WHEN 'One' THEN 0.3 ELSE 0.02 END;"
    " RETURN NULL; END $$;"
    "CREATE TRIGGER first_visit AFTER INSERT ON billing.patient"
    " FOR EACH ROW EXECUTE FUNCTION billing.first_visit()"
)
_HALVES = (
    "SELECT count(*) FROM billing.patient"
    " WHERE id NOT IN (SELECT patient_id FROM billing.encounter)"
)


def outcome_of(answer: Answer) -> str:
    """Classify an answer; all but success and the two kinds of 503 are errors."""
    if answer.status < 300:
        return DONE
    document: dict[str, str] = answer.document or {}
    found = _TOLD.get((answer.status, document.get("type", ""), answer.retry_after))
    assert found, answer
    return found


class Stored(Protocol):
    """A database on which the owner runs statements."""

    def execute(self, statement: str) -> list[tuple[object, ...]]:
        """Run a statement and give its rows."""


@dataclass(slots=True)
class Writer:
    """One client: its patient, and the answers to its writes."""

    client: Client
    number: int
    patient: str
    item: str
    # The name of a write → how many rows it has, and the verdict of its answer.
    ledger: dict[str, tuple[int, str]] = field(default_factory=dict)
    # The units of the line item in the order of their changes, each with its verdict.
    units: list[tuple[int, str]] = field(default_factory=list)
    deleted: dict[str, str] = field(default_factory=dict)  # a line item → its verdict
    found: Counter[str] = field(default_factory=Counter)
    served: float = 0  # when the last request succeeded
    slowest: float = 0

    async def keep_on(self, end: asyncio.Event, pause: float = 0.0) -> None:
        """Write again and again; after an answer that nothing was done, pause."""
        turn = 0
        while not end.is_set():
            turn += 1
            began = time.monotonic()
            verdict = await self._one(f"{self.number}-{turn}", turn)
            now = time.monotonic()
            self.slowest = max(self.slowest, now - began)
            self.found[verdict] += 1
            self.served = now if verdict == DONE else self.served
            await asyncio.sleep(pause if verdict == DONE else 0.02)

    async def _one(self, name: str, turn: int) -> str:
        match random.choice(_MIX):
            case "c":
                return await self._create(name, 1, {"first_name": name, "last_name": "One"})
            case "p":
                units = turn % 9000 + 1
                answer = await self.client.ask(
                    "PATCH", f"/line_items/{self.item}", {"units": units}
                )
                self.units.append((units, outcome_of(answer)))
                return self.units[-1][1]
            case "u":
                rows = "".join(f"{name},Many\n" for _ in range(40))
                return await self._create(name, 40, "first_name,last_name\n" + rows, "text/csv")
            case "g":
                return await self._create(name, 5, [{"first_name": name, "last_name": "Few"}] * 5)
            case "d":
                return await self._delete()
            case _:
                verdict = outcome_of(await self.client.ask("GET", f"/patients/{self.patient}"))
                assert verdict != UNKNOWN
                return verdict

    async def _create(
        self, name: str, rows: int, body: Any, media: str = "application/json"
    ) -> str:
        verdict = outcome_of(await self.client.ask("POST", "/patients/", body, media))
        self.ledger[name] = rows, verdict
        return verdict

    async def _delete(self) -> str:
        made = await self.client.ask(
            "POST", f"/patients/{self.patient}/encounters/", {"date": "2024-03-01"}
        )
        if (verdict := outcome_of(made)) != DONE:
            return verdict
        answer = await self.client.ask(
            "POST", f"/encounters/{made.document['id']}/line_items/", {"cpt_code": "G0438"}
        )
        if (verdict := outcome_of(answer)) != DONE:
            return verdict
        item = answer.document["id"]
        self.deleted[item] = outcome_of(await self.client.ask("DELETE", f"/line_items/{item}"))
        return self.deleted[item]


@dataclass(slots=True)
class Load:
    """Writers that write at once."""

    writers: list[Writer]
    end: asyncio.Event = field(default_factory=asyncio.Event)
    tasks: list["asyncio.Task[None]"] = field(default_factory=list)

    def begin(self, pause: float = 0.0) -> None:
        """Let them begin."""
        self.tasks = [
            asyncio.create_task(writer.keep_on(self.end, pause)) for writer in self.writers
        ]

    @property
    def slowest(self) -> float:
        """How many seconds the slowest answer took."""
        return max(writer.slowest for writer in self.writers)

    async def stop(self) -> Counter[str]:
        """Let the writers end; count their answers by verdict."""
        self.end.set()
        await asyncio.gather(*self.tasks)
        return sum((writer.found for writer in self.writers), Counter[str]())

    def count(self, verdict: str) -> int:
        """Count the answers of a kind so far."""
        return sum(writer.found[verdict] for writer in self.writers)

    async def until_more(self, verdict: str, more: int = 1) -> None:
        """Wait for more answers of a kind."""
        enough = self.count(verdict) + more
        await self.until(lambda: self.count(verdict) >= enough)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something is the case, while all writers go on."""
        while not condition():
            for task in self.tasks:
                assert not task.done(), task.exception()
            await asyncio.sleep(0.01)

    async def served(self, since: float, within: float = math.inf) -> float:
        """Wait until each was served since a moment; give how many seconds that took."""
        await self.until(
            lambda: (
                all(writer.served >= since for writer in self.writers)
                or time.monotonic() - since > within
            )
        )
        took = max(writer.served for writer in self.writers) - since
        assert min(writer.served for writer in self.writers) >= since, f"not within {within} s"
        return took

    def hold_against(self, database: Stored) -> None:
        """Compare the answers with the rows."""
        rows = database.execute("SELECT first_name, count(*) FROM billing.patient GROUP BY 1")
        stored = {str(name): int(str(count)) for name, count in rows}
        items = {
            str(key): units
            for key, units in database.execute("SELECT id::text, units FROM billing.line_item")
        }
        for writer in self.writers:
            for name, (count, verdict) in writer.ledger.items():
                expected = {DONE: (count,), NOTHING: (0,), UNKNOWN: (0, count)}[verdict]
                assert stored.get(name, 0) in expected, (name, verdict, count, stored.get(name, 0))
            for item, verdict in writer.deleted.items():
                assert (item in items) in {
                    DONE: (False,),
                    NOTHING: (True,),
                    UNKNOWN: (False, True),
                }[verdict]
            assert items[writer.item] in possible(writer.units)
        assert database.execute(_HALVES) == [(0,)]
        assert stored.keys() - {"John"} <= {
            name for writer in self.writers for name in writer.ledger
        }


def possible(changes: list[tuple[int, str]]) -> set[int]:
    """Give the values that the units may have: the last known one, and later unknown ones."""
    found = {1}
    for value, verdict in changes:
        if verdict == DONE:
            found = {value}
        elif verdict == UNKNOWN:
            found.add(value)
    return found


async def writers(made: list[Client]) -> list[Writer]:
    """Make a writer of each client, with a patient and a line item of one unit."""
    found = []
    for number, client in enumerate(made):
        patient = (
            await client.ask("POST", "/patients/", {"first_name": "John", "last_name": "Oberly"})
        ).document["id"]
        visit = await client.ask("POST", f"/patients/{patient}/encounters/", {"date": "2024-03-01"})
        path = f"/encounters/{visit.document['id']}/line_items/"
        item = (await client.ask("POST", path, {"cpt_code": "G0438"})).document["id"]
        found.append(Writer(client, number, patient, item))
    return found
