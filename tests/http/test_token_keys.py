"""The issuer's keys: found, rotated, withdrawn, and unreachable, with a real issuer."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api.http.token_keys import Pace
from api.http.tokens import Tokens
from api.problem import ProblemError
from tests.support.batches import until
from tests.support.issuers import (
    CALLER,
    QUICK,
    ROLE,
    Issuer,
    any_tenant,
    claims,
    headers,
    issuer,
    key,
    key_set,
    new_key,
    opened,
    until_accepted,
    verdict,
    write,
    write_keys,
)

Answer = Callable[[asyncio.StreamWriter], Any]


def always(status: str = "200 OK", body: bytes = b"", more: str = "") -> Answer:
    """Make an answer that is the same for every path."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        write(writer, body, status, more)

    return answer


async def test_keys_are_found_by_discovery_and_at_a_url() -> None:
    async with issuer() as found:
        async with opened(found) as tokens:
            assert await verdict(tokens, found.token()) == "accepted"
        assert found.asked == {"/realms/clinic/.well-known/openid-configuration": 1, "/keys": 1}
        async with opened(found, jwks=f"http://127.0.0.1:{found.port}/keys") as tokens:
            assert await verdict(tokens, found.token()) == "accepted"
        assert found.asked["/keys"] == 2


async def test_rotation_under_load_gives_no_wrong_answer() -> None:
    """Clients use the newest key as soon as it is published; the one before stays published."""
    seen: Counter[str] = Counter()
    async with issuer(new_key("0")) as found, opened(found) as tokens:
        running = True

        async def client() -> None:
            while running:
                seen[await verdict(tokens, found.token())] += 1
                await asyncio.sleep(0)

        clients = [asyncio.create_task(client()) for _ in range(32)]
        for number in range(1, 9):
            found.keys = [found.keys[-1], new_key(str(number))]
            target, asked = seen.total() + 300, found.asked["/keys"]
            await until(lambda: seen.total() >= target and found.asked["/keys"] > asked)  # noqa: B023 - awaited here
        running = False
        await asyncio.gather(*clients)
    assert seen.keys() == {"accepted"}


async def test_tokens_of_a_withdrawn_key_are_refused_from_the_next_reading_on() -> None:
    old, new = new_key("old"), new_key("new")
    async with issuer(old) as found, opened(found) as tokens:
        token = found.token()
        assert await verdict(tokens, token) == "accepted"
        assert tokens.known(headers(f"Bearer {token}")) == CALLER
        found.keys = [new]
        assert await verdict(tokens, found.token()) == "accepted"  # an unknown key: they are read
        assert tokens.known(headers(f"Bearer {token}")) is None
        assert await verdict(tokens, token) == "unauthenticated"


async def test_withdrawn_key_is_forgotten_though_no_token_has_an_unknown_one() -> None:
    old = new_key("old")
    async with (
        issuer(old, key()) as found,
        opened(found, Pace(pause=0.01, every=0.01)) as tokens,
    ):
        token = old.sign(claims(found.url))
        assert await verdict(tokens, token) == "accepted"
        found.keys = [key()]
        await until(lambda: not tokens.known(headers(f"Bearer {token}")))
        assert await verdict(tokens, token) == "unauthenticated"
        assert await verdict(tokens, found.token()) == "accepted"


async def test_key_with_a_known_id_and_other_numbers_replaces_it() -> None:
    async with issuer(new_key("same")) as found:
        token = found.token()
        async with opened(found, Pace(pause=0.01, every=0.01)) as tokens:
            assert await verdict(tokens, token) == "accepted"
            found.keys = [new_key("same")]
            await until(lambda: not tokens.known(headers(f"Bearer {token}")))
            assert await verdict(tokens, token) == "unauthenticated"
            assert await verdict(tokens, found.token()) == "accepted"


async def test_unknown_keys_make_the_issuer_be_asked_rarely() -> None:
    async with issuer() as found, opened(found, Pace(pause=1.0)) as tokens:
        assert await verdict(tokens, found.token()) == "accepted"
        asked = found.asked["/keys"]
        stranger = new_key("stranger")
        made = [stranger.sign(claims(found.url), kid=f"unknown-{n}") for n in range(300)]
        seen = Counter(await asyncio.gather(*(verdict(tokens, token) for token in made)))
        assert seen == {"unauthenticated": 300}
        assert found.asked["/keys"] <= asked + 2


