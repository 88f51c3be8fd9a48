"""Malformed bytes: a clear answer, no change, and the server serves on."""

import asyncio
import gzip

from tests.support.databases import TestDatabase
from tests.support.fingerprints import fingerprint, unchanged
from tests.support.problems import MARK, NOT_JSON, NOTHING_HERE, UNKNOWN_METHOD, assert_problem
from tests.support.raw_http import (
    BODY,
    CHUNKED,
    CLOSE,
    JSON,
    NO_HTTP,
    chunked,
    exchange,
    get_bytes,
    one_response,
    post_bytes,
)
from tests.support.serving import Serving
from tests.support.stalling_clients import turns

LIMIT = 2**20
TOO_LARGE = "A body may have at most 1048576 bytes."


async def test_malformed_http_answers_400(service: Serving, database: TestDatabase) -> None:
    with unchanged(database):
        for sent in (
            b"\x00\x01\x02\xff\r\n\r\n",
            b"GET /patients/\r\n\r\n",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            get_bytes(b"/patients/", version=b"HTTP/2.0"),
            get_bytes(b"/patients/\xff\xfe"),
            get_bytes(f"/patients/{MARK}é".encode()),
            get_bytes(b"/patients/?last_name=\xff"),
            get_bytes(b"/patients/a b"),
            get_bytes(b"*"),
            get_bytes(b"/health/", b"no colon"),
            get_bytes(b"/health/", b"X: a", b" folded"),
            post_bytes(JSON, CLOSE, b"Content-Length: 3"),
            *(
                post_bytes(JSON, CLOSE, b"Content-Length: " + n, length=None)
                for n in (b"-1", b"ten", b"+5", b"4_2", b"")
            ),
            post_bytes(JSON, CLOSE, CHUNKED, body=chunked(BODY)),
            post_bytes(JSON, CLOSE, b"Transfer-Encoding: gzip", length=None),
            post_bytes(
                JSON,
                CLOSE,
                b"Transfer-Encoding: gzip, chunked",
                body=chunked(BODY),
                length=None,
            ),
            post_bytes(JSON, CLOSE, CHUNKED, body=b"zz\r\n" + BODY, length=None),
            post_bytes(JSON, CLOSE, CHUNKED, body=b"-1\r\n" + BODY, length=None),
        ):
            assert_problem(await one_response(service, sent), "malformed-request", NO_HTTP)


async def test_path_with_an_invalid_key_answers_404(service: Serving) -> None:
    for path in (
        b"%00",
        b"%2e%2e%2f",
        b"%2F",
        b"%zz",
        b"%",
        b"%f",
        b"%ff",
        b"%ED%A0%80",
        b";x",
        b"%F0%9F%98%80",
    ):
        assert_problem(
            await one_response(service, get_bytes(b"/patients/" + path)),
            "not-found",
            "patient not found",
        )
    for path in (
        b"/patients/../cpt_codes/",
        b"/%70atients/",
        b"//patients/",
        b"/PATIENTS/",
        b"/patients/a/b",
    ):
        assert_problem(await one_response(service, get_bytes(path)), "not-found", NOTHING_HERE)
    for path in (b"%00", b"%0a", b"%20", b"%2520", b"/..", b"%c0%80"):
        answer = await one_response(service, get_bytes(b"/cpt_codes/G0438" + path))
        assert_problem(
            answer, "not-found", NOTHING_HERE if path == b"/.." else "cpt code not found"
        )
    assert (await one_response(service, get_bytes(b"/cpt_codes/%470438"))).json()["code"] == "G0438"
    not_text = "The query string is not UTF-8."
    for query in (b"last_name=%ff", b"%ff=1", b"after=%C0%80", b"last_name=%ED%A0%80"):
        assert_problem(
            await one_response(service, get_bytes(b"/patients/?" + query)),
            "invalid-query",
            not_text,
        )
    too_many = b"&".join(b"a%d=%d" % (n, n) for n in range(60))
    answer = await one_response(service, get_bytes(b"/patients/?" + too_many))
    assert_problem(answer, "invalid-query", "The query string has too many parameters.")
    for long in (
        get_bytes(b"/patients/" + b"a" * 9000),
        get_bytes(b"/patients/?after=" + b"a" * 9000),
    ):
        assert_problem(
            await one_response(service, long), "content-too-large", "The request is too large."
        )
    answer = await one_response(service, get_bytes(b"/health/", b"X: " + b"a" * 9000))
    assert_problem(answer, "content-too-large", "The request is too large.")


