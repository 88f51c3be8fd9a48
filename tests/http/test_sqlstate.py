"""Errors of Postgres, by SQLSTATE: what the client reads, and that the statement is undone.

A real Postgres raises each error: by a lock, a deadlock, a limit, or a trigger.
"""

import asyncio
import logging
from typing import Any

import httpx
import pytest

from api.config import Config
from tests.support.databases import TestDatabase
from tests.support.outages import (
    JOHN,
    OUTCOME_UNKNOWN,
    UNAVAILABLE,
    VISIT,
    add_billed_visit,
    add_trigger,
    configure_login,
    count_deadlocks,
    locked,
    outcome,
    superuser_url,
    terminate_connections,
    wait_for_locks,
)
from tests.support.problems import assert_problem
from tests.support.serving import Serve, serving

pytestmark = pytest.mark.unmeasured

PATIENTS_LOCKED = "SELECT FROM billing.patient FOR UPDATE"
ITEM = {"cpt_code": "G0438", "units": 3}
CANARY = "Kanarienvogel"
# What a write that meets this SQLSTATE is answered, and how often it is tried.
INVALID = (422, "urn:problem-type:invalid-content", None)
INTERNAL = (500, "urn:problem-type:internal-error", None)
ANSWERS: dict[str, tuple[tuple[int, str, str | None], int]] = {
    "40001": (UNAVAILABLE, 3),
    "40P01": (UNAVAILABLE, 3),
    "25006": (UNAVAILABLE, 1),
    "53100": (UNAVAILABLE, 1),
    "55P03": (UNAVAILABLE, 1),
    "57014": (UNAVAILABLE, 1),
    "08006": (OUTCOME_UNKNOWN, 1),
    "57P01": (OUTCOME_UNKNOWN, 1),
    "22000": (INVALID, 1),
    "23502": (INVALID, 1),
    "23514": (INVALID, 1),
    "54000": (INVALID, 1),
    "P0001": (INVALID, 1),
    "23P01": ((409, "urn:problem-type:conflict", None), 1),
    "42501": ((403, "urn:problem-type:not-permitted", None), 1),
    "XX000": (INTERNAL, 1),
    "0A000": (INTERNAL, 1),
}
KEEPER = {"name": "Eli Emu", "initials": "EE", "email": "eli@zoo.example"}


@pytest.mark.parametrize(
    ("request_", "lock", "expected"),
    [
        (("GET", "/patients/", None), "LOCK billing.patient", UNAVAILABLE),
        # Preparing a statement takes its locks too, and nothing is sent before it is prepared.
        (("POST", "/patients/", JOHN), "LOCK billing.patient", UNAVAILABLE),
        (("PATCH", "/patients/{patient_id}", JOHN), PATIENTS_LOCKED, OUTCOME_UNKNOWN),
        (("POST", "/patients/{patient_id}/encounters/", VISIT), PATIENTS_LOCKED, OUTCOME_UNKNOWN),
        (
            ("DELETE", "/line_items/{line_item_id}", None),
            "SELECT FROM billing.line_item FOR UPDATE",
            OUTCOME_UNKNOWN,
        ),
    ],
)
async def test_terminated_statement_answers_503_and_is_undone(
    serve: Serve,
    database: TestDatabase,
    request_: tuple[str, str, Any],
    lock: str,
    expected: object,
) -> None:
    ids = add_billed_visit(database)
    method, path, body = request_
    service = await serve(Config(database_url=database.api_url, connections=3))
    before = await everything(service.client)
    with locked(database.owner_url, lock):
        task = asyncio.create_task(service.client.request(method, path.format(**ids), json=body))
        await wait_for_locks(superuser_url(database))
        terminate_connections(database)
        assert outcome(await task) == expected
    assert await everything(service.client) == before


