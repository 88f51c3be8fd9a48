"""Floods of bodies, heads, elements and compressed data are refused in flat memory."""

import asyncio
import json
import math
import zlib
from collections.abc import Iterator
from dataclasses import replace
from itertools import repeat
from pathlib import Path

import pytest

from tests.support.databases import TestDatabase
from tests.support.exports import wait_for_uploads
from tests.support.fingerprints import unchanged
from tests.support.problems import NOT_JSON, NOTHING_HERE, UNFIT_BODY, assert_problem
from tests.support.raw_http import (
    CHUNKED,
    CLOSE,
    HOST,
    JSON,
    chunked,
    get_bytes,
    one_response,
    parse_responses,
    post_bytes,
    request_head,
)
from tests.support.server_processes import run
from tests.support.serving import LONG, Serving, serving
from tests.support.stalling_clients import LONGEST_ANSWER, stalling_clients, watched
from tests.support.visits import config

pytestmark = pytest.mark.unmeasured

PIECE = b" " * 2**16
TOO_LARGE = "A body may have at most 1048576 bytes."
ROW_TOO_LARGE = "A row may have at most 1048576 bytes."
CSV = b"Content-Type: text/csv"
ROWS = b"Content-Type: application/x-ndjson"
HEAD_TOO_LARGE = "The request is too large."


@pytest.fixture(
    params=[math.inf, pytest.param(LONGEST_ANSWER, marks=pytest.mark.long)], ids=["", "in_time"]
)
def most(request: pytest.FixtureRequest) -> float:
    """Give how many seconds a request of another client may take meanwhile."""
    seconds: float = request.param
    return seconds