async def test_method_in_lower_case_is_refused(service: Serving) -> None:
    for method in (b"get", b"Post", b"head", b"Options", b"", b"G(T", b"G\xc9T"):
        assert_problem(
            await one_response(service, get_bytes(b"/patients/", method=method)),
            "malformed-request",
            NO_HTTP,
        )
    for method in (b"BREW", b"G%45T", b"HEADS"):
        answer = await one_response(service, get_bytes(b"/patients/", method=method))
        assert_problem(answer, "method-not-allowed", UNKNOWN_METHOD)
        assert answer.headers["allow"] == "GET, HEAD, PATCH, POST"
    assert_problem(
        await one_response(service, get_bytes(b"*", method=b"OPTIONS")),
        "method-not-allowed",
        UNKNOWN_METHOD,
    )


async def test_other_media_types_answer_415(service: Serving, database: TestDatabase) -> None:
    with unchanged(database):
        for headers in (
            (),
            (b"Content-Type:",),
            (b"Content-Type: text/plain",),
            (b"Content-Type: application/x-www-form-urlencoded",),
            (b"Content-Type: application/merge-patch+json",),
            (b"Content-Type: application/json5",),
            (b"Content-Type: application/json, text/plain",),
            (b"Content-Type: application/json; charset=latin-1",),
            (b"Content-Type: application/json; charset=utf-16",),
            (b"Content-Type: application/ json",),
            (b"Content-Type: application /json",),
            (b"Content-Type: appli cation/json; charset=utf-8",),
            (JSON, b"Content-Type: text/plain"),
            (b"Content-Type: text/plain", JSON),
            (JSON, JSON),
            (JSON, b"Content-Encoding: gzip"),
            (JSON, b"Content-Encoding: br"),
        ):
            assert_problem(
                await one_response(service, post_bytes(CLOSE, *headers)),
                "unsupported-media-type",
                NOT_JSON,
            )
        zipped = post_bytes(CLOSE, JSON, b"Content-Encoding: gzip", body=gzip.compress(BODY))
        assert_problem(await one_response(service, zipped), "unsupported-media-type", NOT_JSON)
        unmarked = post_bytes(CLOSE, JSON, body=gzip.compress(BODY))
        assert_problem(
            await one_response(service, unmarked), "malformed-json", "The body is not UTF-8."
        )
    for media in (
        b"application/json;charset=UTF-8",
        b'Application/JSON ; charset="utf\\-8"',
        b" application/json ",
    ):
        assert (
            await one_response(service, post_bytes(CLOSE, b"Content-Type:" + media))
        ).status_code == 201
    assert (
        await one_response(service, post_bytes(CLOSE, JSON, b"Content-Encoding: identity"))
    ).status_code == 201


async def test_body_above_one_mebibyte_answers_413(
    service: Serving, database: TestDatabase
) -> None:
    full = BODY[:-1] + b" " * (LIMIT - len(BODY)) + b"}"
    more = full[:-1] + b" }"
    assert (await one_response(service, post_bytes(CLOSE, JSON, body=full))).status_code == 201
    pieces = [full[n : n + 65536] for n in range(0, LIMIT, 65536)]
    assert (
        await one_response(
            service, post_bytes(CLOSE, JSON, CHUNKED, body=chunked(*pieces), length=None)
        )
    ).status_code == 201
    with unchanged(database):
        for sent in (
            post_bytes(CLOSE, JSON, body=more),
            post_bytes(CLOSE, JSON, body=b"x" * 9 * LIMIT),
            post_bytes(CLOSE, JSON, CHUNKED, body=chunked(*pieces, b" "), length=None),
            post_bytes(CLOSE, JSON, CHUNKED, body=chunked(*pieces * 9), length=None),
        ):
            assert_problem(await one_response(service, sent), "content-too-large", TOO_LARGE)
        wrong_type = post_bytes(CLOSE, b"Content-Type: text/plain", body=b"x" * 9 * LIMIT)
        assert_problem(await one_response(service, wrong_type), "unsupported-media-type", NOT_JSON)
        nowhere = post_bytes(CLOSE, JSON, body=b"x" * 9 * LIMIT, path=b"/nothing/")
        assert_problem(await one_response(service, nowhere), "not-found", NOTHING_HERE)


