"""Malformed HTTP/1.1 is refused unread, ends its connection, and is not logged."""

import asyncio
import logging

import pytest

from api.config import Config
from api.http import protocol
from tests.support.databases import TestDatabase
from tests.support.fingerprints import unchanged
from tests.support.problems import MARK, NOT_JSON, UNKNOWN_METHOD, assert_problem
from tests.support.raw_http import (
    BODY,
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
    request_head,
    send_slowly,
)
from tests.support.serving import LONG, Serve, Serving, serving
from tests.support.visits import config

CONTROLS = [bytes([number]) for number in (*range(0x20), 0x7F)]


async def test_malformed_target_is_refused_and_not_logged(
    database: TestDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    mark = MARK.encode()
    targets = [
        before + control + mark
        for control in CONTROLS
        for before in (b"/patients/", b"/patients/?last_name=")
    ]
    lines = [
        *(b"GET " + target + b" HTTP/1.1" for target in targets),
        b"GET " + mark + b" HTTP/1.1",
    ]
    lines += [
        b"GET patients/%b HTTP/1.1" % mark,
        b"CONNECT %b:1 HTTP/1.1" % mark,
        b"POST %b:1 HTTP/1.1" % mark,
    ]
    lines += [b"GET http://[%b/ HTTP/1.1" % mark, b"GET http://%b:port/ HTTP/1.1" % mark]
    lines += [b"GET ?last_name=%b HTTP/1.1" % mark, b"GET #%b HTTP/1.1" % mark]
    lines += [b"GET /health/#%b HTTP/1.1" % mark, b"GET http://a/?a#%b HTTP/1.1" % mark]
    lines += [b"GET http://%b@a/health/ HTTP/1.1" % mark, b"GET http:///%b HTTP/1.1" % mark]
    caplog.set_level(logging.DEBUG)
    async with serving(config(database)) as s:
        for line in lines:
            answer = await one_response(s, request_head(line, HOST))
            assert_problem(answer, "malformed-request", NO_HTTP)
            assert answer.headers["connection"] == "close", line
    told = [
        f"{record.getMessage()} {record.args} {record.exc_info} {record.exc_text}"
        for record in caplog.records
    ]
    assert [text for text in told if MARK in text] == []
    assert [record.name for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_request_with_several_hosts_is_refused(service: Serving) -> None:
    for headers in ((), (HOST, HOST), (HOST, b"host: other"), (b"X-Host: superbill",)):
        answer = await one_response(service, request_head(b"GET /health/ HTTP/1.1", *headers))
        assert_problem(answer, "malformed-request", NO_HTTP)
    for line in (b"GET /health/ HTTP/1.1", b"GET /health/ HTTP/1.0"):
        assert (
            await one_response(service, request_head(line, b"Host:", b"Connection: close"))
        ).status_code == 200
    assert (await one_response(service, request_head(b"GET /health/ HTTP/1.0"))).status_code == 200
    assert_problem(
        await one_response(service, request_head(b"GET /health/ HTTP/1.0", HOST, HOST)),
        "malformed-request",
        NO_HTTP,
    )


async def test_malformed_host_header_is_refused(service: Serving) -> None:
    hosts = [
        b"a b",
        b"a b/c@d",
        b"a/b",
        b"u@a",
        b"a?",
        b"a#",
        b"a:b",
        b"a:1:2",
        b"[::1",
        b"::1",
        b"[g]",
        b"a\\b",
        b"<a>",
    ]
    hosts += [b":80", b"a%zz", b"\xc3\xa9", b"\xc2\xa0a", b"a, b", b'"a"', b"a\tb", b"http://a"]
    fine = (
        b"a",
        b"A.example.:8080",
        b"127.0.0.1",
        b"[::1]:80",
        b"a_b-c~d",
        b"x%c3%a9",
        b"a:",
        b"a \t",
        b"",
        b" ",
    )
    for version in (b"HTTP/1.1", b"HTTP/1.0"):
        for host in hosts:
            answer = await one_response(
                service, request_head(b"GET /health/ " + version, b"Host: " + host)
            )
            assert_problem(answer, "malformed-request", NO_HTTP)
        for host in fine:
            answer = await one_response(
                service,
                request_head(b"GET /health/ " + version, b"Host: " + host, b"Connection: close"),
            )
            assert answer.status_code == 200, host
    answer = await one_response(service, request_head(b"GET http://a/health/ HTTP/1.1", b"Host:"))
    assert_problem(answer, "malformed-request", NO_HTTP)


async def test_absolute_target_without_a_path_is_answered(service: Serving) -> None:
    for target in (b"http://a", b"HTTPS://a:8080", b"http://[::1]:80", b"http://a/"):
        for method in (b"GET", b"HEAD"):
            answer = await one_response(service, get_bytes(target, method=method))
            assert (answer.status_code, answer.headers["location"]) == (302, "/docs"), target
    assert (await one_response(service, get_bytes(b"http://a?x=1"))).status_code == (
        await one_response(service, get_bytes(b"/?x=1"))
    ).status_code
    refused = await one_response(service, get_bytes(b"http://a", method=b"POST"))
    assert_problem(refused, "method-not-allowed", UNKNOWN_METHOD)
    assert (await one_response(service, get_bytes(b"http://a/health/"))).status_code == 200


async def test_malformed_header_field_is_refused(service: Serving, database: TestDatabase) -> None:
    wrong = [
        b"Transfer-Encoding : chunked",
        b"X: a\x00b",
        b": empty",
        b"X Y: a",
        b"X\t: a",
        b"X\x0b: a",
        b"X: a\nb: c",
    ]
    wrong += [b"X: a\rb", b"X: \x7f", b"X(: a", b"X\xe9: a", b"\x00X: a"]
    with unchanged(database):
        for field in wrong:
            # What follows is no request of its own: one answer, and the connection ends.
            sent = request_head(b"POST /patients/ HTTP/1.1", HOST, JSON, field) + chunked(BODY)
            answer = await one_response(
                service, sent + request_head(b"GET /health/ HTTP/1.1", HOST, b"Connection: close")
            )
            assert_problem(answer, "malformed-request", NO_HTTP)
            assert_problem(
                await one_response(service, post_bytes(JSON, field)), "malformed-request", NO_HTTP
            )
    for field in (b"X: a\tb", b"X:", b"X: \xc3\xa9", b"!#$%&'*+.^_`|~x: a"):
        answer = await one_response(
            service, request_head(b"GET /health/ HTTP/1.1", HOST, field, b"Connection: close")
        )
        assert answer.status_code == 200, field


async def test_malformed_request_gets_one_answer_and_ends_the_connection(
    service: Serving, database: TestDatabase
) -> None:
    """A body that its own head does not announce rightly must not be read as a request."""
    smuggled = request_head(b"GET /health/ HTTP/1.1", HOST, b"Connection: close")
    with unchanged(database):
        for sent in (
            request_head(b"GET /patients/\x01 HTTP/1.1", HOST) + smuggled,
            request_head(b"GET /health/ HTTP/1.1") + smuggled,
            post_bytes(JSON, b"Transfer-Encoding: chunked", body=b"zz\r\n" + BODY, length=None)
            + smuggled,
        ):
            (answer,) = await exchange(service, sent)
            assert_problem(answer, "malformed-request", NO_HTTP)


async def test_body_that_does_not_arrive_answers_408(serve: Serve, database: TestDatabase) -> None:
    cases = {
        "nothing": (post_bytes(JSON, body=b"", length=100), b""),
        "dripping": (post_bytes(JSON, body=b"", length=len(BODY)), BODY),
        "chunks": (
            post_bytes(JSON, b"Transfer-Encoding: chunked", body=b"5\r\nab", length=None),
            b"",
        ),
        "promised": (post_bytes(JSON, b"Expect: 100-continue", body=b"", length=100), b""),
    }
    service = await serve(Config(database_url=database.api_url, connections=1, timeout=1))
    with unchanged(database):
        found = await asyncio.gather(*(send_slowly(service, *case, 0.3) for case in cases.values()))
    for name, (received, count) in zip(cases, found, strict=True):
        (answer,) = parse_responses(received.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n"))
        assert_problem(answer, "request-timeout", TOO_SLOW)
        assert answer.headers["connection"] == "close"
        assert count < len(BODY), name
    assert (await service.client.get("/health/")).status_code == 200


async def test_unread_body_that_does_not_arrive_answers_408(
    serve: Serve, database: TestDatabase
) -> None:
    service = await serve(config(database), settings={"RESPONSE_TIMEOUT": 1})
    heads = [request_head(b"GET /patients/ HTTP/1.1", HOST, b"Content-Length: 5")]
    heads += [request_head(b"DELETE /line_items/x HTTP/1.1", HOST, b"Transfer-Encoding: chunked")]
    found = await asyncio.gather(*(send_slowly(service, sent, b"", 0) for sent in heads))
    for received, _ in found:
        (answer,) = parse_responses(received)
        assert_problem(answer, "request-timeout", TOO_SLOW)
        assert answer.headers["connection"] == "close"


async def test_parameters_of_a_media_type_are_parsed(
    service: Serving, database: TestDatabase
) -> None:
    close, kind = b"Connection: close", b"Content-Type: application/json"
    for rest in (
        b"; charset=utf-8; profile=x",
        b";profile=x;charset=UTF-8",
        b"; profile=x",
        b";",
    ):
        assert (await one_response(service, post_bytes(close, kind + rest))).status_code == 201, (
            rest
        )
    with unchanged(database):
        for rest in (
            b"; charset=latin-1",
            b"; profile=x; charset=latin-1",
            b"; charset=",
            b";charset=utf-8x",
        ):
            answer = await one_response(service, post_bytes(close, kind + rest))
            assert_problem(answer, "unsupported-media-type", NOT_JSON)


async def test_closing_connection_lingers_for_a_limited_time(
    serve: Serve, database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However much is still sent meanwhile."""
    monkeypatch.setattr(protocol, "_LINGERING", 0.5)
    service = await serve(config(database))
    async with asyncio.timeout(LONG):
        reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
        writer.write(b"nonsense\r\n\r\n")
        assert_problem(parse_responses(await reader.read())[0], "malformed-request", NO_HTTP)
        while not writer.is_closing():
            writer.write(b"x")
            await asyncio.sleep(0.05)
