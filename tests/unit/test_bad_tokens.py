"""Tokens that prove nothing, or give no access: each is refused with its status, and not quoted."""

import asyncio
import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.utils import der_to_raw_signature

from api.config import Config
from api.http.tokens import Tokens
from api.identity import Identity
from api.problem import Problem, ProblemError
from tests.support import issuers
from tests.support.issuers import (
    ACTOR,
    AUDIENCE,
    ROLE,
    TENANT,
    SigningKey,
    any_tenant,
    headers,
    key,
    write_keys,
)

URL = "https://issuer.example/realms/clinic"
ROLES = {ROLE, "superbill_clinician"}
NOW = int(time.time())
KEY, RSA, EDWARDS = key(), key("rsa", "RS256"), key("edwards", "EdDSA")
STRANGER = key("stranger")
WEAK = SigningKey(rsa.generate_private_key(65_537, 1024), "weak", "RS256")  # noqa: S505 - to be refused
Sign = Callable[[bytes], bytes]


def claims(**changes: Any) -> dict[str, Any]:
    """Give the claims of a token that is valid now, with changes."""
    return issuers.claims(URL, **{"iat": NOW, "exp": NOW + 600, **changes})


def encoded(value: Any) -> bytes:
    """Encode a value, or bytes, as a part of a token."""
    content = value if isinstance(value, bytes) else json.dumps(value).encode()
    return urlsafe_b64encode(content).rstrip(b"=")


def in_der(text: bytes) -> bytes:
    """Sign with the right key, in a form that is not that of tokens."""
    assert isinstance(KEY.private, ec.EllipticCurvePrivateKey)
    return KEY.private.sign(text, ec.ECDSA(hashes.SHA256()))


def signed(text: bytes) -> bytes:
    """Sign with the right key."""
    assert isinstance(KEY.private, ec.EllipticCurvePrivateKey)
    return der_to_raw_signature(in_der(text), KEY.private.curve)


def with_public_key(text: bytes) -> bytes:
    """Sign with the public key as if it were a secret."""
    public = RSA.private.public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return hmac.digest(pem, text, "sha256")


def with_weak_key(text: bytes) -> bytes:
    """Sign with a key that is too short; PyJWT would warn."""
    assert isinstance(WEAK.private, rsa.RSAPrivateKey)
    return WEAK.private.sign(text, padding.PKCS1v15(), hashes.SHA256())


def token(header: Mapping[str, Any] | bytes = {}, payload: Any = None, sign: Sign = signed) -> str:
    """Write a token part by part. `header`: bytes, or changes; `payload`: that of a valid one."""
    if not isinstance(header, bytes):
        whole = {"alg": "ES256", "typ": "JWT", "kid": KEY.kid, **header}
        header = json.dumps({n: value for n, value in whole.items() if value is not ...}).encode()
    text = encoded(header) + b"." + encoded(claims() if payload is None else payload)
    return (text + b"." + encoded(sign(text))).decode()


def claiming(**changes: Any) -> str:
    """Make a token with changed claims; `...` removes one."""
    return KEY.sign(claims(**changes))


def nested(depth: int) -> bytes:
    """Write arrays inside arrays."""
    return b"[" * depth + b"]" * depth


def valid() -> str:
    """Make a valid token."""
    return token()


ONE = json.dumps(claims()).encode()[1:-1]  # the members of a valid payload
MALFORMED = "malformed"
UNSIGNED = "No key of the issuer"
ROLE_OF_THREE = ["superbill_clinician", "offline_access", ROLE]

