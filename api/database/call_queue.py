"""The queue of one statement and role: the calls that wait for it, and the lanes in which it runs.

A lane is the permission to run the statement. A queue has few of them, so that calls gather while
the statement runs.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from api.identity import Identity


@dataclass(slots=True)
class Call:
    """One call that waits: the statement for this call alone, its values, its caller, its row.

    While a statement runs for it: the task that runs it, and the group of calls that it runs for,
    this one among them.
    """

    sql: str
    values: Sequence[Any]
    identity: Identity
    row: "asyncio.Future[Any]"
    task: "asyncio.Task[Any] | None" = None
    group: Sequence["Call"] = ()

    def start(self, group: Sequence["Call"]) -> None:
        """Note that the current task runs a statement for the call and its group."""
        self.task, self.group = asyncio.current_task(), group

    def give_up(self) -> None:
        """Cancel the statement if no call of the group waits for a row any more."""
        if self.task and all(call.row.done() for call in self.group):
            self.task.cancel()

    def succeed(self, row: Any) -> None:
        """Return the call its row, or None."""
        self._end()
        if not self.row.done():  # the client may have gone
            self.row.set_result(row)

    def fail(self, error: Exception) -> None:
        """Raise an error where the call is awaited."""
        self._end()
        if not self.row.done():
            self.row.set_exception(error)

    def _end(self) -> None:
        self.task, self.group = None, ()  # the calls of a group refer to each other: a cycle


@dataclass(slots=True)
class CallQueue:
    """The waiting calls of one statement, and its lanes: each with the time at which it started."""

    sql: str  # the statement for many calls
    write: bool
    one_by_one: bool = False  # never use the statement for many calls
    by_caller: bool = False  # never use it for calls of several callers
    lanes: dict[object, float] = field(default_factory=dict)  # seconds of the loop's clock
    waiting: deque[Call] = field(default_factory=deque)
    timer: asyncio.TimerHandle | None = None
    start_scheduled: bool = False  # for the next turn of the event loop
    last_was_shared: bool = False  # the last statement ran for several calls

    def enter(self) -> object:
        """Take a lane, starting now, even if all lanes are taken."""
        lane = object()
        self.lanes[lane] = asyncio.get_running_loop().time()
        return lane

    def leave(self, lane: object) -> None:
        """Return a lane back, if `drop_slow_lanes` has not done so before."""
        self.lanes.pop(lane, None)

    def drop_slow_lanes(self, patience: float) -> None:
        """Return back the lanes whose statement has run for `patience` seconds."""
        started = asyncio.get_running_loop().time() - patience
        self.lanes = {lane: since for lane, since in self.lanes.items() if since > started}

    def has_free_lane(self, most: int, quick: float) -> bool:
        """Return whether a statement may start: none runs, or each has run for `quick` seconds."""
        if not self.lanes:
            return True
        newest = max(self.lanes.values())
        return len(self.lanes) < most and newest <= asyncio.get_running_loop().time() - quick

    def take(self, most: int, most_characters: int) -> list[Call]:
        """Take the next group out of the queue, without calls whose client has gone.

        It ends with the call that brings the texts of its values to `most_characters`.
        """
        group: list[Call] = []
        size = 0
        most = 1 if self.one_by_one else most
        while self.waiting and len(group) < most and size < most_characters:
            call = self.waiting.popleft()
            if not call.row.done():
                group.append(call)
                size += sum(len(value) for value in call.values if isinstance(value, str))
        return group
