"""Who goes together under load reads what is its own, and what it wrote."""

import asyncio
import logging
import random
from asyncio import AbstractEventLoop
from typing import Any

import asyncpg
import pytest

from api.config import Config
from api.database import batching
from api.database.batching import PATIENCE
from tests.support.batches import MANY, ONE, at_once, batches, clients, gathered, served, sizes
from tests.support.databases import TestDatabase
from tests.support.outages import JOHN, billed, locked, superuser, waiting
from tests.support.serving import serving
from tests.support.visits import NOBODY


async def test_who_has_its_201_reads_its_row(
    loop: AbstractEventLoop, database: TestDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    """From any connection, at once, under load."""
    caplog.set_level(logging.DEBUG, "api.database.batching")
    async with (
        serving(Config(database_url=database.api_url, connections=4)) as s,
        clients(s.port, 48) as found,
    ):
        pool = await asyncpg.create_pool(database.api_url, min_size=4, max_size=4)

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
    assert max(sizes(caplog)) > 10


class Mixed:
    """Random requests on a billing database, each with what it has to be answered."""

    def __init__(self, database: TestDatabase) -> None:
        """Fill the database: patients with none to nine encounters."""
        database.execute(
            "INSERT INTO billing.patient (first_name, last_name) SELECT 'P', n FROM generate_series(0, 49) AS n;"
            "INSERT INTO billing.encounter (patient_id, date) SELECT p.id, date '2020-01-01' + n"
            " FROM billing.patient AS p, generate_series(1, 9) AS n WHERE n <= CAST(p.last_name AS integer) % 10;"
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
                answer = await client.ask("GET", f"/patients/{NOBODY[:-6]}{number:06}")
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


async def test_nobody_reads_an_answer_to_somebody_else(
    loop: AbstractEventLoop, database: TestDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    """10,000 requests of six kinds, 64 at once, each checked."""
    mixed, numbers = Mixed(database), iter(range(10_000))
    caplog.set_level(logging.DEBUG, "api.database.batching")
    async with (
        serving(Config(database_url=database.api_url, connections=6)) as s,
        clients(s.port, 64) as found,
    ):

        async def keep(client: Any) -> None:
            for number in numbers:
                await mixed.ask(client, number)

        await asyncio.gather(*map(keep, found))
    rows = "SELECT id::text FROM billing.patient WHERE last_name = 'New' UNION ALL SELECT id::text FROM billing.line_item"
    assert {str(key) for (key,) in database.execute(rows)} == mixed.made
    assert sum(sizes(caplog)) > 1000
    assert max(sizes(caplog)) <= 64


async def test_two_roles_never_share_a_statement(
    loop: AbstractEventLoop, database: TestDatabase
) -> None:
    who, many = (
        "SELECT current_user::text, CAST($1 AS text)",
        "SELECT k.n, current_user::text, k.v" + MANY[15:],
    )
    async with (
        batches(database.api_url) as (one, sent),
        batches(database.reporter_url) as (other, others),
    ):
        asked = [(found, str(n)) for n in range(500) for found in (one, other)]
        rows = await asyncio.gather(*(found.run(who, many, [text]) for found, text in asked))
        expected = [
            ("superbill_server" if found is one else "superbill_psql", text)
            for found, text in asked
        ]
        assert [tuple(row) for row in rows] == expected
        assert sum(sent) == sum(others) == 500
        assert max(sent) == max(others) == 64


async def test_after_a_shared_statement_the_next_call_waits_a_turn_for_others(
    loop: AbstractEventLoop, database: TestDatabase
) -> None:
    async with batches(database.api_url) as (found, sent):
        for _ in range(3):
            await asyncio.gather(*(found.run(ONE, MANY, [str(n)]) for n in range(16)))
        assert sent == [1, 15, 16, 16]
        sent.clear()
        for n in range(3):
            await found.run(ONE, MANY, [str(n)])
        assert sent == [1, 1, 1]
        await asyncio.gather(*(found.run(ONE, MANY, [str(n)]) for n in range(16)))
        assert sent[3:] == [1, 15]


async def test_what_several_read_alike_is_read_once_and_what_they_write_is_written_for_each(
    loop: AbstractEventLoop, database: TestDatabase
) -> None:
    for texts, write, expected in (
        ("xaabab", False, [1, 2]),
        ("xaaaaa", False, [1, 1]),
        ("xaaaab", True, [1, 5]),
    ):
        async with batches(database.api_url, lanes=1) as (found, sent):
            rows = await asyncio.gather(
                *(found.run(ONE, MANY, [text], write=write) for text in texts)
            )
            assert [row[0] for row in rows] == list(texts)
            assert sent == expected


async def test_who_finds_a_lane_taken_for_long_takes_another(
    loop: AbstractEventLoop, database: TestDatabase
) -> None:
    """It does not wait until patience ends, which is for who finds all taken."""
    slow = "SELECT pg_sleep(CAST(CAST($1 AS text) AS float))"
    async with batches(database.api_url, lanes=2) as (found, sent):
        held = asyncio.create_task(found.run(slow, MANY, ["0.5"]))
        await asyncio.sleep(0.01)
        began = loop.time()
        assert (await found.run(ONE, MANY, ["a"]))[0] == "a"
        assert loop.time() - began < PATIENCE
        assert not held.done()
        await held
        assert sent == [1, 1]


async def test_a_batch_leaves_its_patience_to_itself(
    loop: AbstractEventLoop, database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its connection waits for locks as long as ever."""
    monkeypatch.setattr(batching, "PATIENCE", 60)
    path, post = f"/patients/{billed(database)['patient_id']}", ("POST", "/patients/", JOHN)
    made = served(monkeypatch)
    async with serving(Config(database_url=database.api_url, connections=2)) as s:
        with locked(database.owner_url, "LOCK billing.patient"):
            held = asyncio.create_task(at_once(s.port, [post] * 2))
            await waiting(superuser(database), 2)
            sent = asyncio.create_task(at_once(s.port, [post] * 10))
            await gathered(made[0], 10)
        assert {answer.status for answer in (*await held, *await sent)} == {201}
        with locked(database.owner_url, "LOCK billing.patient"):
            changed = asyncio.create_task(
                at_once(s.port, [("PATCH", path, JOHN)] * 2)
            )  # on each connection
            await waiting(superuser(database), 2)
            await asyncio.sleep(3 * PATIENCE)
        assert [answer.status for answer in await changed] == [200, 200]


async def test_who_goes_away_as_the_statement_begins_harms_nobody(
    loop: AbstractEventLoop, database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the turn between being taken and being sent."""
    async with batches(database.api_url) as (found, _):
        spawn = batching.Batches._spawn  # noqa: SLF001 - there is no other way into that turn
        calls = [asyncio.create_task(found.run(ONE, MANY, [str(n)])) for n in range(5)]

        def leave(own: batching.Batches, work: Any) -> None:
            calls[1].cancel()  # the first one has gone alone, and this one leads the others
            spawn(own, work)

        monkeypatch.setattr(batching.Batches, "_spawn", leave)
        rows: list[Any] = await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), 5)
        assert isinstance(rows[1], asyncio.CancelledError)
        assert [tuple(rows[n])[-1] for n in (0, 2, 3, 4)] == ["0", "2", "3", "4"]
