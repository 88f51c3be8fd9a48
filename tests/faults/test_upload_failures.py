"""Uploads that fail: nothing of them is stored, and each refused row is named."""

import asyncio
import json
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from api.config import Config
from api.request.body import FREE
from tests.support.csv_text import CSV, NDJSON, send
from tests.support.databases import TestDatabase
from tests.support.exports import wait_for_uploads
from tests.support.outages import (
    OUTCOME_UNKNOWN,
    UNAVAILABLE,
    Wire,
    add_trigger,
    locked,
    outcome,
    superuser_url,
    terminate_connections,
    wait_for_locks,
)
from tests.support.problems import FIRST_FAULTS, assert_problem, nothing_created
from tests.support.server_processes import run
from tests.support.serving import Serve, serving
from tests.support.visits import bill_visit, config

pytestmark = pytest.mark.unmeasured

KEEPERS = "SELECT count(*) FROM zoo.keeper"
LISTED = "A line item's procedure code must be one of the listed procedure codes."


def keeper(number: int, **more: Any) -> dict[str, Any]:
    """Make a keeper."""
    return {"name": f"Keeper {number}", "initials": "KK", "email": f"k{number}@zoo.example", **more}


async def test_refusal_of_postgres_names_its_row(serve: Serve, menagerie: TestDatabase) -> None:
    """A unique key, stored or within the body; a foreign key; and an invalid value."""
    twice = "Another keeper has this e-mail address."
    ((stored, before),) = menagerie.execute("SELECT min(email), count(*) FROM zoo.keeper")
    rows = [keeper(number) for number in range(1500)]
    service = await serve(config(menagerie))

    async def refused(changes: dict[int, Any], kind: str, *errors: tuple[str, str]) -> None:
        changed = [{**row, **changes.get(number, {})} for number, row in enumerate(rows)]
        answer = await send(
            service.client, "/keepers/", NDJSON, "\n".join(map(json.dumps, changed))
        )
        # All rows were tried only where the one that Postgres refuses is in the last chunk.
        least = "" if min(changes) == 1400 else "at least "
        assert_problem(answer, kind, nothing_created(f"{least}{len(errors)} of 1500"), *errors)

    await refused({7: {"email": stored}}, "conflict", ("/7/email", twice))
    await refused({1400: {"email": "k3@zoo.example"}}, "conflict", ("/1400/email", twice))
    both = {3: {"email": stored}, 5: {"chief_id": 987654321}}
    await refused(
        both, "conflict", ("/3/email", twice)
    )  # row 5 is of a chunk that is not tried any more
    same: dict[int, Any] = {number: {"chief_id": 1} for number in range(1500)}
    same[2], same[4] = {"chief_id": 987654321}, {"chief_id": 1, "email": stored}
    chief = ("/2/chief_id", "A chief is a keeper.")
    await refused(same, "invalid-content", chief, ("/4/email", twice))
    wrong = {1: {"email": stored}, 1200: {"name": "K"}}
    short = ("/1200/name", "A name has at least two characters.")
    await refused(wrong, "conflict", ("/1/email", twice), short)
    assert menagerie.execute(KEEPERS) == [(before,)]


async def test_deferred_constraint_or_trigger_refuses_the_whole_upload(
    serve: Serve, menagerie: TestDatabase
) -> None:
    menagerie.execute(
        "CREATE FUNCTION zoo.leave_out() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RETURN CASE WHEN new.name = 'Nobody' THEN NULL ELSE new END; END $$"
    )
    menagerie.execute(
        "CREATE TRIGGER a BEFORE INSERT ON zoo.keeper FOR EACH ROW EXECUTE FUNCTION zoo.leave_out()"
    )
    menagerie.execute("CREATE TABLE zoo.before AS SELECT * FROM zoo.keeper")
    service = await serve(config(menagerie))
    answer = await send(
        service.client, "/keepers/", NDJSON, "\n".join(json.dumps(keeper(n)) for n in range(3))
    )
    assert answer.text == '{"created":3}'
    rows = [keeper(10), keeper(11, name="Nobody"), keeper(12)]
    answer = await send(service.client, "/keepers/", NDJSON, "\n".join(map(json.dumps, rows)))
    sentence = "A trigger left this row out, or stored it elsewhere."
    assert_problem(answer, "invalid-content", nothing_created("1 of 3"), ("/1", sentence))
    menagerie.execute(
        "ALTER TABLE zoo.keeper ALTER CONSTRAINT keeper_chief_id_fkey DEFERRABLE INITIALLY DEFERRED"
    )
    answer = await service.client.post("/keepers/", json=[keeper(20, chief_id=987654321)])
    assert answer.status_code == 422
    assert menagerie.execute(f"SELECT ({KEEPERS}) - count(*) FROM zoo.before") == [(3,)]


async def test_at_most_100_faults_of_an_upload_are_listed(client: httpx.AsyncClient) -> None:
    v = await bill_visit(client)
    for code, detail in {"XXXXX": LISTED, "": None}.items():
        content = "cpt_code,units\n" + f"{code},1\n" * 5000
        answer = await send(client, v.line_items, CSV, content)
        assert answer.status_code == 422
        found = [(fault["pointer"], fault["detail"]) for fault in answer.json()["errors"]]
        assert found == [(f"/{number}/cpt_code", detail or "is missing") for number in range(100)]
        rows = "at least 100 of 5000" if detail else "5000 of 5000"
        assert answer.json()["detail"] == nothing_created(rows, FIRST_FAULTS)
    assert (await send(client, v.line_items, CSV, "cpt_code\nG0438\n")).status_code == 201


