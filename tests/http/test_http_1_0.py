"""HTTP/1.0 clients receive neither chunks nor interim responses."""

import asyncio
from asyncio import BaseTransport
from socket import AF_INET, SO_RCVBUF, SO_SNDBUF, SOCK_STREAM, SOL_SOCKET, socket

import pytest

from api.http.protocol import Connection, Exchange
from tests.support.csv_text import CSV, NDJSON, export
from tests.support.databases import TestDatabase
from tests.support.raw_http import CLOSE, JSON, get_bytes, one_response, post_bytes, receive_raw
from tests.support.serving import Serve, Serving
from tests.support.stalling_clients import turns
from tests.support.visits import bill_visit, config

OLD = b"HTTP/1.0"
MANY = (
    "INSERT INTO billing.patient (first_name, last_name) SELECT n, 'x'"
    " FROM generate_series(1, {}) AS n"
)


def ask(media: str, *headers: bytes, method: bytes = b"GET", path: bytes = b"/patients/") -> bytes:
    """Make the bytes of a request for an export."""
    return get_bytes(
        path, b"Accept: " + media.encode(), *headers, method=method, version=OLD
    ).replace(CLOSE, b"X: a")


async def test_export_over_http_1_0_ends_with_its_connection(
    service: Serving, database: TestDatabase
) -> None:
    await bill_visit(service.client)
    database.execute(MANY.format(50_000))
    for media in (CSV, NDJSON):
        whole = (await export(service.client, "/patients/", media)).content
        for fields in ((), (b"Connection: keep-alive",)):
            head, _, body = (await receive_raw(service, ask(media, *fields))).partition(b"\r\n\r\n")
            assert body == whole
            assert b"\r\nconnection: close" in head
            assert b"transfer-encoding" not in head
            assert b"content-length" not in head
        head, _, body = (await receive_raw(service, ask(media, method=b"HEAD"))).partition(
            b"\r\n\r\n"
        )
        assert (b"transfer-encoding" in head, body) == (False, b"")
    head, _, body = (
        await receive_raw(service, ask(NDJSON, path=b"/patients/?last_name=none"))
    ).partition(b"\r\n\r\n")
    assert (head.split()[1], body) == (b"200", b"")


async def test_client_that_reads_the_end_slowly_receives_all_of_it(
    serve: Serve, database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of what it still has to send Sanic drops what is not taken in a moment."""
    made, send = Connection.connection_made, Exchange._send_unframed  # noqa: SLF001 - the end
    ended = asyncio.Event()

    def narrow(self: Connection, transport: BaseTransport) -> None:
        transport.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_SNDBUF, 2**12)
        made(self, transport)

    async def note(self: Exchange, data: bytes, end_stream: bool) -> None:  # noqa: FBT001 - Sanic's
        if end_stream:
            ended.set()
        await send(self, data, end_stream)

    monkeypatch.setattr(Connection, "connection_made", narrow)
    monkeypatch.setattr(Exchange, "_send_unframed", note)
    database.execute(MANY.format(500))
    service = await serve(config(database), settings={"GRACEFUL_TCP_CLOSE_TIMEOUT": 0.01})
    whole = (await export(service.client, "/patients/", NDJSON)).content
    with socket(AF_INET, SOCK_STREAM) as taking:
        taking.setsockopt(SOL_SOCKET, SO_RCVBUF, 2**12)
        taking.connect(("127.0.0.1", service.port))
        reader, writer = await asyncio.open_connection(sock=taking, limit=2**12)
        writer.write(ask(NDJSON))
        await reader.readuntil(b"\r\n\r\n")
        await ended.wait()
        await turns()
        await asyncio.sleep(0.05)  # the loop's timers of less, such as Sanic's, come before
        assert await reader.read() == whole
        writer.close()


async def test_http_1_0_client_receives_no_100_continue(service: Serving) -> None:
    for expected in (b"100-continue", b"a-miracle"):
        sent = post_bytes(JSON, b"Expect: " + expected).replace(b"HTTP/1.1", OLD)
        assert (await one_response(service, sent)).status_code == 201
