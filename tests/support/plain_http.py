"""HTTP/1.1 for httpx over asyncio's streams; its own transport takes four times the CPU time."""

import asyncio
import select
import ssl
from asyncio import IncompleteReadError, StreamReader, StreamWriter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress

import httpx

# Given as `verify` to httpx, which otherwise loads all certificates for each client: 20 ms.
NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

_MOST = 100  # connections of a client at the same time, as of httpx
_LARGEST = 2**20  # bytes of a head
_WITHOUT_BODY = (204, 304)

Connection = tuple[StreamReader, StreamWriter]


class PlainTransport(httpx.AsyncBaseTransport):
    """Sends requests on connections that it keeps, without TLS, and reads each answer whole."""

    def __init__(self) -> None:
        """Prepare."""
        self._free = asyncio.Semaphore(_MOST)
        self._idle: dict[tuple[str, int], list[Connection]] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and read its answer. Raises httpx.TransportError."""
        seconds = request.extensions.get("timeout", {}).get("read")
        async with self._free, self._connection(request) as (reader, writer):
            with suppress(ConnectionError):  # it may have answered before it had read the body
                await _send(request, writer)
            async with asyncio.timeout(seconds):
                status, headers, said = await _head(reader)
                body = b""
                if request.method != "HEAD" and status not in _WITHOUT_BODY:
                    body = await _body(reader, headers)
            if "close" in headers.get("connection", ""):
                writer.close()
        stream = httpx.ByteStream(body)
        return httpx.Response(status, headers=headers, stream=stream, extensions=said)

    async def aclose(self) -> None:
        """Close the connections that are kept."""
        for several in self._idle.values():
            for _, writer in several:
                writer.close()
        self._idle.clear()
        await asyncio.sleep(0)

    @asynccontextmanager
    async def _connection(self, request: httpx.Request) -> AsyncIterator[Connection]:
        """Give a connection, which is kept unless it is closed meanwhile or an error comes."""
        place = request.url.host, request.url.port or 80
        idle = self._idle.setdefault(place, [])
        connection = next(_open_ones(idle), None)
        try:
            connection = connection or await asyncio.open_connection(*place, limit=_LARGEST)
        except OSError as error:
            raise httpx.ConnectError(str(error), request=request) from error
        writer = connection[1]
        try:
            yield connection
        except BaseException as error:
            writer.close()
            if isinstance(error, TimeoutError):
                raise httpx.ReadTimeout(str(error), request=request) from error
            if isinstance(error, (ConnectionError, IncompleteReadError)):
                raise httpx.RemoteProtocolError(str(error), request=request) from error
            raise
        if not writer.is_closing():
            idle.append(connection)


def _open_ones(idle: list[Connection]) -> Iterator[Connection]:
    """Take connections that the server has not closed."""
    while idle:
        reader, writer = idle.pop()
        readable = select.poll()
        readable.register(writer.get_extra_info("socket"), select.POLLIN)
        if not reader.at_eof() and not writer.is_closing() and not readable.poll(0):
            yield reader, writer
        writer.close()


async def _send(request: httpx.Request, writer: StreamWriter) -> None:
    fields = b"".join(b"%b: %b\r\n" % field for field in request.headers.raw)
    target = request.extensions.get("target", request.url.raw_path)
    writer.write(b"%b %b HTTP/1.1\r\n%b\r\n" % (request.method.encode(), target, fields))
    in_chunks = "transfer-encoding" in request.headers
    assert isinstance(request.stream, httpx.AsyncByteStream)
    async for part in request.stream:
        if part:
            writer.write(b"%x\r\n%b\r\n" % (len(part), part) if in_chunks else part)
            await writer.drain()
    if in_chunks:
        writer.write(b"0\r\n\r\n")


async def _head(reader: StreamReader) -> tuple[int, httpx.Headers, dict[str, bytes]]:
    """Read status and header fields of the final answer, and what else its first line says."""
    while True:
        first, *lines = (await reader.readuntil(b"\r\n\r\n"))[:-4].split(b"\r\n")
        version, status, *reason = first.split(b" ", 2)
        fields = [line.split(b":", 1) for line in lines]
        headers = httpx.Headers([(name, value.strip(b" \t")) for name, value in fields])
        if not status.startswith(b"1"):
            said = {"http_version": version, "reason_phrase": b"".join(reason)}
            return int(status), headers, said


async def _body(reader: StreamReader, headers: httpx.Headers) -> bytes:
    if headers.get("transfer-encoding") == "chunked":
        return b"".join([chunk async for chunk in _chunks(reader)])
    if "content-length" in headers:
        return await reader.readexactly(int(headers["content-length"]))
    return await reader.read()


async def _chunks(reader: StreamReader) -> AsyncIterator[bytes]:
    while size := int((await reader.readuntil(b"\r\n")).partition(b";")[0], 16):
        yield await reader.readexactly(size)
        await reader.readexactly(2)
    while await reader.readuntil(b"\r\n") != b"\r\n":
        """A trailer."""