async def test_row_without_fields_is_created_with_defaults(
    serve: Serve, menagerie: TestDatabase
) -> None:
    menagerie.execute("ALTER TABLE zoo.exhibit ALTER title SET DEFAULT 'Untitled'")
    service = await serve(config(menagerie))
    before = len((await service.client.get("/exhibits/")).json())
    answer = await send(service.client, "/exhibits/", NDJSON, "{}\n{}\n" + '{"title":"x"}\n{}')
    assert (answer.status_code, answer.text) == (201, '{"created":4}')
    assert len((await service.client.get("/exhibits/")).json()) == before + 4


async def test_upload_that_stalls_or_disconnects_creates_nothing(
    serve: Serve, database: TestDatabase
) -> None:
    head = (
        f"POST /patients/ HTTP/1.1\r\nHost: x\r\nContent-Type: {CSV}\r\nContent-Length:"
        f" 9999999\r\n\r\n"
    )
    rows = "first_name,last_name\n" + "John,Oberly\n" * (
        FREE // 12 + 100
    )  # more than waits for a place
    service = await serve(replace(config(database), timeout=1, streams=1))
    reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
    writer.write((head + rows).encode())
    assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 408 ")
    writer.close()
    service = await serve(replace(config(database), streams=1))
    reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
    writer.write((head + rows).encode())
    await wait_for_uploads(database, running=1)
    writer.transport.abort()
    assert (
        await send(service.client, "/patients/", CSV, "first_name,last_name\nx,y")
    ).status_code == 201
    assert database.execute("SELECT count(*) FROM billing.patient") == [(1,)]


@pytest.mark.parametrize("uploads", [12, pytest.param(120, marks=pytest.mark.long)])
@pytest.mark.costly
async def test_upload_that_disconnects_at_any_moment_gives_its_place_back(
    database: TestDatabase, tmp_path: Path, uploads: int
) -> None:
    """Also while it waits for one, and gets it in the moment in which it has gone."""
    head = (
        f"POST /patients/ HTTP/1.1\r\nHost: x\r\nContent-Type: {CSV}\r\nContent-Length:"
        f" 9999999\r\n\r\n"
    )
    sent = (head + "first_name,last_name\n" + "John,Oberly\n" * (FREE // 12)).encode()
    async with run(database.api_url, tmp_path, STREAMS="2", TIMEOUT="600") as s:
        for number in range(uploads):
            with socket.create_connection(("127.0.0.1", s.port)) as client:
                client.sendall(sent)
                await asyncio.sleep(number * 7 % 20 / 20_000)
        idle = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = %s"
            " AND state LIKE 'idle in transaction%%'"
        )
        with psycopg.connect(superuser_url(database), autocommit=True) as connection:
            # Long before TIMEOUT, for which a client may do nothing: the test ends earlier.
            while connection.execute(idle, [database.name]).fetchone() != (0,):  # noqa: ASYNC110 - no event
                await asyncio.sleep(0.1)
    assert database.execute("SELECT count(*) FROM billing.patient") == [(0,)]


async def test_upload_whose_connection_is_lost_answers_by_what_is_known(
    database: TestDatabase, tmp_path: Path
) -> None:
    """Before COMMIT nothing has happened; while it is under way nobody knows."""
    rows = "first_name,last_name\n" + "John,Oberly\n" * 10
    async with serving(config(database)) as s:
        with locked(database.owner_url, "LOCK TABLE billing.patient"):
            upload = asyncio.create_task(send(s.client, "/patients/", CSV, rows))
            await wait_for_locks(superuser_url(database))
            terminate_connections(database)
        assert outcome(await upload) == UNAVAILABLE
        assert database.execute("SELECT count(*) FROM billing.patient") == [(0,)]
    for until, expected in {
        b"BEGIN;": UNAVAILABLE,
        b"INSERT INTO": UNAVAILABLE,
        b"COMMIT;": OUTCOME_UNKNOWN,
    }.items():
        (folder := tmp_path / str(len(until))).mkdir()
        async with (
            Wire(database, folder, until) as wire,
            serving(
                Config(database_url=wire.url, connections=1, timeout=2, wait=2), found=s.catalog
            ) as s,
        ):
            assert outcome(await send(s.client, "/patients/", CSV, rows)) == expected
            assert (await s.client.get("/health/")).status_code == 200
    assert database.execute("SELECT count(*) FROM billing.patient") == [(0,)]


async def test_upload_that_fails_before_commit_answers_unavailable(
    serve: Serve, database: TestDatabase
) -> None:
    add_trigger(
        database, "billing.patient", "INSERT", "BEGIN RAISE USING ERRCODE = new.last_name; END"
    )
    service = await serve(config(database))
    for state in ("57P01", "08006"):
        for rows in (1, 3):
            content = "first_name,last_name\n" + f"John,{state}\n" * rows
            assert outcome(await send(service.client, "/patients/", CSV, content)) == UNAVAILABLE
    assert database.execute("SELECT count(*) FROM billing.patient") == [(0,)]