# What is wrong → the token, and what the refusal says.
UNAUTHENTICATED: dict[str, tuple[Callable[[], str], str]] = {
    "signed by a stranger": (lambda: STRANGER.sign(claims()), UNSIGNED),
    "signed by a stranger who names a known key": (
        lambda: STRANGER.sign(claims(), kid=KEY.kid),
        UNSIGNED,
    ),
    "HS256 with the public key": (
        lambda: token({"alg": "HS256", "kid": RSA.kid}, sign=with_public_key),
        "algorithm",
    ),
    "RS256 with the public key as a secret": (
        lambda: token({"alg": "RS256", "kid": RSA.kid}, sign=with_public_key),
        UNSIGNED,
    ),
    "none": (lambda: token({"alg": "none"}, sign=lambda _: b"x"), "algorithm"),
    "none without a signature": (lambda: token({"alg": "none"}, sign=lambda _: b""), MALFORMED),
    "None in other letters": (lambda: token({"alg": "nOnE"}, sign=lambda _: b"x"), "algorithm"),
    "an algorithm that is not allowed": (lambda: token({"alg": "ES384"}), "algorithm"),
    "an algorithm that nobody knows": (lambda: token({"alg": "XS256"}), "algorithm"),
    "the algorithm of another key": (lambda: token({"alg": "RS256"}), UNSIGNED),
    "no algorithm": (lambda: token({"alg": ...}), "algorithm"),
    "an algorithm that is a list": (lambda: token({"alg": ["ES256"]}), "algorithm"),
    "an algorithm in small letters": (lambda: token({"alg": "es256"}), "algorithm"),
    "another algorithm of the same key": (
        lambda: SigningKey(RSA.private, RSA.kid, "PS256").sign(claims()),
        "algorithm",
    ),
    "a weak key": (
        lambda: token({"alg": "RS256", "kid": WEAK.kid}, sign=with_weak_key),
        UNSIGNED,
    ),
    "a signature in DER": (lambda: token(sign=in_der), UNSIGNED),
    "a signature that is cut off": (
        lambda: token(sign=lambda text: signed(text)[:60]),
        UNSIGNED,
    ),
    "no bit of a signature": (lambda: token(sign=lambda _: bytes(64)), UNSIGNED),
    "a signature of another token": (
        lambda: (
            f"{claiming(role='superbill_clinician').rpartition('.')[0]}"
            f".{valid().rpartition('.')[2]}"
        ),
        UNSIGNED,
    ),
    "bits behind the end of the signature": (lambda: valid()[:-1] + "-", MALFORMED),
    "unknown crit": (lambda: token({"crit": ["exp"], "exp": 1}), MALFORMED),
    "crit of b64": (lambda: token({"crit": ["b64"], "b64": True}), MALFORMED),
    "empty crit": (lambda: token({"crit": []}), MALFORMED),
    "an unencoded payload": (lambda: token({"b64": False}), MALFORMED),
    "an embedded key": (lambda: STRANGER.sign(claims(), jwk=STRANGER.jwk()), UNSIGNED),
    "an embedded key instead of a known one": (
        lambda: STRANGER.sign(claims(), kid=KEY.kid, jwk=STRANGER.jwk(kid=KEY.kid)),
        UNSIGNED,
    ),
    "an address of keys": (
        lambda: STRANGER.sign(claims(), jku="https://attacker.example/keys"),
        UNSIGNED,
    ),
    "an embedded certificate": (lambda: STRANGER.sign(claims(), x5c=["MIIB"]), UNSIGNED),
    "an address of certificates": (
        lambda: STRANGER.sign(claims(), x5u="https://attacker.example/cert"),
        UNSIGNED,
    ),
    "a kid that is a path": (lambda: token({"kid": "../../../../dev/null"}), UNSIGNED),
    "a kid that is SQL": (lambda: token({"kid": "' OR 1=1 --"}), UNSIGNED),
    "a kid that is a number": (lambda: token({"kid": 7}), MALFORMED),
    "no kid where several keys fit": (lambda: token({"kid": ...}), UNSIGNED),
    "an empty kid": (lambda: token({"kid": ""}), UNSIGNED),
    "the type of another purpose": (lambda: token({"typ": "logout+jwt"}), MALFORMED),
    "a type that is no text": (lambda: token({"typ": 1}), MALFORMED),
    "a header that is not JSON": (lambda: token(b"{alg: ES256}"), MALFORMED),
    "a header that is a list": (lambda: token(b'["ES256"]'), MALFORMED),
    "a header with a name twice": (
        lambda: token(b'{"alg":"none","alg":"ES256","kid":"first"}'),
        MALFORMED,
    ),
    "a header that is nested deeply": (
        lambda: token(b'{"alg":"ES256","kid":"first","x":' + nested(5000) + b"}"),
        MALFORMED,
    ),
    "a header that is not UTF-8": (lambda: token(b'{"alg":"ES256","kid":"\xff"}'), MALFORMED),
    "padding in base64": (
        lambda: ".".join(part + "=" * (-len(part) % 4) for part in valid().split(".")),
        MALFORMED,
    ),
    "a length that base64 never has": (lambda: f"{valid()[:1]}.{valid()[1:]}", MALFORMED),
    "letters of plain base64": (lambda: valid().replace(".", "+.", 1), MALFORMED),
    "a blank inside": (lambda: valid().replace(".", " .", 1), MALFORMED),
    "letters of another script": (lambda: valid().replace(".", "ä.", 1), MALFORMED),
    "one part": (lambda: "e30", MALFORMED),
    "two parts": (lambda: valid().rpartition(".")[0], MALFORMED),
    "four parts": (lambda: f"{valid()}.e30", MALFORMED),
    "an encrypted token's five parts": (lambda: "e30.e30.e30.e30.e30", MALFORMED),
    "nothing": (lambda: "", MALFORMED),
    "two tokens": (lambda: f"{valid()} {valid()}", MALFORMED),
    "two tokens with a comma": (lambda: f"{valid()}, Bearer {valid()}", MALFORMED),
    "huge": (lambda: claiming(more="x" * 100_000), MALFORMED),
    "a payload that is not JSON": (lambda: token(payload=b"{sub}"), MALFORMED),
    "a payload that is a list": (lambda: token(payload=[claims()]), MALFORMED),
    "a payload that is a text": (lambda: token(payload="superbill_biller"), MALFORMED),
    "a payload that is null": (lambda: token(payload=b"null"), MALFORMED),
    "a payload with a claim twice": (
        lambda: token(payload=b'{"role":"superbill_clinician",' + ONE + b"}"),
        MALFORMED,
    ),
    "a payload with a nested name twice": (
        lambda: token(payload=b'{"x":{"a":1,"a":2},' + ONE + b"}"),
        MALFORMED,
    ),
    "a payload that is nested deeply": (
        lambda: token(payload=b'{"x":' + nested(5000) + b"," + ONE + b"}"),
        MALFORMED,
    ),
    "a number without an end": (
        lambda: token(payload=b'{"x":' + b"9" * 5000 + b"," + ONE + b"}"),
        MALFORMED,
    ),
    "NaN": (lambda: token(payload=b'{"x":NaN,' + ONE + b"}"), MALFORMED),
    "no exp": (lambda: claiming(exp=...), "lacks the claim exp"),
    "no aud": (lambda: claiming(aud=...), "lacks the claim aud"),
    "no iss": (lambda: claiming(iss=...), "lacks the claim iss"),
    "no sub": (lambda: claiming(sub=...), "lacks the claim sub"),
    "exp null": (lambda: token(payload=claims(exp=None)), "lacks the claim exp"),
    "expired by one second beyond the leeway": (lambda: claiming(exp=NOW - 31), "expired"),
    "expired at the end of the leeway": (lambda: claiming(exp=NOW - 30), "expired"),
    "exp a text": (lambda: token(payload=claims(exp=str(NOW + 99))), "claim exp"),
    "exp a fraction": (lambda: claiming(exp=NOW + 99.5), "claim exp"),
    "exp true": (lambda: claiming(exp=True), "claim exp"),
    "exp below zero": (lambda: claiming(exp=-1), "claim exp"),
    "exp huge": (lambda: claiming(exp=10**30), "claim exp"),
    "exp infinite": (
        lambda: token(payload=json.dumps(claims()).replace(str(NOW + 600), "1e999").encode()),
        "claim exp",
    ),
    "nbf in the future": (lambda: claiming(nbf=NOW + 31), "not valid yet"),
    "nbf a text": (lambda: token(payload=claims(nbf="1")), "claim nbf"),
    "nbf null": (lambda: token(payload=claims(nbf=None)), "claim nbf"),
    "iat in the future": (lambda: claiming(iat=NOW + 31), "not valid yet"),
    "iat a list": (lambda: token(payload=claims(iat=[NOW])), "claim iat"),
    "another audience": (lambda: claiming(aud="payroll"), "another audience"),
    "a list of other audiences": (lambda: claiming(aud=["payroll", "x"]), "another audience"),
    "an empty list of audiences": (lambda: claiming(aud=[]), "aud"),
    "an audience that contains ours": (lambda: claiming(aud="billing-2"), "another audience"),
    "an audience in capitals": (lambda: claiming(aud="BILLING"), "another audience"),
    "an audience that is an object": (
        lambda: claiming(aud={"billing": True}),
        "another audience",
    ),
    "a list of audiences with a number": (lambda: claiming(aud=[AUDIENCE, 1]), "another audience"),
    "another issuer": (lambda: claiming(iss="https://issuer.example/realms/x"), "another issuer"),
    "the issuer with a slash": (lambda: claiming(iss=f"{URL}/"), "another issuer"),
    "a list of issuers": (lambda: token(payload=claims(iss=[URL])), "another issuer"),
    "sub a number": (lambda: token(payload=claims(sub=7)), MALFORMED),
    "sub empty": (lambda: claiming(sub=""), "claim sub"),
    "sub too long": (lambda: claiming(sub="x" * 256), "claim sub"),
    "sub with U+0000": (lambda: claiming(sub="a\0b"), "claim sub"),
    "sub with half of a pair": (lambda: claiming(sub="a\ud800"), "claim sub"),
}
FORBIDDEN: dict[str, tuple[Callable[[], str], str]] = {
    "no role": (lambda: claiming(role=...), "role"),
    "a role that is not served": (lambda: claiming(role="superbill_owner"), "role"),
    "a role in capitals": (lambda: claiming(role=ROLE.upper()), "role"),
    "a superuser": (lambda: claiming(role="postgres"), "role"),
    "two served roles": (lambda: claiming(role=ROLE_OF_THREE), "role"),
    "a list of other roles": (lambda: claiming(role=["offline_access"]), "role"),
    "an empty list of roles": (lambda: claiming(role=[]), "role"),
    "roles with blanks between": (lambda: claiming(role=f"{ROLE} x"), "role"),
    "a role that is an object": (lambda: claiming(role={ROLE: True}), "role"),
    "a role that is a number": (lambda: claiming(role=10), "role"),
    "a role inside a list": (lambda: claiming(role=[[ROLE]]), "role"),
    "no tenant": (lambda: claiming(tenant=...), "tenant"),
    "an empty tenant": (lambda: claiming(tenant=""), "tenant"),
    "a tenant that is null": (lambda: claiming(tenant=None), "tenant"),
    "two tenants": (lambda: claiming(tenant=[TENANT, "2"]), "tenant"),
    "a tenant that is an object": (lambda: claiming(tenant={"id": TENANT}), "tenant"),
    "a tenant that is true": (lambda: claiming(tenant=True), "tenant"),
    "a tenant that is a fraction": (lambda: claiming(tenant=1.5), "tenant"),
    "a tenant with U+0000": (lambda: claiming(tenant="a\0"), "tenant"),
    "a tenant that is too long": (lambda: claiming(tenant="x" * 256), "tenant"),
}


