"""Connections, through `databases`: held open, each with its statements prepared; one statement a call.

Acquiring and releasing a pooled connection for a request costs as much as the request itself, so
they are held for the life of the process, the last one used handed out first, and replaced when
they break.
"""

import asyncio
import logging
import random
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from asyncpg import InterfaceError, InternalClientError, PostgresConnectionError, PostgresError
from databases import Database

from api.database import sqlstate
from api.problem import ProblemError

if TYPE_CHECKING:
    from asyncpg.prepared_stmt import PreparedStatement
    from databases.core import Connection

logger = logging.getLogger(__name__)

ATTEMPTS = 3
PREPARED = 500
# A connection that breaks while it changes its state is an InternalClientError to asyncpg.
_BROKEN = (OSError, InterfaceError, InternalClientError, PostgresConnectionError)
FAILURES = (*_BROKEN, PostgresError, TimeoutError)  # what a connection that can't be had raises


def connect(url: str, **options: Any) -> Database:
    """Give a `databases` object for a URL as asyncpg reads it: `databases` itself drops `host` and `sslmode`."""
    read_from_url: dict[str, Any] = dict.fromkeys(("host", "port", "user", "password", "database"))
    return Database(url, dsn=url, reset=_nothing, **read_from_url, **options)


async def _nothing(_: object) -> None:
    """Reset nothing of a connection that is given back: nothing was set, and a network that stalls would hold it."""


class Connections:
    """Held connections to one database, as one role."""

    def __init__(self, url: str, size: int, wait: float, timeout: float) -> None:
        """Prepare for `size` connections; a call waits `wait` seconds for one, its statement runs for `timeout`."""
        # One more than are held, for what is off the hot path.
        self._database = connect(
            url,
            min_size=0,
            max_size=size + 1,
            max_inactive_connection_lifetime=0,
            timeout=wait,
            command_timeout=timeout,
        )
        self._slots = asyncio.Semaphore(size)
        self._free = [_Held(self._database) for _ in range(size)]
        self._all = tuple(self._free)
        self._wait = wait

    async def open(self) -> None:
        """Open them all, as far as the database is there: what is missing is opened when it is needed."""
        await self._database.connect()
        for held in self._all:
            try:
                await held.ensure()
            except ProblemError:
                return

    async def close(self) -> None:
        """Close them all, within the time in which one would open."""
        with suppress(*FAILURES):
            async with asyncio.timeout(self._wait):
                await asyncio.gather(*(held.close() for held in self._all))
                await self._database.disconnect()

    def numbers(self) -> tuple[int, int]:
        """Tell how many connections are open, and how many are in use."""
        return sum(held.is_open() for held in self._all), len(self._all) - len(self._free)

    async def fetch(self, query: str) -> Any:
        """Run a query off the hot path and give its one value, within the time in which a connection would open."""
        async with asyncio.timeout(self._wait), self._database.connection() as connection:
            try:
                return await connection.fetch_val(query)
            except (asyncio.CancelledError, TimeoutError):
                connection.raw_connection.terminate()  # to give it back would be to wait for it
                raise

    async def run(
        self, sql: str, values: Sequence[Any], *, write: bool = False, many: bool = False
    ) -> Any:
        """Run a statement and give its row, or None; with `many` a list of its rows.

        Raises PostgresError as the statement met it, and ProblemError where the connection failed:
        `unavailable` where nothing can have happened, `outcome-unknown` where a write had been
        sent.
        """
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await self._once(sql, values, write=write, many=many)
            except PostgresError as error:
                if error.sqlstate not in ("40001", "40P01", "26000") or attempt == ATTEMPTS:
                    raise
                # spreads them, hides nothing
                await asyncio.sleep(random.uniform(0.005, 0.02) * attempt)  # noqa: S311
        raise AssertionError

    async def _once(self, sql: str, values: Sequence[Any], *, write: bool, many: bool) -> Any:
        held = await self._take()
        try:
            statement = await held.prepare(sql)
            try:
                return await (statement.fetch(*values) if many else statement.fetchrow(*values))
            except PostgresError as error:
                if error.sqlstate == "26000":
                    held.statements.clear()
                if not isinstance(error, PostgresConnectionError):
                    raise
                raise ProblemError(
                    sqlstate.OUTCOME_UNKNOWN if write else sqlstate.UNAVAILABLE
                ) from None
            except (*_BROKEN, TimeoutError) as error:
                logger.warning("a statement failed with %s", type(error).__name__)
                held.terminate()
                raise ProblemError(
                    sqlstate.OUTCOME_UNKNOWN if write else sqlstate.UNAVAILABLE
                ) from None
        finally:
            self._free.append(held)
            self._slots.release()

    async def _take(self) -> "_Held":
        if self._slots.locked():
            try:
                async with asyncio.timeout(self._wait):
                    await self._slots.acquire()
            except TimeoutError:
                logger.warning("no connection was free within %s s", self._wait)
                raise ProblemError(sqlstate.UNAVAILABLE) from None
        else:
            await self._slots.acquire()
        held = self._free.pop()
        try:
            await held.ensure()
        except BaseException:
            self._free.insert(0, held)
            self._slots.release()
            raise
        return held


