"""Requests as bytes, sent over a plain socket, and the responses that come back."""

import asyncio
import json
from contextlib import suppress

import httpx

from tests.support.problems import MARK
from tests.support.response_headers import assert_guarded
from tests.support.serving import LONG, Serving

NO_HTTP = "The request is not well-formed HTTP."
BODY = json.dumps({"first_name": "John", "last_name": MARK}).encode()
JSON = b"Content-Type: application/json"
CHUNKED = b"Transfer-Encoding: chunked"
CLOSE = b"Connection: close"


def post_bytes(
    *headers: bytes, body: bytes = BODY, length: int | None = -1, path: bytes = b"/patients/"
) -> bytes:
    """Make the bytes of a request; its length is the body's unless it is given."""
    if length is not None:
        headers = (*headers, b"Content-Length: %d" % (len(body) if length < 0 else length))
    return b"\r\n".join((b"POST %b HTTP/1.1" % path, b"Host: superbill", *headers, b"", body))


def get_bytes(
    path: bytes, *headers: bytes, method: bytes = b"GET", version: bytes = b"HTTP/1.1"
) -> bytes:
    """Make the bytes of a request without a body."""
    return b"\r\n".join(
        (b" ".join((method, path, version)), b"Host: superbill", CLOSE, *headers, b"", b"")
    )


def chunked(*parts: bytes) -> bytes:
    """Make a chunked body."""
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (*parts, b""))


async def exchange(s: Serving, sent: bytes) -> list[httpx.Response]:
    """Send bytes and read the answers until the server closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", s.port)
    try:
        writer.write(sent)
        received = await asyncio.wait_for(reader.read(), LONG)
    finally:
        writer.close()
    return parse_responses(received)


def parse_responses(received: bytes) -> list[httpx.Response]:
    """Split what a server sent into its responses."""
    found = []
    while received:
        head, _, received = received.partition(b"\r\n\r\n")
        line, *fields = head.decode().split("\r\n")
        headers = [
            (name, value.strip()) for name, _, value in (field.partition(":") for field in fields)
        ]
        length = int(dict(headers).get("content-length", 0))
        content, received = received[:length], received[length:]
        request = httpx.Request("GET", "http://superbill/")
        found.append(
            httpx.Response(
                int(line.split(" ")[1]), headers=headers, content=content, request=request
            )
        )
        assert_guarded(found[-1])
    return found


async def one_response(s: Serving, sent: bytes) -> httpx.Response:
    """Send bytes and read the one answer that they get."""
    (answer,) = await exchange(s, sent)
    return answer


TOO_SLOW = "The request did not arrive in time."
HOST = b"Host: superbill"


def request_head(line: bytes, *headers: bytes) -> bytes:
    """Make the bytes of a request's head, without a word about the connection."""
    return b"\r\n".join((line, *headers, b"", b""))


async def send_slowly(s: Serving, sent: bytes, drops: bytes, pause: float) -> tuple[bytes, int]:
    """Send a head, then a byte at a time, until the connection ends.

    Gives what came back, and how many of the single bytes were sent by then.
    """
    reader, writer = await asyncio.open_connection("127.0.0.1", s.port)
    writer.write(sent)
    count = 0

    async def drip() -> None:
        nonlocal count
        for drop in drops:
            await asyncio.sleep(pause)
            writer.write(bytes([drop]))
            count += 1

    dripping = asyncio.create_task(drip())
    received = bytearray()
    try:
        async with asyncio.timeout(LONG):
            # A byte that arrives while the server closes makes that a reset, behind the answer.
            with suppress(ConnectionResetError):
                while piece := await reader.read(2**16):
                    received += piece
        return bytes(received), count
    finally:
        dripping.cancel()
        writer.close()


async def receive_raw(s: Serving, sent: bytes) -> bytes:
    """Send bytes and give those that come back until the end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", s.port)
    writer.write(sent)
    try:
        return await asyncio.wait_for(reader.read(), LONG)
    finally:
        writer.close()
