"""Pages are made one at a time and in parts, so that other requests have their turn in between.

A thread would not do: it would hold Python's lock for five milliseconds at a time.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from api.pages import tables
from api.pages.tables import Row

_PART = 25  # rows that are written in one turn of the event loop: a quarter of a millisecond


class Turns:
    """The turns of one process."""

    def __init__(self) -> None:
        """Begin without a page."""
        self._lock = asyncio.Lock()

    @asynccontextmanager
    async def taken(self) -> AsyncIterator[None]:
        """Wait until no other page is being made."""
        async with self._lock:
            yield


async def written(
    texts: Sequence[str], write: Callable[[Sequence[Row]], str]
) -> tuple[list[Row], str]:
    """Parse rows and write them, a part in each turn of the event loop."""
    rows: list[Row] = []
    body = ""
    for start in range(0, len(texts), _PART):
        if start:
            await asyncio.sleep(0)
        part = [tables.read(text) for text in texts[start : start + _PART]]
        body += write(part)
        rows += part
    await asyncio.sleep(0)
    return rows, body
