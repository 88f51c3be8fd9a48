"""The guide's recipes for clients, through a proxy that loses every third answer."""

import asyncio
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from tests.support.databases import TestDatabase
from tests.support.serving import Serving
from tests.support.transcripts import CLIENTS

pytestmark = pytest.mark.unmeasured

ADDED = 12
# Each adds patients, and changes and deletes what it has added.
USES = {
    "python": f"""
import sys

with requests.Session() as session:
    address = sys.argv[1]
    for number in range({ADDED}):
        name = {{"first_name": str(number), "last_name": "One"}}
        made = send(session, "POST", address + "/patients/", json=name)
        assert made.status_code == 201, made.text
        path = address + made.headers["Location"]
        changed = send(session, "PATCH", path, json={{"last_name": "Two"}})
        assert changed.json() == made.json() | {{"last_name": "Two"}}, changed.text
""",
    "js": f"""
const address = process.argv[2];
for (let number = 0; number < {ADDED}; number++) {{
  const name = {{ first_name: String(number), last_name: "One" }};
  const made = await send("POST", address + "/patients/", name);
  if (made.status !== 201) throw new Error(await made.text());
  const path = address + made.headers.get("Location");
  const changed = await (await send("PATCH", path, {{ last_name: "Two" }})).json();
  if (changed.first_name !== name.first_name || changed.last_name !== "Two") throw new Error();
}}
""",
}


class Proxy:
    """A TCP proxy that closes the connection in place of every third answer."""

    def __init__(self, port: int) -> None:
        """Lead to a server on this port; `lost` counts the answers that were lost."""
        self._port = port
        self.answers = self.lost = self.port = 0

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass on the requests of a connection, and what answers them."""
        there, back = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                size = re.search(rb"(?i)content-length: (\d+)", head)
                back.write(head + await reader.readexactly(int(size[1]) if size else 0))
                head = await there.readuntil(b"\r\n\r\n")
                size = re.search(rb"(?i)content-length: (\d+)", head)
                answer = head + await there.readexactly(int(size[1]) if size else 0)
                self.answers += 1
                if self.answers % 3 == 0:
                    self.lost += 1
                    return
                writer.write(answer)
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            for end in (writer, back):
                end.close()
                with suppress(ConnectionError):
                    await end.wait_closed()


@asynccontextmanager
async def losing(port: int) -> AsyncIterator[Proxy]:
    """Run such a proxy."""
    proxy = Proxy(port)
    async with await asyncio.start_server(proxy.accept, "127.0.0.1", 0) as server:
        proxy.port = server.sockets[0].getsockname()[1]
        yield proxy


@pytest.mark.parametrize(
    "language", ["python", pytest.param("js", marks=pytest.mark.needs("node"))]
)
async def test_recipe_makes_each_change_once_where_answers_are_lost(
    service: Serving, database: TestDatabase, tmp_path: Path, language: str
) -> None:
    recipe, *_ = re.findall(rf"```{language}\n(.*?)```", CLIENTS, re.DOTALL)
    program = tmp_path / {"python": "send.py", "js": "send.mjs"}[language]
    program.write_text(recipe + USES[language], encoding="utf-8")
    runs = {"python": sys.executable, "js": "node"}[language]
    async with losing(service.port) as proxy:
        command = [runs, str(program), f"http://127.0.0.1:{proxy.port}"]
        done = await asyncio.to_thread(
            lambda: subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
        )
    assert done.returncode == 0, done.stderr
    assert proxy.lost >= ADDED * 2 // 3
    query = "SELECT count(*), count(DISTINCT first_name), min(last_name) FROM billing.patient"
    assert database.execute(query) == [(ADDED, ADDED, "Two")]
