"""People sign in at oauth2-proxy, as charts/README.md sets it up, before a stand-in issuer."""

import asyncio
import secrets
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest

from api.config import ROOT, Config
from tests.support.databases import TestDatabase
from tests.support.html import BROWSER, read
from tests.support.issuers import AUDIENCE, SigningKey, claims, key, key_set, write
from tests.support.nginx import nginx, signing_in, through
from tests.support.plain_http import NO_CERTIFICATES
from tests.support.processes import free_port
from tests.support.serving import serving

pytestmark = [
    pytest.mark.long,  # .ci/run does not install oauth2-proxy
    pytest.mark.needs("nginx"),
    pytest.mark.needs("oauth2-proxy"),
]

ROLE = "superbill_front_desk"
# Where nginx sends those who have not signed in.
START = "http://localhost/oauth2/start?rd=$request_uri"


@asynccontextmanager
async def sign_in_issuer(signing: SigningKey) -> AsyncIterator[str]:
    """Run an issuer that signs everybody in as a member of the front desk; give its name."""
    nonces: dict[str, str] = {}

    async def answer(reader: StreamReader, writer: StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        asked = urlsplit(head.split()[1])
        given = {name: values[0] for name, values in parse_qs(asked.query).items()}
        match asked.path:
            case "/.well-known/openid-configuration":
                paths = {"authorization_endpoint": "authorize", "token_endpoint": "token"}
                places = {**paths, "jwks_uri": "keys"}
                found = {name: f'"{name}": "{url}/{path}"' for name, path in places.items()}
                write(writer, f'{{"issuer": "{url}", {", ".join(found.values())}}}'.encode())
            case "/keys":
                write(writer, key_set([signing]))
            case "/authorize":
                code = secrets.token_urlsafe(8)
                nonces[code] = given["nonce"]
                back = f"{given['redirect_uri']}?code={code}&state={quote(given['state'])}"
                write(writer, b"", "302 Found", f"Location: {back}\r\n")
            case "/token":
                length = int(head.lower().partition("content-length: ")[2].split()[0])
                code = parse_qs((await reader.readexactly(length)).decode())["code"][0]
                token = signing.sign(claims(url, role=ROLE, sub="desk-1", nonce=nonces.pop(code)))
                text = f'{{"access_token": "x", "token_type": "Bearer", "id_token": "{token}"}}'
                write(writer, text.encode(), more="Content-Type: application/json\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield url


def documented(issuer: str) -> list[str]:
    """Give the settings of the guide, changed for this issuer, and for plain HTTP."""
    text = (ROOT / "charts" / "README.md").read_text(encoding="utf-8")
    listed = text.partition("```\n--provider=oidc ")[2].partition("```")[0].split()
    found = {"--provider": "oidc", **dict(one.split("=", 1) for one in listed)}
    here = {
        "--oidc-issuer-url": issuer,
        "--client-id": AUDIENCE,
        "--cookie-secure": "false",
        "--trusted-proxy-ip": "127.0.0.0/8",
    }
    assert here.keys() <= found.keys()
    return [f"{name}={value}" for name, value in {**found, **here}.items()]


@asynccontextmanager
async def oauth2_proxy(port: int, issuer: str) -> AsyncIterator[None]:
    """Run oauth2-proxy; the issuer answers meanwhile."""
    own = (f"--http-address=127.0.0.1:{port}", "--client-secret=x", f"--cookie-secret={'k' * 32}")
    process = await asyncio.create_subprocess_exec("oauth2-proxy", *documented(issuer), *own)
    try:
        async with httpx.AsyncClient(verify=NO_CERTIFICATES) as client:
            while not await is_up(client, port):
                assert process.returncode is None
                await asyncio.sleep(0.05)
        yield
    finally:
        process.terminate()
        await process.wait()


async def is_up(client: httpx.AsyncClient, port: int) -> bool:
    try:
        return (await client.get(f"http://127.0.0.1:{port}/ping")).is_success
    except httpx.TransportError:
        return False


async def test_person_signs_in_at_oauth2_proxy_and_sees_what_the_role_may_read(
    database: TestDatabase,
) -> None:
    port = int(free_port())
    async with AsyncExitStack() as stack:
        issuer = await stack.enter_async_context(sign_in_issuer(key("desk", "RS256")))
        settings = Config(
            database_url=database.api_url, connections=2, issuer=issuer, audience=AUDIENCE
        )
        s = await stack.enter_async_context(serving(settings, roles=[ROLE]))
        await stack.enter_async_context(oauth2_proxy(port, issuer))
        folder = stack.enter_context(nginx(signing_in(port, s.port, START)))
        client = await stack.enter_async_context(through(folder / "socket"))
        outside = await stack.enter_async_context(httpx.AsyncClient(verify=NO_CERTIFICATES))
        answer = await client.get("/patients/?limit=5", headers=BROWSER)
        seen: list[str] = []
        while answer.status_code == 302 and len(seen) < 9:
            place = answer.headers["location"]
            seen.append(urlsplit(place).path)
            asked = outside if place.startswith(issuer) else client
            answer = await asked.get(place, headers=BROWSER)
        assert answer.status_code == 200, (seen, answer.text)
        assert seen == ["/oauth2/start", "/authorize", "/oauth2/callback", "/patients/"]
        page = read((await client.get("/", headers=BROWSER)).text)
        assert {ROLE, "desk-1"} <= set(page.texts["dd"])
        assert "Line items" not in page.links
