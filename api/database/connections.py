"""The connections to one database, through `databases`: they stay open; a call is one statement.

Acquiring and releasing a pooled connection costs as much as a request. So the connections are held
for the life of the process, and one that broke is replaced. A call takes the connection that was
used last for its role: Postgres plans a statement again where the role has changed since.
"""

import asyncio
import logging
import random
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from asyncpg import PostgresConnectionError, PostgresError
from databases import Database, core

from api.catalog.text_settings import TEXT_SETTINGS
from api.database import sqlstate, train
from api.database.held_connection import BROKEN, FAILURES, HeldConnection
from api.database.train import Car
from api.identity import Identity
from api.problem import ProblemError

__all__ = ["FAILURES", "Connections", "connect", "fetch_as"]

logger = logging.getLogger(__name__)

ATTEMPTS = 3
_SET_ROLE = "SELECT set_config('role', :role, true)"
# A serialization failure, a deadlock, and a prepared statement that is gone: nothing was done, and
# the next attempt may succeed.
_REPEATABLE = ("40001", "40P01", "26000")


def connect(url: str, **options: Any) -> Database:
    """Make a `databases.Database` whose URL asyncpg parses; `options`: of `asyncpg.create_pool`.

    `databases` itself would ignore `host` and `sslmode` in the URL's query. TEXT_SETTINGS are
    parameters of the connection, in its first message: a later SET would reach other clients of a
    pooler.
    """
    read_from_url: dict[str, Any] = dict.fromkeys(("host", "port", "user", "password", "database"))
    settings = dict(TEXT_SETTINGS)
    return Database(
        url, dsn=url, reset=_reset_nothing, server_settings=settings, **read_from_url, **options
    )


async def _reset_nothing(_: object) -> None:
    """Leave a connection unchanged when it returns to the pool.

    No setting of it was changed, and asyncpg's own reset query would not end on a stalled network.
    """


async def fetch_as(role: str, database: Database | core.Connection, query: str) -> Any:
    """Run a query as a role, and return its one value."""
    async with database.transaction():
        await database.execute(_SET_ROLE, {"role": role})
        return await database.fetch_val(query)


class Connections:
    """Held connections to one database. Each statement acts for a caller."""

    def __init__(
        self, url: str, size: int, wait: float, timeout: float, most_prepared: int = 500
    ) -> None:
        """Prepare for `size` connections, each with at most `most_prepared` statements.

        A call waits `wait` seconds for a connection; its statement runs for `timeout` seconds.
        """
        self._database = connect(
            url,
            min_size=0,
            max_size=size + 1,  # one more for `fetch`
            max_inactive_connection_lifetime=0,
            timeout=wait,
            command_timeout=timeout,
        )
        self._slots = asyncio.Semaphore(size)
        self._free = [HeldConnection(self._database, most_prepared) for _ in range(size)]
        self._all = tuple(self._free)
        self._wait = wait

    async def open(self) -> None:
        """Open all connections; where one can't be opened, leave the rest until they are needed."""
        await self._database.connect()
        for held in self._all:
            try:
                await held.ensure_open()
            except ProblemError:
                return

    async def close(self) -> None:
        """Close all connections, within `wait` seconds."""
        with suppress(*FAILURES):
            async with asyncio.timeout(self._wait):
                await asyncio.gather(*(held.close() for held in self._all))
                await self._database.disconnect()

    def numbers(self) -> tuple[int, int]:
        """Return the number of connections that are open, and of those in use."""
        return sum(held.is_open() for held in self._all), len(self._all) - len(self._free)

    async def fetch(self, query: str, role: str) -> Any:
        """Run a query as a role, on a connection that is not held, and return its one value.

        Raises TimeoutError after `wait` seconds, and what FAILURES lists.
        """
        async with asyncio.timeout(self._wait), self._database.connection() as connection:
            try:
                return await fetch_as(role, connection, query)
            except (asyncio.CancelledError, TimeoutError):
                # Otherwise the pool, to which it returns, would wait for its answer.
                connection.raw_connection.terminate()
                raise

    async def run(
        self, sql: str, values: Sequence[Any], identity: Identity, *, write: bool = False
    ) -> Any:
        """Run a statement for a caller and return its row, or None.

        Raises PostgresError if Postgres refuses the statement, and ProblemError if the connection
        fails: `unavailable` if nothing was changed, `outcome-unknown` if a write had been sent.
        """
        return await self._run((Car(identity, sql, values),), write=write, many=False)

    async def run_many(self, cars: Sequence[Car], *, write: bool = False) -> Any:
        """Run the statements of some callers, who have the same role; return all rows.

        A write waits for a lock for LOCK_TIMEOUT seconds. Raises what `run` does.
        """
        return await self._run(cars, write=write, many=True)

    async def _run(self, cars: Sequence[Car], *, write: bool, many: bool) -> Any:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await self._run_once(cars, write=write, many=many)
            except PostgresError as error:
                if error.sqlstate not in _REPEATABLE or attempt == ATTEMPTS:
                    raise
                # Random, so that statements that conflicted do not conflict again.
                await asyncio.sleep(random.uniform(0.005, 0.02) * attempt)  # noqa: S311 - no secret
        raise AssertionError

    async def _run_once(self, cars: Sequence[Car], *, write: bool, many: bool) -> Any:
        last = cars[-1]
        role = last.identity.role
        held = await self._take(role)
        try:
            await held.ensure_open()
            texts = {car.sql for car in cars}
            if many and any(car.actors for car in cars):
                texts.add(train.ANNOUNCE_SEVERAL)
            prepared = {sql: await held.prepare(sql, role) for sql in texts}
            statement = prepared[last.sql]
            lost = sqlstate.OUTCOME_UNKNOWN if write else sqlstate.UNAVAILABLE
            held.announce(prepared, cars, limit_locks=write and many)
            try:
                return await (
                    statement.fetch(*last.values) if many else statement.fetchrow(*last.values)
                )
            except PostgresError as error:
                if error.sqlstate == "26000":
                    held.forget_statements()
                if not isinstance(error, PostgresConnectionError):
                    raise
                raise ProblemError(lost) from None
            except (*BROKEN, TimeoutError) as error:
                logger.warning("a statement failed with %s", type(error).__name__)
                held.terminate()
                raise ProblemError(lost) from None
        except asyncio.CancelledError:
            held.is_settled = False
            raise
        finally:
            self._free.append(held)
            self._slots.release()

    async def _take(self, role: str) -> HeldConnection:
        """Take the connection that was used last for the role, or the one unused for longest.

        Raises ProblemError `unavailable` where none is free in time.
        """
        if self._slots.locked():
            try:
                async with asyncio.timeout(self._wait):
                    await self._slots.acquire()
            except TimeoutError:
                logger.warning("no connection was free within %s s", self._wait)
                raise ProblemError(sqlstate.UNAVAILABLE) from None
        else:
            await self._slots.acquire()
        free = self._free
        for number in range(len(free) - 1, -1, -1):
            if free[number].role == role:
                return free.pop(number)
        return free.pop(0)
