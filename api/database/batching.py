"""Batches: calls of the same statement that wait for each other share one.

A statement has two forms, one for one call and one for many, whose parameters are arrays
(`sql.statements` composes both). The last value is how many calls stand before, and the last column
is the number of the call, from 1. All calls of a statement as one role share a queue:

    call ─┬─ nothing runs or waits ─▶ runs at once, alone ─────────────────────▶ its row
          └─ waits ─▶ a lane is free ─▶ a group starts ─▶ one statement for all ─▶ each its row
                                                  └─ it failed ─▶ one statement for each call

- A group starts when a statement ends and gives its lane back. So calls gather while one runs, and
  a quiet server runs each call at once, in the call's own task. The group's task takes its calls
  in the next turn of the event loop, and so also those that follow the answers of that statement.
- After a statement for several, a call waits for one turn of the event loop even where nothing
  runs: the calls that follow a shared answer arrive together.
- While calls wait, a timer looks at the lanes each `quick` seconds. Where the newest statement runs
  for longer than that, it starts a group in another lane. A statement that runs for `patience`
  seconds loses its lane, because it may wait for a lock.
- A group whose statement fails runs again, as a statement for each call and without lanes: no call
  fails because of the values of another. Only a lost connection fails all calls of a group, because
  a statement that was sent is not sent again.
- Callers of one tenant and role share a statement only where the schema can tell them apart
  (`Catalog.tells_actors`). Who asks there for the actor of a shared statement is refused (SQLSTATE
  SEVERAL): then a statement of this queue is for one caller, from then on.

Invariant: while a call waits, its queue has a timer, and a lane is taken or a start is scheduled.
So each call starts after a bounded time. A statement starts after all of its calls have arrived, so
a read sees every write that was answered before the read arrived.
"""

import asyncio
import logging
from collections.abc import Collection, Coroutine, Sequence
from typing import Any

from api.database import sqlstate
from api.database.call_queue import Call, CallQueue
from api.database.connections import Connections
from api.database.grouping import alike, cars_of, shared_tenants
from api.identity import Identity
from api.problem import Problem, ProblemError
from api.sql.limits import LOCK_TIMEOUT, STATEMENTS

logger = logging.getLogger(__name__)

SEVERAL = "ID001"  # what was done depends on the actor, and the statement acts for several


