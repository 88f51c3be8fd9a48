"""Calls that share statements under load: each reads its own rows, and what it has written."""

import asyncio
import logging
import random
from typing import Any

import asyncpg
import pytest

from api.database.batching import Batches
from api.identity import Identity
from api.sql.limits import LOCK_TIMEOUT
from tests.support.batches import (
    CALLER,
    HELD,
    MANY,
    ONE,
    batches,
    clients,
    logged_sizes,
    new_batches,
    send_at_once,
    unhurried,
    until,
    until_waiting,
)
from tests.support.databases import TestDatabase
from tests.support.outages import JOHN, add_billed_visit, locked, superuser_url, wait_for_locks
from tests.support.serving import Serve, serving
from tests.support.visits import UNKNOWN_ID


async def test_created_row_is_read_at_once_on_any_connection(
    database: TestDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "api.database.batching")
    async with (
        serving(unhurried(database.api_url)) as s,
        clients(s.port, 48) as found,
    ):
        pool = await asyncpg.create_pool(database.sql_url, min_size=4, max_size=4)

        async def keep(number: int) -> None:
            for turn in range(15):
                name = f"N {number} {turn}"
                made = await found[number].ask("POST", "/patients/", {**JOHN, "first_name": name})
                read = await found[number].ask("GET", made.location)
                assert (made.status, read.status, read.document) == (201, 200, made.document)
                query = "SELECT first_name FROM api.patients WHERE id = $1"
                assert (
                    await pool.fetchval(query, made.document["id"])
                    == name
                    == read.document["first_name"]
                )

        await asyncio.gather(*map(keep, range(48)))
        await pool.close()
    assert max(logged_sizes(caplog)) > 1


class Mixed:
    """Random requests on a billing database, each with what it has to be answered."""

    def __init__(self, database: TestDatabase) -> None:
        """Fill the database: patients with none to nine encounters."""
        database.execute(
            "INSERT INTO billing.patient (first_name, last_name)"
            " SELECT 'P', n FROM generate_series(0, 49) AS n;"
            "INSERT INTO billing.encounter (patient_id, date) SELECT p.id, date '2020-01-01' + n"
            " FROM billing.patient AS p, generate_series(1, 9) AS n"
            " WHERE n <= CAST(p.last_name AS integer) % 10;"
        )
        patients = database.execute("SELECT id::text, last_name FROM billing.patient")
        self.patients = {str(key): str(name) for key, name in patients}
        self.encounters: dict[str, list[str]] = {key: [] for key in self.patients}
        for key, parent in database.execute(
            "SELECT id::text, patient_id::text FROM billing.encounter ORDER BY id"
        ):
            self.encounters[str(parent)].append(str(key))
        self.all = [key for found in self.encounters.values() for key in found]
        self.made: set[str] = set()

    async def ask(self, client: Any, number: int) -> None:
        """Send one request and check its answer."""
        patient = random.choice(list(self.patients))
        match random.randrange(6):
            case 0:
                answer = await client.ask(
                    "GET", f"/patients/{random.choice((patient, patient.upper()))}"
                )
                assert answer.document == {
                    "id": patient,
                    "first_name": "P",
                    "last_name": self.patients[patient],
                }
            case 1:
                limit, encounters = random.randint(1, 12), self.encounters[patient]
                answer = await client.ask("GET", f"/patients/{patient}/encounters/?limit={limit}")
                assert [row["id"] for row in answer.document] == encounters[:limit]
                assert {row["patient_id"] for row in answer.document} <= {patient}
            case 2:
                answer = await client.ask("GET", f"/patients/{UNKNOWN_ID[:-6]}{number:06}")
                assert (answer.status, answer.document["detail"]) == (404, "patient not found")
            case 3:
                answer = await client.ask(
                    "POST", "/patients/", {"first_name": f"F {number}", "last_name": "New"}
                )
                assert (answer.status, answer.document["first_name"]) == (201, f"F {number}")
                assert answer.location == f"/patients/{answer.document['id']}"
                self.made.add(answer.document["id"])
            case 4:
                encounter, units = random.choice(self.all), number % 9999 + 1
                body = {"cpt_code": "G0438", "units": units}
                answer = await client.ask("POST", f"/encounters/{encounter}/line_items/", body)
                assert answer.status == 201
                assert (answer.document["encounter_id"], int(answer.document["units"])) == (
                    encounter,
                    units,
                )
                self.made.add(answer.document["id"])
            case _:
                encounter = random.choice(self.all)
                answer = await client.ask(
                    "GET", f"/encounters/{encounter}/line_items/?limit={1 + number % 3}"
                )
                assert answer.status == 200
                assert {row["encounter_id"] for row in answer.document} <= {encounter}
                assert len(answer.document) <= 1 + number % 3


