"""Behind a proxy that serves the API below a path: where the answers lead."""

import grp
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import httpx
import psutil  # type: ignore[import-untyped] # it has annotations, but does not say so
import pytest

from api.config import Config
from tests.support.databases import TestDatabase
from tests.support.plain_http import NO_CERTIFICATES
from tests.support.problems import assert_problem
from tests.support.serving import Serve, Serving

MALFORMED = "The header `X-Forwarded-Prefix` must be one path, such as /api."
# One path for each way in which a proxy can be set up.
NGINX = """\
user {user} {group};
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen unix:{folder}/socket;
        location /api/ {{ proxy_pass http://127.0.0.1:{fixed}/; }}
        location /v1/bills/ {{
            proxy_pass http://127.0.0.1:{trusting}/;
            proxy_set_header X-Forwarded-Prefix /v1/bills;
        }}
    }}
    server {{
        listen unix:{folder}/plain;
        location /api/ {{ proxy_pass http://127.0.0.1:{fixed}; }}
    }}
}}
"""


@contextmanager
def nginx(fixed: int, trusting: int) -> Iterator[Path]:
    """Run nginx before two servers; yield the folder of its sockets."""
    program = shutil.which("nginx")
    assert program is not None
    folder = Path(tempfile.mkdtemp(prefix="nginx-"))
    text = NGINX.format(
        user=pwd.getpwuid(os.getuid()).pw_name,
        group=grp.getgrgid(os.getgid()).gr_name,
        folder=folder,
        fixed=fixed,
        trusting=trusting,
    )
    (folder / "nginx.conf").write_text(text, encoding="utf-8")
    command = [program, "-p", f"{folder}", "-e", f"{folder}/log", "-c", f"{folder}/nginx.conf"]
    subprocess.run(command, check=True, timeout=60)  # noqa: S603  # returns when nginx listens
    try:
        yield folder
    finally:
        process = psutil.Process(int((folder / "nginx.pid").read_text(encoding="ascii")))
        process.send_signal(signal.SIGQUIT)
        process.wait(60)
        shutil.rmtree(folder)


@asynccontextmanager
async def through(socket: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client of the proxy."""
    transport = httpx.AsyncHTTPTransport(uds=str(socket), verify=NO_CERTIFICATES)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client


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
    with nginx(fixed.port, trusting.port) as folder:
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
