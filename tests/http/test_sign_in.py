"""People who sign in at a proxy: nginx asks who they are, and passes their token on."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.support.databases import TestDatabase
from tests.support.fingerprints import unchanged
from tests.support.html import BROWSER, read
from tests.support.issuers import issuer
from tests.support.nginx import nginx, signing_in, through
from tests.support.serving import serving

pytestmark = [pytest.mark.unmeasured, pytest.mark.needs("nginx")]

SESSION = {"cookie": "session=known"}


@asynccontextmanager
async def sessions(token: str) -> AsyncIterator[int]:
    """Stand in for oauth2-proxy: whoever has the cookie gets the token; give the port."""

    async def answer(reader: StreamReader, writer: StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        known = SESSION["cookie"] in head
        status = f"202 Accepted\r\nauthorization: Bearer {token}" if known else "401 Unauthorized"
        writer.write(f"HTTP/1.0 {status}\r\ncontent-length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


async def test_person_signs_in_at_a_proxy_and_sees_what_the_role_may_read(
    database: TestDatabase,
) -> None:
    role = "superbill_front_desk"
    async with issuer() as found:
        settings = found.config(database_url=database.api_url, connections=2)
        async with (
            serving(settings, roles=[role]) as s,
            sessions(found.token(role=role, sub="desk-1")) as asked,
        ):
            with nginx(signing_in(asked, s.port, "/oauth2/start")) as folder:
                async with through(folder / "socket") as client:
                    stranger = await client.get("/patients/", headers=BROWSER)
                    assert stranger.status_code == 302
                    assert stranger.headers["location"].endswith("/oauth2/start")
                    start = await client.get("/", headers={**BROWSER, **SESSION})
                    page = read(start.text)
                    assert {role, "desk-1"} <= set(page.texts["dd"])
                    assert "Patients" in page.links
                    assert "Line items" not in page.links
                    with unchanged(database):  # as a form of another site is sent
                        body = '{"first_name": "Ada", "last_name": "="}'
                        plain = {**SESSION, "content-type": "text/plain"}
                        sent = await client.post("/patients/", content=body, headers=plain)
                        assert sent.status_code == 415
