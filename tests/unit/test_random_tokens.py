"""Claims and fields of any form: what comes of them is an identity or a problem, nothing else."""

import asyncio
import json
from base64 import urlsafe_b64encode
from collections import Counter
from typing import Any

import jwt
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from api.config import Config
from api.http.token_keys import Pace
from api.http.tokens import Tokens
from api.problem import ProblemError
from tests.support.issuers import AUDIENCE, ROLE, any_tenant, claims, headers, key, write_keys

pytestmark = pytest.mark.unmeasured

URL = "https://issuer.example"
NAMES = ("iss", "aud", "sub", "exp", "nbf", "iat", "jti", "role", "tenant")
TEXTS = st.sampled_from([URL, AUDIENCE, ROLE, "", "x", "\0", "\ud800"]) | st.text(max_size=5)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)
MEMBERS = st.sampled_from(["alg", "kid", "typ", "crit", "b64", "jku", "jwk", "x"])
FIELDS = st.text(max_size=60) | st.from_regex(r"[Bb]earer [-_.=A-Za-z0-9 ]{0,60}")


@pytest.fixture(scope="module")
def tokens(tmp_path_factory: pytest.TempPathFactory) -> Tokens:
    """Give what checks tokens of the issuer."""
    path = write_keys(tmp_path_factory.mktemp("keys") / "keys.json", key())
    config = Config(issuer=URL, audience=AUDIENCE, jwks=str(path))
    return Tokens(config, {ROLE}, knows_tenant=any_tenant, development=None, pace=Pace(pause=0.0))


async def verdict(tokens: Tokens, field: str) -> str:
    """Give the kind of the problem, or `accepted`."""
    try:
        caller = await tokens.identify(headers(field))
    except ProblemError as error:
        return error.problem.kind
    assert caller.role == ROLE
    assert caller.tenant
    assert caller.actor
    return "accepted"


def signed(payload: Any, header: dict[str, Any]) -> str:
    """Make a token of any payload with the right signature, and then put any header before it."""
    right = jwt.PyJWS().encode(
        json.dumps(payload).encode(), key().private, "ES256", headers={"kid": key().kid}
    )
    if not header:
        return right
    made = {"alg": "ES256", "kid": key().kid, **header}
    _, _, rest = right.partition(".")
    return f"{urlsafe_b64encode(json.dumps(made).encode()).rstrip(b'=').decode()}.{rest}"


def test_any_token_is_a_problem_or_an_identity(tokens: Tokens) -> None:
    seen: Counter[str] = Counter()

    @settings(max_examples=150, deadline=None)
    @given(st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=3), st.none() | VALUES)
    @example({}, None)  # one of each verdict
    @example({"role": "x"}, None)
    @example({"aud": "x"}, None)
    def claimed(changes: dict[str, Any], instead: Any) -> None:
        payload = claims(URL, **changes) if instead is None else instead
        seen[asyncio.run(verdict(tokens, f"Bearer {signed(payload, {})}"))] += 1

    @settings(max_examples=150, deadline=None)
    @given(st.dictionaries(MEMBERS, VALUES, min_size=1, max_size=3))
    def headed(header: dict[str, Any]) -> None:
        field = f"Bearer {signed(claims(URL), header)}"
        assert asyncio.run(verdict(tokens, field)) == "unauthenticated"

    @settings(max_examples=150, deadline=None)
    @given(FIELDS)
    def written(field: str) -> None:
        assert asyncio.run(verdict(tokens, field)) == "unauthenticated"

    claimed()
    headed()
    written()
    assert seen.keys() == {"accepted", "not-permitted", "unauthenticated"}
