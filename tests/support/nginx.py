"""An nginx of a test's own, before servers of the test."""

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

from tests.support.plain_http import NO_CERTIFICATES

_CONFIGURATION = """\
user {user} {group};
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{servers}
}}
"""

# What ingress-nginx makes of the annotations in charts/README.md, and of the Ingress of /oauth2/.
_SIGNING_IN = """
    server {
        listen unix:FOLDER/socket;
        proxy_set_header X-Forwarded-Host $host;
        proxy_set_header X-Forwarded-Proto $scheme;
        location /oauth2/ { proxy_pass http://127.0.0.1:ASKED; proxy_set_header Host $host; }
        location = /_asked {
            internal;
            proxy_pass http://127.0.0.1:ASKED/oauth2/auth;
            proxy_pass_request_body off;
            proxy_set_header Content-Length "";
        }
        location / {
            auth_request /_asked;
            auth_request_set $token $upstream_http_authorization;
            proxy_set_header Authorization $token;
            error_page 401 = @sign_in;
            proxy_pass http://127.0.0.1:API;
        }
        location @sign_in { return 302 START; }
    }
"""


def signing_in(asked: int, api: int, start: str) -> str:
    """Configure a server that asks at one port who calls, and passes that on to the API's port.

    `start`: where it sends those who have not signed in.
    """
    places = {"ASKED": str(asked), "API": str(api), "START": start}
    return re.sub("ASKED|API|START", lambda name: places[name[0]], _SIGNING_IN)


@contextmanager
def nginx(servers: str) -> Iterator[Path]:
    """Run nginx; yield the folder of its sockets. `servers`: with FOLDER for that folder."""
    program = shutil.which("nginx")
    assert program is not None
    folder = Path(tempfile.mkdtemp(prefix="nginx-"))
    text = _CONFIGURATION.format(
        user=pwd.getpwuid(os.getuid()).pw_name,
        group=grp.getgrgid(os.getgid()).gr_name,
        folder=folder,
        servers=servers.replace("FOLDER", str(folder)),
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
