"""Who is connected: no more than there is room for, and nobody who keeps the server waiting is waited for for ever.

Beyond the limit a new connection takes the place of those that have kept the server waiting for
longest: for a request, for the rest of one, or for their taking an answer. So it takes more to keep
others out than to connect and do nothing, or to do it slowly. Only where the server owes all of
them an answer is a new one told to come back.
"""

import heapq
import resource
from asyncio import BaseTransport, Task, Transport
from contextlib import suppress
from operator import attrgetter
from time import monotonic
from typing import Any, cast

from sanic import Request, Sanic
from sanic.exceptions import RequestTimeout
from sanic.http.constants import Stage

from api.database.slow_clients import PIECE
from api.http import draining
from api.problem import RETRY_AFTER, Problem, ProblemError

FULL = Problem("unavailable", "Too many clients are connected.", headers=RETRY_AFTER)
LIVES = ("/health/", "/health")  # asked by who would end a process that does not say so

# connections beyond the limit that are told that it is reached, and may ask whether the process
# lives
_SPARE = 32
# of the limit, which is made room for at once: to look for who has to go takes time, too
_PART = 64
_BUFFER = 2**16  # bytes that are unread, before no more are taken
# that a process has open beside its connections: sockets that listen, logs, libraries
_OTHER_FILES = 96


class Crowd:
    """The clients of one application: how many there may be, and how many are on their way out."""

    __slots__ = ("leaving", "limit")

    def __init__(self, limit: int) -> None:
        """Let so many be connected."""
        self.limit = limit
        self.leaving = 0


class Connection(draining.Connection):
    """A connection that can give way to others, and has a deadline for what its client has to do."""

    __slots__ = ("_crowd", "_leaves", "_stalled", "_untaken")

    def __init__(self, *, app: Sanic[Any, Any], **options: Any) -> None:
        """Belong to the clients of the application."""
        super().__init__(app=app, **options)
        self._crowd: Crowd = app.ctx.crowd
        self._leaves = False
        self._stalled, self._untaken = 0.0, 0
        self._http = None

    @property
    def leaves(self) -> bool:
        """Whether it has to make room for others, at once."""
        return self._leaves

    def connection_made(self, transport: BaseTransport) -> None:
        """Begin, if there is room for it or can be made."""
        super().connection_made(transport)
        self._time = monotonic()
        if self._surplus() > 0:
            self._find_room()

    def connection_lost(self, exc: BaseException | None) -> None:
        """End."""
        if self._leaves:
            self._leaves = False
            self._crowd.leaving -= 1
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what has come. A head's clock goes on: who sends one byte at a time has no more time for it."""
        if self._http is None or self._http.stage is not Stage.REQUEST:
            self._time = monotonic()
        self.recv_buffer += data
        if len(self.recv_buffer) >= _BUFFER and self.transport:
            self.transport.pause_reading()
        self._data_received.set()

    def pause_writing(self) -> None:
        """Note that the client does not take what it is sent, and how much that is."""
        self._stalled, self._untaken = (
            monotonic(),
            cast("Transport", self.transport).get_write_buffer_size(),
        )
        super().pause_writing()

    def resume_writing(self) -> None:
        """Note that it does again."""
        self._stalled = 0.0
        super().resume_writing()

    def check_timeouts(self) -> None:
        """End what has taken too long, a few times in the shortest of the limits."""
        if self.transport and self._stalled and self._takes_nothing():
            self.transport.abort()  # Sanic would wait until an error is taken
            return
        if self._http is not None:
            # there are none, and for one Sanic would stop its clock
            self._http.upgrade_websocket = False
        super().check_timeouts()

    def _takes_nothing(self) -> bool:
        """Tell whether the client has not taken a piece worth the name in its time."""
        now = monotonic()
        left = cast("Transport", self.transport).get_write_buffer_size()
        if left <= self._untaken - PIECE:
            # for Sanic an answer is done when it has it all to send
            self._stalled = self._time = now
            self._untaken = left
        return bool(now - self._stalled > self.request_timeout)

    def _surplus(self) -> int:
        return len(self.connections) - self._crowd.leaving - self._crowd.limit

    def _find_room(self) -> None:
        others = [
            other
            for other in self.connections
            if other is not self and other._is_waited_for()  # noqa: SLF001
        ]
        if others:
            for other in heapq.nsmallest(
                self._crowd.limit // _PART + 1, others, key=attrgetter("_time")
            ):
                other._give_way()  # noqa: SLF001
        elif self._surplus() <= _SPARE:
            self.request_handler = self._turn_away
        else:
            self.close()

    def _is_waited_for(self) -> bool:
        if self._leaves or self.transport is None or self.transport.is_closing():
            return False
        if not self._data_received.is_set() or not self._can_write.is_set():
            return True
        # What waits for its turn before it reads its body is to be had for the price of a head.
        return (
            self._http is not None
            and self._http.stage is Stage.HANDLER
            and bool(self._http.request_body)
        )

    def _give_way(self) -> None:
        """Make room: who has begun a request is told why it gets no answer."""
        self._leaves = True
        self._crowd.leaving += 1
        if not self._can_write.is_set():
            cast("Transport", self.transport).abort()
        elif self._http is not None and self._http.stage in (Stage.REQUEST, Stage.HANDLER):
            self._http.exception = RequestTimeout()
            cast("Task[None]", self._task).cancel()
        else:
            self.close()

    async def _turn_away(self, request: Request) -> None:
        self._http.keep_alive = False
        if request.path not in LIVES:
            raise ProblemError(FULL)
        await self.app.handle_request(request)


def room(wanted: int, connections: int) -> int:
    """Tell how many of the clients wanted this process may have files open for, after asking for as many as it can.

    `connections` are those to the database.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    others = connections + _OTHER_FILES
    most = wanted + others
    if soft == resource.RLIM_INFINITY or soft >= most:
        return wanted
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    with suppress(ValueError, OSError):  # some systems allow less than they say
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        soft = most
    return max(1, soft - others)