class _Held:
    """One connection with its prepared statements."""

    def __init__(self, database: Database) -> None:
        self.statements: dict[str, PreparedStatement[Any]] = {}
        self._database = database
        self._connection: Connection | None = None
        self._opening: asyncio.Task[None] | None = None

    def is_open(self) -> bool:
        """Tell whether there is a connection that did not break."""
        try:
            return self._connection is not None and not self._connection.raw_connection.is_closed()
        except InterfaceError:  # it broke, and the pool has taken it back
            return False

    async def ensure(self) -> None:
        """Open the connection where there is none, or it broke."""
        if self.is_open():
            return
        if self._opening is None:
            # A task of its own: `databases` gives one connection a task. Shielded: a client that
            # leaves must not lose it.
            self._opening = asyncio.create_task(self._open())
            self._opening.add_done_callback(lambda task: task.cancelled() or task.exception())
        try:
            await asyncio.shield(self._opening)
        except (*_BROKEN, PostgresError, TimeoutError) as error:
            logger.warning("no connection to the database: %s", type(error).__name__)
            raise ProblemError(sqlstate.UNAVAILABLE) from None

    async def prepare(self, sql: str) -> "PreparedStatement[Any]":
        """Give a prepared statement; nothing has been done when this fails."""
        assert self._connection is not None
        statement = self.statements.pop(sql, None)
        try:
            if statement is None:
                statement = await self._connection.raw_connection.prepare(sql)
        except PostgresError as error:
            if sqlstate.kind(error.sqlstate) in ("unavailable", "connection-lost"):
                raise ProblemError(sqlstate.UNAVAILABLE) from None
            raise
        except (*_BROKEN, TimeoutError):
            self.terminate()
            raise ProblemError(sqlstate.UNAVAILABLE) from None
        self.statements[sql] = statement  # the last one used is the last to go
        if len(self.statements) > PREPARED:
            del self.statements[next(iter(self.statements))]
        return statement

    def terminate(self) -> None:
        """Break the connection off: one that did not answer in time may never do, and the next call would wait."""
        with suppress(InterfaceError):
            if self._connection is not None:
                self._connection.raw_connection.terminate()

    async def close(self) -> None:
        """Give the connection back, or up if it is about to open."""
        if self._opening:
            self._opening.cancel()
            await asyncio.wait([self._opening])
        await self.release()

    async def release(self) -> None:
        """Give the connection back."""
        connection, self._connection = self._connection, None
        self.statements.clear()
        if connection is not None:
            with suppress(*_BROKEN, PostgresError, TimeoutError):
                await connection.__aexit__()

    async def _open(self) -> None:
        try:
            await self.release()
            connection = self._database.connection()
            await connection.__aenter__()
            self._connection = connection
        finally:
            self._opening = None