def tokens(folder: Path, **changes: Any) -> Tokens:
    """Make what checks the tokens of the issuer, whose keys are in a file."""
    path = write_keys(folder / "keys.json", KEY, RSA, EDWARDS, key("second"), WEAK)
    config = Config(**{"issuer": URL, "audience": AUDIENCE, "jwks": str(path), **changes})
    return Tokens(config, ROLES, knows_tenant=any_tenant, development=None, now=lambda: NOW)


async def refusal(tokens: Tokens, *fields: str) -> Problem:
    """Give the problem of a request with these values of `Authorization`."""
    assert tokens.known(headers(*fields)) is None
    with pytest.raises(ProblemError) as caught:
        await tokens.identify(headers(*fields))
    assert tokens.known(headers(*fields)) is None
    return caught.value.problem


def assert_quotes_nothing(problem: Problem, token: str) -> None:
    told = f"{problem.document('x').decode()} {problem.headers} {problem.note}"
    parts = [part for part in token.split(".") if len(part) > 8]
    for secret in (*parts, TENANT, ACTOR, ROLE, "superbill_", KEY.kid, "attacker"):
        assert secret not in told, secret


@pytest.mark.parametrize("case", UNAUTHENTICATED)
async def test_token_that_proves_nothing_is_answered_401(case: str, tmp_path: Path) -> None:
    make, sentence = UNAUTHENTICATED[case]
    found = await refusal(tokens(tmp_path), f"Bearer {make()}")
    assert (found.kind, found.status) == ("unauthenticated", 401)
    assert sentence in found.detail
    challenge = f'Bearer error="invalid_token", error_description="{found.detail}"'
    assert found.headers == (("WWW-Authenticate", challenge),)
    assert_quotes_nothing(found, make())


