"""Requests whose calls share statements: each is answered as if it were alone."""

import asyncio
import logging
import os
import signal
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

from api.cli import dev_postgres, migrations
from api.config import ROOT
from api.database.batching import Batches
from tests.support.batches import (
    Answer,
    clients,
    logged_sizes,
    new_batches,
    send_at_once,
    unhurried,
    until,
    until_waiting,
)
from tests.support.databases import TestDatabase
from tests.support.folders import reachable_folder
from tests.support.menagerie import ANIMAL, ID
from tests.support.outages import (
    JOHN,
    VISIT,
    add_billed_visit,
    locked,
    superuser_url,
    wait_for_locks,
)
from tests.support.serving import Serve, serving
from tests.support.visits import UNKNOWN_ID

pytestmark = pytest.mark.unmeasured

SENSOR: dict[str, Any] = {"label": "sensor", "sensor": "10.0.0.1"}
KEEPER = {"name": "Eli Emu", "initials": "EE", "email": "{}@zoo.example"}
TOUR = {"guide_id": 1, "place": 99, "title": "Emus"}
FEEDING = {"animal_id": f"{ID}001", "prepared_by": 1, "food": "hay", "amount": "1", "note": None}
# A table, a path, a good body, the field that makes it bad, and the status and problem of that.
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
    """The batches of the servers that a test starts, and the log of what they share."""

    made: list[Batches]
    log: pytest.LogCaptureFixture

    async def until_waiting(self, count: int) -> None:
        """Wait until `count` calls wait."""
        await until_waiting(self.made[0], count)

    @property
    def sizes(self) -> list[int]:
        """How many calls each shared statement was for."""
        return logged_sizes(self.log)


@pytest.fixture
def together(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Together:
    """Let each statement keep its lane until it ends."""
    caplog.set_level(logging.DEBUG, "api.database.batching")
    return Together(new_batches(monkeypatch, patience=1000), caplog)


@pytest.mark.parametrize("refusal", REFUSED)
async def test_bad_create_in_a_shared_statement_fails_alone(
    serve: Serve, menagerie: TestDatabase, together: Together, refusal: Refusal
) -> None:
    table, path, good, bad, expected = refusal
    bodies = [dict(good) for _ in range(66)]
    for number, body in enumerate(bodies):
        body.update({"email": f"{number}@zoo.example"} if table == "keeper" else {})
        body.update({"place": 100 + number} if table == "tour" else {})
    bodies[33][bad[0]] = bad[1]
    count = f"SELECT count(*) FROM zoo.{table}"
    ((before,),) = menagerie.execute(count)
    service = await serve(unhurried(menagerie.api_url))
    with locked(menagerie.owner_url, f"LOCK zoo.{table} IN EXCLUSIVE MODE"):
        held = [
            asyncio.create_task(send_at_once(service.port, [("POST", path, body)]))
            for body in bodies[:2]
        ]
        await wait_for_locks(superuser_url(menagerie), 2)
        sent = asyncio.create_task(
            send_at_once(service.port, [("POST", path, body) for body in bodies[2:]])
        )
        await together.until_waiting(64)
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


async def test_missing_parent_answers_404_to_its_own_requests(
    serve: Serve, database: TestDatabase, together: Together
) -> None:
    ids = add_billed_visit(database)
    good, bad = (f"/patients/{key}/encounters/" for key in (ids["patient_id"], UNKNOWN_ID))
    service = await serve(unhurried(database.api_url))
    for method, body, status in (("POST", VISIT, 201), ("GET", None, 200)):
        with locked(database.owner_url, "LOCK billing.encounter"):
            held = asyncio.create_task(send_at_once(service.port, [(method, good, body)] * 2))
            await wait_for_locks(superuser_url(database), 2)
            requests = [(method, good if n % 8 else bad, body) for n in range(64)]
            requests[1] = (
                method,
                bad.upper().replace("/PATIENTS/", "/patients/").replace("ENCOUNTERS", "encounters"),
                body,
            )
            requests[2] = (
                method,
                good.replace(ids["patient_id"], ids["patient_id"].upper()),
                body,
            )
            sent = asyncio.create_task(send_at_once(service.port, requests))
            await together.until_waiting(64)
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


async def test_pages_behind_cursors_share_a_statement(
    serve: Serve, database: TestDatabase, together: Together
) -> None:
    database.execute(
        "INSERT INTO billing.patient (first_name, last_name)"
        " SELECT 'A', n % 7 FROM generate_series(1, 40) AS n"
    )
    service = await serve(unhurried(database.api_url))
    paths = ["/patients/?order=last_name&limit=2"]
    pages: list[list[dict[str, str]]] = []
    while len(paths) > len(pages):
        answer = await service.client.get(paths[-1])
        pages.append(answer.json())
        paths += [link["url"] for link in answer.links.values()]
    with locked(database.owner_url, "LOCK billing.patient"):
        held = asyncio.create_task(send_at_once(service.port, [("GET", paths[1], None)] * 2))
        await wait_for_locks(superuser_url(database), 2)
        requests = [("GET", path, None) for path in paths[1:]]
        sent = asyncio.create_task(send_at_once(service.port, requests))
        await together.until_waiting(19)
    assert [answer.document for answer in await sent] == pages[1:]
    assert [answer.document for answer in await held] == [pages[1]] * 2
    assert together.sizes == [19]


async def test_clients_that_disconnect_change_no_other_answer(
    serve: Serve,
    database: TestDatabase,
    together: Together,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "api.access")
    service = await serve(unhurried(database.api_url))
    async with clients(service.port, 66) as found:
        with locked(database.owner_url, "LOCK billing.patient"):
            asked = []
            for number, client in enumerate(found):
                body = {**JOHN, "first_name": f"J{number}"}
                asked.append(asyncio.create_task(client.ask("POST", "/patients/", body)))
                if number == 1:
                    await wait_for_locks(superuser_url(database), 2)
            await together.until_waiting(64)
            for client in [found[0], *found[1::3]]:  # two have a lane, the others wait
                client.writer.close()
            await until(lambda: sum(r.name == "api.access" for r in caplog.records) == 23)
        answers = await asyncio.gather(*asked, return_exceptions=True)
        for number, answer in enumerate(answers):
            if number and number % 3 != 1:
                assert isinstance(answer, Answer)
                assert (answer.status, answer.document["first_name"]) == (201, f"J{number}")
        again = await send_at_once(service.port, [("POST", "/patients/", JOHN)] * 64)
        assert {answer.status for answer in again} == {201}
        ((count,),) = database.execute("SELECT count(*) FROM billing.patient")
        assert count == len(asked) - 23 + 64


HELD = {**JOHN, "last_name": "Held"}
# A created row of this name keeps its statement waiting while GATE is locked.
GATE = "SELECT pg_advisory_xact_lock(1)"
HOLD = (
    "CREATE FUNCTION billing.hold() RETURNS trigger LANGUAGE plpgsql SET lock_timeout = 0"
    " AS $$ BEGIN PERFORM pg_advisory_xact_lock_shared(1); RETURN NULL; END $$;"
    "CREATE TRIGGER hold AFTER INSERT ON billing.patient FOR EACH ROW"
    " WHEN (new.last_name = 'Held') EXECUTE FUNCTION billing.hold()"
)


async def end(
    database: TestDatabase, many: str, sent: "asyncio.Task[list[Answer]]"
) -> list[Answer]:
    """End the connections of statements for many, until all of their calls are answered."""
    query = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE wait_event_type = 'Lock' AND query LIKE %s"
    )
    with psycopg.connect(superuser_url(database), autocommit=True) as connection:
        while not sent.done():
            connection.execute(query, [many])
            await asyncio.sleep(0.01)
    return sent.result()


