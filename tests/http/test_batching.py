"""The same over HTTP: whatever goes together, each request is answered as if it were alone."""

import asyncio
import logging
import os
import signal
import time
from asyncio import AbstractEventLoop
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

from api.cli import dev_postgres, migrations
from api.config import ROOT, Config
from api.database import batching
from api.database.batching import Batches
from tests.support.batches import Answer, at_once, clients, gathered, served, sizes
from tests.support.databases import TestDatabase
from tests.support.folders import reachable_folder
from tests.support.menagerie import ANIMAL, ID
from tests.support.outages import JOHN, VISIT, billed, locked, superuser, waiting
from tests.support.serving import serving
from tests.support.visits import NOBODY

SENSOR: dict[str, Any] = {"label": "sensor", "sensor": "10.0.0.1"}
KEEPER = {"name": "Eli Emu", "initials": "EE", "email": "{}@zoo.example"}
TOUR = {"guide_id": 1, "place": 99, "title": "Emus"}
FEEDING = {"animal_id": f"{ID}001", "prepared_by": 1, "food": "hay", "amount": "1", "note": None}
# Each 64th is refused: by whom, with what, and which answer it reads.
Refusal = tuple[str, str, dict[str, Any], tuple[str, Any], tuple[int, str]]
REFUSED: list[Refusal] = [
    (
        "specimen",
        "/specimens/",
        SENSOR,
        ("sensor", "10.0.0.256"),
        (422, "invalid-content"),
    ),  # 22P02
    ("animal", "/animals/", ANIMAL, ("name", "Basilisk"), (422, "invalid-content")),  # P0001
    ("animal", "/animals/", ANIMAL, ("species_code", "NO"), (422, "invalid-content")),  # 23503
    (
        "animal",
        "/animals/",
        {**ANIMAL, "died_on": None},
        ("died_on", "2000-01-01"),
        (422, "invalid-content"),
    ),  # 23514
    ("keeper", "/keepers/", KEEPER, ("email", "ada@zoo.example"), (409, "conflict")),  # 23505
    (
        "donation",
        "/small_donations/",
        {"amount": "1"},
        ("amount", "1000.01"),
        (422, "invalid-content"),
    ),  # 44000
    ("tour", "/tours/", TOUR, ("guide_id", 77), (422, "invalid-content")),  # 23503 at COMMIT
    ("feeding", "/feedings/", FEEDING, ("note", "stampede"), (503, "unavailable")),  # 40001
]


def kind(answer: Answer) -> tuple[int, str]:
    """Give the status and the type of a problem."""
    return answer.status, answer.document["type"].removeprefix("urn:problem-type:")


@dataclass(frozen=True, slots=True)
class Together:
    """What a test knows of its server's batches: which they are, and how many calls went together."""

    made: list[Batches]
    log: pytest.LogCaptureFixture

    async def gathered(self, count: int) -> None:
        """Wait until so many calls wait."""
        await gathered(self.made[0], count)

    @property
    def sizes(self) -> list[int]:
        """How many calls went together."""
        return sizes(self.log)


