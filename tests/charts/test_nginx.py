"""A real nginx in front of a real server, configured as ingress-nginx's controller would be.

The directives that no value changes are the controller's own defaults (its template nginx.tmpl and
its options, as read in controller 1.15.1).
"""

import grp
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from asyncio import AbstractEventLoop
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil  # type: ignore[import-untyped] # it has annotations, but does not say so
import pytest

from api.config import Config
from tests.charts.rendering import Charts, Rendered, objects
from tests.support.csv_text import CSV
from tests.support.databases import TestDatabase
from tests.support.exports import PATH, large_reports
from tests.support.outages import terminate_connections
from tests.support.plain_http import NO_CERTIFICATES
from tests.support.serving import serving

pytestmark = [pytest.mark.needs(program) for program in ("helm", "helmfile", "nginx")]

MEBIBYTE = 2**20
# What the controller makes of each annotation and of each option that the charts set.
DIRECTIVES = {
    "nginx.ingress.kubernetes.io/proxy-body-size": "client_max_body_size {};",
    "nginx.ingress.kubernetes.io/proxy-read-timeout": "proxy_read_timeout {}s;",
    "nginx.ingress.kubernetes.io/proxy-send-timeout": "proxy_send_timeout {}s;",
}
OPTIONS = {
    "log-format-upstream": "log_format upstreaminfo '{}';",
    "error-log-level": "error_log {folder}/error.log {};",
    "hide-headers": "proxy_hide_header {};",
    "server-tokens": "server_tokens off;",
}
PROXY = "proxy_http_version 1.1; proxy_buffering off;"
# As the controller is configured, and nginx's own defaults until 1.29.
PROXIES = (PROXY, "proxy_http_version 1.0; proxy_buffering on;")
CANARY = "Quetzalcoatl"
CONTROLLER = """\
user {user} {group};
pid {folder}/nginx.pid;
events {{ multi_accept on; worker_connections 1024; }}
http {{
    {options}
    access_log {folder}/access.log upstreaminfo;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    client_header_buffer_size 1k; large_client_header_buffers 4 8k; client_body_buffer_size 8k;
    client_header_timeout 60s; client_body_timeout 60s; keepalive_timeout 75s;
    map $http_x_request_id $req_id {{ default $http_x_request_id; "" $request_id; }}
    upstream upstream_balancer {{
        server 127.0.0.1:{port}; keepalive 320; keepalive_timeout 60s; keepalive_requests 10000;
    }}
    server {{
        listen unix:{folder}/socket;
        location / {{
            {annotations}
            proxy_set_header Host $http_host;
            proxy_set_header Connection "";
            proxy_set_header X-Request-ID $req_id;
            proxy_set_header X-Real-IP $remote_addr;
            proxy_set_header X-Forwarded-For $remote_addr;
            proxy_set_header X-Forwarded-Host $http_host;
            proxy_set_header X-Forwarded-Port 443;
            proxy_set_header X-Forwarded-Proto https;
            proxy_set_header X-Forwarded-Scheme https;
            proxy_set_header X-Scheme https;
            proxy_set_header X-Original-Forwarded-For $http_x_forwarded_for;
            proxy_set_header Proxy "";
            proxy_http_version 1.1; proxy_buffering off; proxy_connect_timeout 5s;
            proxy_request_buffering on; proxy_next_upstream error timeout;
            proxy_pass http://upstream_balancer;
        }}
    }}
}}
"""


def controller(charts: Charts, values: dict[str, Any], folder: Path, port: int) -> str:
    """Write the configuration for a server on a port; a new annotation or option fails here."""
    settings = {"superbill": values}
    printed = charts.helmfile("default", settings, "--selector", "name=superbill", "template")
    (ingress,) = Rendered(objects(printed)).of("Ingress")
    options = charts.values("ingress-nginx", "default", settings)["controller"]["config"]
    return CONTROLLER.format(
        user=pwd.getpwuid(os.getuid()).pw_name,
        group=grp.getgrgid(os.getgid()).gr_name,
        folder=folder,
        port=port,
        options="\n    ".join(
            OPTIONS[name].format(options[name], folder=folder) for name in options
        ),
        annotations="\n            ".join(
            DIRECTIVES[name].format(value)
            for name, value in ingress["metadata"]["annotations"].items()
        ),
    )


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give a folder for nginx's socket, whose path is at most 107 bytes long, and its logs."""
    path = Path(tempfile.mkdtemp(prefix="nginx-"))
    yield path
    shutil.rmtree(path)


@contextmanager
def nginx(
    charts: Charts, values: dict[str, Any], folder: Path, port: int, proxy: str = PROXY
) -> Iterator[None]:
    """Run nginx in a folder; afterwards its log is complete. `proxy`: how it asks the API."""
    program = shutil.which("nginx")
    assert program is not None
    configuration = folder / "nginx.conf"
    written = controller(charts, values, folder, port)
    assert PROXY in written
    configuration.write_text(written.replace(PROXY, proxy), encoding="utf-8")
    command = [
        program,
        "-p",
        str(folder),
        "-e",
        str(folder / "start.log"),
        "-c",
        str(configuration),
    ]
    # It returns when nginx listens.
    subprocess.run(command, check=True, timeout=60)  # noqa: S603
    try:
        yield
    finally:
        process = psutil.Process(int((folder / "nginx.pid").read_text(encoding="ascii")))
        process.send_signal(signal.SIGQUIT)  # it finishes what it has begun
        process.wait(60)


