"""How fast the other side of a stream is: who is slow may be, until another waits for its place."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

PIECE = 2**16  # bytes of an answer: who takes so many in its time goes on
_LEAST = 2**14  # bytes a second: slower than any line that people have
# seconds of waiting that a client has at most, however fast it was before: less than others wait
_CREDIT = 2.0

_T = TypeVar("_T")


class Pace:
    """How long a stream may still wait for its client, of which each byte that moves is worth a little."""

    __slots__ = ("_credit", "_end", "_leaves", "_limit", "_now", "_patience", "_since")

    def __init__(self, patience: float, seconds: float) -> None:
        """Begin; the client may do nothing for `patience` seconds, and all of the stream may take so many seconds."""
        self._now = asyncio.get_running_loop().time
        self._patience, self._end = patience, self._now() + seconds
        self._credit, self._since = _CREDIT, 0.0
        self._limit: asyncio.Timeout | None = None
        self._leaves = False

    async def wait(self, client: Awaitable[_T]) -> _T:
        """Wait until the client has given or taken something, for as long as it may do nothing.

        Raises TimeoutError, also where it gives way.
        """
        self._since, self._leaves = self._now(), False
        limit = asyncio.timeout_at(min(self._end, self._since + self._patience))
        try:
            async with limit:
                self._limit = limit
                return await client
        finally:
            self._limit = None
            self._credit -= self._now() - self._since

    def moved(self, size: int) -> None:
        """Note that so many bytes came, or were taken."""
        self._credit = min(_CREDIT, self._credit + size / _LEAST)

    @property
    def leaves(self) -> bool:
        """Whether it gives way."""
        return self._leaves

    @property
    def lag(self) -> float:
        """How many seconds the client is late; none where it isn't the client that is waited for."""
        return self._now() - self._since - self._credit if self._limit else 0

    def give_way(self) -> None:
        """End the waiting, now."""
        assert self._limit
        self._leaves = True
        self._limit.reschedule(self._now())
