"""Hosts: a request for another host is refused, so that DNS rebinding reads nothing."""

import logging
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from api.config import Config
from api.http.hosts import FOREIGN
from tests.support import samples
from tests.support.browsers import chromium
from tests.support.databases import TestDatabase
from tests.support.fingerprints import unchanged
from tests.support.origins import FETCH, PORTAL, preflight_headers
from tests.support.plain_http import NO_CERTIFICATES
from tests.support.problems import MARK, assert_problem
from tests.support.raw_http import BODY, CLOSE, JSON, exchange, one_response, request_head
from tests.support.server_processes import server_process
from tests.support.serving import Serve, Serving, serving
from tests.support.visits import allowed_methods, bill_visit, config, kind_of_path

pytestmark = pytest.mark.unmeasured


@pytest.fixture
def database(one_role: TestDatabase) -> TestDatabase:
    """Give a database on which a server starts in little CPU time."""
    return one_role


STRANGER = f"{MARK}.example".encode()
OWN = (b"localhost", b"127.0.0.1", b"[::1]", b"billing.example")


def narrow(database: TestDatabase) -> Config:
    """Configure a server that is for some hosts alone."""
    return replace(config(database), hosts=b",".join(OWN).decode())


def assert_foreign(response: httpx.Response) -> None:
    """Check that it is the answer to a request for another host."""
    if response.request.method != "HEAD":
        assert_problem(response, "malformed-request", FOREIGN.detail)
    assert (response.status_code, response.headers["connection"]) == (400, "close")


@samples.SAMPLED
async def test_request_for_another_host_is_refused(
    database: TestDatabase, caplog: pytest.LogCaptureFixture, share: float
) -> None:
    caplog.set_level(logging.DEBUG)
    async with serving(replace(narrow(database), origins=PORTAL)) as s:
        visited = allowed_methods(await bill_visit(s.client)).items()
        paths = [path for path, _ in samples.sample(visited, kind_of_path, share)]
        with unchanged(database):
            for path in (*paths, "/", "/docs", "/docs/swagger-ui.css", "/nothing/"):
                for method in ("GET", "HEAD", "POST", "PATCH", "DELETE", "PUT", "OPTIONS"):
                    json = {"first_name": "Ada", "last_name": "Byron"} if method == "POST" else None
                    headers = {
                        "host": f"{STRANGER.decode()}:{s.port}",
                        **(preflight_headers(PORTAL) if json is None else {}),
                    }
                    assert_foreign(await s.client.request(method, path, headers=headers, json=json))
        assert (
            await s.client.options("/patients/", headers=preflight_headers(PORTAL))
        ).status_code == 204
    assert MARK.casefold() not in caplog.text.casefold()


async def test_host_matches_on_any_port_in_any_case_and_with_a_final_dot(
    serve: Serve, database: TestDatabase
) -> None:
    service = await serve(narrow(database))
    for host in OWN:
        dotted = [] if host.endswith(b"]") else [host + b".", host + b".:65535"]
        for name in (host, host.upper(), host + b":1", host + b":", host + b" \t", *dotted):
            answer = await one_response(
                service, request_head(b"GET /health/ HTTP/1.1", b"Host: " + name, CLOSE)
            )
            assert answer.status_code == 200, name
    for name in (
        *(b"x" + host for host in OWN), *(host + b".example" for host in OWN),
        *(host + b".." for host in OWN),
        b"127.0.0.2", b"::1", b"[::2]", b"127.1", b"0", b".", b":80", b"localhost:x",
        b"localhost:1:2", b"*",
        b"localhost,x", b"x,localhost", b"x@localhost", b"localhost@x", b"localhost/",
        b"http://localhost",
        b"loc alhost", "localho\u017ft".encode(), b"%6cocalhost", b"x" * 7000,
    ):  # fmt: skip
        assert (
            await one_response(service, request_head(b"GET /health/ HTTP/1.1", b"Host: " + name))
        ).status_code == 400, name


async def test_host_of_an_absolute_target_takes_precedence(
    serve: Serve, database: TestDatabase
) -> None:
    service = await serve(narrow(database))
    for target in (
        b"http://localhost/health/",
        b"HTTPS://Billing.Example.:99/health/?",
        b"http://[::1]:1/health/",
    ):
        for host in (b"localhost", STRANGER):
            answer = await one_response(
                service, request_head(b"GET %b HTTP/1.1" % target, b"Host: " + host, CLOSE)
            )
            assert answer.status_code == 200, target
    for rest in (
        b"",
        b"/",
        b":80/health/",
        b"?x",
        b"/health/?http://localhost/",
        b"/http://localhost/",
    ):
        for before in (b"http://", b"HTTP://", b"https://", b"http://localhost."):
            target = before + STRANGER + rest
            assert_foreign(
                await one_response(
                    service, request_head(b"GET %b HTTP/1.1" % target, b"Host: localhost")
                )
            )
    assert_foreign(
        await one_response(service, request_head(b"OPTIONS * HTTP/1.1", b"Host: " + STRANGER))
    )


