"""How a server ends: what it is sent is answered, and whoever keeps a connection hears first that it closes.

Sanic alone closes idle connections at once, also one whose next request has just arrived, and goes
on to keep the others: who uses one without a pause is cut off in the end.
"""

import asyncio
from contextlib import suppress
from typing import Any

from sanic import Sanic
from sanic.server import HttpProtocol

_FIRST = 0.5  # seconds that a new connection has for its first request when the server ends


class Connection(HttpProtocol):
    """A connection that is not closed while something that it was sent is unread."""

    __slots__ = ("_until",)

    def __init__(self, *, app: Sanic[Any, Any], **options: Any) -> None:
        """Begin."""
        super().__init__(app=app, **options)
        self._until: float | None = None

    def connection_lost(self, exc: BaseException | None) -> None:
        """End, and say so if it was the last."""
        super().connection_lost(exc)  # type: ignore[no-untyped-call]
        if self.app.ctx.draining and not self.connections:
            self.app.ctx.alone.set()

    def close_if_idle(self) -> bool:
        """Close it unless a request has begun; the first one of a new connection has a moment to come."""
        if self.recv_buffer or (not self.state["requests_count"] and self._waits()):
            return False
        return super().close_if_idle()

    def _waits(self) -> bool:
        now: float = self.loop.time()
        if self._until is None:
            self._until = now + _FIRST
            self.loop.call_later(_FIRST, self.close_if_idle)
        return now < self._until


async def drain(server: Any, seconds: float) -> None:
    """Let Sanic's AsyncioServer be not ready, and answer all the same, for `seconds`; then wait for what is not idle.

    Who sends the requests needs that time to learn that they belong elsewhere: a proxy goes by
    readiness, and whoever keeps a connection hears `Connection: close` in its next answer.
    """
    app, connections = server.app, server.connections
    app.ctx.draining, app.ctx.alone = True, asyncio.Event()
    app.config.KEEP_ALIVE = False
    for connection in connections:
        if connection.http:  # an answer is being made
            connection.http.keep_alive = False
    await asyncio.sleep(seconds)
    server.close()
    for connection in tuple(connections):
        connection.close_if_idle()
    if connections:
        with suppress(TimeoutError):
            async with asyncio.timeout(app.config.GRACEFUL_SHUTDOWN_TIMEOUT):
                await app.ctx.alone.wait()
    for connection in tuple(connections):
        connection.abort()
