"""Tokens at a server in a process of its own, with several workers and the settings' own pace."""

import asyncio
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import httpx
import pytest

from api.config import ROOT
from api.identity import DEVELOPMENT_ROLE
from tests.support.databases import TestDatabase
from tests.support.folders import reachable_folder
from tests.support.issuers import AUDIENCE, bearer, claims, issuer, new_key, write
from tests.support.plain_http import PlainTransport
from tests.support.processes import environment_without_coverage
from tests.support.server_processes import run

pytestmark = pytest.mark.unmeasured

PATH = "/patients/"


@pytest.fixture
def database(one_role: TestDatabase) -> TestDatabase:
    """Give a database on which a server starts in little CPU time."""
    return one_role


@pytest.mark.parametrize("answers", [20, pytest.param(500, marks=pytest.mark.long)])
async def test_rotation_under_load_gives_no_wrong_answer(
    database: TestDatabase, tmp_path: Path, answers: int
) -> None:
    """Valid tokens, those of a stranger, and expired ones, while the issuer changes its keys."""
    seen: dict[str, Counter[int]] = {"valid": Counter(), "stranger": Counter(), "late": Counter()}
    stranger, running, sent = new_key("stranger"), True, set[str]()
    async with issuer(new_key("0")) as found:
        environ = {"ISSUER": found.url, "AUDIENCE": AUDIENCE, "WORKERS": "2"}
        async with run(database.api_url, tmp_path, **environ) as server:

            def tokens() -> dict[str, str]:
                newest, over = found.keys[-1], int(time.time()) - 60
                whole = claims(found.url, role=DEVELOPMENT_ROLE)
                return {
                    "valid": newest.sign(whole),
                    "stranger": stranger.sign(whole, kid=newest.kid),
                    "late": newest.sign({**whole, "iat": over - 60, "exp": over}),
                }

            async def client() -> None:
                url = f"http://127.0.0.1:{server.port}"
                transport = PlainTransport()
                async with httpx.AsyncClient(
                    base_url=url, timeout=100, transport=transport
                ) as http:
                    while running:
                        for kind, token in tokens().items():
                            sent.add(token)
                            answer = await http.get(PATH, headers=bearer(token))
                            seen[kind][answer.status_code] += 1

            clients = [asyncio.create_task(client()) for _ in range(8)]
            for number in (1, 2):
                target = seen["valid"].total() + answers
                while seen["valid"].total() < target:  # noqa: ASYNC110 - of many clients
                    await asyncio.sleep(0.01)
                found.keys = [found.keys[-1], new_key(str(number))]
            target = seen["valid"].total() + answers
            while seen["valid"].total() < target:  # noqa: ASYNC110 - of many clients
                await asyncio.sleep(0.01)
            running = False
            await asyncio.gather(*clients)
        log = server.output.read_text()
    assert {kind: found.keys() for kind, found in seen.items()} == {
        "valid": {200},
        "stranger": {401},
        "late": {401},
    }
    parts = {part for token in sent for part in token.split(".")[1:]}
    assert [part for part in parts if part in log] == []


async def failing(writer: asyncio.StreamWriter) -> None:
    """Answer as an issuer in trouble does."""
    write(writer, b"", "502 Bad Gateway")


async def test_issuer_that_is_away_leaves_known_tokens_and_keys(
    database: TestDatabase, tmp_path: Path
) -> None:
    async with issuer() as found:
        environ = {"ISSUER": found.url, "AUDIENCE": AUDIENCE}
        known = found.token(role=DEVELOPMENT_ROLE)
        unknown = new_key("next").sign(claims(found.url, role=DEVELOPMENT_ROLE))
        async with run(database.api_url, tmp_path, **environ) as server:
            url = f"http://127.0.0.1:{server.port}"
            async with httpx.AsyncClient(base_url=url, transport=PlainTransport()) as http:
                assert (await http.get(PATH, headers=bearer(known))).status_code == 200
                found.answer = failing
                for token in (known, found.token(role=DEVELOPMENT_ROLE, jti="another")):
                    assert (await http.get(PATH, headers=bearer(token))).status_code == 200
                refused = await http.get(PATH, headers=bearer(unknown))
                assert refused.status_code == 503
                assert refused.headers["retry-after"] == "1"
                assert "www-authenticate" not in refused.headers
                assert (await http.get(PATH)).status_code == 401
                assert (await http.get("/health/")).status_code == 200


async def test_token_of_the_command_acts_at_a_server_without_an_issuer(
    database: TestDatabase, tmp_path: Path
) -> None:
    with reachable_folder() as folder:
        environ = {"POSTGRES_DIR": str(folder / "data")}

        def printed(*arguments: str) -> str:
            return subprocess.check_output(  # noqa: S603 - our own code
                [sys.executable, "-m", "api", "token", *arguments],
                cwd=ROOT,
                env={**environment_without_coverage(), **environ},
                text=True,
            ).strip()

        async with run(database.api_url, tmp_path, **environ) as server:
            url = f"http://127.0.0.1:{server.port}"
            async with httpx.AsyncClient(base_url=url, transport=PlainTransport()) as http:
                assert (await http.get(PATH)).status_code == 200
                for role, status in ((DEVELOPMENT_ROLE, 200), ("superbill_owner", 403)):
                    token = await asyncio.to_thread(printed, role)
                    answer = await http.get(PATH, headers=bearer(token))
                    assert answer.status_code == status, role
                expired = await asyncio.to_thread(printed, DEVELOPMENT_ROLE, "--hours", "-1")
                assert (await http.get(PATH, headers=bearer(expired))).status_code == 401
