"""The log of reads: who read what, written to the database in groups.

A read is noted when it is answered, and written within `_INTERVAL` and the time of a statement. A
process that is killed loses what it has noted since. While the database can't be written to, up to
`_MOST` reads wait; beyond them reads are lost, and their number is logged and counted.
"""

import asyncio
import logging
import time
from collections import deque
from contextlib import suppress
from typing import Any

from asyncpg import PostgresError, UniqueViolationError

from api.catalog.audit import RECORD_READS
from api.catalog.jobs import KEEPER
from api.database.connections import Connections
from api.http.counts import Counts
from api.http.read_rows import FIELDS, ReadRows, Row, columns
from api.identity import Identity
from api.problem import ProblemError

logger = logging.getLogger(__name__)

_INTERVAL = 0.9  # seconds for which reads gather
_MOST = 50_000  # reads that wait: some 20 MB
_PART = 1_000  # reads: the event loop takes 1 ms for them
_REFUSED = ("22", "23", "54")  # classes of SQLSTATE: some value can't be stored, now or later
_WRITER = Identity(KEEPER, actor="reads")


class ReadLog:
    """Records reads, for one event loop."""

    def __init__(self, connections: Connections, counts: Counts, wait: float) -> None:
        """Prepare to write through these connections; at the end, for at most `wait` seconds."""
        self._connections, self._counts, self._wait = connections, counts, wait
        # Of each read that was answered: its beginning (`time.perf_counter()`), `Identity`,
        # `Reading`, the path and the query of its target, status, the request's id if it has one.
        self.noted: list[Any] = []
        self._waiting = 0  # reads that are taken from there, and not written
        self._sending: deque[list[Row]] = deque()  # the rows of a statement
        self._has_ended = asyncio.Event()
        self._writer: asyncio.Task[None] | None = None
        self._failure = ""
        self._reported = 0

    def open(self) -> None:
        """Begin to write."""
        self._writer = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Write what is left."""
        self._has_ended.set()
        if self._writer:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._wait):
                    await self._writer
        self._counts.lost_reads += self._waiting
        self._report()

    async def _run(self) -> None:
        has_ended = False
        while not has_ended:
            with suppress(TimeoutError):
                async with asyncio.timeout(_INTERVAL):
                    await self._has_ended.wait()
            has_ended = self._has_ended.is_set()  # then nothing is noted any more
            try:
                await self._take()
                await self._write()
            except Exception as error:  # noqa: BLE001 - reads are recorded as long as it serves
                self._failed(type(error).__name__)
                kept = sum(row.reads for rows in self._sending for row in rows)
                self._counts.lost_reads += self._waiting - kept
                self._waiting = kept
            self._report()

    async def _take(self) -> None:
        """Make rows of what is noted, a part in each turn of the event loop."""
        noted, self.noted = self.noted, []
        room = FIELDS * (_MOST - self._waiting)
        self._counts.lost_reads += len(noted[room:]) // FIELDS
        del noted[room:]
        self._waiting += len(noted) // FIELDS
        rows = ReadRows(time.time() - time.perf_counter())
        for start in range(0, len(noted), FIELDS * _PART):
            rows.add(noted[start : start + FIELDS * _PART])
            await asyncio.sleep(0)
        self._sending += rows.statements()

    async def _write(self) -> None:
        """Write all that waits, unless the database can't be written to."""
        while self._sending:
            # They are sent again as they were: either all of them have been written, or none.
            rows = self._sending[0]
            try:
                await self._connections.run(RECORD_READS, columns(rows), _WRITER, write=True)
            except UniqueViolationError:
                logger.debug("%d rows of reads were written before", len(rows))
            except ProblemError as error:
                self._failed(error.problem.kind)
                return
            except PostgresError as error:
                if not self._is_refused(error.sqlstate or ""):
                    return
                if len(rows) > 1:  # one of them can't be written
                    self._sending.popleft()
                    self._sending.extendleft([row] for row in reversed(rows))
                    continue
                # Without the exception's text, which may quote a row.
                logger.error("a read can't be recorded: SQLSTATE %s", error.sqlstate)  # noqa: TRY400
                self._counts.lost_reads += rows[0].reads
            self._sending.popleft()
            self._waiting -= sum(row.reads for row in rows)
            self._failure = ""

    def _is_refused(self, state: str) -> bool:
        """Return whether Postgres will never store what it was sent; log another failure."""
        if state[:2] in _REFUSED:
            return True
        self._failed(f"SQLSTATE {state}")
        return False

    def _failed(self, failure: str) -> None:
        """Log once why reads can't be recorded now."""
        if failure != self._failure:
            logger.warning("reads can't be recorded now: %s", failure)
            self._failure = failure

    def _report(self) -> None:
        lost = self._counts.lost_reads
        if lost > self._reported:
            logger.error("%d reads are not recorded", lost - self._reported)
            self._reported = lost
