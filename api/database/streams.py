"""Streams: many rows in one transaction, in bounded memory, each on a connection of its own.

The number of streams is bounded. Where all places are taken and another stream waits, the stream
with the slowest client ends, if that client is late (`slow_clients`).
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any, cast

from asyncpg import Connection, InterfaceError
from databases import core

from api.database import sqlstate
from api.database.connections import FAILURES, connect
from api.database.slow_clients import Pace
from api.database.train import ANNOUNCE, settings
from api.document.media_types import JSON, NDJSON
from api.identity import Identity
from api.problem import ProblemError
from api.sql import limits
from api.sql.row_text import decoded

logger = logging.getLogger(__name__)

GRACE = 5  # seconds: our time limit is longer than Postgres's by this
_INTERVAL = 0.2  # seconds between two searches for a late client
# Characters that JSON text never has, so that COPY neither quotes nor splits a line.
_LINES = {"delimiter": "\x02", "quote": "\x01"}
_CELLS = {"header": True}


Send = Callable[[bytes], Coroutine[Any, Any, None]]


class StalledError(Exception):
    """The client does not read its answer in time."""


class Streams:
    """The connections of streams to one database: opened when they are needed."""

    def __init__(self, url: str, size: int, wait: float, timeout: float, patience: float) -> None:
        """Let `size` streams run at once; another waits `wait` seconds for a place.

        A stream ends after `timeout` seconds, or when its client or Postgres does nothing for
        `patience` seconds.
        """
        self._database = connect(
            url, min_size=0, max_size=size, timeout=wait, command_timeout=patience
        )
        self._slots = asyncio.Semaphore(size)
        self._running: set[Pace] = set()
        self._wait = wait
        self._patience = patience
        self.timeout = timeout
        self._set_limits = limits.timeouts(timeout, timeout + GRACE)

    async def open(self) -> None:
        """Prepare; this connects to nothing yet."""
        await self._database.connect()

    async def close(self) -> None:
        """Close all connections, within `wait` seconds."""
        with suppress(*FAILURES):
            async with asyncio.timeout(self._wait):
                await self._database.disconnect()

    def pace(self) -> Pace:
        """Return the pace of a new stream's client."""
        return Pace(self._patience, self.timeout)

    @asynccontextmanager
    async def reading(self, pace: Pace, identity: Identity) -> AsyncIterator["Connection[Any]"]:
        """Yield a connection in a read-only transaction for a caller, on one snapshot.

        Raises ProblemError `unavailable`.
        """
        options: dict[str, Any] = {"isolation": "repeatable_read", "readonly": True}
        async with (
            self._connection(pace) as connection,
            self._transaction(connection, identity, **options),
        ):
            yield connection

    @asynccontextmanager
    async def writing(self, pace: Pace, identity: Identity) -> AsyncIterator["Connection[Any]"]:
        """Yield a connection in a transaction for a caller, which is committed at the end.

        Raises ProblemError `unavailable`, and `outcome-unknown` where the connection is lost during
        the commit.
        """
        async with self._connection(pace) as connection, self._transaction(connection, identity):
            yield connection

    @asynccontextmanager
    async def _connection(self, pace: Pace) -> AsyncIterator["Connection[Any]"]:
        await self._take_slot()
        self._running.add(pace)
        try:
            # Made in a task of its own: `databases` has one connection for each task, and would
            # reuse one that it failed to release.
            connection = await asyncio.create_task(self._new_connection())
            try:
                await connection.__aenter__()
            except FAILURES as error:
                logger.warning("no connection to the database: %s", type(error).__name__)
                raise ProblemError(sqlstate.UNAVAILABLE) from None
            try:
                yield cast("Connection[Any]", connection.raw_connection)
            finally:
                with suppress(*FAILURES):
                    await connection.__aexit__()
        finally:
            self._running.remove(pace)
            self._slots.release()

    async def _take_slot(self) -> None:
        cutting = (
            asyncio.create_task(self._cut_off_late_clients()) if self._slots.locked() else None
        )
        try:
            async with asyncio.timeout(self._wait):
                await self._slots.acquire()
        except TimeoutError:
            logger.warning("no stream ended within %s s", self._wait)
            raise ProblemError(sqlstate.UNAVAILABLE) from None
        finally:
            if cutting:
                cutting.cancel()

    async def _cut_off_late_clients(self) -> None:
        """Cut off the slowest client if it is late; when its stream has ended, the next one."""
        while True:
            slowest = max(self._running, key=lambda pace: pace.seconds_late, default=None)
            ending = any(pace.is_cut_off for pace in self._running)
            if slowest and slowest.seconds_late > 0 and not ending:
                logger.warning("a stream was cut off: its client was too slow, and another waited")
                slowest.cut_off()
            await asyncio.sleep(_INTERVAL)

    async def _new_connection(self) -> core.Connection:
        return self._database.connection()

    @asynccontextmanager
    async def _transaction(
        self, connection: "Connection[Any]", identity: Identity, **options: Any
    ) -> AsyncIterator[None]:
        transaction = connection.transaction(**options)
        try:
            await transaction.start()
            # In place of the login's limits, which may be too short for a slow client's stream.
            await connection.execute(self._set_limits)
            await connection.execute(ANNOUNCE, *settings(identity))
            yield
        except BaseException:
            try:
                await transaction.rollback()
            except FAILURES:
                with suppress(InterfaceError):
                    connection.terminate()
            raise
        try:
            await transaction.commit()
        except FAILURES as error:
            with suppress(InterfaceError):
                connection.terminate()
            undone = sqlstate.kind(getattr(error, "sqlstate", "08")) != "connection-lost"
            raise ProblemError(
                sqlstate.UNAVAILABLE if undone else sqlstate.OUTCOME_UNKNOWN
            ) from error

    async def copy(
        self,
        connection: "Connection[Any]",
        query: str,
        media: str,
        send: Send,
    ) -> None:
        """Send the rows of a query that `lists.export` composed for this media type.

        Raises PostgresError, and StalledError where the client does not read them.
        """
        options: dict[str, Any] = _LINES if media in (NDJSON, JSON) else _CELLS
        limit = self.timeout + GRACE
        array = _JsonArray(send) if media == JSON else None
        output = array.send if array else send
        await connection.copy_from_query(
            query, output=output, timeout=limit, format="csv", **options
        )
        if array:
            await array.end()


class _JsonArray:
    """Sends lines of JSON as one array."""

    def __init__(self, send: Send) -> None:
        """Begin; `send` sends bytes."""
        self._send = send
        self._last = b"["  # what has not been sent: the bracket, or the comma behind a row

    async def send(self, lines: bytes) -> None:
        """Send some bytes of lines; a piece may end inside a line."""
        text = self._last + decoded(lines)
        self._last = text[-1:]
        await self._send(text[:-1])

    async def end(self) -> None:
        """Send the end of the array, without the comma behind the last row."""
        await self._send(b"[]" if self._last == b"[" else b"]")