async def test_reads_whose_connection_is_lost_answer_unavailable(
    serve: Serve, database: TestDatabase
) -> None:
    one, other = (
        ("GET", f"/patients/{add_billed_visit(database)['patient_id']}", None) for _ in range(2)
    )
    service = await serve(unhurried(database.api_url, 6))
    with locked(database.owner_url, "LOCK billing.patient"):
        held = asyncio.create_task(send_at_once(service.port, [one] * 2))
        await wait_for_locks(superuser_url(database), 2)
        sent = asyncio.create_task(send_at_once(service.port, [one, other] * 20))
        lost = await end(database, "%FROM unnest(%WITH ORDINALITY%api%patients%", sent)
        assert (await service.client.get("/cpt_codes/G0438")).status_code == 200
        assert not held.done()
    assert {kind(answer) for answer in lost} == {(503, "unavailable")}
    assert {answer.status for answer in await held} == {200}


async def test_creates_whose_connection_is_lost_answer_outcome_unknown(
    serve: Serve, database: TestDatabase
) -> None:
    """They are not sent again: they may have been done."""
    database.execute(HOLD)
    service = await serve(unhurried(database.api_url, 6))
    with locked(database.owner_url, GATE):
        held = asyncio.create_task(send_at_once(service.port, [("POST", "/patients/", HELD)] * 2))
        await wait_for_locks(superuser_url(database), 2)
        sent = asyncio.create_task(send_at_once(service.port, [("POST", "/patients/", HELD)] * 40))
        lost = await end(database, "WITH made % AS (MERGE%", sent)
        assert {kind(answer) for answer in lost} == {(503, "outcome-unknown")}
        assert not held.done()
    assert {answer.status for answer in await held} == {201}
    assert database.execute("SELECT count(*) FROM billing.patient") == [(2,)]


