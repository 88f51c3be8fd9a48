"""An issuer whose answers do not end: known keys go on, and few threads wait for it."""

import asyncio
import logging
import threading
from collections.abc import Callable
from typing import Any

import pytest

from api.http.public_keys import PublicKey
from api.http.token_keys import Pace, TokenKeys
from api.problem import ProblemError
from tests.support.issuers import claims, issuer, new_key, opened, until_accepted, verdict


def dripping(ended: asyncio.Event, start: bytes) -> Callable[[asyncio.StreamWriter], Any]:
    """Make an answer that comes byte by byte, so that no single wait is long."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        while not ended.is_set() and not writer.is_closing():
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.01)

    return answer


async def test_answer_that_does_not_end_is_given_up(caplog: pytest.LogCaptureFixture) -> None:
    """It comes byte by byte, so that no single wait is long; then nothing comes at all."""
    ended = asyncio.Event()

    async def silent(_: asyncio.StreamWriter) -> None:
        await ended.wait()

    async with issuer() as found, opened(found, Pace(0.01, 3600, patience=0.2)) as tokens:
        assert await verdict(tokens, found.token()) == "accepted"
        unknown = new_key("unknown").sign(claims(found.url))
        starts = (b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: ")
        for answer in (*(dripping(ended, start) for start in starts), silent):
            found.answer = answer
            assert await verdict(tokens, unknown) == "unavailable"
            assert await verdict(tokens, found.token(jti="another")) == "accepted"
        ended.set()
    assert caplog.records[0].message.endswith("TimeoutError")
    assert all(record.levelno == logging.WARNING for record in caplog.records)


async def test_answers_that_do_not_end_keep_few_threads() -> None:
    """A head that drips can't be given up: a thread waits for it until the connection ends."""
    ended = asyncio.Event()
    async with issuer() as found, opened(found, Pace(0.001, 3600, patience=0.05)) as tokens:
        await until_accepted(tokens, found.token())  # it may take longer than the patience
        unknown = new_key("unknown").sign(claims(found.url))
        found.answer = dripping(ended, b"HTTP/1.1 200 OK\r\nX: ")
        waiting = []
        for _ in range(100):
            assert await verdict(tokens, unknown) == "unavailable"
            waiting.append(sum(each.name == "token keys" for each in threading.enumerate()))
            await asyncio.sleep(0.002)
        assert max(waiting) <= 2 * 3  # one that has just ended may still be listed
        found.answer = None
        found.keys.append(new_key("next"))
        ended.set()
        await until_accepted(tokens, found.token())


async def test_unexpected_error_while_keys_are_read_is_logged_by_its_class_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def read() -> tuple[PublicKey, ...]:
        message = "a secret"
        raise RuntimeError(message)

    keys = TokenKeys(read, Pace(pause=0.001), lambda: None)
    for _ in range(3):
        with pytest.raises(ProblemError) as caught:
            await keys.find("any", "ES256")
        assert caught.value.problem.kind == "unavailable"
    assert [record.message for record in caplog.records] == [
        "The keys of ISSUER can't be read: RuntimeError"
    ]
