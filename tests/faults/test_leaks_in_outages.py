"""Marked values in requests during which something breaks: no error and no log quotes them."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from api.config import Config
from api.document.media_types import CSV, JSON, NDJSON
from api.endpoints import read
from api.sql import lists, statements
from tests.support.batches import Client, clients
from tests.support.catalogs import read_catalog
from tests.support.databases import TestDatabase
from tests.support.leak_markers import CANARY, Out, Watch, watched
from tests.support.network_proxy import Network
from tests.support.outages import (
    Wire,
    add_billed_visit,
    add_trigger,
    configure_login,
    locked,
    superuser_url,
    terminate_connections,
    wait_for_locks,
)
from tests.support.serving import LONG, Serve, Serving, serving
from tests.support.visits import config

pytestmark = pytest.mark.unmeasured

NAMES = {"first_name": CANARY, "last_name": CANARY}
HEADER, ROW = "first_name,last_name\n", f"{CANARY},{CANARY}\n"
LOCK = "LOCK billing.patient; LOCK billing.encounter"


def all_kinds(ids: dict[str, str]) -> list[tuple[str, str, Any, str]]:
    """Give a request of each kind, with a canary wherever one can be."""
    patient = f"/patients/{ids['patient_id']}"
    return [
        ("POST", "/patients/", NAMES, JSON),
        ("POST", "/patients/", [NAMES, NAMES], JSON),
        ("POST", "/patients/", HEADER + ROW * 3, CSV),
        ("PATCH", patient, NAMES, JSON),
        ("GET", patient, None, JSON),
        ("GET", f"/patients/?last_name={CANARY}", None, JSON),
        ("POST", f"{patient}/encounters/", {"date": "2024-03-01"}, JSON),
    ]


async def ask_all(s: Serving, ids: dict[str, str], watch: Watch) -> None:
    """Send them all at once."""
    requests = all_kinds(ids)
    async with clients(s.port, len(requests)) as made:
        calls = (client.ask(*request) for client, request in zip(made, requests, strict=True))
        for answer in await asyncio.gather(*calls):
            watch.saw(answer)


@pytest.mark.parametrize("setting", ["lock_timeout", "statement_timeout", "transaction_timeout"])
async def test_request_that_waits_too_long_is_not_quoted(
    serve: Serve, database: TestDatabase, out: Out, setting: str
) -> None:
    ids = add_billed_visit(database)
    catalog = await read_catalog(database.api_url)  # may take longer on a busy machine
    configure_login(database, setting, "200ms")
    service = await serve(Config(database_url=database.api_url, connections=7), found=catalog)
    with watched(database, out) as watch, locked(database.owner_url, LOCK):
        await ask_all(service, ids, watch)
    assert watch.statuses == {503: 7}


async def test_request_on_a_lost_connection_is_not_quoted(
    serve: Serve, database: TestDatabase, out: Out
) -> None:
    ids = add_billed_visit(database)
    service = await serve(Config(database_url=database.api_url, connections=7))
    with watched(database, out) as watch:
        with locked(database.owner_url, LOCK):
            asked = asyncio.create_task(ask_all(service, ids, watch))
            await wait_for_locks(superuser_url(database), 6)
            terminate_connections(database)
        await asked
    assert watch.statuses[503] >= 6


async def test_request_without_a_database_is_not_quoted(database: TestDatabase, out: Out) -> None:
    ids = add_billed_visit(database)
    async with (
        Network(database) as network,
        serving(Config(database_url=network.url, connections=7, wait=2, timeout=2)) as s,
    ):
        with watched(database, out) as watch:
            network.stall()
            for _ in range(2):  # held connections, and new ones
                await ask_all(s, ids, watch)
            network.flow()
    assert watch.statuses == {503: 14}


async def test_error_of_a_trigger_is_not_quoted(
    serve: Serve, database: TestDatabase, out: Out
) -> None:
    """Message, detail, hint, and names that are none."""
    quoted = ", ".join(
        f"{option} = '{CANARY}'" for option in ("MESSAGE", "DETAIL", "HINT", "TABLE", "COLUMN")
    )
    # A constraint that no relation of the API shows.
    quoted += ", CONSTRAINT = 'a_rule_of_its_own', ERRCODE = new.last_name"
    add_trigger(database, "billing.patient", "INSERT", f"BEGIN RAISE USING {quoted}; END")
    states = (
        "P0001",
        "23505",
        "23503",
        "23514",
        "22000",
        "42501",
        "40001",
        "XX000",
        "57P01",
        "53100",
        "0A000",
        "08006",
    )
    service = await serve(config(database))
    async with clients(service.port, 1) as (client,):
        with watched(database, out) as watch:
            for state in states:
                row = {"first_name": CANARY, "last_name": state}
                watch.saw(await client.ask("POST", "/patients/", row))
                watch.saw(
                    await client.ask("POST", "/patients/", HEADER + f"{CANARY},{state}\n", CSV)
                )
    assert (
        sum(watch.statuses.values())
        == 2 * len(states)
        == sum(n for service, n in watch.statuses.items() if service >= 400)
    )


async def test_request_whose_handler_crashes_is_not_quoted(
    serve: Serve, database: TestDatabase, out: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its exception quotes, and so does what has caused that."""

    def crash(*_: object) -> str:
        raise ValueError(CANARY) from KeyError(CANARY)

    ids = add_billed_visit(database)
    service = await serve(config(database))
    for name in ("create", "insert", "change", "delete"):
        monkeypatch.setattr(statements, name, crash)
    monkeypatch.setattr(lists, "statements", crash)
    monkeypatch.setattr(read, "tagged", crash)  # its statement is composed at start
    with watched(database, out) as watch:
        await ask_all(service, ids, watch)
    assert watch.statuses == {500: 7}


