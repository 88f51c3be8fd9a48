"""Clients that keep the server waiting: others are served, memory and open files are bounded."""

import asyncio
import json
import resource
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from api.http import connection_limit
from api.request.body import FREE
from tests.support.batches import until
from tests.support.databases import TestDatabase
from tests.support.exports import LAST_CHUNK
from tests.support.outages import add_billed_visit, locked, superuser_url, wait_for_locks
from tests.support.problems import assert_problem
from tests.support.raw_http import (
    BODY,
    CHUNKED,
    CLOSE,
    HOST,
    JSON,
    TOO_SLOW,
    get_bytes,
    one_response,
    parse_responses,
    post_bytes,
    request_head,
    send_slowly,
)
from tests.support.server_processes import run
from tests.support.serving import LONG, Serve
from tests.support.stalling_clients import (
    LONGEST_ANSWER,
    Watch,
    open_file_limit,
    stalling_clients,
    turns,
    watched,
)
from tests.support.visits import config

pytestmark = pytest.mark.unmeasured

MANY = 2500
LARGE = (
    "CREATE VIEW reporting.large AS SELECT n, repeat('x', 10000) AS name"
    " FROM generate_series(1, 2000) AS n"
)
LIMIT = 1000
# Open files of a server beside its clients: database connections, sockets, and connections that
# are being closed.
SPARE = 90
FULL = "Too many clients are connected."

# What they send, what they drip then, and whether they read.
MANNERS = {
    "nothing": (b"", b"", True),
    "a request, and are idle": (get_bytes(b"/health/").replace(CLOSE, b"X: 1"), b"", True),
    "a head without an end": (b"GET /patients/ HTTP/1.1\r\nX: ", b"a", True),
    "headers without an end": (b"GET /patients/ HTTP/1.1\r\n", b"X: a\r\n", True),
    "a body without an end": (post_bytes(JSON, body=b"{", length=10**6), b" ", True),
    "chunks without an end": (
        post_bytes(JSON, CHUNKED, body=b"", length=None),
        b"1\r\n \r\n",
        True,
    ),
    "a body that is not read": (
        post_bytes(body=b"{", length=10**6, path=b"/nothing/"),
        b" ",
        True,
    ),
    "rows without an end": (
        post_bytes(b"Content-Type: application/x-ndjson", body=b"{", length=10**6),
        b" ",
        True,
    ),
    "requests, and read nothing": (
        get_bytes(b"/openapi.json").replace(CLOSE, b"X: 1") * 50,
        b"",
        False,
    ),
}


@pytest.fixture(autouse=True)
def _files() -> Iterator[None]:
    with open_file_limit(2 * MANY):
        yield


async def keeps_out_nobody(watch: Watch, manner: str, count: int) -> None:
    """Check that others are served as long as so many behave in this manner."""
    sent, drip, reads = MANNERS[manner]
    async with stalling_clients(watch.server.port, count, sent, drip, reads=reads) as made:
        assert len(made) > count / 2
        asked = watch.asked
        await until(lambda: watch.asked > asked + 3)


async def test_stalling_clients_keep_no_other_client_out(
    database: TestDatabase, tmp_path: Path
) -> None:
    async with run(database.api_url, tmp_path, CLIENTS="300") as server, watched(server) as watch:
        for manner in ("a head without an end", "rows without an end"):
            await keeps_out_nobody(watch, manner, 400)
    assert watch.files < 300 + SPARE
    assert watch.memory < 60


@pytest.mark.costly
async def test_thousands_of_idle_clients_keep_no_other_client_out(
    database: TestDatabase, tmp_path: Path
) -> None:
    async with run(database.api_url, tmp_path) as server, watched(server) as watch:
        await keeps_out_nobody(watch, "nothing", MANY)
    assert watch.files < LIMIT + SPARE
    assert watch.memory < 40


@pytest.mark.long
@pytest.mark.parametrize("manner", MANNERS)
async def test_thousands_of_stalling_clients_keep_no_other_client_out(
    manner: str, database: TestDatabase, tmp_path: Path
) -> None:
    async with run(database.api_url, tmp_path) as server, watched(server, LONGEST_ANSWER) as watch:
        await keeps_out_nobody(watch, manner, MANY)
        await asyncio.sleep(5)
    print(
        f"{manner}: {watch.memory:.0f} MB, {watch.files} files, {watch.slowest:.2f} s at most of"
        f" {watch.asked}"
    )
    assert watch.files < LIMIT + SPARE
    assert watch.memory < (60 if MANNERS[manner][2] else 300)  # an answer each