async def test_request_without_a_host_is_answered(serve: Serve, database: TestDatabase) -> None:
    service = await serve(narrow(database))
    assert (await one_response(service, request_head(b"GET /health/ HTTP/1.0"))).status_code == 200
    assert (
        await one_response(service, request_head(b"GET /health/ HTTP/1.1", b"Host:", CLOSE))
    ).status_code == 200
    assert_foreign(
        await one_response(service, request_head(b"GET /health/ HTTP/1.0", b"Host: " + STRANGER))
    )


async def test_connection_ends_after_a_request_for_another_host(
    serve: Serve, database: TestDatabase
) -> None:
    own, other = b"Host: localhost", b"Host: " + STRANGER
    length = b"Content-Length: %d" % len(BODY)
    service = await serve(narrow(database))
    behind = request_head(b"GET /patients/ HTTP/1.1", own, CLOSE)
    with unchanged(database):
        for more in ((), (b"Expect: 100-continue",)):
            sent = request_head(b"POST /patients/ HTTP/1.1", other, JSON, length, *more) + BODY
            assert_foreign(await one_response(service, sent + behind))
    before = request_head(b"GET /health/ HTTP/1.1", own)
    first, second = await exchange(
        service, before + request_head(b"GET /health/ HTTP/1.1", other) + behind
    )
    assert first.status_code == 200
    assert_foreign(second)


async def test_server_for_any_host_accepts_each_host(service: Serving) -> None:
    for target in (b"/health/", b"http://other.example/health/"):
        answer = await one_response(
            service, request_head(b"GET %b HTTP/1.1" % target, b"Host: " + STRANGER, CLOSE)
        )
        assert answer.status_code == 200


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_server_on_loopback_accepts_loopback_hosts_by_default(
    database: TestDatabase, tmp_path: Path, host: str
) -> None:
    async with (
        server_process(database, tmp_path / "output", HOST=host, HOSTS="") as s,
        httpx.AsyncClient(verify=NO_CERTIFICATES) as client,
    ):
        url = f"http://127.0.0.1:{s.port}/patients/"
        for name in ("localhost", "127.0.0.1", "[::1]", f"localhost:{s.port}"):
            assert (await client.get(url, headers={"host": name})).status_code == 200
        assert_foreign(await client.get(url, headers={"host": f"rebound.example:{s.port}"}))


async def test_server_behind_a_proxy_accepts_the_listed_host(
    database: TestDatabase, tmp_path: Path
) -> None:
    hosts = "Billing.example, 127.0.0.1"
    async with (
        server_process(database, tmp_path / "output", HOSTS=hosts) as s,
        httpx.AsyncClient(verify=NO_CERTIFICATES) as client,
    ):
        url = f"http://127.0.0.1:{s.port}/patients/"
        assert (await client.get(url, headers={"host": "billing.example"})).status_code == 200
        assert_foreign(await client.get(url, headers={"host": "localhost"}))


@pytest.mark.needs("chromium")
@pytest.mark.costly
async def test_page_that_rebinds_its_host_reads_and_writes_nothing(
    only_patients: TestDatabase,
) -> None:
    created = {
        "method": "POST",
        "body": BODY.decode(),
        "headers": {"content-type": "application/json"},
    }
    # Newer ones ask whoever reads the page first, but not all do.
    rebound = (
        "--host-resolver-rules=MAP rebound.example 127.0.0.1",
        "--disable-features=LocalNetworkAccessChecks",
    )
    async with (
        chromium(*rebound) as browser,
        serving(narrow(only_patients)) as s,
        serving(config(only_patients)) as open_to_all,
    ):
        page = await browser.new_page()
        # What the name led to before.
        await page.route(
            "**/before",
            lambda route: route.fulfill(content_type="text/html", body="<!doctype html>"),
        )
        for server, statuses in ((s, (400, 400)), (open_to_all, (200, 201))):
            await page.goto(f"http://rebound.example:{server.port}/before")
            read, written = [
                await page.evaluate(FETCH, ["/patients/", options]) for options in ({}, created)
            ]
            assert (read[0], written[0]) == statuses
        await page.goto(f"http://localhost:{s.port}/docs")
        await page.locator(".opblock-tag").first.wait_for()
        assert (await page.evaluate(FETCH, ["/patients/", {}]))[0] == 200
