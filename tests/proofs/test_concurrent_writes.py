"""Concurrent writes of the same rows: the rows are as the answers say."""

import asyncio
import logging
import random
from collections import Counter
from typing import Any

import pytest

from api.config import Config
from tests.support.batches import (
    Answer,
    clients,
    logged_sizes,
    new_batches,
    send_at_once,
    unhurried,
    until_waiting,
)
from tests.support.databases import TestDatabase
from tests.support.outages import (
    add_billed_visit,
    add_trigger,
    configure_login,
    count_deadlocks,
    locked,
    superuser_url,
    wait_for_locks,
)
from tests.support.serving import Serve, serving
from tests.support.write_ledger import NOTHING, outcome_of

KEEPER = {"name": "Eli Emu", "initials": "EE", "email": "eli@zoo.example"}
TAKEN = "Another keeper has this e-mail address."
ANIMAL = {"name": "Leo", "species_code": "LEO", "mass": "1.00", "born_on": "2020-01-01"}


def config(database: TestDatabase) -> Config:
    """Configure more connections than a machine has cores."""
    return unhurried(database.api_url, connections=8, lanes=4)


def statuses(answers: list[Answer]) -> Counter[int]:
    """Count the answers by status."""
    return Counter(answer.status for answer in answers)


def keeper(number: int) -> dict[str, str]:
    """Give a body that can be created once."""
    return {**KEEPER, "email": f"k{number}@zoo.example"}


async def test_one_of_a_hundred_equal_creates_answers_201(
    menagerie: TestDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "api.database.batching")
    async with serving(config(menagerie)) as s:
        for number in range(3):
            answers = await send_at_once(s.port, [("POST", "/keepers/", keeper(number))] * 100)
            assert statuses(answers) == {201: 1, 409: 99}
            refused = [answer.document for answer in answers if answer.status == 409]
            assert {document["detail"] for document in refused} == {TAKEN}
            assert {str(document["errors"]) for document in refused} == {
                str([{"pointer": "/email", "detail": TAKEN}])
            }
    assert menagerie.execute(
        "SELECT count(*) FROM zoo.keeper WHERE email LIKE 'k_@zoo.example'"
    ) == [(3,)]
    assert max(logged_sizes(caplog)) > 1


