"""An nginx of a test's own, before servers of the test."""

import grp
import os
import pwd
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
