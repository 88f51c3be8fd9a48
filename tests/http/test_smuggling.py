"""Request smuggling: an ambiguous request gets one answer, and its connection ends."""

import asyncio
import json
import time
from dataclasses import replace

import pytest

from api.http import chunks
from tests.support.databases import TestDatabase
from tests.support.fingerprints import unchanged
from tests.support.metrics import read_metrics
from tests.support.problems import MARK, NOTHING_HERE, assert_problem
from tests.support.raw_http import (
    BODY,
    CHUNKED,
    CLOSE,
    HOST,
    JSON,
    NO_HTTP,
    TOO_SLOW,
    chunked,
    exchange,
    get_bytes,
    one_response,
    parse_responses,
    post_bytes,
    receive_raw,
    request_head,
)
from tests.support.serving import LONG, Serve, Serving
from tests.support.visits import config

pytestmark = pytest.mark.unmeasured

SMUGGLED = post_bytes(CLOSE, JSON)  # what would be done if the one before ended where it does not
SIZE = b"%d" % len(BODY)
LENGTH = b"Content-Length: " + SIZE

LENGTHS = (
    (LENGTH, LENGTH),
    (LENGTH, b"Content-Length: 0"),
    (b"content-length: 0", LENGTH),
    (LENGTH, CHUNKED),
    (CHUNKED, LENGTH),
    (CHUNKED, CHUNKED),
    (CHUNKED, b"transfer-encoding: identity"),
    *(
        (b"Content-Length: " + value,)
        for value in (
            SIZE + b", " + SIZE, SIZE + b" " + SIZE, b"0x4a", b"+" + SIZE, b"-0", b"1e1",
            SIZE + b".0", SIZE + b";",
            b'"5"', "\uff17\uff14".encode(), "٧٤".encode(), b"9" * 20, b"9" * 5000, b"\xa0" + SIZE,
            b"7_4",
            "\u00a0".encode() + SIZE, "\u0085".encode() + SIZE, "\u3000".encode() + SIZE,
        )
    ),
    *(
        (b"Transfer-Encoding: " + value,)
        for value in (
            b"", b"identity", b"gzip", b"gzip, chunked", b"chunked, identity", b"chunked, chunked",
            b"chunked;q=1",
            b"xchunked", b'"chunked"', b"chunked,", b",chunked", b"\xa0chunked", b"chu nked",
            b"\x0bchunked",
            b"\xefchunked", "\u00a0chunked".encode(), "\u2003chunked".encode(),
            "chun\u212aed".encode(),
        )
    ),
    (b"Transfer-Encoding : chunked",),
    (b"Transfer-Encoding\t: chunked",),
    (b" Transfer-Encoding: chunked",),
    (b"X: a", b"\tTransfer-Encoding: chunked"),
    (b"Transfer-Encoding:", b" chunked"),
    (b"X: a\nTransfer-Encoding: chunked",),
    (b"X: a\rTransfer-Encoding: chunked",),
    (b"Transfer-Encoding: chunked\n",),
    (b"Content-Length : " + SIZE,),
    (b"Content-Length: 0", b" " + SIZE),
)  # fmt: skip

_SIZE = b"%x" % len(BODY)
_TEXT = b"%b\r\n%b" % (_SIZE, BODY)
_END = b"\r\n0\r\n\r\n"
BAD_CHUNKS = (
    _TEXT + b"0\r\n\r\n",
    _TEXT + b"\n0\n\n",
    b"1\r\n%b%x\r\n%b" % (BODY[:1], len(BODY) - 1, BODY[1:]) + _END,
    _TEXT + b"xx0\r\n\r\n",
    _TEXT + b"\r\n\r\n0\r\n\r\n",
    b"\r\n" + _TEXT + _END,
    b"%b\n%b" % (_SIZE, BODY) + _END,
    b"%b;a\n%b" % (_SIZE, BODY) + _END,
    *(
        b"%b\r\n%b" % (line, BODY) + _END
        for line in (
            b" " + _SIZE, b"\t" + _SIZE, _SIZE + b" ", b"0x" + _SIZE, b"+" + _SIZE, b"-1", b"",
            b"4_0", b";a", b"g",
            "٤".encode(), _SIZE + b",1", b"1" + b"0" * 16, _SIZE + b";\x00", _SIZE + b";a\rb",
            _SIZE + b";a\nb",
            _SIZE + b";" + b"a" * 300, _SIZE + b";" + b"a" * 70_000, b"%x" % (len(BODY) - 1),
        )
    ),
    _TEXT + b"\r\n0\r\nX: a\r\n\r\n",
    _TEXT + b"\r\n0\r\nContent-Length: 5\r\n\r\n",
    _TEXT + b"\r\n0\r\nGET /health/ HTTP/1.1\r\n\r\n",
    _TEXT + b"\r\n0\n\n\r\n",
    _TEXT + b"\r\n-0\r\n\r\n",
)  # fmt: skip
GOOD_CHUNKS = (
    _TEXT + b"\r\n00000\r\n\r\n",
    b'%04X;a=b; c="d"\r\n%b' % (len(BODY), BODY) + b"\r\n0;last\r\n\r\n",
    b"%x \t;a\r\n%b" % (len(BODY), BODY) + _END,
    chunked(*(BODY[n : n + 1] for n in range(len(BODY)))),
)  # fmt: skip