def sheet(size: int) -> bytes:
    """Make a CSV of patients of about this size in bytes."""
    row = f"{'Jane' * 8},{'Roe' * 15}\n".encode()
    return b"first_name,last_name\n" + row * (size // len(row))


async def test_csv_of_3_mb_passes_through_the_ingress(
    loop: AbstractEventLoop, database: TestDatabase, charts: Charts, folder: Path
) -> None:
    body = sheet(3 * MEBIBYTE)
    async with serving(Config(database_url=database.api_url, connections=2)) as s:
        with nginx(charts, {}, folder, s.port):
            answer = await post(folder, body)
    assert (answer.status_code, answer.json()) == (201, {"created": body.count(b"\n") - 1})
    # The log names no path and no query, which may name a patient.
    log = (folder / "access.log").read_text(encoding="utf-8")
    assert " POST 201 " in log
    assert "patients" not in log


@pytest.mark.costly
async def test_body_above_the_limit_gets_the_answer_of_the_api_through_the_ingress(
    loop: AbstractEventLoop, database: TestDatabase, charts: Charts, folder: Path
) -> None:
    config = Config(database_url=database.api_url, connections=2, upload_limit=4 * MEBIBYTE)
    async with serving(config) as s:
        with nginx(charts, {"uploadLimit": config.upload_limit}, folder, s.port):
            larger = await post(folder, sheet(4 * MEBIBYTE + 1000))
            largest = await post(folder, sheet(4 * MEBIBYTE - 1000))
            far_larger = await post(folder, sheet(6 * MEBIBYTE))
    assert larger.status_code == far_larger.status_code == 413
    assert larger.json()["type"] == "urn:problem-type:content-too-large"
    assert largest.status_code == 201
    assert far_larger.headers["content-type"] == "text/html"  # nginx's own


async def test_entity_tag_passes_through_the_ingress_unchanged(
    loop: AbstractEventLoop, database: TestDatabase, charts: Charts, folder: Path
) -> None:
    """A compressed answer would have a weak one, which `If-Match` refuses."""
    async with serving(Config(database_url=database.api_url, connections=2)) as s:
        person = {"first_name": "Jane", "last_name": "Roe"}
        made = await s.client.post("/patients/", json=person)
        own, place = made.headers["etag"], made.headers["location"]
        with nginx(charts, {}, folder, s.port):
            async with through(folder) as client:
                sent = {"accept-encoding": "gzip, br"}
                read = await client.get(place, headers=sent)
                same = await client.get(place, headers={**sent, "if-none-match": own})
                conditional = {**sent, "if-match": read.headers["etag"]}
                done = await client.patch(place, json={"first_name": "Ann"}, headers=conditional)
                late = await client.patch(place, json={"first_name": "Eve"}, headers=conditional)
    assert read.headers["etag"] == same.headers["etag"] == own
    assert [read.status_code, same.status_code] == [200, 304]
    assert [done.status_code, late.status_code] == [200, 412]


@pytest.mark.parametrize("proxy", PROXIES, ids=["controller", "plain"])
async def test_links_lead_through_the_ingress_and_no_log_has_a_query(
    loop: AbstractEventLoop, database: TestDatabase, charts: Charts, folder: Path, proxy: str
) -> None:
    async with serving(Config(database_url=database.api_url, connections=2)) as s:
        for _ in range(2):
            await s.client.post("/patients/", json={"first_name": "Jane", "last_name": CANARY})
        with nginx(charts, {}, folder, s.port, proxy):
            async with through(folder) as client:
                page = await client.get("/patients/", params={"last_name": CANARY, "limit": 1})
                rest = await client.get(page.links["next"]["url"])
                bad = await client.get("/patients/", params={"last_name": CANARY, "limit": "x"})
    assert [len(page.json()), len(rest.json()), bad.status_code] == [1, 1, 400]
    names = ("access.log", "error.log", "start.log")
    logs = "".join((folder / name).read_text(encoding="utf-8") for name in names)
    assert logs.count(" GET ") == 3
    assert CANARY not in logs


@pytest.mark.parametrize("proxy", PROXIES, ids=["controller", "plain"])
@pytest.mark.costly
async def test_export_arrives_whole_or_is_seen_to_be_cut_off_through_the_ingress(
    loop: AbstractEventLoop, database: TestDatabase, charts: Charts, folder: Path, proxy: str
) -> None:
    large_reports(database)
    async with serving(Config(database_url=database.api_url, connections=2)) as s:
        with nginx(charts, {}, folder, s.port, proxy):
            async with through(folder) as client:
                whole = await client.get("/cpt_codes/", headers={"accept": CSV}, timeout=60)
                async with client.stream("GET", PATH, headers={"accept": CSV}) as answer:
                    assert answer.status_code == 200
                    parts = answer.aiter_raw()
                    await anext(parts)
                    terminate_connections(database)
                    with pytest.raises(httpx.RemoteProtocolError):
                        async for _ in parts:
                            pass
    assert whole.text.startswith("code,")
    assert whole.text.count("\n") > 40


def through(folder: Path) -> httpx.AsyncClient:
    """Make a client that sends its requests through nginx."""
    transport = httpx.AsyncHTTPTransport(uds=str(folder / "socket"), verify=NO_CERTIFICATES)
    return httpx.AsyncClient(transport=transport, base_url="http://ingress")


async def post(folder: Path, body: bytes) -> httpx.Response:
    """Send a CSV of patients through nginx."""
    async with through(folder) as client:
        kind = {"content-type": "text/csv"}
        return await client.post("/patients/", content=body, headers=kind, timeout=60)
