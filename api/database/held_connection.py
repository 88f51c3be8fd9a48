"""One connection that is held for the life of the process, with its prepared statements."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from asyncpg import InterfaceError, InternalClientError, PostgresConnectionError, PostgresError
from databases import Database

from api.database import sqlstate, train
from api.database.train import Car
from api.problem import ProblemError
from api.sql.binding import quoted

if TYPE_CHECKING:
    from asyncpg.prepared_stmt import PreparedStatement
    from databases.core import Connection

logger = logging.getLogger(__name__)

# Raised by a broken connection; InternalClientError if asyncpg does not know its state.
BROKEN = (OSError, InterfaceError, InternalClientError, PostgresConnectionError)
# Raised if no connection can be opened.
FAILURES = (*BROKEN, PostgresError, TimeoutError)


class HeldConnection:
    """A connection that is opened when it is needed, and again after it broke."""

    def __init__(self, database: Database, most_prepared: int) -> None:
        """Prepare for a connection that keeps at most `most_prepared` statements prepared."""
        self.statements: dict[str, PreparedStatement[Any]] = {}  # the least recently used first
        self.role = ""  # of the last statement: Postgres plans its statements again for another
        self._database = database
        self._most_prepared = most_prepared
        self._connection: Connection | None = None
        self._opening: asyncio.Task[None] | None = None
        self._announce: PreparedStatement[Any] | None = None
        self._limit_locks: PreparedStatement[Any] | None = None
        self.is_settled = True  # False: Postgres may still be cancelling a statement

    async def ensure_open(self) -> None:
        """Open the connection if it is not open, or broke.

        Raises ProblemError `unavailable`.
        """
        if self.is_open():
            return
        if self._opening is None:
            # In a task of its own, because `databases` has one connection for each task. Shielded,
            # because a request that is cancelled must not cancel the opening.
            self._opening = asyncio.create_task(self._open())
            self._opening.add_done_callback(lambda task: task.cancelled() or task.exception())
        try:
            await asyncio.shield(self._opening)
        except FAILURES as error:
            logger.warning("no connection to the database: %s", type(error).__name__)
            raise ProblemError(sqlstate.UNAVAILABLE) from None

    def is_open(self) -> bool:
        """Return whether there is a connection that has not broken."""
        try:
            return self._connection is not None and not self._connection.raw_connection.is_closed()
        except InterfaceError:  # it broke, and asyncpg's pool took it back
            return False

    async def _open(self) -> None:
        try:
            await self._release()
            connection = self._database.connection()
            await connection.__aenter__()
            self._connection = connection
        finally:
            self._opening = None

    async def _settle(self) -> None:
        """Make the connection ready for `announce`: Postgres has answered all that was sent."""
        assert self._connection is not None
        raw = self._connection.raw_connection
        if self._announce is None:
            self._limit_locks = await raw.prepare(train.LIMIT_LOCKS)
            self._announce = await raw.prepare(train.ANNOUNCE)
        # Behind a pooler, its Sync ends what `prepare` has begun.
        await self._announce.fetch("", "", "none")
        self.is_settled = True

    def forget_statements(self) -> None:
        """Prepare every statement again: a pooler has changed the server's session."""
        self.statements.clear()
        self._announce = self._limit_locks = None

    async def prepare(self, sql: str, role: str) -> "PreparedStatement[Any]":
        """Return a prepared statement; nothing has run when this raises.

        A new one is parsed as the role: the login itself may not even name what it reads.

        Raises ProblemError `unavailable` if the connection broke or was closed, otherwise
        PostgresError.
        """
        assert self._connection is not None
        statement = self.statements.pop(sql, None)
        try:
            if self._announce is None or not self.is_settled:
                await self._settle()
            if statement is None:
                statement = await self._parse(sql, role)
        except PostgresError as error:
            if sqlstate.kind(error.sqlstate) in ("unavailable", "connection-lost"):
                raise ProblemError(sqlstate.UNAVAILABLE) from None
            raise
        except (*BROKEN, TimeoutError):
            self.terminate()
            raise ProblemError(sqlstate.UNAVAILABLE) from None
        self.statements[sql] = statement
        if len(self.statements) > self._most_prepared:
            del self.statements[next(iter(self.statements))]
        return statement

    async def _parse(self, sql: str, role: str) -> "PreparedStatement[Any]":
        assert self._connection is not None
        connection = self._connection.raw_connection
        try:
            await connection.execute(f"BEGIN; SET LOCAL ROLE {quoted(role)}")
            try:
                statement: PreparedStatement[Any] = await connection.prepare(sql)
            finally:
                await connection.execute("COMMIT")  # after an error it is a ROLLBACK
        except asyncio.CancelledError:
            self.terminate()  # it may be in the transaction
            raise
        return statement

    def announce(
        self,
        prepared: "Mapping[str, PreparedStatement[Any]]",
        cars: Sequence[Car],
        *,
        limit_locks: bool,
    ) -> None:
        """Send all that stands before the call of the last car, which has to follow at once.

        `prepared`: the statements of the cars by their texts, and ANNOUNCE_SEVERAL if one of them
        is shared. Nothing may be under way on the connection: asyncpg would send the call later
        than this.
        Raises ProblemError `unavailable` if the connection is being closed.
        """
        assert self._announce is not None
        assert self._limit_locks is not None
        assert self._connection is not None
        messages = [train.limit(self._limit_locks.get_name())] if limit_locks else []
        # A setting lasts until the end of the transaction. So where one car has several actors, the
        # other cars set them too.
        several, last = prepared.get(train.ANNOUNCE_SEVERAL), cars[-1]
        name = (several or self._announce).get_name()
        for car in cars:
            messages.append(
                train.announced(name, car) if several else train.announcement(name, car.identity)
            )
            if car is not last:
                messages.append(train.call(prepared[car.sql].get_name(), car.values))
        transport = self._connection.raw_connection._con._transport  # noqa: SLF001 - see test_private_names
        if transport is None or transport.is_closing():
            self.terminate()
            raise ProblemError(sqlstate.UNAVAILABLE)
        transport.write(b"".join(messages))
        self.role = last.identity.role

    def terminate(self) -> None:
        """Abort the connection at once: the next call opens another.

        A connection that did not answer in time may never do so.
        """
        with suppress(InterfaceError):
            if self._connection is not None:
                self._connection.raw_connection.terminate()

    async def close(self) -> None:
        """Close the connection, also one that is just being opened."""
        if self._opening:
            self._opening.cancel()
            await asyncio.wait([self._opening])
        await self._release()

    async def _release(self) -> None:
        connection, self._connection = self._connection, None
        self.forget_statements()
        self.role, self.is_settled = "", True
        if connection is not None:
            with suppress(*FAILURES):
                await connection.__aexit__()