async def test_expect_100_continue_is_answered_before_the_body_is_sent(
    service: Serving, database: TestDatabase
) -> None:
    expect = b"Expect: 100-continue"
    invited, made = await exchange(service, post_bytes(CLOSE, JSON, expect))
    assert (invited.status_code, made.status_code) == (100, 201)
    with unchanged(database):
        # The body isn't sent, and the server does not wait for it: nor does it ask for it any
        # more.
        huge = post_bytes(JSON, expect, body=b"", length=9 * LIMIT)
        assert_problem(await one_response(service, huge), "content-too-large", TOO_LARGE)
        plain = post_bytes(b"Content-Type: text/plain", expect, body=b"", length=100)
        assert_problem(await one_response(service, plain), "unsupported-media-type", NOT_JSON)
        nobody = post_bytes(JSON, expect, body=b"", length=100, path=b"/patients/x/encounters/")
        assert_problem(await one_response(service, nobody), "not-found", "patient not found")
        other = post_bytes(JSON, CLOSE, b"Expect: a-miracle")
        assert_problem(
            await one_response(service, other),
            "expectation-failed",
            "Only `Expect: 100-continue` is supported.",
        )


async def test_incomplete_body_changes_nothing(service: Serving, database: TestDatabase) -> None:
    with unchanged(database):
        for sent in (
            post_bytes(JSON, length=len(BODY) + 1),
            post_bytes(JSON, length=10**6),
            post_bytes(JSON, CHUNKED, body=b"%x\r\n%b" % (len(BODY), BODY), length=None),
            post_bytes(JSON, CHUNKED, body=chunked(BODY)[:-1], length=None),
            post_bytes(JSON, CHUNKED, body=b"99999\r\n" + BODY, length=None),
            b"POST /patients/ HTTP/1.1\r\nContent-",
        ):
            _, writer = await asyncio.open_connection("127.0.0.1", service.port)
            writer.write(sent)
            await writer.drain()
            await turns()
            writer.close()
            await writer.wait_closed()
        short = await one_response(service, post_bytes(CLOSE, JSON, length=len(BODY) - 2))
        assert_problem(short, "malformed-json", short.json()["detail"])
        none = await one_response(service, post_bytes(CLOSE, JSON, length=None))
        assert_problem(
            none, "malformed-json", "The body is not well-formed JSON at line 1, column 1."
        )
    assert (await service.client.get("/health/")).status_code == 200


async def test_body_of_a_method_without_one_changes_nothing(
    service: Serving, database: TestDatabase
) -> None:
    length = b"Content-Length: %d" % len(BODY)
    with unchanged(database):
        listed = await one_response(service, get_bytes(b"/patients/", JSON, length) + BODY)
        assert listed.text == "[]"
        gone = await one_response(
            service, get_bytes(b"/line_items/x", JSON, length, method=b"DELETE") + BODY
        )
        assert_problem(gone, "not-found", "line item not found")
        refused = await one_response(
            service, get_bytes(b"/patients/", JSON, length, method=b"PUT") + BODY
        )
        assert_problem(refused, "method-not-allowed", UNKNOWN_METHOD)
        head = await exchange(service, get_bytes(b"/health/", length, method=b"HEAD") + BODY)
        assert head[0].status_code == 200


async def test_pipelined_requests_are_answered_in_order(
    service: Serving, database: TestDatabase
) -> None:
    row = get_bytes(b"/health/").replace(CLOSE, b"X: 1")
    row += (
        post_bytes(JSON)
        + post_bytes(JSON, body=b"{")
        + post_bytes(JSON, CHUNKED, body=chunked(BODY[:5], BODY[5:]), length=None)
    )
    found = await exchange(service, row + get_bytes(b"/patients/"))
    assert [answer.status_code for answer in found] == [200, 201, 400, 201, 200]
    assert [found[1].json(), found[3].json()] == found[4].json()
    behind = await exchange(service, post_bytes(JSON) + b"GARBAGE\r\n\r\n")
    assert [answer.status_code for answer in behind] == [201, 400]
    old = await one_response(service, get_bytes(b"/patients/", version=b"HTTP/1.0"))
    assert (old.status_code, len(old.json())) == (200, 3)
    assert len(fingerprint(database)) >= 4