async def everything(client: httpx.AsyncClient) -> list[object]:
    """Read all that the database holds of its patients."""
    return [
        (await client.get(f"/{name}/")).json() for name in ("patients", "encounters", "line_items")
    ]


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("statement_timeout", UNAVAILABLE),  # 57014
        ("lock_timeout", UNAVAILABLE),  # 55P03
        ("transaction_timeout", OUTCOME_UNKNOWN),  # 25P04, which ends the connection
    ],
)
async def test_statement_ended_by_a_time_limit_answers_503_and_is_undone(
    serve: Serve, database: TestDatabase, setting: str, expected: object
) -> None:
    configure_login(database, setting, "500ms")
    ids = add_billed_visit(database)
    service = await serve(Config(database_url=database.api_url, connections=2))
    before = await everything(service.client)
    with locked(
        database.owner_url, "LOCK billing.encounter; SELECT FROM billing.patient FOR UPDATE"
    ):
        answer = await service.client.patch(
            f"/patients/{ids['patient_id']}", json={"last_name": "Other"}
        )
        assert outcome(answer) == expected
        assert outcome(await service.client.get("/encounters/")) == UNAVAILABLE
    assert await everything(service.client) == before


async def test_deadlocked_statement_runs_again(
    database: TestDatabase,
) -> None:
    configure_login(database, "deadlock_timeout", "20ms")
    name = "('{}', 'Before')"
    names = f"{name.format('A')}, {name.format('B')}"
    insert = f"INSERT INTO billing.patient (first_name, last_name) VALUES {names}"
    ids = [row[0] for row in database.execute(f"{insert} RETURNING id")]
    body = """
        BEGIN
            IF new.last_name = 'After' THEN
                PERFORM pg_advisory_xact_lock_shared(1);
                UPDATE billing.patient SET last_name = last_name || '!' WHERE id <> new.id;
            END IF;
            RETURN NULL;
        END
    """
    add_trigger(database, "billing.patient", "UPDATE", body)
    async with serving(Config(database_url=database.api_url, connections=2)) as server:
        # Each statement locks its own row, and only then the other's.
        with locked(database.owner_url, "SELECT pg_advisory_xact_lock(1)"):
            changes = [
                asyncio.create_task(
                    server.client.patch(f"/patients/{id_}", json={"last_name": "After"})
                )
                for id_ in ids
            ]
            await wait_for_locks(superuser_url(database), 2)
        answers = await asyncio.gather(*changes)
    assert [answer.status_code for answer in answers] == [200, 200]
    # Each changed the other once: the first try of the victim is undone.
    assert sorted(database.execute("SELECT last_name FROM billing.patient")) == [
        ("After",),
        ("After!",),
    ]
    # A session reports its statistics when it ends, at the latest.
    assert count_deadlocks(database) >= 1


async def test_statement_with_a_serialization_failure_runs_again(
    serve: Serve, database: TestDatabase
) -> None:
    configure_login(database, "default_transaction_isolation", "repeatable read")
    path = f"/patients/{add_billed_visit(database)['patient_id']}"
    service = await serve(Config(database_url=database.api_url, connections=2))
    with locked(database.owner_url, "UPDATE billing.patient SET first_name = 'Jack'") as other:
        task = asyncio.create_task(service.client.patch(path, json={"last_name": "After"}))
        await wait_for_locks(superuser_url(database))
        other.commit()
        answer = await task
    assert answer.status_code == 200
    assert database.execute("SELECT first_name, last_name FROM billing.patient") == [
        ("Jack", "After")
    ]


async def test_each_sqlstate_gives_its_problem(serve: Serve, database: TestDatabase) -> None:
    database.execute("CREATE SEQUENCE billing.tries")
    message = f"'row of {CANARY}', ERRCODE = new.last_name, DETAIL = '{CANARY}', HINT = '{CANARY}'"
    body = f"BEGIN PERFORM nextval('billing.tries'); RAISE EXCEPTION USING MESSAGE = {message}; END"
    add_trigger(database, "billing.patient", "INSERT", body)
    service = await serve(Config(database_url=database.api_url, connections=2))
    for sqlstate, (expected, tries) in ANSWERS.items():
        database.execute("ALTER SEQUENCE billing.tries RESTART")
        answer = await service.client.post("/patients/", json={**JOHN, "last_name": sqlstate})
        assert (sqlstate, outcome(answer)) == (sqlstate, expected)
        assert CANARY not in answer.text
        assert (sqlstate, database.execute("SELECT last_value FROM billing.tries")) == (
            sqlstate,
            [(tries,)],
        )
    assert (await service.client.get("/patients/")).json() == []


