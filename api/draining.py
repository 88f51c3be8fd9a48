"""How a server ends: what it is sent is answered, and whoever keeps a connection hears first that it closes.

Sanic alone closes idle connections at once, also one whose next request has just arrived, and goes on to keep the
others: who uses one without a pause is cut off in the end.
"""

import asyncio
from typing import Any

from sanic import Sanic
from sanic.server import HttpProtocol


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


async def drain(app: Sanic[Any, Any], seconds: float) -> None:
    """Be not ready, and answer all the same, for `seconds`; then close what is idle, and let Sanic wait for the rest.

    Who sends the requests needs that time to learn that they belong elsewhere: a proxy goes by readiness, and whoever
    keeps a connection hears `Connection: close` in its next answer.
    """
    connections: set[Connection] = getattr(app.ctx, "connections", set())
    app.ctx.draining = True
    app.config.KEEP_ALIVE = False
    for connection in connections:
        if connection.http:  # an answer is being made
            connection.http.keep_alive = False
    await asyncio.sleep(seconds)
    for connection in tuple(connections):
        connection.close_if_idle()
    app.stop(terminate=False)