async def test_full_server_answers_503_to_new_connections(
    serve: Serve, database: TestDatabase
) -> None:
    path = f"/patients/{add_billed_visit(database)['patient_id']}".encode()
    change = post_bytes(
        JSON, CLOSE, path=path, body=json.dumps({"first_name": "Jane"}).encode()
    ).replace(b"POST", b"PATCH")
    service = await serve(replace(config(database), clients=3))
    with locked(database.owner_url, "SELECT FROM billing.patient FOR UPDATE"):
        changes = [asyncio.create_task(one_response(service, change)) for _ in range(3)]
        await wait_for_locks(superuser_url(database))
        for _ in range(2):
            answer = await one_response(service, get_bytes(b"/cpt_codes/").replace(CLOSE, b"X: 1"))
            assert_problem(answer, "unavailable", FULL)
            assert answer.headers["connection"] == "close"
            assert (await one_response(service, get_bytes(b"/health/"))).json() == {"status": "ok"}
        assert not any(task.done() for task in changes)
        async with stalling_clients(service.port, 100, b"") as made:
            await until(lambda: sum(not client.lost.is_set() for client in made) <= 33)
    assert [answer.status_code for answer in await asyncio.gather(*changes)] == [200] * 3
    assert (await one_response(service, get_bytes(b"/cpt_codes/"))).status_code == 200


async def test_full_server_closes_the_longest_idle_connection(
    serve: Serve, database: TestDatabase
) -> None:
    kept = get_bytes(b"/health/").replace(CLOSE, b"X: 1")
    sent = (
        b"",
        b"GET /patients/ HTTP/1.1\r\n",
        post_bytes(JSON, length=99),
        kept,
        b"",
        b"",
        b"",
        b"",
    )
    told = [[], [408], [408], [200], []]
    service = await serve(replace(config(database), clients=3))
    made = []
    for number, what in enumerate(sent):
        made.append(await asyncio.open_connection("127.0.0.1", service.port))
        made[-1][1].write(what)
        if number >= 3:  # the oldest but two has gone
            received = await asyncio.wait_for(made[number - 3][0].read(), LONG)
            found = parse_responses(received)
            assert [answer.status_code for answer in found] == told[number - 3], number
            if 408 in told[number - 3]:
                assert_problem(found[0], "request-timeout", TOO_SLOW)
        await turns()  # the server has seen it before the next one comes
    for _, writer in made:
        writer.close()


async def test_head_that_arrives_too_slowly_answers_408(
    serve: Serve, database: TestDatabase
) -> None:
    starts = (
        b"",
        b"GET /patients/ HTTP/1.1\r\n",
        get_bytes(b"/health/").replace(CLOSE, b"X: 1") + b"GET ",
    )
    service = await serve(replace(config(database), timeout=1))
    found = await asyncio.gather(
        *(send_slowly(service, start, b"G" + b"a" * 100, 0.1) for start in starts)
    )
    for received, count in found:
        answer = parse_responses(received)[-1]
        assert_problem(answer, "request-timeout", TOO_SLOW)
        assert answer.headers["connection"] == "close"
        assert 0 < count < 100  # not at once, nor only at the end


async def test_rest_of_a_refused_body_has_a_limited_time_to_arrive(
    serve: Serve, database: TestDatabase
) -> None:
    service = await serve(replace(config(database), timeout=1))
    sent = {
        404: post_bytes(length=1000, path=b"/nothing/", body=b""),
        415: post_bytes(b"Content-Type: text/plain", length=1000, body=b""),
        413: post_bytes(JSON, length=2**30, body=b""),
        408: request_head(b"GET /cpt_codes/ HTTP/1.1", HOST, b"Content-Length: 1000"),
    }
    found = await asyncio.gather(
        *(send_slowly(service, start, b"a" * 100, 0.1) for start in sent.values())
    )
    for status, (received, count) in zip(sent, found, strict=True):
        assert [answer.status_code for answer in parse_responses(received)] == [status]
        assert 0 < count < 100, status  # not at once, nor only at the end


