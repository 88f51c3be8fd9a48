"""Issuers of tokens for tests: keys, tokens, and a server that publishes the keys."""

import asyncio
import json
import ssl
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import AllowedPrivateKeys, ECAlgorithm, OKPAlgorithm, RSAAlgorithm
from sanic.compat import Header

from api.config import Config
from api.http.token_keys import Pace
from api.http.tokens import Tokens
from api.identity import Identity
from api.problem import ProblemError

AUDIENCE = "billing"
ROLE, TENANT, ACTOR = "superbill_biller", "00000000-0000-7000-8000-000000000001", "nurse-7"
CALLER = Identity(ROLE, TENANT, ACTOR)
QUICK = Pace(pause=0.05, every=3600, patience=5)  # for an issuer in the same process
_CURVES: Mapping[str, ec.EllipticCurve] = {
    "ES256": ec.SECP256R1(),
    "ES384": ec.SECP384R1(),
    "ES512": ec.SECP521R1(),
}


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key, with the id and the algorithm that its tokens name."""

    private: AllowedPrivateKeys
    kid: str
    algorithm: str

    def jwk(self, **changes: Any) -> dict[str, Any]:
        """Give the public key as a JWK, with changes; None removes a member."""
        writer: Any = {"E": ECAlgorithm, "R": RSAAlgorithm, "P": RSAAlgorithm}
        writer = OKPAlgorithm if self.algorithm == "EdDSA" else writer[self.algorithm[0]]
        jwk = writer.to_jwk(self.private.public_key(), as_dict=True)
        made = {**jwk, "kid": self.kid, "use": "sig", "alg": self.algorithm, **changes}
        return {name: value for name, value in made.items() if value is not None}

    def sign(self, claims: Mapping[str, Any], **headers: Any) -> str:
        """Make a token with these claims, and more members of its header."""
        return jwt.encode(
            dict(claims), self.private, self.algorithm, headers={"kid": self.kid, **headers}
        )


def new_key(kid: str, algorithm: str = "ES256") -> SigningKey:
    """Make a key of its own."""
    if algorithm == "EdDSA":
        return SigningKey(ed25519.Ed25519PrivateKey.generate(), kid, algorithm)
    if algorithm in _CURVES:
        return SigningKey(ec.generate_private_key(_CURVES[algorithm]), kid, algorithm)
    return SigningKey(rsa.generate_private_key(65_537, 2048), kid, algorithm)


@cache
def key(kid: str = "first", algorithm: str = "ES256") -> SigningKey:
    """Give a key, the same one for the same arguments: RSA takes long."""
    return new_key(kid, algorithm)


def claims(issuer: str, **changes: Any) -> dict[str, Any]:
    """Give the claims of a valid token, with changes; `...` removes a claim."""
    now = int(time.time())
    made = {"iss": issuer, "aud": AUDIENCE, "sub": ACTOR, "iat": now, "exp": now + 600}
    made |= {"role": ROLE, "tenant": TENANT, **changes}
    return {name: value for name, value in made.items() if value is not ...}


def key_set(keys: Iterable[SigningKey]) -> bytes:
    """Write the JWK Set of some keys."""
    return json.dumps({"keys": [key.jwk() for key in keys]}).encode()


def write_keys(path: Path, *keys: SigningKey) -> Path:
    """Write the JWK Set of some keys to a file, in one step."""
    new = path.with_name(f"{path.name}.new")
    new.write_bytes(key_set(keys))
    return new.replace(path)


def bearer(token: str) -> dict[str, str]:
    """Give the header field that shows a token."""
    return {"authorization": f"Bearer {token}"}


def headers(*values: str) -> Header:
    """Give the header of a request with these values of `Authorization`."""
    return Header([("Authorization", value) for value in values])


@dataclass(slots=True)
class Issuer:
    """A server that publishes keys. What it answers can be changed at any time.

    `asked`: how often each path was asked for; `answer`: what to do instead of answering.
    """

    port: int
    keys: list[SigningKey]
    scheme: str = "http"
    asked: Counter[str] = field(default_factory=Counter)
    answer: Callable[[asyncio.StreamWriter], Any] | None = None
    answering: set[asyncio.Task[Any]] = field(default_factory=set)

    @property
    def url(self) -> str:
        """The issuer's name in tokens."""
        return f"{self.origin}/realms/clinic"

    @property
    def origin(self) -> str:
        """Where it listens."""
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def config(self, **changes: Any) -> Config:
        """Give settings with which its tokens are accepted."""
        return Config(**{"issuer": self.url, "audience": AUDIENCE, **changes})

    def token(self, **changes: Any) -> str:
        """Make a valid token, signed by the newest key, with changed claims."""
        return self.keys[-1].sign(claims(self.url, **changes))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer a request."""
        task = asyncio.current_task()
        assert task
        self.answering.add(task)
        task.add_done_callback(self.answering.discard)
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            path = head.split()[1]
            self.asked[path] += 1
            documents = {
                "/realms/clinic/.well-known/openid-configuration": json.dumps(
                    {"issuer": self.url, "jwks_uri": f"{self.origin}/keys"}
                ).encode(),
                "/keys": key_set(self.keys),
            }
            if self.answer:
                await self.answer(writer)
            elif path in documents:
                write(writer, documents[path])
            else:
                write(writer, b"", "404 Not Found")
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client has gone
        finally:
            writer.close()


def write(
    writer: asyncio.StreamWriter, body: bytes, status: str = "200 OK", more: str = ""
) -> None:
    """Write an answer."""
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{more}Connection: close\r\n\r\n"
    writer.write(head.encode() + body)


@asynccontextmanager
async def issuer(
    *keys: SigningKey, port: int = 0, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Issuer]:
    """Run an issuer with these keys, or one; `port`: 0 for any free one."""
    made = Issuer(port, [*keys] or [key()], "https" if tls else "http")
    server = await asyncio.start_server(made.serve, "127.0.0.1", port, ssl=tls)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        await asyncio.gather(*made.answering, return_exceptions=True)
        await server.wait_closed()


async def any_tenant(_: Identity) -> bool:
    """Say that the database has the tenant of a caller."""
    return True


@asynccontextmanager
async def opened(found: Issuer, pace: Pace = QUICK, **changes: Any) -> AsyncIterator[Tokens]:
    """Run what checks the tokens of an issuer."""
    tokens = Tokens(
        found.config(**changes), {ROLE}, knows_tenant=any_tenant, development=None, pace=pace
    )
    tokens.open()
    try:
        yield tokens
    finally:
        await tokens.close()


async def verdict(tokens: Tokens, token: str) -> str:
    """Give the kind of the problem, or `accepted`."""
    field = headers(f"Bearer {token}")
    try:
        caller = tokens.known(field) or await tokens.identify(field)
    except ProblemError as error:
        return error.problem.kind
    assert caller == CALLER
    return "accepted"


async def until_accepted(tokens: Tokens, token: str) -> None:
    """Wait for an issuer that is away to be asked again."""
    while (seen := await verdict(tokens, token)) == "unavailable":  # noqa: ASYNC110 - no event
        await asyncio.sleep(0.01)
    assert seen == "accepted"