async def test_concurrent_creates_of_a_unique_value_answer_one_201(
    serve: Serve, menagerie: TestDatabase
) -> None:
    service = await serve(Config(database_url=menagerie.api_url, connections=6))
    answers = await asyncio.gather(
        *(service.client.post("/keepers/", json=KEEPER) for _ in range(6))
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409, 409]
    conflicts = [answer.json() for answer in answers if answer.status_code == 409]
    sentence = "Another keeper has this e-mail address."
    assert {conflict["detail"] for conflict in conflicts} == {sentence}
    assert [conflict["errors"] for conflict in conflicts] == [
        [{"pointer": "/email", "detail": sentence}]
    ] * 5
    assert menagerie.execute("SELECT count(*) FROM zoo.keeper WHERE email = 'eli@zoo.example'") == [
        (1,)
    ]


@pytest.mark.parametrize("path", ["/encounters/{encounter_id}/line_items/", "/line_items/"])
async def test_create_below_a_parent_deleted_meanwhile_answers_404_or_422(
    serve: Serve, database: TestDatabase, path: str
) -> None:
    ids = add_billed_visit(database)
    database.execute("DELETE FROM billing.line_item")
    body = ITEM if "{" in path else {**ITEM, "encounter_id": ids["encounter_id"]}
    service = await serve(Config(database_url=database.api_url, connections=2))
    with locked(database.owner_url, "DELETE FROM billing.encounter") as other:
        task = asyncio.create_task(service.client.post(path.format(**ids), json=body))
        await wait_for_locks(superuser_url(database))
        other.commit()
        answer = await task
    if "{" in path:
        assert (answer.status_code, answer.json()["detail"]) == (404, "encounter not found")
    else:
        assert answer.status_code == 422
        assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/encounter_id"]
    assert database.execute("SELECT FROM billing.line_item") == []


async def test_delete_of_a_parent_with_a_child_created_meanwhile_answers_409(
    serve: Serve, menagerie: TestDatabase
) -> None:
    ((species,),) = menagerie.execute("SELECT code FROM zoo.species WHERE code = 'LEO'")
    house = (
        "INSERT INTO zoo.enclosure (house, number, climate, length_m, width_m)"
        " VALUES ('New', 1, 'polar', 2, 2)"
    )
    menagerie.execute(house)
    animal = f"""
        INSERT INTO zoo.animal (name, species_code, house, enclosure_number, born_on, mass)
        VALUES ('{CANARY}', '{species}', 'New', 1, '2020-01-01', 1)
    """
    service = await serve(Config(database_url=menagerie.api_url, connections=2))
    with locked(menagerie.owner_url, animal) as other:
        task = asyncio.create_task(service.client.delete("/enclosures/New,1"))
        await wait_for_locks(superuser_url(menagerie))
        other.commit()
        answer = await task
    assert outcome(answer) == (409, "urn:problem-type:conflict", None)
    assert answer.json()["detail"] == "This enclosure can't be deleted: an animal refers to it."
    assert (await service.client.get("/enclosures/New,1")).status_code == 200


async def test_changed_key_that_a_row_refers_to_answers_409(
    serve: Serve, menagerie: TestDatabase
) -> None:
    menagerie.execute("GRANT UPDATE (number) ON zoo.enclosure, api.enclosures TO superbill_api")
    service = await serve(Config(database_url=menagerie.api_url, connections=1))
    answer = await service.client.patch("/enclosures/Savanna,1", json={"number": 77})
    sentence = "This enclosure's key can't be changed: an animal refers to it."
    assert_problem(answer, "conflict", sentence)