@pytest.mark.parametrize("count", [1_500, pytest.param(10_000, marks=pytest.mark.long)])
async def test_no_request_is_given_the_answer_of_another(
    database: TestDatabase,
    caplog: pytest.LogCaptureFixture,
    count: int,
) -> None:
    """Requests of six kinds, 64 at once, each checked."""
    mixed, numbers = Mixed(database), iter(range(count))
    caplog.set_level(logging.DEBUG, "api.database.batching")
    async with (
        serving(unhurried(database.api_url, 6)) as s,
        clients(s.port, 64) as found,
    ):

        async def keep(client: Any) -> None:
            for number in numbers:
                await mixed.ask(client, number)

        await asyncio.gather(*map(keep, found))
    rows = (
        "SELECT id::text FROM billing.patient WHERE last_name = 'New'"
        " UNION ALL SELECT id::text FROM billing.line_item"
    )
    assert {str(key) for (key,) in database.execute(rows)} == mixed.made
    assert sum(logged_sizes(caplog)) > count / 10
    assert max(logged_sizes(caplog)) <= 64


async def test_two_roles_never_share_a_statement(database: TestDatabase) -> None:
    whose = "current_setting('role')"
    one = ONE.replace("SELECT", f"SELECT {whose},")
    many = MANY.replace("SELECT", f"SELECT {whose},")
    callers = [CALLER, Identity("superbill_gate")]
    async with batches(database.api_url, quick=1000) as (found, connections):
        asked = [(caller, str(n)) for n in range(500) for caller in callers]
        rows = await asyncio.gather(
            *(found.run(one, many, [text], caller) for caller, text in asked)
        )
        assert [tuple(row)[:2] for row in rows] == [(caller.role, text) for caller, text in asked]
        assert sum(connections.sent) == 1000
        assert max(connections.sent) == 64


async def test_call_after_a_shared_statement_waits_a_turn_for_others(
    database: TestDatabase,
) -> None:
    async with batches(database.api_url) as (found, connections):
        for _ in range(3):
            await asyncio.gather(*(found.run(ONE, MANY, [str(n)], CALLER) for n in range(16)))
        assert connections.sent == [1, 15, 16, 16]
        connections.sent.clear()
        for n in range(3):
            await found.run(ONE, MANY, [str(n)], CALLER)
        assert connections.sent == [1, 1, 1]
        await asyncio.gather(*(found.run(ONE, MANY, [str(n)], CALLER) for n in range(16)))
        assert connections.sent[3:] == [1, 15]


@pytest.mark.parametrize(
    ("texts", "write", "sent"),
    [("xaabab", False, [1, 2]), ("xaaaaa", False, [1, 1]), ("xaaaab", True, [1, 5])],
)
async def test_equal_reads_are_read_once_and_equal_writes_are_written_each(
    database: TestDatabase, texts: str, sent: list[int], *, write: bool
) -> None:
    async with batches(database.api_url, lanes=1) as (found, connections):
        calls = (found.run(ONE, MANY, [text], CALLER, write=write) for text in texts)
        assert [row[0] for row in await asyncio.gather(*calls)] == list(texts)
        assert connections.sent == sent


async def test_lock_timeout_of_a_batch_ends_with_its_statement(
    serve: Serve, database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Later statements on its connection wait longer for locks."""
    path, post = (
        f"/patients/{add_billed_visit(database)['patient_id']}",
        ("POST", "/patients/", JOHN),
    )
    made = new_batches(monkeypatch, patience=1000)
    service = await serve(unhurried(database.api_url, 2))
    with locked(database.owner_url, "LOCK billing.patient"):
        held = asyncio.create_task(send_at_once(service.port, [post] * 2))
        await wait_for_locks(superuser_url(database), 2)
        sent = asyncio.create_task(send_at_once(service.port, [post] * 10))
        await until_waiting(made[0], 10)
    assert {answer.status for answer in (*await held, *await sent)} == {201}
    with locked(database.owner_url, "LOCK billing.patient"):
        changed = asyncio.create_task(
            send_at_once(service.port, [("PATCH", path, JOHN)] * 2)
        )  # on each connection
        await wait_for_locks(superuser_url(database), 2)
        await asyncio.sleep(3 * LOCK_TIMEOUT)
    assert [answer.status for answer in await changed] == [200, 200]


async def test_cancelled_call_of_a_batch_leaves_the_other_calls_their_rows(
    database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After it was taken out of the queue, and before its statement is sent."""
    async with batches(database.api_url, lanes=1) as (found, connections):
        held = asyncio.create_task(found.run(ONE, MANY, [HELD], CALLER))
        await until(lambda: connections.sent == [1])
        spawn = Batches._spawn  # noqa: SLF001 - there is no other way into that turn
        calls = [asyncio.create_task(found.run(ONE, MANY, [str(n)], CALLER)) for n in range(5)]

        def cancel(own: Batches, work: Any) -> None:
            calls[0].cancel()  # the first call of the group
            spawn(own, work)

        monkeypatch.setattr(Batches, "_spawn", cancel)
        await until_waiting(found, 5)
        connections.gate.set()
        rows: list[Any] = await asyncio.gather(*calls, return_exceptions=True)
        assert isinstance(rows[0], asyncio.CancelledError)
        assert [row[0] for row in rows[1:]] == ["1", "2", "3", "4"]
        await held