class Batches:
    """Runs calls on one set of connections."""

    def __init__(  # noqa: PLR0913 - the first three are settings, tests set the others
        self,
        connections: Connections,
        lanes: int,
        most_calls: int,
        *,
        tells_actors: bool = False,
        quick: float = 0.002,
        patience: float = LOCK_TIMEOUT,
        most_characters: int = 2**20,
        most_queues: int = STATEMENTS,
    ) -> None:
        """Let `lanes` statements of a queue run at once, each for at most `most_calls` calls.

        With `most_calls` 1 no call waits for another. `tells_actors`: whether calls of several
        callers may share a statement. `quick` and `patience`: seconds, see above;
        `most_characters`: the length of all texts among the values of one statement;
        `most_queues`: how many queues are kept.
        """
        self._connections = connections
        self._lanes = lanes
        self._most_calls = most_calls
        self._tells_actors = tells_actors
        self._quick = quick
        self._patience = patience
        self._most_characters = most_characters
        self._most_queues = most_queues
        self._queues: dict[tuple[str, str], CallQueue] = {}  # by statement and role
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(
        self,
        sql: str,
        sql_for_many: str,
        values: Sequence[Any],
        identity: Identity,
        *,
        write: bool = False,
    ) -> Any:
        """Run a statement for a caller and return its row, or None.

        `values`: all but the last. Without `sql_for_many` the call runs alone. Raises what
        `Connections.run` does.
        """
        if not sql_for_many:
            return await self._connections.run(sql, (*values, 0), identity, write=write)
        name = sql_for_many, identity.role
        queue = self._queues.get(name) or self._add_queue(name, write=write)
        if queue.one_by_one or not (queue.lanes or queue.waiting or queue.last_was_shared):
            # The bodies of `enter` and `_leave`, without the calls: most requests take this path.
            lane = object()
            queue.lanes[lane] = asyncio.get_running_loop().time()
            try:
                return await self._connections.run(sql, (*values, 0), identity, write=write)
            finally:
                queue.lanes.pop(lane, None)
                if queue.waiting:
                    self._start_groups(queue)
        call = Call(sql, values, identity, asyncio.get_running_loop().create_future())
        self._enqueue(queue, call)
        try:
            return await call.row
        except asyncio.CancelledError:
            call.give_up()
            raise

    def _enqueue(self, queue: CallQueue, call: Call) -> None:
        queue.waiting.append(call)
        loop = asyncio.get_running_loop()
        if not queue.lanes and not queue.start_scheduled:
            queue.start_scheduled = True
            loop.call_soon(self._start_groups, queue)
        if queue.timer is None:
            queue.timer = loop.call_later(self._quick, self._on_timer, queue)

    def _add_queue(self, name: tuple[str, str], *, write: bool) -> CallQueue:
        if len(self._queues) >= self._most_queues:
            self._queues = {
                other: queue
                for other, queue in self._queues.items()
                if queue.lanes or queue.waiting
            }
        queue = CallQueue(
            name[0],
            write,
            one_by_one=self._most_calls == 1,
            by_caller=not self._tells_actors,
        )
        return self._queues.setdefault(name, queue)

    def _leave(self, queue: CallQueue, lane: object) -> None:
        queue.leave(lane)
        self._start_groups(queue)

    def _on_timer(self, queue: CallQueue) -> None:
        queue.timer = None
        if not queue.waiting:
            return
        queue.drop_slow_lanes(self._patience)
        self._start_groups(queue)
        if queue.waiting:
            loop = asyncio.get_running_loop()
            queue.timer = loop.call_later(self._quick, self._on_timer, queue)

    def _start_groups(self, queue: CallQueue) -> None:
        queue.start_scheduled = False
        while queue.waiting and queue.has_free_lane(self._lanes, self._quick):
            self._spawn(self._run_group(queue, queue.enter()))

    async def _run_group(self, queue: CallQueue, lane: object) -> None:
        group = queue.take(self._most_calls, self._most_characters)
        try:
            if len(group) > 1:
                queue.last_was_shared = True
                logger.debug("%d calls together", len(group))
                await self._run_together(queue, group)
            elif group:
                queue.last_was_shared = False
                await self._run_alone(group[0], write=queue.write)
        finally:
            self._leave(queue, lane)

    async def _run_together(self, queue: CallQueue, group: list[Call]) -> None:
        for call in group:
            call.start(group)
        equal: dict[object, list[Call]] = {}  # reads with the same values share a row
        several = set() if queue.by_caller else shared_tenants(group)
        try:
            for call in group:
                equal.setdefault(alike(call, queue), []).append(call)
            rows = await self._rows(queue, [calls[0] for calls in equal.values()], several)
        except Exception as error:  # noqa: BLE001 - each call meets its own error when it runs alone
            self._on_failure(queue, group, error)
        else:
            for row, calls in zip(rows, equal.values(), strict=True):
                for call in calls:
                    call.succeed(row)

    async def _rows(
        self, queue: CallQueue, calls: list[Call], several: Collection[str]
    ) -> list[Any]:
        """Return the row of each call, or None; `several`: tenants that have several callers."""
        if len(calls) == 1 and not several:
            (call,) = calls
            return [await self._run_one(call, write=queue.write)]
        ordered, cars = cars_of(queue, calls, several)
        rows = await self._connections.run_many(cars, write=queue.write)
        found = {row[-1]: row for row in rows}
        by_call = {id(call): found.get(number) for number, call in enumerate(ordered, 1)}
        return [by_call[id(call)] for call in calls]

    def _on_failure(self, queue: CallQueue, group: list[Call], error: Exception) -> None:
        problem = _lost_connection(error, write=queue.write)
        if problem:
            for call in group:
                call.fail(ProblemError(problem))
            return
        queue.by_caller = queue.by_caller or getattr(error, "sqlstate", "") == SEVERAL
        queue.one_by_one = _is_about_the_statement(error)
        # Without lanes, because one of the calls may wait for a lock.
        for call in group:
            self._spawn(self._run_alone(call, write=queue.write))

    async def _run_alone(self, call: Call, *, write: bool) -> None:
        if call.row.done():
            return
        call.start([call])
        try:
            call.succeed(await self._run_one(call, write=write))
        except Exception as error:  # noqa: BLE001 - it is raised where the call is awaited
            call.fail(error)

    async def _run_one(self, call: Call, *, write: bool) -> Any:
        return await self._connections.run(call.sql, (*call.values, 0), call.identity, write=write)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _lost_connection(error: Exception, *, write: bool) -> Problem | None:
    """Return the problem of all calls if their connection was lost or could not be opened."""
    if isinstance(error, ProblemError):
        return error.problem
    if sqlstate.kind(getattr(error, "sqlstate", "")) == "connection-lost":
        return sqlstate.OUTCOME_UNKNOWN if write else sqlstate.UNAVAILABLE
    return None


def _is_about_the_statement(error: Exception) -> bool:
    """Return whether the statement for many calls fails whatever its values are.

    MERGE fails so on some views. SQLSTATE classes 42 and 0A mean this, except 42501, which can also
    mean that a policy rejected a row.
    """
    state: str = getattr(error, "sqlstate", "") or ""
    return state[:2] in ("42", "0A") and state != "42501"
