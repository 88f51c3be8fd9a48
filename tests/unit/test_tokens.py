"""Verified tokens are kept until they end; claims name role and tenant; tokens for development."""

import asyncio
import logging
import stat
import subprocess
import sys
import timeit
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import jwt
import pytest

from api.cli import development_token
from api.cli.refusal import RefusedError
from api.config import ROOT, Config
from api.http import development_key, token_claims
from api.http.tokens import Tokens
from api.identity import Identity
from api.problem import ProblemError
from tests.support.folders import reachable_folder
from tests.support.issuers import (
    ACTOR,
    AUDIENCE,
    ROLE,
    TENANT,
    any_tenant,
    claims,
    headers,
    key,
    write_keys,
)
from tests.support.processes import environment_without_coverage

URL = "https://issuer.example"
NOW = 2_000_000_000
SCHEMES = [*map("".join, product(*(letter + letter.upper() for letter in "bearer")))]
DEVELOPMENT = Identity("superbill_api", TENANT, "development")


@dataclass
class Clock:
    """A clock that the test sets."""

    time: float = NOW

    def __call__(self) -> float:
        """Give the time."""
        return self.time


def checked(folder: Path, now: Clock | None = None, **changes: Any) -> Tokens:
    """Make what checks the tokens of an issuer, whose keys are in a file."""
    path = write_keys(folder / "keys.json", key())
    config = replace(Config(issuer=URL, audience=AUDIENCE, jwks=str(path)), **changes)
    return Tokens(config, {ROLE}, knows_tenant=any_tenant, development=None, now=now or Clock())


def token(**changes: Any) -> str:
    """Make a token that is valid for ten minutes."""
    return key().sign(claims(URL, **{"iat": NOW, "exp": NOW + 600, **changes}))


def bearer(**changes: Any) -> Any:
    """Make the header of a request with such a token."""
    return headers(f"Bearer {token(**changes)}")


async def refused(tokens: Tokens, field: Any) -> str:
    """Give the kind of the problem that a request gets."""
    with pytest.raises(ProblemError) as caught:
        await tokens.identify(field)
    return caught.value.problem.kind


async def test_token_is_known_until_its_end_and_the_leeway(tmp_path: Path) -> None:
    clock = Clock()
    tokens, field = checked(tmp_path, clock), bearer()
    assert tokens.known(field) is None
    caller = await tokens.identify(field)
    assert caller == Identity(ROLE, TENANT, ACTOR)
    for later in (0, 599, 600, 629.9):
        clock.time = NOW + later
        assert tokens.known(field) is caller
        assert await tokens.identify(field) is caller
    for later in (630, 631, 10_000):
        clock.time = NOW + later
        assert tokens.known(field) is None
        assert await refused(tokens, field) == "unauthenticated"


async def test_refused_tokens_are_not_kept(tmp_path: Path) -> None:
    tokens = checked(tmp_path)
    for field in (bearer(role="x"), bearer(tenant=...), bearer(aud="x"), headers("Bearer x.y.z")):
        for _ in range(2):
            await refused(tokens, field)
            assert tokens.known(field) is None


async def test_many_tokens_take_limited_memory(tmp_path: Path) -> None:
    """The oldest give way; a token can be written in many ways, up to the size of a head."""
    tokens, one = checked(tmp_path), token()
    ways = [headers(f"{scheme}{' ' * n}{one}") for n in range(1, 67) for scheme in SCHEMES]
    for field in ways:
        await tokens.identify(field)
    known = [tokens.known(field) is not None for field in ways]
    assert known == [False] * (66 * 64 - 4096) + [True] * 4096
    ways = [headers(f"Bearer{' ' * (14_000 + n)}{one}") for n in range(600)]
    for field in ways:
        await tokens.identify(field)
    known = [tokens.known(field) is not None for field in ways]
    assert known == sorted(known)
    assert 0 < sum(known) * 14_000 < 2**23