@pytest.mark.parametrize("case", FORBIDDEN)
async def test_token_without_role_or_tenant_is_answered_403(case: str, tmp_path: Path) -> None:
    make, sentence = FORBIDDEN[case]
    found = await refusal(tokens(tmp_path), f"Bearer {make()}")
    assert (found.kind, found.status) == ("not-permitted", 403)
    assert sentence in found.detail
    challenge = f'Bearer error="insufficient_scope", error_description="{found.detail}"'
    assert found.headers == (("WWW-Authenticate", challenge),)
    assert_quotes_nothing(found, make())


async def test_request_without_a_token_is_told_only_to_send_one(tmp_path: Path) -> None:
    checked = tokens(tmp_path)
    for fields in ((), ("",), ("Basic YTpi",), (valid(),), (f"Bearer{valid()}",), ("Token x",)):
        found = await refusal(checked, *fields)
        assert (found.kind, found.headers) == (
            "unauthenticated",
            (("WWW-Authenticate", "Bearer"),),
        )


async def test_field_that_is_sent_twice_is_refused_though_its_token_is_known(
    tmp_path: Path,
) -> None:
    checked, field = tokens(tmp_path), f"Bearer {valid()}"
    await checked.identify(headers(field))
    assert checked.known(headers(field)) is not None
    for fields in ((field, field), (field, "Basic YTpi"), ("Basic YTpi", field), (field, "")):
        found = await refusal(checked, *fields)
        assert found.status == 401
        assert 'error="invalid_request"' in found.headers[0][1]