async def refused(s: Serving, sent: bytes) -> None:
    """Check that there is one answer, a 400, and the end."""
    found = await exchange(s, sent + SMUGGLED)
    assert len(found) == 1, sent[:300]
    assert_problem(found[0], "malformed-request", NO_HTTP)
    assert found[0].headers["connection"] == "close"


async def test_ambiguous_length_is_refused(service: Serving, database: TestDatabase) -> None:
    with unchanged(database):
        for fields in LENGTHS:
            for body in (BODY, chunked(BODY)):
                await refused(
                    service, request_head(b"POST /patients/ HTTP/1.1", HOST, JSON, *fields) + body
                )
            await refused(service, request_head(b"GET /patients/ HTTP/1.1", HOST, *fields) + BODY)
        # An older proxy would not see the chunks.
        old = request_head(
            b"POST /patients/ HTTP/1.0", HOST, JSON, CHUNKED, b"Connection: keep-alive"
        )
        await refused(service, old + chunked(BODY))
    for field in (LENGTH + b" \t", LENGTH + b"\r\nX-Length: 0", b"Content-Length:\t00" + SIZE):
        found = await exchange(
            service,
            request_head(b"POST /patients/ HTTP/1.1", HOST, JSON, field)
            + BODY
            + get_bytes(b"/health/"),
        )
        assert [answer.status_code for answer in found] == [201, 200], field


async def test_method_in_lower_case_gets_its_whole_answer_and_the_end_of_the_connection(
    service: Serving, database: TestDatabase
) -> None:
    """A client that sent it reads a body: only the answer to `HEAD` has none."""
    with unchanged(database):
        for method in (b"head", b"Head", b"hEAD"):
            await refused(service, request_head(method + b" /health/ HTTP/1.1", HOST))
            await refused(
                service, request_head(method + b" /health/ HTTP/1.1", HOST, b"Content-Length: x")
            )
            await refused(service, request_head(method + b" /health/ HTTP/2.0", HOST))
    for line in (b"HEAD /health/ HTTP/1.1", b"HEAD /nothing/ HTTP/1.1"):
        received = await receive_raw(
            service, request_head(line, HOST) + request_head(line, HOST, HOST)
        )
        first, second, rest = received.split(b"\r\n\r\n")
        assert (second.split()[1], rest) == (b"400", b""), first
    assert (await receive_raw(service, request_head(b"HEAD / HTTP/2.0", HOST))).endswith(
        b"\r\n\r\n"
    )


async def test_chunked_is_accepted_in_any_case(service: Serving, database: TestDatabase) -> None:
    for name in (b"Chunked", b"CHUNKED", b"chunkeD"):
        sent = request_head(
            b"POST /patients/ HTTP/1.1", HOST, JSON, b"Transfer-Encoding: " + name
        ) + chunked(BODY)
        found = await exchange(service, sent + get_bytes(b"/health/"))
        assert [answer.status_code for answer in found] == [201, 200], name
    with unchanged(database):
        for other in (LENGTH, CHUNKED, b"Transfer-Encoding: Identity"):
            fields = (b"Transfer-Encoding: Chunked", other)
            for order in (fields, fields[::-1]):
                await refused(
                    service,
                    request_head(b"POST /patients/ HTTP/1.1", HOST, JSON, *order) + chunked(BODY),
                )


async def test_close_takes_precedence_in_the_connection_header(
    service: Serving, database: TestDatabase
) -> None:
    keep = b"Connection: keep-alive"
    with unchanged(database):
        for fields in (
            (CLOSE, keep),
            (keep, CLOSE),
            (b"Connection: close, keep-alive",),
            (b"connection: Close", keep),
        ):
            for path in (b"/health/", b"/", b"/nothing/"):
                (answer,) = await exchange(
                    service, request_head(b"GET %b HTTP/1.1" % path, HOST, *fields) + SMUGGLED
                )
                assert answer.headers["connection"] == "close", fields
    for version in (b"HTTP/1.0", b"HTTP/1.1"):
        found = await exchange(
            service, request_head(b"GET /health/ " + version, HOST, keep) + get_bytes(b"/health/")
        )
        assert [answer.status_code for answer in found] == [200, 200]


async def test_malformed_chunks_are_refused(service: Serving, database: TestDatabase) -> None:
    start = request_head(b"POST /patients/ HTTP/1.1", HOST, JSON, CHUNKED)
    with unchanged(database):
        for body in BAD_CHUNKS:
            await refused(service, start + body)
        # As rows, of which the first could be there before the fault is.
        rows = start.replace(b"json", b"x-ndjson")
        for body in BAD_CHUNKS:
            await refused(service, rows + body)
    for body in GOOD_CHUNKS:
        found = await exchange(service, start + body + get_bytes(b"/health/"))
        assert [answer.status_code for answer in found] == [201, 200], body