async def test_huge_field_is_refused_unread(tmp_path: Path) -> None:
    assert await refused(checked(tmp_path), headers(f"Bearer {token()}{'x' * 10**6}")) == (
        "unauthenticated"
    )


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("role", 1),
        ("realm_access.roles", 2),
        ("resource_access.billing.roles", 3),
        ("resource_access.billing.example.roles", 4),
        ("https://superbill.example/role", 5),
        ("https://superbill.example/claims.role", 6),
        ("a.b", 7),
        ("a.c", 8),
        ("missing", None),
        ("realm_access.missing", None),
        ("role.inside", None),
        ("realm_access", {"roles": 2}),
        (".", None),
        ("realm_access..roles", None),
    ],
)
def test_claim_is_found_by_its_name_or_a_path(path: str, found: Any) -> None:
    named = {
        "role": 1,
        "realm_access": {"roles": 2},
        "resource_access": {"billing": {"roles": 3}, "billing.example": {"roles": 4}},
        "https://superbill.example/role": 5,
        "https://superbill.example/claims": {"role": 6},
        "a.b": 7,
        "a": {"b": 0, "c": 8},
    }
    assert token_claims.claim(named, path) == found


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"role_claim": "roles", "tenant_claim": "org_id"}, {"roles": [ROLE], "org_id": TENANT}),
        (
            {"role_claim": "resource_access.billing.roles", "tenant_claim": "organization"},
            {"resource_access": {"billing": {"roles": [ROLE, "x"]}}, "organization": [TENANT]},
        ),
        (
            {"role_claim": "https://a.example/role", "tenant_claim": "https://a.example/clinic"},
            {"https://a.example/role": ROLE, "https://a.example/clinic": TENANT},
        ),
    ],
)
async def test_settings_name_the_claims(
    settings: dict[str, Any], named: dict[str, Any], tmp_path: Path
) -> None:
    tokens = checked(tmp_path, **settings)
    caller = await tokens.identify(bearer(role=..., tenant=..., **named))
    assert caller == Identity(ROLE, TENANT, ACTOR)


async def test_whole_number_names_a_tenant_too(tmp_path: Path) -> None:
    assert (await checked(tmp_path).identify(bearer(tenant=7))).tenant == "7"


async def test_schema_without_tenants_takes_no_tenant_from_a_token(tmp_path: Path) -> None:
    path = write_keys(tmp_path / "keys.json", key())
    config = Config(issuer=URL, audience=AUDIENCE, jwks=str(path))
    tokens = Tokens(config, {ROLE}, knows_tenant=None, development=None, now=Clock())
    for tenant in (..., TENANT, 7, [1, 2]):
        assert await tokens.identify(bearer(tenant=tenant)) == Identity(ROLE, "", ACTOR)


def developing(folder: Path, **changes: Any) -> Tokens:
    """Make what identifies requests to a server without ISSUER."""
    config = replace(Config(postgres_dir=folder), **changes)
    return Tokens(config, {ROLE, "superbill_api"}, knows_tenant=any_tenant, development=DEVELOPMENT)


def printed(capsys: pytest.CaptureFixture[str], folder: Path, **changes: Any) -> str:
    """Give what `superbill token` prints."""
    arguments: dict[str, Any] = {"role": ROLE, "tenant": "", "actor": ACTOR, "hours": 1}
    config = Config(postgres_dir=folder)
    development_token.print_token(config, **{**arguments, **changes})
    return capsys.readouterr().out.strip()


@pytest.fixture
def reachable() -> Iterator[Path]:
    """Give a folder in which Postgres could have its data."""
    with reachable_folder() as folder:
        yield folder


async def test_without_an_issuer_no_token_is_needed(tmp_path: Path) -> None:
    tokens = developing(tmp_path)
    assert tokens.known(headers()) is DEVELOPMENT
    assert await tokens.identify(headers()) is DEVELOPMENT
    assert await tokens.identify(headers("Basic YTpi")) is DEVELOPMENT
    stranger = key("stranger", "EdDSA").sign(claims(development_key.ISSUER))
    for field in ("Bearer", "Bearer x", f"Bearer {token()}", f"Bearer {stranger}"):
        assert await refused(tokens, headers(field)) == "unauthenticated"


