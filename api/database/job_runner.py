"""Runs the jobs of the schema at their intervals, one after another, on a connection of its own.

Each run is one transaction, which acts as KEEPER, and which an advisory lock keeps from running
beside another of the same job, whichever server that belongs to. What a job returns is logged after
its COMMIT, a line for each text.
"""

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from asyncpg import InterfaceError, PostgresConnectionError, PostgresError

from api.catalog.jobs import KEEPER, Job
from api.database.connections import FAILURES, connect
from api.database.train import ANNOUNCE, settings
from api.identity import Identity
from api.sql import limits

if TYPE_CHECKING:
    from asyncpg import Connection

logger = logging.getLogger(__name__)

_PAUSE = 1.0  # seconds until the next attempt to connect
_GRACE = 5.0  # seconds: our time limit is longer than Postgres's by this
_SET = "SELECT set_config($1, $2, true)"
# A lock of the transaction, since behind a pooler nothing else is the runner's own.
_LOCK = "SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0))"


class JobRunner:
    """Runs jobs until it is closed."""

    def __init__(
        self,
        url: str,
        jobs: Sequence[Job],
        options: Mapping[str, str],
        *,
        wait: float,
        timeout: float,
    ) -> None:
        """Prepare. To connect may take `wait` seconds, a job `timeout` seconds.

        `options`: the settings of each transaction, by their names.
        """
        self._database = connect(
            url,
            min_size=0,
            max_size=1,
            max_inactive_connection_lifetime=0,
            timeout=wait,
            command_timeout=timeout + _GRACE,
        )
        self._limits = limits.timeouts(timeout, timeout + _GRACE)
        self._options = options
        self._due = dict.fromkeys(jobs, 0.0)
        self._failures: dict[str, str] = {}
        self._connection: Connection[Any] | None = None
        self._running: asyncio.Task[None] | None = None
        self._is_closed = False

    def start(self) -> None:
        """Run the jobs from now on, if there are any."""
        if self._due:
            self._running = asyncio.create_task(self._run())

    async def close(self) -> None:
        """End at once; what is under way is undone."""
        self._is_closed = True
        if self._running:
            self._terminate()  # otherwise the cancelled statement is waited for
            self._running.cancel()
            await asyncio.wait([self._running])

    def _terminate(self) -> None:
        if self._connection:
            with suppress(InterfaceError):
                self._connection.terminate()

    async def _run(self) -> None:
        """Run the jobs; connect again after the database was lost."""
        await self._database.connect()
        try:
            while not self._is_closed:
                try:
                    await self._run_connected()
                except FAILURES as error:
                    if self._is_closed:  # the error stands in the place of the cancellation
                        return
                    self._failed("the connection of the jobs", type(error).__name__)
                await asyncio.sleep(_PAUSE)
        finally:
            with suppress(*FAILURES):
                await self._database.disconnect()

    async def _run_connected(self) -> None:
        """Run what is due, until the connection is lost."""
        async with self._database.connection() as held:
            self._connection = connection = held.raw_connection
            self._succeeded("the connection of the jobs")
            try:
                while True:
                    pause = min(self._due.values()) - time.monotonic()
                    await asyncio.sleep(max(0.0, pause))
                    for job, due in self._due.items():
                        if due <= time.monotonic():
                            self._due[job] = time.monotonic() + job.every
                            await self._run_job(connection, job)
            finally:
                self._terminate()

    async def _run_job(self, connection: "Connection[Any]", job: Job) -> None:
        try:
            lines = await self._lines(connection, job)
        except PostgresConnectionError:
            raise
        except PostgresError as error:
            self._failed(f"the job {job.name}", error.sqlstate or "")
        else:
            self._succeeded(f"the job {job.name}")
            for line in lines:
                logger.info("%s: %s", job.name, line)

    async def _lines(self, connection: "Connection[Any]", job: Job) -> list[str]:
        identity = Identity(KEEPER, actor=job.name)
        async with connection.transaction():
            await connection.execute(self._limits)
            await connection.execute(ANNOUNCE, *settings(identity))
            for name, value in self._options.items():
                await connection.execute(_SET, name, value)
            if not await connection.fetchval(_LOCK, job.name):
                return []
            rows = await connection.fetch(f"SELECT {job.name}() AS line")
            return [row["line"] for row in rows if row["line"]]

    def _failed(self, what: str, how: str) -> None:
        """Log a failure, unless it is the same as before."""
        if self._failures.get(what) != how:
            self._failures[what] = how
            logger.warning("%s failed with %s; it is tried again", what, how)

    def _succeeded(self, what: str) -> None:
        if self._failures.pop(what, None):
            logger.info("%s works again", what)