@pytest.fixture
def together(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Together:
    """Let calls wait until a lane is free, however busy the machine is."""
    monkeypatch.setattr(batching, "PATIENCE", 60)
    caplog.set_level(logging.DEBUG, "api.database.batching")
    return Together(served(monkeypatch), caplog)


@pytest.mark.parametrize("refusal", REFUSED)
async def test_one_bad_create_among_good_ones_fails_alone(
    loop: AbstractEventLoop, menagerie: TestDatabase, together: Together, refusal: Refusal
) -> None:
    table, path, good, bad, expected = refusal
    bodies = [dict(good) for _ in range(66)]
    for number, body in enumerate(bodies):
        body.update({"email": f"{number}@zoo.example"} if table == "keeper" else {})
        body.update({"place": 100 + number} if table == "tour" else {})
    bodies[33][bad[0]] = bad[1]
    count = f"SELECT count(*) FROM zoo.{table}"
    ((before,),) = menagerie.execute(count)
    async with serving(Config(database_url=menagerie.api_url, connections=4)) as s:
        with locked(menagerie.owner_url, f"LOCK zoo.{table} IN EXCLUSIVE MODE"):
            held = [
                asyncio.create_task(at_once(s.port, [("POST", path, body)])) for body in bodies[:2]
            ]
            await waiting(superuser(menagerie), 2)
            sent = asyncio.create_task(
                at_once(s.port, [("POST", path, body) for body in bodies[2:]])
            )
            await together.gathered(64)
        answers = [*(await held[0]), *(await held[1]), *(await sent)]
        assert kind(answers.pop(33)) == expected
        del bodies[33]
        assert {answer.status for answer in answers} == {201}
        for answer, body in zip(answers, bodies, strict=True):
            assert {
                name: answer.document[name] for name in body if name != "amount"
            }.items() <= body.items()
        assert menagerie.execute(count) == [(int(str(before)) + 65,)]
    assert together.sizes == [64]


async def test_a_parent_that_is_missing_is_missing_to_its_own_request(
    loop: AbstractEventLoop, database: TestDatabase, together: Together
) -> None:
    ids = billed(database)
    good, bad = (f"/patients/{key}/encounters/" for key in (ids["patient_id"], NOBODY))
    async with serving(Config(database_url=database.api_url, connections=4)) as s:
        for method, body, status in (("POST", VISIT, 201), ("GET", None, 200)):
            with locked(database.owner_url, "LOCK billing.encounter"):
                held = asyncio.create_task(at_once(s.port, [(method, good, body)] * 2))
                await waiting(superuser(database), 2)
                requests = [(method, good if n % 8 else bad, body) for n in range(64)]
                requests[1] = (
                    method,
                    bad.upper()
                    .replace("/PATIENTS/", "/patients/")
                    .replace("ENCOUNTERS", "encounters"),
                    body,
                )
                requests[2] = (
                    method,
                    good.replace(ids["patient_id"], ids["patient_id"].upper()),
                    body,
                )
                sent = asyncio.create_task(at_once(s.port, requests))
                await together.gathered(64)
            for n, answer in enumerate(await sent):
                if n % 8 and n != 1:
                    assert answer.status == status
                else:
                    assert kind(answer) == (404, "not-found")
                    assert answer.document["detail"] == "patient not found"
            assert {answer.status for answer in await held} == {status}
        ((count,),) = database.execute("SELECT count(*) FROM billing.encounter")
        assert count == 1 + 2 + 55
    assert together.sizes == [64, 64]


async def test_clients_that_hang_up_harm_nobody(
    loop: AbstractEventLoop, database: TestDatabase, together: Together
) -> None:
    async with (
        serving(Config(database_url=database.api_url, connections=4)) as s,
        clients(s.port, 66) as found,
    ):
        with locked(database.owner_url, "LOCK billing.patient"):
            asked = []
            for number, client in enumerate(found):
                body = {**JOHN, "first_name": f"J{number}"}
                asked.append(asyncio.create_task(client.ask("POST", "/patients/", body)))
                if number == 1:
                    await waiting(superuser(database), 2)
            await together.gathered(64)
            for client in [found[0], *found[1::3]]:  # who has a lane, and who waits
                client.writer.close()
            await asyncio.sleep(0.2)
        answers = await asyncio.gather(*asked, return_exceptions=True)
        for number, answer in enumerate(answers):
            if number and number % 3 != 1:
                assert isinstance(answer, Answer)
                assert (answer.status, answer.document["first_name"]) == (201, f"J{number}")
        again = await at_once(s.port, [("POST", "/patients/", JOHN)] * 64)
        assert {answer.status for answer in again} == {201}
        ((count,),) = database.execute("SELECT count(*) FROM billing.patient")
        assert count == len(asked) - 23 + 64


SLOW = {**JOHN, "last_name": "Slow"}
SLEEP = (
    "CREATE FUNCTION billing.sleep() RETURNS trigger LANGUAGE plpgsql"
    " AS $$ BEGIN PERFORM pg_sleep({}); RETURN NULL; END $$;"
    "CREATE TRIGGER sleep AFTER INSERT ON billing.patient FOR EACH ROW"
    " WHEN (new.last_name = 'Slow') EXECUTE FUNCTION billing.sleep()"
)


async def end(
    database: TestDatabase, wait: str, together: str, sent: "asyncio.Task[list[Answer]]"
) -> list[Answer]:
    """End the connections of statements for many, until all of their calls are answered."""
    query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = %s AND query LIKE %s"
    with psycopg.connect(superuser(database), autocommit=True) as connection:
        while not sent.done():
            connection.execute(query, [wait, together])
            await asyncio.sleep(0.01)
    return sent.result()


async def test_reads_whose_connection_is_lost(
    loop: AbstractEventLoop, database: TestDatabase
) -> None:
    one, other = (("GET", f"/patients/{billed(database)['patient_id']}", None) for _ in range(2))
    async with serving(Config(database_url=database.api_url, connections=6)) as s:
        with locked(database.owner_url, "LOCK billing.patient"):
            held = asyncio.create_task(at_once(s.port, [one] * 2))
            await waiting(superuser(database), 2)
            sent = asyncio.create_task(at_once(s.port, [one, other] * 20))
            lost = await end(database, "Lock", "%FROM unnest(%WITH ORDINALITY%api%patients%", sent)
            assert (await s.client.get("/cpt_codes/G0438")).status_code == 200
            assert not held.done()
        assert {kind(answer) for answer in lost} == {(503, "unavailable")}
        assert {answer.status for answer in await held} == {200}


async def test_creates_whose_connection_is_lost(
    loop: AbstractEventLoop, database: TestDatabase
) -> None:
    """What was sent is not sent again: it may have been done."""
    database.execute(SLEEP.format(2))
    async with serving(Config(database_url=database.api_url, connections=6)) as s:
        held = asyncio.create_task(at_once(s.port, [("POST", "/patients/", SLOW)] * 2))
        await asyncio.sleep(0.3)
        sent = asyncio.create_task(at_once(s.port, [("POST", "/patients/", SLOW)] * 40))
        assert {kind(answer) for answer in await end(database, "Timeout", "MERGE%", sent)} == {
            (503, "outcome-unknown")
        }
        assert not held.done()
        assert {answer.status for answer in await held} == {201}
        assert database.execute("SELECT count(*) FROM billing.patient") == [(2,)]


async def merging(url: str) -> int:
    """Wait until a statement that creates for many sleeps; give its backend."""
    query = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND query LIKE 'MERGE%'"
    with psycopg.connect(url, autocommit=True) as connection:
        for _ in range(1000):
            if found := connection.execute(query).fetchall():
                return int(found[0][0])
            await asyncio.sleep(0.01)
    message = "nothing is created for many"
    raise AssertionError(message)


async def test_postgres_is_killed_in_mid_batch(
    loop: AbstractEventLoop, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "api.database.batching")
    settings = {"fsync": "off"}
    with reachable_folder() as folder, dev_postgres.postgres(folder, settings=settings) as postgres:
        migrations.migrate(postgres.owner_url, ROOT / "schema")
        with psycopg.connect(postgres.owner_url, autocommit=True) as connection:
            connection.execute(SLEEP.format(60).encode())
        async with serving(Config(database_url=postgres.api_url, connections=4)) as s:
            sent = asyncio.create_task(at_once(s.port, [("POST", "/patients/", SLOW)] * 40))
            os.kill(await merging(postgres.url("postgres")), signal.SIGKILL)
            assert {kind(answer) for answer in await sent} == {(503, "outcome-unknown")}
            ended = time.monotonic()
            while (await s.client.get("/patients/")).status_code != 200:
                assert time.monotonic() - ended < 20
                await asyncio.sleep(0.1)
            assert (await s.client.get("/patients/")).json() == []
            again = await at_once(s.port, [("POST", "/patients/", JOHN)] * 40)
            assert {answer.status for answer in again} == {201}
            assert max(sizes(caplog)) > 10


async def test_a_locked_parent_delays_no_others(
    loop: AbstractEventLoop, database: TestDatabase
) -> None:
    """Though creates below it take both lanes, and go together with others."""
    ids = billed(database)
    database.execute(
        "INSERT INTO billing.patient (first_name, last_name) SELECT 'A', n FROM generate_series(1, 60) AS n"
    )
    free = [
        str(key)
        for (key,) in database.execute("SELECT id FROM billing.patient WHERE first_name = 'A'")
    ]
    async with (
        serving(Config(database_url=database.api_url, connections=10)) as s,
        clients(s.port, 60) as found,
    ):
        lock = f"SELECT FROM billing.patient WHERE id = '{ids['patient_id']}' FOR UPDATE"
        with locked(database.owner_url, lock):
            below = ("POST", f"/patients/{ids['patient_id']}/encounters/", VISIT)
            stuck = [asyncio.create_task(at_once(s.port, [below] * 2))]
            await waiting(superuser(database), 2)
            for _ in range(3):
                stuck.append(asyncio.create_task(at_once(s.port, [below])))
                began = time.monotonic()
                calls = zip(found, free, strict=True)
                asked = (
                    client.ask("POST", f"/patients/{key}/encounters/", VISIT)
                    for client, key in calls
                )
                answers = await asyncio.gather(*asked)
                assert time.monotonic() - began < 1.5
                assert [(a.status, a.document["patient_id"]) for a in answers] == [
                    (201, key) for key in free
                ]
            assert not any(task.done() for task in stuck)
        assert {answer.status for task in stuck for answer in await task} == {201}


async def test_what_may_have_been_done_is_not_done_again(
    loop: AbstractEventLoop, database: TestDatabase, together: Together
) -> None:
    """A SQLSTATE that says that the connection ends is as good as its end."""
    database.execute(
        "CREATE FUNCTION billing.lose() RETURNS trigger LANGUAGE plpgsql"
        " AS $$ BEGIN RAISE 'lost' USING ERRCODE = '57P01'; END $$;"
        "CREATE TRIGGER lose AFTER INSERT ON billing.patient FOR EACH ROW"
        " WHEN (new.last_name = 'Lost') EXECUTE FUNCTION billing.lose()"
    )
    good, bad = (("POST", "/patients/", {**JOHN, "last_name": name}) for name in ("Good", "Lost"))
    async with serving(Config(database_url=database.api_url, connections=4)) as s:
        with locked(database.owner_url, "LOCK billing.patient"):
            held = asyncio.create_task(at_once(s.port, [good] * 2))
            await waiting(superuser(database), 2)
            sent = asyncio.create_task(at_once(s.port, [good] * 10 + [bad]))
            await together.gathered(11)
        assert {answer.status for answer in await held} == {201}
        assert {kind(answer) for answer in await sent} == {(503, "outcome-unknown")}
    assert database.execute("SELECT count(*) FROM billing.patient") == [(2,)]
    assert together.sizes == [11]