async def test_one_of_two_equal_creates_in_a_statement_answers_201(
    menagerie: TestDatabase,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A statement with 32 pairs."""
    caplog.set_level(logging.DEBUG, "api.database.batching")
    made = new_batches(monkeypatch, patience=1000)
    async with serving(unhurried(menagerie.api_url)) as s:
        with locked(menagerie.owner_url, "LOCK zoo.keeper IN EXCLUSIVE MODE"):
            held = asyncio.create_task(
                send_at_once(s.port, [("POST", "/keepers/", keeper(n)) for n in (100, 101)])
            )
            await wait_for_locks(superuser_url(menagerie), 2)
            sent = asyncio.create_task(
                send_at_once(s.port, [("POST", "/keepers/", keeper(n % 32)) for n in range(64)])
            )
            await until_waiting(made[0], 64)
        answers = await sent
        assert statuses(await held) == {201: 2}
    for number in range(32):
        assert statuses([answers[number], answers[number + 32]]) == {201: 1, 409: 1}
    assert logged_sizes(caplog) == [64]


async def test_one_of_two_equal_creates_in_statements_that_deadlock_answers_201(
    menagerie: TestDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    """Shared statements insert the same keys in different orders."""
    caplog.set_level(logging.DEBUG, "api.database.batching")
    configure_login(menagerie, "deadlock_timeout", "20ms")
    numbers = [*range(150)] * 2
    random.shuffle(numbers)
    found: dict[int, list[Answer]] = {number: [] for number in numbers}
    left = iter(numbers)
    async with serving(config(menagerie)) as s, clients(s.port, 64) as made:

        async def keep_on(client: Any) -> None:
            for number in left:
                found[number].append(await client.ask("POST", "/keepers/", keeper(number)))

        await asyncio.gather(*map(keep_on, made))
    for answers in found.values():
        told_nothing = [answer for answer in answers if answer.status == 503]
        assert all(outcome_of(answer) == NOTHING for answer in told_nothing)
        assert statuses(answers)[201] == (0 if len(told_nothing) == 2 else 1)
        assert statuses(answers).keys() <= {201, 409, 503}
    stored = menagerie.execute("SELECT count(*) FROM zoo.keeper WHERE email LIKE 'k%@zoo.example'")
    assert stored == [(sum(statuses(answers)[201] for answers in found.values()),)]
    assert max(logged_sizes(caplog)) > 1


async def test_concurrent_changes_of_one_row_all_hold(serve: Serve, database: TestDatabase) -> None:
    """The last change of a column holds, and no change undoes that of another column."""
    path = f"/patients/{add_billed_visit(database)['patient_id']}"
    service = await serve(config(database))
    for turn in range(5):
        bodies = [{"first_name": f"F{turn} {n}"} for n in range(8)] + [{"last_name": f"L{turn}"}]
        answers = await send_at_once(service.port, [("PATCH", path, body) for body in bodies])
        assert statuses(answers) == {200: 9}
        for body, answer in zip(bodies, answers, strict=True):
            assert body.items() <= answer.document.items()
        ((first, last),) = database.execute("SELECT first_name, last_name FROM billing.patient")
        assert (first in {body.get("first_name") for body in bodies}, last) == (
            True,
            f"L{turn}",
        )


async def test_one_of_several_deletes_of_a_row_answers_204(
    serve: Serve, database: TestDatabase
) -> None:
    """Concurrent changes and reads of the row answer 200 or 404."""
    encounter = add_billed_visit(database)["encounter_id"]
    service = await serve(config(database))
    for _ in range(10):
        (made,) = await send_at_once(
            service.port, [("POST", f"/encounters/{encounter}/line_items/", {"cpt_code": "G0438"})]
        )
        item = f"/line_items/{made.document['id']}"
        requests = (
            [("DELETE", item, None)] * 8
            + [("PATCH", item, {"units": 3})] * 4
            + [("GET", item, None)] * 4
        )
        answers = await send_at_once(service.port, requests)
        assert statuses(answers[:8]) == {204: 1, 404: 7}
        assert statuses(answers[8:]).keys() <= {200, 404}
        assert (
            database.execute(f"SELECT FROM billing.line_item WHERE id = '{made.document['id']}'")
            == []
        )


@pytest.mark.parametrize("nested", [True, False], ids=["nested", "flat"])
async def test_parent_is_deleted_or_has_children_but_not_both(
    serve: Serve, menagerie: TestDatabase, *, nested: bool
) -> None:
    """Children are created while their parent is deleted."""
    service = await serve(config(menagerie))
    for number in range(1, 11):
        house = {"house": "New", "number": number, "length_m": "2", "width_m": "2"}
        (made,) = await send_at_once(service.port, [("POST", "/enclosures/", house)])
        assert made.status == 201
        parent, key = f"/enclosures/New,{number}", {"house": "New", "enclosure_number": number}
        child = (
            ("POST", f"{parent}/animals/", ANIMAL)
            if nested
            else ("POST", "/animals/", {**ANIMAL, **key})
        )
        requests: list[tuple[str, str, Any]] = [child] * 6
        requests.insert(random.randrange(7), ("DELETE", parent, None))
        answers = await send_at_once(service.port, requests)
        (deleted,) = (a.status for a, r in zip(answers, requests, strict=True) if r[0] == "DELETE")
        created = statuses([a for a, r in zip(answers, requests, strict=True) if r[0] == "POST"])
        assert created.keys() <= {201, 404 if nested else 422}
        assert deleted == (409 if created[201] else 204)
        stored = menagerie.execute(
            f"SELECT count(*) FROM zoo.animal WHERE house = 'New' AND enclosure_number = {number}"
        )
        assert stored == [(created[201],)]


async def test_change_that_cannot_be_serialized_answers_503_and_changes_nothing(
    serve: Serve, database: TestDatabase
) -> None:
    """After three tries."""
    configure_login(database, "default_transaction_isolation", "serializable")
    item = f"/line_items/{add_billed_visit(database)['line_item_id']}"
    service = await serve(config(database))
    for turn in range(5):
        units = [turn * 20 + n + 1 for n in range(16)]
        answers = await send_at_once(service.port, [("PATCH", item, {"units": n}) for n in units])
        done = {n for n, answer in zip(units, answers, strict=True) if answer.status == 200}
        assert all(answer.status == 200 or outcome_of(answer) == NOTHING for answer in answers)
        ((stored,),) = database.execute("SELECT units FROM billing.line_item")
        assert stored in done


async def test_deadlocked_change_is_undone_as_a_whole(database: TestDatabase) -> None:
    """Each change of a patient also changes all others."""
    configure_login(database, "deadlock_timeout", "20ms")
    insert = (
        "INSERT INTO billing.patient (first_name, last_name)"
        " SELECT 'P', '0' FROM generate_series(1, 6) RETURNING id"
    )
    ids = [str(key) for (key,) in database.execute(insert)]
    body = """
        BEGIN
            IF new.first_name <> old.first_name THEN
                PERFORM pg_advisory_xact_lock_shared(1);
                UPDATE billing.patient SET last_name = CAST(CAST(last_name AS integer) + 1 AS text)
                WHERE id <> new.id;
            END IF;
            RETURN NULL;
        END
    """
    add_trigger(database, "billing.patient", "UPDATE", body)
    requests = [("PATCH", f"/patients/{key}", {"first_name": "Q"}) for key in ids]
    async with serving(config(database)) as s:
        # Each statement locks its own row, and only then another.
        with locked(database.owner_url, "SELECT pg_advisory_xact_lock(1)"):
            sent = asyncio.create_task(send_at_once(s.port, requests))
            await wait_for_locks(superuser_url(database), len(ids))
        answers = await sent
    done = [key for key, answer in zip(ids, answers, strict=True) if answer.status == 200]
    assert all(answer.status == 200 or outcome_of(answer) == NOTHING for answer in answers)
    assert done
    # A session reports its statistics when it ends, at the latest.
    assert count_deadlocks(database) >= 1
    # What is undone is undone with all its changes of other rows.
    for key, first, touched in database.execute(
        "SELECT id::text, first_name, last_name FROM billing.patient"
    ):
        assert (first, touched) == ("Q" if key in done else "P", str(len(done) - (key in done)))
