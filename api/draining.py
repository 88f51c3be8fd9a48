"""How a server ends: what it is sent is answered, and whoever keeps a connection hears first that it closes.

Sanic alone closes idle connections at once, also one whose next request has just arrived, and goes on to keep the
others: who uses one without a pause is cut off in the end.
"""

import asyncio
import time
from typing import Any

from sanic import Sanic
from sanic.server import HttpProtocol

LINGER = 1.0  # seconds in which whoever keeps a connection may use it once more, and hears
_STEP = 0.05


class Connection(HttpProtocol):
    """A connection that is not closed while something that it was sent is unread."""

    __slots__ = ()

    def __init__(self, *, app: Sanic[Any, Any], **options: Any) -> None:
        """Let the application know its connections."""
        super().__init__(app=app, **options)
        app.ctx.connections = self.connections

    def close_if_idle(self) -> bool:
        """Close it unless a request has begun."""
        return not self.recv_buffer and super().close_if_idle()


async def drain(app: Sanic[Any, Any], linger: float) -> None:
    """Answer with `Connection: close`; close what is idle after `linger` seconds; then let Sanic wait for the rest.

    Until Sanic stops listening, new connections are answered too: who opens one has not heard yet.
    """
    connections: set[Connection] = getattr(app.ctx, "connections", set())
    app.config.KEEP_ALIVE = False
    for connection in connections:
        if connection.http:  # an answer is being made
            connection.http.keep_alive = False
    end = time.monotonic() + linger
    while connections and time.monotonic() < end:  # noqa: ASYNC110 - no event tells that the last one has gone
        await asyncio.sleep(_STEP)
    for connection in tuple(connections):
        connection.close_if_idle()
    app.stop(terminate=False)