async def test_issuer_that_is_away_leaves_the_known_keys(
    caplog: pytest.LogCaptureFixture,
) -> None:
    next_key = new_key("next")
    async with issuer() as found:
        port, token = found.port, found.token()
        tokens = Tokens(
            found.config(), {ROLE}, knows_tenant=any_tenant, development=None, pace=QUICK
        )
        tokens.open()
        assert await verdict(tokens, token) == "accepted"
    unknown = next_key.sign(claims(found.url))
    try:
        for _ in range(3):
            assert await verdict(tokens, unknown) == "unavailable"
            assert await verdict(tokens, found.token(jti="another")) == "accepted"
            assert await verdict(tokens, token) == "accepted"
        async with issuer(key(), next_key, port=port):
            await until_accepted(tokens, unknown)
    finally:
        await tokens.close()
    assert [record.message for record in caplog.records] == [
        "The keys of ISSUER can't be read: ConnectionRefusedError",
        "The keys of ISSUER can be read again",
    ]


async def test_issuer_that_is_away_at_the_start_is_asked_again() -> None:
    async with issuer() as found:
        pass
    async with opened(found) as tokens:
        assert await verdict(tokens, found.token()) == "unavailable"
        async with issuer(port=found.port):
            await until_accepted(tokens, found.token())


async def test_unknown_key_while_the_issuer_is_away_says_when_to_try_again() -> None:
    async with issuer() as found:
        pass
    async with opened(found) as tokens:
        with pytest.raises(ProblemError) as caught:
            await tokens.identify(headers(f"Bearer {found.token()}"))
    assert (caught.value.problem.status, caught.value.problem.headers) == (
        503,
        (("Retry-After", "1"),),
    )


def discovery(**members: Any) -> bytes:
    """Write a discovery document."""
    return json.dumps(members).encode()


PRIVATE = {"keys": [{**key().jwk(), "d": "c2VjcmV0"}]}
WRONG: dict[str, tuple[Callable[[Issuer], Answer], str]] = {
    "a failure": (lambda _: always("500 Oops"), "the answer has the status 500"),
    "a refusal": (lambda _: always("403 Forbidden"), "the answer has the status 403"),
    "an empty answer": (lambda _: always(), "the answer is not a JSON object"),
    "another type": (lambda _: always(body=b"<html>"), "the answer is not a JSON object"),
    "a list": (lambda _: always(body=b"[]"), "the answer is not a JSON object"),
    "a name twice": (lambda _: always(body=b'{"a":1,"a":1}'), "the answer is not a JSON object"),
    "a huge answer": (lambda _: always(body=b" " * 2**20), "the answer is larger than"),
    "a redirect": (
        lambda found: always("302 Found", more=f"Location: http://127.0.0.1:{found.port}/keys\r\n"),
        "the answer has the status 302",
    ),
    "a redirect to a file": (
        lambda _: always("301 Moved", more="Location: file:///etc/passwd\r\n"),
        "the answer has the status 301",
    ),
    "another issuer": (
        lambda _: always(body=discovery(issuer="https://other.example")),
        "the discovery document names another issuer than ISSUER",
    ),
    "the issuer with a slash": (
        lambda found: always(body=discovery(issuer=f"{found.url}/")),
        "the discovery document names another issuer than ISSUER",
    ),
    "no address": (
        lambda found: always(body=discovery(issuer=found.url)),
        "the discovery document names no safe URL of the keys",
    ),
    "a file's address": (
        lambda found: always(body=discovery(issuer=found.url, jwks_uri="file:///etc/passwd")),
        "the discovery document names no safe URL of the keys",
    ),
    "an address without TLS": (
        lambda found: always(body=discovery(issuer=found.url, jwks_uri="http://192.0.2.7/keys")),
        "the discovery document names no safe URL of the keys",
    ),
    "an address that is a list": (
        lambda found: always(body=discovery(issuer=found.url, jwks_uri=["https://a/"])),
        "the discovery document names no safe URL of the keys",
    ),
}
KEYLESS = {
    "no keys": b'{"keys":[]}',
    "keys that are no list": b'{"keys":{"a":1}}',
    "none at all": b"{}",
    "keys that are no objects": b'{"keys":[1,null,"x",[]]}',
    "private keys": json.dumps(PRIVATE).encode(),
    "secrets": b'{"keys":[{"kty":"oct","k":"c2VjcmV0","kid":"first","alg":"HS256"}]}',
    "keys for encryption": json.dumps({"keys": [key().jwk(use="enc")]}).encode(),
    "keys that only sign": json.dumps({"keys": [key().jwk(key_ops=["sign"])]}).encode(),
    "keys of an algorithm that is not allowed": key_set([key("x", "ES384")]),
    "an algorithm that does not fit": json.dumps({"keys": [key().jwk(alg="RS256")]}).encode(),
    "a point that is not on the curve": json.dumps(
        {"keys": [key().jwk(x=key().jwk()["y"])]}
    ).encode(),
    "numbers that are no texts": json.dumps({"keys": [key().jwk(x=7)]}).encode(),
    "an id that is no text": json.dumps({"keys": [key().jwk(kid=7)]}).encode(),
    "an unknown curve": json.dumps({"keys": [key().jwk(crv="secp256k1", alg=None)]}).encode(),
}