async def test_foreign_key_error_without_a_known_constraint_answers_409(
    serve: Serve, database: TestDatabase
) -> None:
    item = f"/line_items/{add_billed_visit(database)['line_item_id']}"
    body = "BEGIN RAISE 'no' USING ERRCODE = '23503'; END"
    add_trigger(database, "billing.line_item", "UPDATE OR DELETE", body)
    service = await serve(Config(database_url=database.api_url, connections=1))
    answer = await service.client.delete(item)
    sentence = "This line item can't be deleted: another row refers to it."
    assert_problem(answer, "conflict", sentence)
    answer = await service.client.patch(item, json={"units": 2})
    assert_problem(answer, "conflict", "This conflicts with what is stored.")


async def test_errors_quote_no_row_in_answers_or_the_log(
    menagerie: TestDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("", *logging.root.manager.loggerDict):
        caplog.set_level(logging.DEBUG, logger=name or None)
    async with serving(Config(database_url=menagerie.api_url, connections=2)) as server:
        answers = await failing(server.client, menagerie)
    for answer in answers:
        assert CANARY not in answer.text
        assert CANARY not in str(answer.headers)
    texts = [
        (record.name, f"{record.getMessage()} {record.args} {record.exc_text}")
        for record in caplog.records
        if not record.name.startswith(("httpx", "httpcore", "psycopg"))  # the test's own tools
    ]
    assert {"api.http.errors", "api.access", "databases"} <= {name for name, _ in texts}
    assert [name for name, text in texts if CANARY in text] == []


async def test_errors_quote_no_row_in_the_log_of_postgres(menagerie: TestDatabase) -> None:
    log = menagerie.server.postgres.socket / "log"
    written = log.stat().st_size
    async with serving(Config(database_url=menagerie.api_url, connections=2)) as server:
        await failing(server.client, menagerie)
    lines = log.read_bytes()[written:].decode().splitlines()
    assert [line for line in lines if CANARY in line] == []


async def failing(client: httpx.AsyncClient, database: TestDatabase) -> list[httpx.Response]:
    """Send a name in requests that fail in each way."""
    keeper = {**KEEPER, "name": CANARY, "email": f"{CANARY}@zoo.example"}
    assert (await client.post("/keepers/", json=keeper)).status_code == 201
    answers = [  # a unique key, a CHECK that the document has, a cast, a foreign key
        await client.post("/keepers/", json=keeper),
        await client.post("/keepers/", json={**keeper, "email": CANARY}),
        await client.post("/keepers/", json={**keeper, "hired_on": CANARY}),
        await client.post(
            "/keepers/", json={**keeper, "email": f"2{CANARY}@zoo.example", "chief_id": 99999}
        ),
        await client.get(f"/keepers/{CANARY}"),
    ]
    animal = {
        "name": CANARY,
        "species_code": "LEO",
        "house": "Savanna",
        "enclosure_number": 1,
        "mass": "1",
    }
    days = {"born_on": "2020-01-01", "died_on": "2019-01-01"}
    answers.append(await client.post("/animals/", json={**animal, **days}))
    answers.append(await client.post("/shifts/", json={"keeper_id": 1, "period": CANARY}))
    with locked(database.owner_url, "SELECT FROM zoo.keeper FOR UPDATE"):
        task = asyncio.create_task(client.patch("/keepers/1", json={"name": CANARY}))
        await wait_for_locks(superuser_url(database))
        terminate_connections(database)
        answers.append(await task)
    database.execute("ALTER VIEW api.keepers RENAME TO gone")
    answers.append(await client.post("/keepers/", json=keeper))
    database.execute("ALTER VIEW api.gone RENAME TO keepers")
    assert [answer.status_code for answer in answers] == [
        409,
        422,
        422,
        422,
        404,
        422,
        422,
        503,
        500,
    ]
    return answers
