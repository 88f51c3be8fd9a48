"""A connection pooler that refuses the settings on which texts depend."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from api.catalog.text_settings import TEXT_SETTINGS
from api.cli import served_catalog
from api.cli.refusal import RefusedError
from api.config import Config

# What PgBouncer answers to the first parameter that it neither tracks nor ignores.
REFUSAL = b"SFATAL\0C08P01\0Munsupported startup parameter: bytea_output\0\0"
SSL_REQUEST = 80877103  # PostgreSQL, chapter "Message Formats"


@asynccontextmanager
async def pooler(seen: list[bytes]) -> AsyncIterator[int]:
    """Listen as a pooler that refuses; add to `seen` what clients ask for; give the port."""

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        length, code = struct.unpack("!ii", await reader.readexactly(8))
        if code == SSL_REQUEST:
            writer.write(b"N")
            length, _ = struct.unpack("!ii", await reader.readexactly(8))
        seen.append(await reader.readexactly(length - 8))
        writer.write(b"E" + struct.pack("!i", len(REFUSAL) + 4) + REFUSAL)
        writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def test_pooler_that_refuses_a_setting_is_told_what_to_ignore() -> None:
    seen: list[bytes] = []
    async with pooler(seen) as port:
        settings = Config(database_url=f"postgresql://somebody@127.0.0.1:{port}/superbill")
        with pytest.raises(RefusedError) as refused:
            await asyncio.to_thread(served_catalog.read, settings)
    for name, value in TEXT_SETTINGS.items():
        assert f"\0{name}\0{value}\0".encode() in seen[0], name
    ignored = "bytea_output,extra_float_digits,lc_monetary"
    assert f"ignore_startup_parameters = {ignored}" in str(refused.value)