async def flood(port: int, start: bytes, pieces: Iterator[bytes]) -> list[tuple[int, str]]:
    """Send all of it before anything is read; then give the answers."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(start)
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        received = await asyncio.wait_for(reader.read(), 4 * LONG)
    finally:
        writer.close()
    return [(answer.status_code, answer.json()["detail"]) for answer in parse_responses(received)]


def plain_body(size: int) -> Iterator[bytes]:
    """Give a body of `size` bytes."""
    return repeat(PIECE, size // len(PIECE))


def chunked_body(size: int) -> Iterator[bytes]:
    """Give it in chunks."""
    yield from repeat(chunked(PIECE)[:-5], size // len(PIECE))
    yield b"0\r\n\r\n"


async def test_body_of_many_megabytes_answers_413_in_flat_memory(
    database: TestDatabase, tmp_path: Path, most: float
) -> None:
    size, limit = (30 * 2**20, 2**24) if math.isinf(most) else (100 * 2**20, 2**26)
    rows_too_large = f"A body may have at most {limit} bytes."
    started = run(database.api_url, tmp_path, UPLOAD_LIMIT=str(limit))
    async with started as server, watched(server, most) as watch:
        with unchanged(database):
            for field, body in (
                (b"Content-Length: %d" % size, plain_body),
                (CHUNKED, chunked_body),
            ):
                for kind, path, expected in (
                    (JSON, b"/patients/", (413, TOO_LARGE)),
                    (b"Content-Type: text/plain", b"/patients/", (415, NOT_JSON)),
                    (JSON, b"/nothing/", (404, NOTHING_HERE)),
                    (JSON, b"/patients/x/encounters/", (404, "patient not found")),
                    (
                        ROWS,
                        b"/patients/",
                        (413, ROW_TOO_LARGE if field == CHUNKED else rows_too_large),
                    ),
                ):
                    start = post_bytes(kind, field, CLOSE, body=b"", length=None, path=path)
                    assert await flood(server.port, start, body(size)) == [expected], (path, field)
                start = request_head(b"GET /cpt_codes/ HTTP/1.1", HOST, field, CLOSE)
                assert await flood(server.port, start, body(size)) == [(413, TOO_LARGE)]
    assert watch.memory < 20


async def test_endless_head_answers_413_in_flat_memory(
    database: TestDatabase, tmp_path: Path, most: float
) -> None:
    size = 20 * 2**20
    floods = {
        "long": (b"GET /health/ HTTP/1.1\r\nX: ", b"a" * 2**16),
        "many": (b"GET /health/ HTTP/1.1\r\n", b"X: a\r\n" * 10_000),
        "empty": (b"GET /health/ HTTP/1.1\r\n", b"a:\r\n" * 10_000),
        "target": (b"GET /", b"a" * 2**16),
        "method": (b"", b"A" * 2**16),
        "noise": (b"", bytes(range(256)) * 256),
    }
    async with run(database.api_url, tmp_path) as server, watched(server, most) as watch:
        for name, (start, piece) in floods.items():
            found = await flood(server.port, start, repeat(piece, size // len(piece)))
            assert found == [(413, HEAD_TOO_LARGE)], name
    assert watch.memory < 20


async def test_head_above_head_limit_answers_413(database: TestDatabase) -> None:
    rest = len(get_bytes(b"/health/", b"X: "))
    for limit in (1024, 8192, 16384):
        async with serving(replace(config(database), head_limit=limit)) as s:
            fits = get_bytes(b"/health/", b"X: " + b"a" * (limit - rest))
            assert (await one_response(s, fits)).status_code == 200
            more = fits.replace(b"X: ", b"X: aaaaa")
            assert_problem(await one_response(s, more), "content-too-large", HEAD_TOO_LARGE)


async def test_as_many_headers_as_fit_are_answered(service: Serving) -> None:
    many = [b"a:"] * 2000
    assert (await one_response(service, get_bytes(b"/health/", *many))).status_code == 200
    for name, status in (
        (b"Accept: text/html", 200),
        (b"Accept: image/png", 406),
        (b"Cookie: a=b", 200),
        (b"Forwarded: for=x", 200),
    ):
        assert (
            await one_response(service, get_bytes(b"/cpt_codes/", *[name] * 300))
        ).status_code == status, name


async def test_compressed_body_is_refused_unread(
    database: TestDatabase, tmp_path: Path, most: float
) -> None:
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join([*(packer.compress(bytes(2**20)) for _ in range(200)), packer.flush()])
    assert len(bomb) < 2**18
    async with run(database.api_url, tmp_path) as server, watched(server, most) as watch:
        with unchanged(database):
            for encoding in (
                b"gzip",
                b"GZIP",
                b"x-gzip",
                b"deflate",
                b"br",
                b"zstd",
                b"gzip, gzip",
                b"identity, gzip",
            ):
                for kind in (JSON, CSV, ROWS):
                    start = post_bytes(kind, CLOSE, b"Content-Encoding: " + encoding, body=bomb)
                    assert await flood(server.port, start, iter(())) == [(415, NOT_JSON)]
            for kind, expected in ((JSON, "The body is not UTF-8."), (CSV, None)):
                ((status, detail),) = await flood(
                    server.port, post_bytes(kind, CLOSE, body=bomb), iter(())
                )
                assert status in (400, 422)
                assert expected in (detail, None)
    assert watch.memory < 20


@pytest.mark.costly
async def test_waiting_arrays_hold_no_more_than_was_sent(
    database: TestDatabase, tmp_path: Path, most: float
) -> None:
    """And of the largest ones no more wait than there is room for."""
    row = b'{"first_name":"John","last_name":"Oberly","middle_name":["",{},[],{"":[]}]}'
    array = post_bytes(JSON, CLOSE, body=b"[" + b",".join([row] * (2**20 // len(row) - 200)) + b"]")
    lines = post_bytes(
        ROWS, body=(b'{"first_name":"John","last_name":"Oberly"}\n' * 2000), length=10**7
    )
    # Decoded, each takes 10 MB. That each is found to be wrong takes 0.3 s of CPU time.
    count = 12 if math.isinf(most) else 40
    async with run(database.api_url, tmp_path) as server:
        async with watched(server, most) as watch, stalling_clients(server.port, 2, lines):
            await wait_for_uploads(database, running=2)
            floods = (flood(server.port, array, iter(())) for _ in range(count))
            found = await asyncio.gather(*floods)
        assert {status for ((status, _),) in found} <= {422, 503}
    assert watch.memory < 100


async def test_array_of_a_million_elements_is_refused(
    database: TestDatabase, tmp_path: Path, most: float
) -> None:
    million = b"[" + b"1," * (10**6 - 1) + b"1]"
    elements = (b"1", b"[]", b"{}", b'""')
    fitting = [
        b"[" + b",".join([element] * (2**20 // (len(element) + 1) - 1)) + b"]"
        for element in elements
    ]
    async with run(database.api_url, tmp_path) as server, watched(server, most) as watch:
        with unchanged(database):
            sent = post_bytes(JSON, CLOSE, body=million)
            assert await flood(server.port, sent, iter(())) == [(413, TOO_LARGE)]
            for body in fitting:
                ((status, detail),) = await flood(
                    server.port, post_bytes(JSON, CLOSE, body=body), iter(())
                )
                assert status == 422, body[:9]
                assert detail.startswith("Nothing was created, as at least 10000 of 10"), body[:9]
            sent = post_bytes(ROWS, CLOSE, body=million)
            assert await flood(server.port, sent, iter(())) == [(413, ROW_TOO_LARGE)]
            for body in (b"{}\n" * 10**6, b"\n" * (2 * 10**6), b"[]\n" * 10**6):
                ((status, detail),) = await flood(
                    server.port, post_bytes(ROWS, CLOSE, body=body), iter(())
                )
                assert status == 422, (body[:3], detail)
            for lines in (b",\n" * 10**6, b"\n" * (2 * 10**6)):
                sent = post_bytes(CSV, CLOSE, body=b"first_name,last_name\n" + lines)
                ((status, _),) = await flood(server.port, sent, iter(()))
                assert status == 422
            keys = json.dumps(dict.fromkeys(map(str, range(70_000)), 1)).encode()
            ((status, detail),) = await flood(
                server.port, post_bytes(JSON, CLOSE, body=keys), iter(())
            )
            assert (status, detail) == (422, UNFIT_BODY)
            columns = b",".join(b"c%d" % n for n in range(100_000)) + b"\n"
            ((status, detail),) = await flood(
                server.port, post_bytes(CSV, CLOSE, body=columns), iter(())
            )
            assert status == 422
    assert watch.memory < 150
