"""Calls of one statement that wait for each other share the next one.

While a statement runs, further calls of the same gather; when it ends, or takes its time and
another lane is free, they go together, as arrays; what several read alike is read once for them
all. A call that finds nobody is awaited as it is, without a task, unless the last statement was
shared: then it waits one turn of the loop for those who have come in the same. A quiet server loses
nothing, and a busy one does a round trip for many. A statement starts after all of its calls have
arrived, so whoever has an answer reads what was written before.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

from api.database import sqlstate
from api.database.connections import Connections
from api.problem import Problem, ProblemError
from api.sql.statements import LOCK_TIMEOUT, STATEMENTS

logger = logging.getLogger(__name__)

PATIENCE = LOCK_TIMEOUT  # for which calls wait while others run, who may wait for a lock
# seconds in which a statement ends that calls wait for rather than take another lane: more go
# together
QUICK = 0.002
SIZE = 2**20  # characters of the texts that go together


@dataclass(slots=True)
class _Call:
    """One call that waits: its own statement, its values, where its row goes; what runs it, and for whom else."""

    sql: str
    values: Sequence[Any]
    row: "asyncio.Future[Any]"
    task: "asyncio.Task[Any] | None" = None
    fellows: Sequence["_Call"] = ()


@dataclass(slots=True)
class _Queue:
    """The calls of one statement: since when the lanes are taken, and which calls wait."""

    together: str
    write: bool
    lanes: dict[object, float] = field(default_factory=dict)
    waiting: deque[_Call] = field(default_factory=deque)
    timer: asyncio.TimerHandle | None = None
    soon: bool = False  # the next statement begins in the loop's next turn
    shared: bool = False  # the last statement was for several
    alone: bool = False  # Postgres does not take them together


class Batches:
    """The calls on one set of connections, and so of one role."""

    def __init__(self, connections: Connections, lanes: int, most: int) -> None:
        """Let `lanes` statements of a kind run at once, and at most `most` calls share one."""
        self._connections = connections
        self._lanes = lanes
        self._most = most
        self._queues: dict[str, _Queue] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(
        self, sql: str, together: str, values: Sequence[Any], *, write: bool = False
    ) -> Any:
        """Run a statement and give its row, or None; `together` is the same for many, as `statements` composes it.

        Raises what `Connections.run` does.
        """
        queue = self._queues.get(together) or self._queue(together, write=write)
        if queue.alone or not (queue.lanes or queue.waiting or queue.shared):
            lane = _enter(queue)
            try:
                return await self._connections.run(sql, values, write=write)
            finally:
                self._leave(queue, lane)
        loop = asyncio.get_running_loop()
        call = _Call(sql, values, loop.create_future())
        queue.waiting.append(call)
        if not queue.lanes and not queue.soon:
            queue.soon = True
            loop.call_soon(self._begin, queue)  # after those who have come in the same turn
        if queue.timer is None:
            queue.timer = loop.call_later(QUICK, self._relieve, queue)
        try:
            return await call.row
        except asyncio.CancelledError:
            if call.task and all(fellow.row.done() for fellow in call.fellows):
                call.task.cancel()  # nobody is left who wants to know
            raise

    def _queue(self, together: str, *, write: bool) -> _Queue:
        if len(self._queues) >= STATEMENTS:
            self._queues = {
                sql: queue for sql, queue in self._queues.items() if queue.lanes or queue.waiting
            }
        return self._queues.setdefault(together, _Queue(together, write, alone=self._most == 1))

    def _leave(self, queue: _Queue, lane: object) -> None:
        queue.lanes.pop(lane, None)  # who ran for long has lost it already
        self._begin(queue)

    def _relieve(self, queue: _Queue) -> None:
        """Let others wait for a lane no longer than they must, and for nobody who waits for a lock or runs for long."""
        queue.timer = None
        if not queue.waiting:
            return
        loop = asyncio.get_running_loop()
        late = loop.time() - PATIENCE
        queue.lanes = {lane: since for lane, since in queue.lanes.items() if since > late}
        self._begin(queue)
        if queue.waiting:
            queue.timer = loop.call_later(QUICK, self._relieve, queue)

    def _begin(self, queue: _Queue) -> None:
        queue.soon = False
        while queue.waiting and self._has_lane(queue):
            calls = self._gather(queue)
            if calls:
                self._spawn(self._together(queue, _enter(queue), calls))

    def _has_lane(self, queue: _Queue) -> bool:
        if not queue.lanes:
            return True
        last = max(queue.lanes.values())
        return len(queue.lanes) < self._lanes and last <= asyncio.get_running_loop().time() - QUICK

    def _gather(self, queue: _Queue) -> list[_Call]:
        """Take the calls that go together, without those whose client has gone."""
        calls: list[_Call] = []
        size = 0
        while queue.waiting and len(calls) < (1 if queue.alone else self._most) and size < SIZE:
            call = queue.waiting.popleft()
            if not call.row.done():
                calls.append(call)
                size += sum(len(value) for value in call.values if isinstance(value, str))
        return calls

    async def _together(self, queue: _Queue, lane: object, calls: list[_Call]) -> None:
        queue.shared = len(calls) > 1
        try:
            if not queue.shared:
                await self._alone(calls[0], write=queue.write)
            else:
                logger.debug("%d calls together", len(calls))
                await self._as_one(queue, calls)
        finally:
            self._leave(queue, lane)

    async def _as_one(self, queue: _Queue, calls: list[_Call]) -> None:
        _runs(calls)
        alike: dict[object, list[_Call]] = {}
        try:
            for call in calls:
                alike.setdefault(id(call) if queue.write else tuple(call.values), []).append(call)
            rows = await self._rows(queue, [fellows[0] for fellows in alike.values()])
        # whose fault it is shows when each runs on its own
        except Exception as error:  # noqa: BLE001
            lost = _lost(error, write=queue.write)
            if lost:
                for call in calls:
                    _fail(call, ProblemError(lost))
                return
            # A statement that can't be: 42 and 0A are about it and not about a value (a view that
            # MERGE does not take); but a row's security is 42501.
            state = getattr(error, "sqlstate", "")
            queue.alone = state[:2] in ("42", "0A") and state != "42501"
            # Beside the lanes, as one of them may wait for a lock.
            for call in calls:
                self._spawn(self._alone(call, write=queue.write))
        else:
            for row, fellows in zip(rows, alike.values(), strict=True):
                for call in fellows:
                    _answer(call, row)

    async def _rows(self, queue: _Queue, calls: list[_Call]) -> list[Any]:
        """Give the row of each call, or None."""
        if len(calls) == 1:
            return [await self._connections.run(calls[0].sql, calls[0].values, write=queue.write)]
        values = list(zip(*(call.values for call in calls), strict=True))
        rows = await self._connections.run(queue.together, values, write=queue.write, many=True)
        found = {row[0]: tuple(row)[1:] for row in rows}
        return [found.get(number) for number in range(1, len(calls) + 1)]

    async def _alone(self, call: _Call, *, write: bool) -> None:
        if call.row.done():
            return
        _runs([call])
        try:
            _answer(call, await self._connections.run(call.sql, call.values, write=write))
        except Exception as error:  # noqa: BLE001 - it is the caller's
            _fail(call, error)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _enter(queue: _Queue) -> object:
    lane = object()
    queue.lanes[lane] = asyncio.get_running_loop().time()
    return lane


def _runs(calls: list[_Call]) -> None:
    task = asyncio.current_task()
    for call in calls:
        call.task, call.fellows = task, calls


def _lost(error: Exception, *, write: bool) -> Problem | None:
    """Tell whether every call's answer is lost with the connection: what was sent must not be sent again."""
    if isinstance(error, ProblemError):
        return error.problem
    if sqlstate.kind(getattr(error, "sqlstate", "")) == "connection-lost":
        return sqlstate.OUTCOME_UNKNOWN if write else sqlstate.UNAVAILABLE
    return None


def _answer(call: _Call, row: Any) -> None:
    call.task, call.fellows = None, ()  # who knows each other is never freed at once
    if not call.row.done():  # its client may have gone
        call.row.set_result(row)


def _fail(call: _Call, error: Exception) -> None:
    call.task, call.fellows = None, ()
    if not call.row.done():
        call.row.set_exception(error)