@pytest.mark.parametrize(
    "make",
    [
        valid,
        lambda: claiming(exp=NOW - 29),
        lambda: claiming(nbf=NOW + 30, iat=NOW + 30),
        lambda: claiming(aud=["payroll", AUDIENCE]),
        lambda: claiming(iat=...),
        lambda: claiming(exp=253_402_300_799),
        lambda: claiming(role=["offline_access", ROLE, 7, ROLE]),
        lambda: claiming(tenant=[TENANT]),
        lambda: RSA.sign(claims()),
        lambda: EDWARDS.sign(claims()),
        lambda: token({"kid": ..., "alg": "EdDSA"}, sign=EDWARDS.private.sign),  # type: ignore[arg-type]
        lambda: token({"typ": "application/at+JWT"}),
        lambda: token({"typ": ...}),
        lambda: token({"jku": "https://attacker.example/keys", "jwk": STRANGER.jwk()}),
    ],
)
async def test_valid_token_is_accepted(make: Callable[[], str], tmp_path: Path) -> None:
    checked = tokens(tmp_path)
    for scheme in ("Bearer ", "bearer ", "BEARER   "):
        field = headers(scheme + make())
        assert await checked.identify(field) == Identity(ROLE, TENANT, ACTOR)


async def test_random_changes_of_a_token_are_refused(tmp_path: Path) -> None:
    """Each byte of a valid token is changed; nothing but a problem comes of it."""
    checked, good = tokens(tmp_path), valid()
    places = range(0, len(good), 3)
    changed = [f"{good[:n]}{'A' if good[n] != 'A' else 'B'}{good[n + 1 :]}" for n in places]
    cut = [good[:n] for n in places]
    found = await asyncio.gather(
        *(checked.identify(headers(f"Bearer {text}")) for text in (*changed, *cut)),
        return_exceptions=True,
    )
    kinds = {each.problem.kind if isinstance(each, ProblemError) else each for each in found}
    assert kinds == {"unauthenticated"}
