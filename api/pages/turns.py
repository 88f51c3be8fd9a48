"""Pages are made one at a time and in parts, so that other requests have their turn in between.

After each part, and between two pages, other requests have three times its time: on a busy server
pages take at most a quarter of the event loop's time. A thread would not do: it would hold Python's
lock for five milliseconds at a time.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from api.pages import tables
from api.pages.tables import Row

_ROWS = 25  # of one part; between two parts other requests can be answered
_LEAST = 0.0005  # seconds of work that are worth a pause
_PAUSE = 3  # times the seconds of work before it


class Turn:
    """The time in which a page is made."""

    def __init__(self) -> None:
        """Begin."""
        self._since = time.perf_counter()

    async def give_way(self) -> None:
        """Let others have their turn, if the page's own has been long enough; then go on."""
        if self.spent() >= _LEAST:
            await asyncio.sleep(_PAUSE * self.spent())
            self._since = time.perf_counter()

    def spent(self) -> float:
        """Return the seconds since the page began or went on."""
        return time.perf_counter() - self._since


class Turns:
    """The turns of one process."""

    def __init__(self) -> None:
        """Begin without a page."""
        self._lock = asyncio.Lock()
        self._next = 0.0

    @asynccontextmanager
    async def taken(self) -> AsyncIterator[Turn]:
        """Wait until no other page is being made, and the pause after the last one is over."""
        async with self._lock:
            pause = self._next - time.perf_counter()
            if pause > 0:
                await asyncio.sleep(pause)
            turn = Turn()
            try:
                yield turn
            finally:
                self._next = time.perf_counter() + _PAUSE * turn.spent()


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