async def test_chunks_may_arrive_in_any_pieces(service: Serving) -> None:
    body = chunked(BODY[:7], BODY[7:8], BODY[8:])
    start = post_bytes(CLOSE, JSON, CHUNKED, body=b"", length=None)
    for step in (1, 3, 7):
        reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
        for at in range(0, len(start + body), step):
            writer.write((start + body)[at : at + step])
            await asyncio.sleep(0)
        (answer,) = parse_responses(await asyncio.wait_for(reader.read(), LONG))
        writer.close()
        assert answer.json()["last_name"] == MARK


async def send_tiny_chunks(service: Serving, count: int) -> None:
    """Send a body in so many chunks of a byte."""
    text = json.dumps({"first_name": "John", "last_name": "x" * 10}).encode()
    text += b" " * (count - len(text))
    body = b"".join(b"1\r\n%c\r\n" % byte for byte in text) + b"0\r\n\r\n"
    made = await one_response(service, post_bytes(CLOSE, JSON, CHUNKED, body=body, length=None))
    assert made.status_code == 201


async def test_tiny_chunks_that_have_arrived_are_read_together(
    service: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    take, read = chunks.take, list[int]()

    def counted(buffer: bytearray) -> tuple[bytes, int]:
        found = take(buffer)
        read.append(len(found[0]))
        return found

    monkeypatch.setattr(chunks, "take", counted)
    await send_tiny_chunks(service, 2**17)
    assert sum(read) > 2**17 * 0.9  # Sanic takes one of those that have arrived
    assert len(read) < 2**17 * 0.01


@pytest.mark.long
async def test_tiny_chunks_are_read_as_fast_as_they_arrive(service: Serving) -> None:
    began = time.process_time()
    await send_tiny_chunks(service, 2**19)
    # One at a time they took a second for each 30,000 of them, and longer the longer the body
    # was.
    assert time.process_time() - began < 5


async def test_pipelined_requests_are_all_answered_in_order(service: Serving) -> None:
    bodies = [json.dumps({"first_name": f"N{n}", "last_name": "x"}).encode() for n in range(500)]
    row = b"".join(
        post_bytes(JSON, body=body) + get_bytes(b"/nothing/").replace(CLOSE, b"X: %d" % n)
        for n, body in enumerate(bodies)
    )
    found = await exchange(service, row + get_bytes(b"/health/"))
    assert [answer.json().get("first_name") for answer in found[:-1:2]] == [
        f"N{n}" for n in range(500)
    ]
    assert {answer.status_code for answer in found[1::2]} == {404}
    assert found[-1].json() == {"status": "ok"}


async def test_other_clients_are_served_between_pipelined_requests(service: Serving) -> None:
    many = 1000
    for path, counted in (
        (b"/docs", "service.page"),
        (b"/nothing/", "-"),
        (b"/", "service.root"),
    ):
        reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
        writer.write(
            request_head(b"HEAD %b HTTP/1.1" % path, HOST) * many
            + request_head(b"HEAD / HTTP/1.1", HOST, CLOSE)
        )
        await reader.readexactly(1)
        found = (await read_metrics(service.client)).requests()
        assert (
            sum(count for (operation, _), count in found.items() if operation == counted) < many / 2
        )
        assert (await reader.read()).count(b"HTTP/1.1 ") == many
        writer.close()


async def test_lines_that_end_in_lf_alone_are_refused(serve: Serve, database: TestDatabase) -> None:
    service = await serve(replace(config(database), timeout=1))
    answer = await one_response(service, b"GET /health/ HTTP/1.1\nHost: x\n\n")
    assert_problem(answer, "request-timeout", TOO_SLOW)
    for sent in (
        b"GET /health/ HTTP/1.1\nHost: x\r\n\r\n",
        b"\r\n" + get_bytes(b"/health/"),
        b"\n" + get_bytes(b"/health/"),
    ):
        assert_problem((await exchange(service, sent))[0], "malformed-request", NO_HTTP)


async def test_path_cannot_leave_the_folder_of_the_documentation(service: Serving) -> None:
    ways = [
        b"../../../../../../etc/passwd",
        b"../docs.py",
        b"../openapi.json",
        b"./swagger-ui.css",
        b"/swagger-ui.css",
    ]
    ways += [b"swagger-ui.css/../index.html", b"swagger-ui.css%00.html", b"swagger-ui.css%20"]
    ways += [
        b"....//....//etc/passwd",
        b"~root",
        b"index.html",
        b"/etc/passwd",
        b"C:/",
        b"file:///etc/passwd",
    ]
    for dots in (b"%2e%2e", b"%2E.", b"..", b"%252e%252e", b"%c0%ae%c0%ae", b"%uff0e%uff0e"):
        ways += [
            dots + slash + b"__init__.py"
            for slash in (b"/", b"%2f", b"%5c", b"\\", b"%252f", b"%c0%af", b";/")
        ]
    for way in ways:
        for sent in (
            get_bytes(b"/docs/" + way),
            get_bytes(b"http://superbill/docs/" + way),
            get_bytes(b"/docs%2f" + way),
        ):
            assert_problem(await one_response(service, sent), "not-found", NOTHING_HERE)
    assert (await service.client.get("/docs/swagger-ui.css")).status_code == 200