@pytest.mark.parametrize("case", WRONG)
async def test_what_is_no_discovery_document_is_not_used(
    case: str, caplog: pytest.LogCaptureFixture
) -> None:
    make, sentence = WRONG[case]
    async with issuer() as found:
        found.answer = make(found)
        async with opened(found, Pace(pause=60)) as tokens:
            assert await verdict(tokens, found.token()) == "unavailable"
        assert set(found.asked) == {"/realms/clinic/.well-known/openid-configuration"}
    (record,) = caplog.records
    assert record.message.startswith(f"The keys of ISSUER can't be read: {sentence}")


@pytest.mark.parametrize("case", KEYLESS)
async def test_what_has_no_public_key_is_not_used(
    case: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with issuer() as found:
        found.answer = always(body=KEYLESS[case])
        jwks = f"http://127.0.0.1:{found.port}/keys"
        async with opened(found, Pace(pause=60), jwks=jwks) as tokens:
            assert await verdict(tokens, found.token()) == "unavailable"
    (record,) = caplog.records
    assert record.message.endswith("the answer has no public key for the allowed algorithms")


async def test_one_key_that_is_malformed_leaves_the_others() -> None:
    other = [{"kty": "EC", "crv": "P-256", "x": "!", "y": "!"}, 7, PRIVATE["keys"][0]]
    async with issuer() as found:
        found.answer = always(body=json.dumps({"keys": [*other, key().jwk()]}).encode())
        async with opened(found, jwks=f"http://127.0.0.1:{found.port}/keys") as tokens:
            assert await verdict(tokens, found.token()) == "accepted"


async def test_client_that_leaves_does_not_end_the_reading_for_others() -> None:
    arrived, go_on = asyncio.Event(), asyncio.Event()
    async with issuer() as found:

        async def late(writer: asyncio.StreamWriter) -> None:
            arrived.set()
            await go_on.wait()
            write(writer, key_set(found.keys))

        found.answer = late
        async with opened(found, jwks=f"http://127.0.0.1:{found.port}/keys") as tokens:
            leaving, staying = (
                asyncio.create_task(verdict(tokens, found.token())) for _ in range(2)
            )
            await arrived.wait()
            leaving.cancel()
            await asyncio.sleep(0)
            go_on.set()
            assert await staying == "accepted"
            assert leaving.cancelled()
    assert found.asked["/keys"] == 1


async def test_file_of_keys_that_is_replaced_is_read_again(tmp_path: Path) -> None:
    url, keys = "https://issuer.example", [new_key(str(number)) for number in range(3)]
    found = Issuer(0, keys)
    path = write_keys(tmp_path / "keys.json", keys[0])

    def token(number: int) -> str:
        return keys[number].sign(claims(url))

    async with opened(found, issuer=url, jwks=str(path)) as tokens:
        first = token(0)
        assert await verdict(tokens, first) == "accepted"
        write_keys(path, keys[0], keys[1])
        assert await verdict(tokens, token(1)) == "accepted"
        assert await verdict(tokens, first) == "accepted"
        write_keys(path, keys[2])
        assert await verdict(tokens, token(2)) == "accepted"
        assert await verdict(tokens, first) == "unauthenticated"
        path.unlink()
        assert await verdict(tokens, token(2)) == "accepted"
        assert await verdict(tokens, token(1)) == "unavailable"


@pytest.mark.parametrize("algorithm", ["RS256", "PS384", "ES256", "ES384", "ES512", "EdDSA"])
async def test_token_of_every_algorithm_is_accepted(algorithm: str) -> None:
    async with issuer(key(algorithm.lower(), algorithm)) as found:
        for own in (algorithm, None):  # a key need not say its algorithm
            found.answer = always(
                body=json.dumps({"keys": [found.keys[0].jwk(alg=own, use=None)]}).encode()
            )
            jwks = f"http://127.0.0.1:{found.port}/keys"
            async with opened(found, jwks=jwks, algorithms=algorithm) as tokens:
                assert await verdict(tokens, found.token()) == "accepted"