async def test_idle_connection_is_closed_after_keep_alive(
    serve: Serve, database: TestDatabase
) -> None:
    service = await serve(replace(config(database), keep_alive=1))
    found = await asyncio.gather(
        *(
            send_slowly(service, sent, b"", 1)
            for sent in (b"", get_bytes(b"/health/", b"Connection: x"))
        )
    )
    assert [len(parse_responses(received)) for received, _ in found] == [0, 1]


@pytest.mark.parametrize("least", [0, pytest.param(0.9, marks=pytest.mark.long)])
async def test_client_that_reads_no_answer_is_cut_off(
    serve: Serve, database: TestDatabase, least: float
) -> None:
    sent = get_bytes(b"/openapi.json", b"Upgrade: websocket").replace(CLOSE, b"X: 1") * 200
    service = await serve(replace(config(database), timeout=1))
    async with stalling_clients(
        service.port, 50, sent, get_bytes(b"/health/"), reads=False
    ) as made:
        began = time.monotonic()
        await asyncio.gather(*(client.lost.wait() for client in made))
        assert time.monotonic() - began > least


@pytest.mark.parametrize(
    ("seconds", "pause"),
    [(10, 0.0), pytest.param(2, 0.01, marks=pytest.mark.long)],
    ids=["in pieces", "longer than the timeout"],
)
async def test_client_that_reads_a_large_answer_in_time_receives_all(
    serve: Serve, database: TestDatabase, seconds: int, pause: float
) -> None:
    database.execute(LARGE)
    database.execute("GRANT SELECT ON reporting.large TO superbill_api")
    service = await serve(replace(config(database), timeout=seconds, keep_alive=2))
    reader, writer = await asyncio.open_connection("127.0.0.1", service.port, limit=2**16)
    writer.write(get_bytes(b"/reporting/large/", b"X: y").replace(CLOSE, b"Connection: keep-alive"))
    received, end = 0, b""
    while not end.endswith(LAST_CHUNK):
        last = await asyncio.wait_for(reader.read(2**16), LONG)
        assert last, received
        received, end = received + len(last), (end + last)[-len(LAST_CHUNK) :]
        await asyncio.sleep(pause)
    writer.close()
    assert received > 2 * 10**7


async def test_large_bodies_that_do_not_end_leave_room_for_small_ones(
    serve: Serve, database: TestDatabase
) -> None:
    large = post_bytes(JSON, CLOSE, body=b" " * 190_000, length=200_000)
    refused = 150 - 64 * 200_000 // (190_000 - FREE)
    service = await serve(replace(config(database), body_limit=200_000))
    async with stalling_clients(service.port, 150, large) as made:
        await until(lambda: sum(bool(client.received) for client in made) >= refused)
        told = [parse_responses(client.received)[0] for client in made if client.received]
        assert len(told) >= refused
        for answer in told:
            assert_problem(
                answer, "unavailable", "Too many large bodies are arriving at the same time."
            )
        assert (await one_response(service, post_bytes(JSON, CLOSE))).status_code == 201
        for client in made:
            client.transport.abort()
        await turns()
        whole = await asyncio.gather(
            *(
                one_response(service, post_bytes(JSON, CLOSE, body=BODY + b" " * 190_000))
                for _ in range(20)
            )
        )
        assert {answer.status_code for answer in whole} == {201}


def test_connections_are_bounded_by_the_limit_of_open_files(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    infinite = resource.RLIM_INFINITY
    cases: dict[tuple[int, int], tuple[int, int | None]] = {
        (infinite, infinite): (1000, None),
        (5000, infinite): (1000, None),
        (256, infinite): (1000, 1109),
        (1024, 4096): (1000, 1109),
        (1024, 1024): (915, 1024),
        (64, 64): (1, 64),
    }
    for limits, (expected, asked) in cases.items():
        asked_for: list[tuple[int, int]] = []
        monkeypatch.setattr(resource, "getrlimit", lambda _, limits=limits: limits)
        monkeypatch.setattr(
            resource, "setrlimit", lambda _, new, asked_for=asked_for: asked_for.append(new)
        )
        assert connection_limit.fit_open_files(1000, 13) == expected, limits
        assert asked_for == ([(asked, limits[1])] if asked else []), limits
