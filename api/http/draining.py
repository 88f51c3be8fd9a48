"""The end of a server: what has been sent to it is answered before it closes its connections.

Sanic alone closes idle connections at once, even one whose next request has just arrived. It keeps
the others: a client that uses one without a pause loses a request in the end.
"""

import asyncio
import select
import socket
from collections.abc import Collection
from contextlib import suppress
from typing import Any, Protocol


class Draining:
    """Whether a server has begun to end, and when its last connection is closed."""

    __slots__ = ("begun", "empty")

    def __init__(self) -> None:
        """Begin with a server that serves."""
        self.begun = False
        self.empty = asyncio.Event()

    def lost(self, connections: Collection[object]) -> None:
        """Note that a connection has been closed; `connections` are those that are left."""
        if self.begun and not connections:
            self.empty.set()


class Connection(Protocol):
    """A connection to a client."""

    def announce_end(self) -> None:
        """Send `Connection: close` with the answer that is being made."""

    def close_if_idle(self) -> bool:
        """Close it unless a request has begun."""

    def abort(self) -> None:
        """Close it at once."""


async def drain(server: Any, draining: Draining, listening: socket.socket, seconds: float) -> None:
    """Report not ready, answer on for `seconds`, then wait for the requests that are left.

    `server` is Sanic's AsyncioServer, `listening` its socket. A proxy stops sending requests when
    the server reports that it is not ready; a client that keeps a connection reads
    `Connection: close` in its next answer.
    """
    app, connections = server.app, server.connections
    draining.begun = True
    app.config.KEEP_ALIVE = False
    for connection in connections:
        connection.announce_end()
    await asyncio.sleep(seconds)
    await _accept_waiting(listening)
    server.close()
    for connection in tuple(connections):
        connection.close_if_idle()
    if connections:
        with suppress(TimeoutError):
            async with asyncio.timeout(app.config.GRACEFUL_SHUTDOWN_TIMEOUT):
                await draining.empty.wait()
    for connection in tuple(connections):
        connection.abort()


async def _accept_waiting(listening: socket.socket) -> None:
    """Let the loop accept the connections that wait; those that come later are refused.

    To close a listening socket resets what it has not accepted yet. With a backlog of 0 the system
    takes no more: it does not answer their first packet, and refuses the second.
    """
    listening.listen(0)
    queue = select.poll()
    queue.register(listening, select.POLLIN)
    while queue.poll(0):  # noqa: ASYNC110  # the socket, not this process, is waited for
        await asyncio.sleep(0)  # the socket, not this process, is waited for