async def test_token_for_development_is_accepted_where_there_is_no_issuer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The key is made after the server has looked for it, and then made anew."""
    tokens = developing(tmp_path)
    assert await refused(tokens, headers(f"Bearer {token()}")) == "unauthenticated"
    text = printed(capsys, tmp_path)
    assert await tokens.identify(headers(f"Bearer {text}")) == Identity(ROLE, TENANT, ACTOR)
    other = printed(capsys, tmp_path, tenant="7", actor="me", role="superbill_api")
    assert await tokens.identify(headers(f"Bearer {other}")) == Identity("superbill_api", "7", "me")
    assert await refused(tokens, headers(f"Bearer {printed(capsys, tmp_path, role='x')}")) == (
        "not-permitted"
    )
    (tmp_path / "token-key.pem").unlink()
    again = printed(capsys, tmp_path)
    assert (await tokens.identify(headers(f"Bearer {again}"))).role == ROLE
    assert await refused(tokens, headers(f"Bearer {text}")) == "unauthenticated"


async def test_token_for_development_is_refused_where_there_is_an_issuer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Even by one that has its name, its audience and its algorithm."""
    text = printed(capsys, tmp_path)
    named: dict[str, Any] = {
        "issuer": development_key.ISSUER,
        "audience": development_key.AUDIENCE,
        "algorithms": development_key.ALGORITHM,
    }
    keys = write_keys(tmp_path / "keys.json", key("edwards", "EdDSA"))
    tokens = developing(tmp_path, jwks=str(keys), **named)
    assert tokens.known(headers()) is None
    assert await refused(tokens, headers(f"Bearer {text}")) == "unauthenticated"
    assert await refused(tokens, headers()) == "unauthenticated"


def test_no_token_for_development_is_made_for_a_server_with_an_issuer(tmp_path: Path) -> None:
    config = Config(issuer=URL, audience=AUDIENCE, postgres_dir=tmp_path / "data")
    with pytest.raises(RefusedError, match="ISSUER is set"):
        development_token.print_token(config, ROLE, "", ACTOR, 1)
    assert not config.postgres_dir.exists()


def test_nobody_else_can_read_the_key_for_development(
    reachable: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = reachable / "data"
    printed(capsys, folder)
    assert stat.S_IMODE((folder / "token-key.pem").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert sorted(path.name for path in folder.iterdir()) == ["token-key.pem", "token-keys.json"]
    assert "PRIVATE" not in (folder / "token-keys.json").read_text(encoding="utf-8")


async def test_commands_that_make_the_key_at_once_make_one(reachable: Path) -> None:
    command = [sys.executable, "-m", "api", "token", ROLE, "--clinic", "7", "--hours", "2"]
    environ = {**environment_without_coverage(), "POSTGRES_DIR": str(reachable / "data")}
    running = [
        subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True)  # noqa: ASYNC220, S603 - they start at once
        for _ in range(4)
    ]
    texts = [(await asyncio.to_thread(each.communicate))[0].strip() for each in running]
    tokens = developing(reachable / "data")
    for text in texts:
        caller = await tokens.identify(headers(f"Bearer {text}"))
        assert (caller.tenant, caller.actor) == ("7", "developer")
        times = jwt.decode(text, options={"verify_signature": False})
        assert times["exp"] - times["iat"] == 7200


async def test_log_quotes_no_token_no_claim_and_no_key(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    tokens = checked(tmp_path, jwks=str(tmp_path / "none.json"))
    secret = token(role="Wetherby", sub="Wetherby")
    await refused(tokens, headers(f"Bearer {secret}"))
    write_keys(tmp_path / "none.json", key())
    assert await checked(tmp_path).identify(bearer(sub="Wetherby"))
    for field in (bearer(role="Wetherby"), bearer(tenant={"Wetherby": 1}), bearer(aud="Wetherby")):
        await refused(checked(tmp_path), field)
    assert [record.getMessage() for record in caplog.records if record.name != "asyncio"] == [
        "The keys of ISSUER can't be read: FileNotFoundError"
    ]


async def test_known_token_costs_less_than_its_check(tmp_path: Path) -> None:
    """Prints both; a machine may be busy, so that only their order is asserted."""
    tokens, field = checked(tmp_path), bearer()
    await tokens.identify(field)
    lookup = min(timeit.repeat(lambda: field.getall("authorization", None), number=10**4)) / 10**4
    whole = min(timeit.repeat(lambda: tokens.known(field), number=10**4)) / 10**4
    fresh = [bearer(jti=str(number)) for number in range(100)]
    start = timeit.default_timer()
    for each in fresh:
        await tokens.identify(each)
    check = (timeit.default_timer() - start) / 100
    print(f"header {lookup * 1e6:.2f} µs, known {whole * 1e6:.2f} µs, checked {check * 1e6:.0f} µs")
    assert whole < check