BODIES: dict[str, list[str]] = {
    CSV: [
        HEADER + ROW + f"{CANARY}\n",
        HEADER + f'{CANARY},"{CANARY}\n',
        HEADER + f'{CANARY},"{CANARY}"{CANARY}\n',
        HEADER + f"{CANARY},{CANARY},{CANARY}\n",
        HEADER + f"{CANARY},{'Kanarienvogel' * 9}\n" * 200,
        HEADER + f"{CANARY},\x00{CANARY}\n",
        HEADER + f"{CANARY},{CANARY * 100_000}\n",
        HEADER + f"{CANARY},\n",
    ],
    NDJSON: [
        f'{{"first_name":"{CANARY}","last_name":',
        f'{{"first_name":"{CANARY}","first_name":"{CANARY}"}}',
        f'{{"first_name":"{CANARY}"}}',
        f'"{CANARY}"',
        f'["{CANARY}"]',
        f'{{"first_name":"{CANARY}","last_name":"\\u0000{CANARY}"}}',
        f'{{"first_name":"{CANARY}","last_name":"\\ud800{CANARY}"}}',
        f'{{"first_name":{{"last_name":"{CANARY}"}},"last_name":["{CANARY}"]}}',
    ],
    JSON: [
        f'{{"first_name":"{CANARY}"',
        f'[{{"first_name":"{CANARY}"}},"{CANARY}"]',
        f'"{CANARY}"',
        f'{{"first_name":"{CANARY}","last_name":"{CANARY * 100_000}"}}',
        f'{{"first_name":{CANARY}}}',
        "[" * 100_000 + f'"{CANARY}"',
    ],
    f"text/{CANARY}": [CANARY],
    f"{CSV}; charset={CANARY}": [HEADER + ROW],
    f"{CSV}; header={CANARY}": [HEADER + ROW],
}


async def test_invalid_body_is_not_quoted(
    service: Serving, database: TestDatabase, out: Out
) -> None:
    async with clients(service.port, 1) as (client,):
        with watched(database, out) as watch:
            for media, bodies in BODIES.items():
                for body in bodies:
                    watch.saw(await client.ask("POST", "/patients/", body, media))
    assert watch.statuses.keys() <= {201, 400, 413, 415, 422}
    assert watch.statuses[422] > 10


