"""Pages are made one at a time and in parts, so that other requests have their turn in between.

Between its parts a page waits as long as they took, so that on a busy server pages take at most
half of the event loop's time. A thread would not do: it would hold Python's lock for five
milliseconds at a time.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from api.pages import tables
from api.pages.tables import Row

_ROWS = 25  # that are written before it is asked whether others should have their turn
_LEAST = 0.0005  # seconds of work that are worth a pause


class Turn:
    """The time in which a page is made."""

    def __init__(self) -> None:
        """Begin."""
        self._since = time.perf_counter()

    async def give_way(self) -> None:
        """Let others have their turn for as long as the page has had its own, if that is worth it.

        Then the page's turn begins again.
        """
        spent = time.perf_counter() - self._since
        if spent >= _LEAST:
            await asyncio.sleep(spent)
            self._since = time.perf_counter()


class Turns:
    """The turns of one process."""

    def __init__(self) -> None:
        """Begin without a page."""
        self._lock = asyncio.Lock()

    @asynccontextmanager
    async def taken(self) -> AsyncIterator[Turn]:
        """Wait until no other page is being made."""
        async with self._lock:
            yield Turn()


async def written(
    texts: Sequence[str], write: Callable[[Sequence[Row]], str], turn: Turn
) -> tuple[list[Row], str]:
    """Parse rows and write them, a few in each turn."""
    rows: list[Row] = []
    body = ""
    for start in range(0, len(texts), _ROWS):
        part = [tables.read(text) for text in texts[start : start + _ROWS]]
        body += write(part)
        rows += part
        await turn.give_way()
    return rows, body
