"""How long a stream waits for its client: a slow client keeps its place until another needs it.

A client has a credit of waiting time: 1 second for each `LEAST_RATE` bytes that it sends or reads,
at most `MOST_CREDIT` seconds at once. A client without credit is late. It may stay late until
another stream waits for a place (`streams`), or until it does nothing for `patience` seconds.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

PIECE = 2**16  # bytes of an answer that a client must read within `patience` seconds
LEAST_RATE = 2**14  # bytes per second, far less than common networks carry
MOST_CREDIT = 2.0  # seconds: less than a stream waits for a place

_T = TypeVar("_T")


class Pace:
    """Measures how late one stream's client is, and limits how long the stream waits for it."""

    __slots__ = ("_credit", "_cut_off", "_end", "_limit", "_now", "_patience", "_waiting_since")

    def __init__(
        self, patience: float, seconds: float, now: Callable[[], float] | None = None
    ) -> None:
        """Start. The client may do nothing for `patience` seconds; the stream ends after `seconds`.

        `now` is the clock, in seconds; by default the event loop's.
        """
        self._now = now or asyncio.get_running_loop().time
        self._patience, self._end = patience, self._now() + seconds
        self._credit = MOST_CREDIT  # seconds
        self._waiting_since = 0.0
        self._limit: asyncio.Timeout | None = None  # while the stream waits for the client
        self._cut_off = False

    async def wait(self, client: Awaitable[_T]) -> _T:
        """Wait until the client has sent or read something.

        Raises TimeoutError after `patience` or `seconds`, or when the client is cut off.
        """
        self._waiting_since, self._cut_off = self._now(), False
        left = min(self._end - self._waiting_since, self._patience)
        try:
            async with asyncio.timeout(left) as self._limit:
                return await client
        finally:
            self._limit = None
            self._credit -= self._now() - self._waiting_since

    def moved(self, size: int) -> None:
        """Count bytes that the client has sent or read."""
        self._credit = min(MOST_CREDIT, self._credit + size / LEAST_RATE)

    @property
    def seconds_late(self) -> float:
        """How late the client is; 0 or less where it is not, or the stream does not wait for it."""
        return self._now() - self._waiting_since - self._credit if self._limit else 0

    @property
    def is_cut_off(self) -> bool:
        """Whether `cut_off` has ended the waiting, and nothing has been waited for since."""
        return self._cut_off

    def cut_off(self) -> None:
        """End the waiting at once, with a TimeoutError."""
        assert self._limit
        self._cut_off = True
        self._limit.reschedule(asyncio.get_running_loop().time())
