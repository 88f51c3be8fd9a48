"""Behind a proxy that serves the API below a path: where the answers lead."""

import re

import httpx
import pytest

from api.config import Config
from tests.support.databases import TestDatabase
from tests.support.nginx import nginx, through
from tests.support.plain_http import NO_CERTIFICATES
from tests.support.problems import assert_problem
from tests.support.serving import Serve, Serving

pytestmark = pytest.mark.unmeasured

MALFORMED = "The header `X-Forwarded-Prefix` must be one path, such as /api."
# One path for each way in which a proxy can be set up.
NGINX = """
    server {
        listen unix:FOLDER/socket;
        location /api/ { proxy_pass http://127.0.0.1:FIXED/; }
        location /v1/bills/ {
            proxy_pass http://127.0.0.1:TRUSTING/;
            proxy_set_header X-Forwarded-Prefix /v1/bills;
        }
    }
    server {
        listen unix:FOLDER/plain;
        location /api/ { proxy_pass http://127.0.0.1:FIXED; }
    }
"""


async def _visit(client: httpx.AsyncClient, prefix: str, server: str) -> None:
    """Follow everything that leads from one answer to the next one."""
    for name in ("Ada", "Bea"):
        names = {"first_name": name, "last_name": "Byron"}
        made = await client.post(f"{prefix}/patients/", json=names)
        assert made.headers["location"] == f"{prefix}/patients/{made.json()['id']}"
        assert (await client.get(made.headers["location"])).json() == made.json()
    first = await client.get(f"{prefix}/patients?limit=1&last_name=Byron")
    following = first.links["next"]["url"]
    assert following.startswith(f"{prefix}/patients?limit=1&last_name=Byron&after=")
    assert len((await client.get(following)).json()) == 1
    root = await client.get(f"{prefix}/")
    assert (root.status_code, root.headers["location"]) == (302, f"{prefix}/docs")
    page = await client.get(root.headers["location"])
    linked = re.findall('(?:href|src)="(/[^"]*)"', page.text)
    assert len(linked) == 3
    assert all(path.startswith(f"{prefix}/docs/") for path in linked)
    for path in linked:
        assert (await client.get(path)).status_code == 200, path
    script = (await client.get(f"{prefix}/docs/start.js")).text
    (document,) = re.findall('url: "([^"]*)"', script)
    assert (await client.get(document)).json()["servers"] == [{"url": server}]


@pytest.mark.needs("nginx")
async def test_links_lead_through_a_proxy_below_a_path(
    serve: Serve, database: TestDatabase
) -> None:
    url = database.api_url
    fixed = await serve(
        Config(database_url=url, connections=1, prefix="https://billing.example/api")
    )
    trusting = await serve(Config(database_url=url, connections=1, prefix="/x", trust_proxy=1))
    ports = {"FIXED": fixed.port, "TRUSTING": trusting.port}
    text = re.sub("FIXED|TRUSTING", lambda found: str(ports[found[0]]), NGINX)
    with nginx(text) as folder:
        async with through(folder / "socket") as client:
            await _visit(client, "/api", "https://billing.example/api")
            await _visit(client, "/v1/bills", "/v1/bills")
        async with through(folder / "plain") as client:  # this one takes no prefix off
            await _visit(client, "/api", "https://billing.example/api")


async def _location(server: Serving, path: str, **headers: str) -> httpx.Response:
    url = f"http://127.0.0.1:{server.port}{path}"
    async with httpx.AsyncClient(verify=NO_CERTIFICATES) as client:
        return await client.get(url, headers=headers)


async def test_header_of_a_proxy_counts_only_where_it_is_trusted(
    serve: Serve, database: TestDatabase
) -> None:
    url = database.api_url
    own = await serve(Config(database_url=url, connections=1, prefix="/api"))
    trusting = await serve(Config(database_url=url, connections=1, prefix="/api", trust_proxy=1))
    for path in ("/", "/api", "/api/"):
        for given in ("/other", "no path", "/../x"):
            answer = await _location(own, path, **{"x-forwarded-prefix": given})
            assert answer.headers["location"] == "/api/docs", (path, given)
    for given, expected in {"/other": "/other", "/a.b/c~d/": "/a.b/c~d", "": "", "/": ""}.items():
        answer = await _location(trusting, "/", **{"x-forwarded-prefix": given})
        assert answer.headers["location"] == f"{expected}/docs", given
    assert (await _location(trusting, "/")).headers["location"] == "/api/docs"
    for given in ("other", "//x", "/..", "/a/./b", "/a,/b", "/a b", '/"><script>', "https://x/y"):
        answer = await _location(trusting, "/patients/", **{"x-forwarded-prefix": given})
        assert_problem(answer, "malformed-request", MALFORMED)
    # A path that only begins like the prefix is another path.
    for path in ("/apipatients/", "/api/api/patients/", "/patients/api"):
        assert (await _location(own, path)).status_code == 404, path
    assert (await _location(own, "/api/health/")).json() == {"status": "ok"}
