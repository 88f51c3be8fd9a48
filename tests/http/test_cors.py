"""CORS: pages of other origins read and send nothing unless the configuration names the origin."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx
import pytest

from tests.support import samples
from tests.support.browsers import chromium
from tests.support.databases import TestDatabase
from tests.support.fingerprints import unchanged
from tests.support.origins import FETCH, LOCALHOST, PORTAL, UNKNOWN_ORIGIN, preflight_headers
from tests.support.problems import NOTHING_HERE, UNKNOWN_METHOD, assert_problem
from tests.support.raw_http import CLOSE, HOST, JSON, NO_HTTP, exchange, post_bytes, request_head
from tests.support.serving import Serve, serving
from tests.support.visits import allowed_methods, bill_visit, config, kind_of_path

pytestmark = pytest.mark.unmeasured

READABLE = {
    "access-control-allow-origin": PORTAL,
    "access-control-expose-headers": "etag, idempotency-replayed, link, location, "
    "preference-applied, retry-after, www-authenticate",
}
PAGE = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 15\r\nConnection:"
    b" close\r\n\r\n<!doctype html>"
)


def told(response: httpx.Response) -> dict[str, str]:
    """Give what an answer says of other origins."""
    return {
        name: value
        for name, value in response.headers.items()
        if name.startswith("access-control-")
    }


@samples.SAMPLED
async def test_no_origin_is_admitted_by_default(client: httpx.AsyncClient, share: float) -> None:
    paths = allowed_methods(await bill_visit(client))
    for path, allow in samples.sample(paths.items(), kind_of_path, share):
        refused = await client.options(path, headers=preflight_headers(PORTAL))
        assert_problem(refused, "method-not-allowed", UNKNOWN_METHOD)
        assert refused.headers["allow"] == allow
        assert (await client.get(path, headers={"origin": PORTAL})).status_code == 200


@samples.SAMPLED
async def test_preflight_answers_with_the_methods_of_its_path(
    serve: Serve, database: TestDatabase, share: float
) -> None:
    service = await serve(replace(config(database), origins=f"{PORTAL},{LOCALHOST}"))
    paths = allowed_methods(await bill_visit(service.client))
    for path, allow in samples.sample(paths.items(), kind_of_path, share):
        for origin in (PORTAL, LOCALHOST):
            admitted = await service.client.options(path, headers=preflight_headers(origin))
            assert (admitted.status_code, admitted.content, admitted.headers["vary"]) == (
                204,
                b"",
                "accept, origin",
            )
            assert told(admitted) == {
                **READABLE,
                "access-control-allow-origin": origin,
                "access-control-allow-methods": allow,
                "access-control-allow-headers": "accept, authorization, content-type, "
                "idempotency-key, if-match, if-none-match, prefer, traceparent, tracestate",
                "access-control-max-age": "600",
            }
        for origin in (
            UNKNOWN_ORIGIN,
            "null",
            f"{PORTAL}.example",
            PORTAL.upper(),
            f"{PORTAL},{LOCALHOST}",
            "",
        ):
            refused = await service.client.options(path, headers=preflight_headers(origin))
            assert_problem(refused, "method-not-allowed", UNKNOWN_METHOD)
            assert (told(refused), refused.headers["vary"]) == ({}, "accept, origin"), origin
    plain = await service.client.options("/patients/", headers={"origin": PORTAL})
    assert_problem(plain, "method-not-allowed", UNKNOWN_METHOD)
    nowhere = await service.client.options("/nothing/", headers=preflight_headers(PORTAL))
    assert_problem(nowhere, "not-found", NOTHING_HERE)
    assert told(plain) == told(nowhere) == READABLE


async def test_malformed_preflight_is_refused_as_a_malformed_request(
    serve: Serve, database: TestDatabase
) -> None:
    """What follows it is not read: two readers could take it for different requests."""
    asked = [
        b": ".join((name.encode(), value.encode()))
        for name, value in preflight_headers(PORTAL).items()
    ]
    behind = post_bytes(CLOSE, JSON)
    service = await serve(replace(config(database), origins=PORTAL))
    with unchanged(database):
        for fields in (
            (HOST, HOST),
            (),
            (HOST, b"Content-Length : %d" % len(behind)),
            (HOST, b"X: a\nb: c"),
        ):
            (answer,) = await exchange(
                service, request_head(b"OPTIONS /patients/ HTTP/1.1", *asked, *fields) + behind
            )
            assert_problem(answer, "malformed-request", NO_HTTP)
        # The body that was announced is neither asked for behind the answer nor read as a
        # request.
        waits = (HOST, b"Expect: 100-continue", b"Content-Length: %d" % len(behind))
        (answer,) = await exchange(
            service, request_head(b"OPTIONS /patients/ HTTP/1.1", *asked, *waits) + behind
        )
        assert (answer.status_code, answer.headers["connection"]) == (204, "close")
        assert "content-length" not in answer.headers


@samples.SAMPLED
async def test_each_answer_names_the_origin_that_may_read_it(
    serve: Serve, database: TestDatabase, share: float
) -> None:
    service = await serve(replace(config(database), origins=f"{PORTAL},{LOCALHOST}"))
    v = await bill_visit(service.client)
    chosen = samples.sample(allowed_methods(v).items(), kind_of_path, share)
    cases: list[tuple[int, str, str, dict[str, Any]]] = [
        *((200, "GET", path, {}) for path, _ in chosen),
        (200, "GET", "/patients/", {"headers": {"accept": "text/csv"}}),
        (200, "HEAD", "/patients/", {"headers": {"accept": "application/x-ndjson"}}),
        (201, "POST", "/patients/", {"json": {"first_name": "Ada", "last_name": "Byron"}}),
        (302, "GET", "/", {}),
        (404, "GET", "/patients/x", {}),
        (405, "PUT", "/patients/", {}),
        (406, "GET", "/patients/", {"headers": {"accept": "image/png"}}),
        (422, "POST", "/patients/", {"json": {}}),
        (204, "DELETE", f"/line_items/{v.line_item}", {}),
    ]
    for status, method, path, options in cases:
        # The row can be deleted only once.
        for origin in (PORTAL,) if method == "DELETE" else (UNKNOWN_ORIGIN, PORTAL, ""):
            headers = {**options.get("headers", {}), **({"origin": origin} if origin else {})}
            response = await service.client.request(method, path, **{**options, "headers": headers})
            assert (response.status_code, response.headers["vary"]) == (status, "accept, origin"), (
                path
            )
            assert told(response) == (READABLE if origin == PORTAL else {}), path


@asynccontextmanager
async def page_server() -> AsyncIterator[str]:
    """Serve an empty page; give its origin."""

    async def answer(reader: StreamReader, writer: StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(PAGE)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.mark.needs("chromium")
@pytest.mark.costly
async def test_browser_enforces_the_admitted_origins(database: TestDatabase) -> None:
    created = {"method": "POST", "body": '{"first_name": "Ada", "last_name": "Byron"}'}
    json, text = (
        {"headers": {"content-type": media}} for media in ("application/json", "text/plain")
    )
    async with (
        page_server() as portal,
        page_server() as stranger,
        chromium() as browser,
        serving(replace(config(database), origins=portal)) as s,
    ):
        page, line_item = (
            await browser.new_page(),
            f"/line_items/{(await bill_visit(s.client)).line_item}",
        )

        async def fetch(path: str, **options: Any) -> Any:
            return await page.evaluate(FETCH, [f"http://127.0.0.1:{s.port}{path}", options])

        await page.goto(stranger)
        with unchanged(database):
            assert await fetch("/patients/") == "TypeError"
            assert await fetch("/patients/", mode="no-cors") == "TypeError"
            assert await fetch("/patients/", **created, **json) == "TypeError"
            assert await fetch("/patients/", **created, **text) == "TypeError"
            assert await fetch("/patients/", **created, **text, mode="no-cors") == "TypeError"
            assert await fetch(line_item, method="DELETE") == "TypeError"
        await page.goto(portal)
        assert await fetch("/patients/") == [200, None, True]
        assert await fetch("/patients/", mode="no-cors") == "TypeError"
        status, location, body = await fetch("/patients/", **created, **json)
        assert (status, location.startswith("/patients/"), body) == (201, True, True)
        assert await fetch(line_item, method="PATCH", body='{"units": 3}', **json) == [
            200,
            None,
            True,
        ]
        assert await fetch(line_item, method="DELETE") == [204, None, False]
        assert await fetch(line_item) == [404, None, True]