def merging(url: str) -> list[int]:
    """Give the backends whose create for many calls waits for GATE."""
    query = (
        "SELECT pid FROM pg_stat_activity"
        " WHERE wait_event = 'advisory' AND state = 'active' AND query LIKE 'WITH made %MERGE%'"
    )
    with psycopg.connect(url, autocommit=True) as connection:
        return [pid for (pid,) in connection.execute(query)]


@pytest.mark.costly
async def test_killed_postgres_answers_outcome_unknown_to_shared_creates(
    together: Together,
) -> None:
    settings = {"fsync": "off"}
    with reachable_folder() as folder, dev_postgres.postgres(folder, settings=settings) as postgres:
        migrations.migrate(postgres.owner_url, ROOT / "schema")
        with psycopg.connect(postgres.owner_url, autocommit=True) as connection:
            connection.execute(HOLD.encode())
        superuser_url = postgres.url("postgres")
        async with (
            serving(unhurried(postgres.api_url, lanes=1)) as s,
            clients(s.port, 1) as (first,),
        ):
            with locked(postgres.owner_url, GATE):
                alone = asyncio.create_task(first.ask("POST", "/patients/", HELD))
                await wait_for_locks(superuser_url)
                sent = asyncio.create_task(
                    send_at_once(s.port, [("POST", "/patients/", HELD)] * 40)
                )
                await together.until_waiting(40)
                first.writer.close()  # its lane is free then
                await until(lambda: merging(superuser_url))
                assert together.sizes == [40]
                os.kill(merging(superuser_url)[0], signal.SIGKILL)
                assert {kind(answer) for answer in await sent} == {(503, "outcome-unknown")}
            await asyncio.gather(alone, return_exceptions=True)
            while (await s.client.get("/patients/")).status_code != 200:
                pass  # until Postgres has recovered
            assert (await s.client.get("/patients/")).json() == []
            again = await send_at_once(s.port, [("POST", "/patients/", JOHN)] * 40)
            assert {answer.status for answer in again} == {201}


async def test_locked_parent_delays_no_creates_below_others(
    serve: Serve, database: TestDatabase
) -> None:
    """Even where creates below it have both lanes, or share a statement with the others."""
    ids = add_billed_visit(database)
    database.execute(
        "INSERT INTO billing.patient (first_name, last_name)"
        " SELECT 'A', n FROM generate_series(1, 60) AS n"
    )
    free = [
        str(key)
        for (key,) in database.execute("SELECT id FROM billing.patient WHERE first_name = 'A'")
    ]
    service = await serve(unhurried(database.api_url, 10))
    async with clients(service.port, 60) as found:
        lock = f"SELECT FROM billing.patient WHERE id = '{ids['patient_id']}' FOR UPDATE"
        with locked(database.owner_url, lock):
            below = ("POST", f"/patients/{ids['patient_id']}/encounters/", VISIT)
            stuck = [asyncio.create_task(send_at_once(service.port, [below] * 2))]
            await wait_for_locks(superuser_url(database), 2)
            for _ in range(3):
                stuck.append(asyncio.create_task(send_at_once(service.port, [below])))
                calls = zip(found, free, strict=True)
                asked = (
                    client.ask("POST", f"/patients/{key}/encounters/", VISIT)
                    for client, key in calls
                )
                answers = await asyncio.gather(*asked)
                assert [(a.status, a.document["patient_id"]) for a in answers] == [
                    (201, key) for key in free
                ]
            assert not any(task.done() for task in stuck)
        assert {answer.status for task in stuck for answer in await task} == {201}


async def test_error_that_ends_the_connection_answers_outcome_unknown(
    serve: Serve, database: TestDatabase, together: Together
) -> None:
    """A SQLSTATE of class 57 counts as a lost connection: nothing is sent again."""
    database.execute(
        "CREATE FUNCTION billing.lose() RETURNS trigger LANGUAGE plpgsql"
        " AS $$ BEGIN RAISE 'lost' USING ERRCODE = '57P01'; END $$;"
        "CREATE TRIGGER lose AFTER INSERT ON billing.patient FOR EACH ROW"
        " WHEN (new.last_name = 'Lost') EXECUTE FUNCTION billing.lose()"
    )
    good, bad = (("POST", "/patients/", {**JOHN, "last_name": name}) for name in ("Good", "Lost"))
    service = await serve(unhurried(database.api_url))
    with locked(database.owner_url, "LOCK billing.patient"):
        held = asyncio.create_task(send_at_once(service.port, [good] * 2))
        await wait_for_locks(superuser_url(database), 2)
        sent = asyncio.create_task(send_at_once(service.port, [good] * 10 + [bad]))
        await together.until_waiting(11)
    assert {answer.status for answer in await held} == {201}
    assert {kind(answer) for answer in await sent} == {(503, "outcome-unknown")}
    assert database.execute("SELECT count(*) FROM billing.patient") == [(2,)]
    assert together.sizes == [11]
