"""Lines of the access log, and clients that close their connection early."""

import asyncio
import re

import pytest

from tests.support.problems import MARK
from tests.support.stalling_clients import turns
from tests.support.visits import Visit

LINE = re.compile(r"(\S+) (\d{3}) (?:-|\d+\.\d) ms \S+ (urn:uuid:[0-9a-f-]{36})")


def access_log_lines(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str, str]]:
    """Read operation, status and request id of every line of the access log."""
    found = []
    for record in caplog.records:
        if record.name == "api.access":
            matched = LINE.fullmatch(record.getMessage())
            assert matched, record.getMessage()
            found.append((matched[1], matched[2], matched[3]))
    return found


async def close_early(v: Visit, port: int) -> None:
    """Hang up in the head, in the body, and before the answer is read; a line each."""
    for sent in (
        f"GET /patients/{MARK}",
        (
            f"POST /patients/{v.patient}/encounters/?{MARK} HTTP/1.1\r\nContent-Length: 99\r\n"
            f'Content-Type: application/json\r\n\r\n{{"{MARK}'
        ),
        f"GET /encounters/{v.encounter}/line_items/?{MARK} HTTP/1.1\r\n\r\n",
    ):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent.encode())
        await writer.drain()
        await turns()
        writer.transport.abort()