async def raw(port: int, sent: bytes) -> bytes:
    """Send bytes; give what comes back until the server closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    try:
        return await asyncio.wait_for(reader.read(), LONG)
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


async def test_malformed_request_is_not_quoted(
    serve: Serve, database: TestDatabase, out: Out
) -> None:
    service = await serve(replace(config(database), timeout=2))
    name = CANARY.encode()
    host = b"Host: x\r\nConnection: close\r\n"
    chunked = (
        b"POST /patients/ HTTP/1.1\r\n"
        + host
        + b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
    )
    sent = [
        name + b" /patients/ HTTP/1.1\r\n" + host + b"\r\n",
        b"GET /" + name + b" HTTP/9.9\r\n" + host + b"\r\n",
        b"GET " + name + b" HTTP/1.1\r\n" + host + b"\r\n",
        b"GET /" + name + b"\xff HTTP/1.1\r\n" + host + b"\r\n",
        b"GET /" + name + b" x HTTP/1.1\r\n" + host + b"\r\n",
        b"GET http://" + name + b":99999/[ HTTP/1.1\r\n" + host + b"\r\n",
        b"GET /patients/ HTTP/1.1\r\n" + host + name + b"\r\n\r\n",
        b"GET /patients/ HTTP/1.1\r\n" + host + b"x: \x00" + name + b"\r\n\r\n",
        b"GET /patients/ HTTP/1.1\r\n" + host + b"x: " + name * 1000 + b"\r\n\r\n",
        b"GET /patients/ HTTP/1.1\r\n" + host + b"Accept: " + name + b"/x\r\n\r\n",
        b"POST /patients/ HTTP/1.1\r\n" + host + b"Content-Length: " + name + b"\r\n\r\n" + name,
        b"POST /patients/ HTTP/1.1\r\n"
        + host
        + b"Expect: "
        + name
        + b"\r\nContent-Length: 9\r\n\r\n"
        + name,
        chunked + b"\r\n" + name + b"\r\n",
        chunked + b"\r\n5\r\n" + name + b"\r\n0\r\n\r\n",
        chunked + b"Content-Length: 13\r\n\r\nd\r\n" + name + b"\r\n0\r\n\r\n",
        b"\x16\x03\x01" + name,
        name,
    ]
    with watched(database, out) as watch:
        for received in await asyncio.gather(*(raw(service.port, request) for request in sent)):
            assert name not in received
            assert b"0 500" not in received[:12]
            watch.statuses[int(received[9:12] or b"0")] += 1
        async with clients(service.port, 1) as (client,):
            watch.saw(await client.ask("GET", "/health/"))
    assert watch.statuses[400] >= 8


async def test_stream_that_breaks_is_not_quoted(
    serve: Serve, database: TestDatabase, tmp_path: Path, out: Out
) -> None:
    """Exports of canaries that are cut off, and uploads that lose their database at each step."""
    insert = (
        f"INSERT INTO billing.patient (first_name, last_name) SELECT '{CANARY}', n"
        f" FROM generate_series(1, %s) AS n"
    )
    database.execute(insert.replace("%s", "50000"))
    service = await serve(config(database))
    with watched(database, out):
        for end in (terminate_connections, None):
            reader, writer = await asyncio.open_connection("127.0.0.1", service.port, limit=2**14)
            writer.write(b"GET /patients/ HTTP/1.1\r\nHost: x\r\nAccept: text/csv\r\n\r\n")
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
            if end:
                end(database)
            else:
                writer.transport.abort()
            writer.close()
        for until in (b"BEGIN;", b"INSERT INTO", b"COMMIT;"):
            (folder := tmp_path / str(len(until))).mkdir()
            async with (
                Wire(database, folder, until) as wire,
                serving(
                    Config(database_url=wire.url, connections=1, timeout=2, wait=2),
                    found=service.catalog,
                ) as lost,
                clients(lost.port, 1) as (client,),
            ):
                await upload(client)


async def upload(client: Client) -> None:
    """Send canaries that do not arrive."""
    answer = await client.ask("POST", "/patients/", HEADER + ROW * 10, CSV)
    assert Watch().saw(answer) is False
    assert answer.status == 503
