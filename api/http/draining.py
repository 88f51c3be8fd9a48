"""Shuts the server down: it answers the requests that were sent, then closes its connections.

Sanic's own shutdown closes idle connections at once, even one whose next request has just arrived.
It keeps the others open until its timeout, so a client that sends requests without a pause loses
the last one.
"""

import asyncio
import ctypes
import select
import socket
import struct
import sys
from collections.abc import Collection
from contextlib import suppress
from typing import Any, Protocol

_HANDSHAKE = 0.1  # seconds: longer than most round trips
_MOST_TURNS = 1000  # of the event loop: where no filter is possible, connections go on arriving
_SO_ATTACH_FILTER = 26  # asm-generic/socket.h
# Load the TCP flags, keep SYN and ACK, and drop the packet if it is SYN alone; else accept it.
_NO_SYN = (
    (0x30, 0, 0, 13),
    (0x54, 0, 0, 0x12),
    (0x15, 0, 1, 0x02),
    (0x06, 0, 0, 0),
    (0x06, 0, 0, 0xFFFFFFFF),
)


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
    """Report not ready, answer requests for `seconds`, then wait for those that have begun.

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
    await _accept_last(listening, min(seconds, _HANDSHAKE))
    server.close()
    for connection in tuple(connections):
        connection.close_if_idle()
    if connections:
        with suppress(TimeoutError):
            async with asyncio.timeout(app.config.GRACEFUL_SHUTDOWN_TIMEOUT):
                await draining.empty.wait()
    for connection in tuple(connections):
        connection.abort()


async def _accept_last(listening: socket.socket, seconds: float) -> None:
    """Let the event loop accept the waiting connections, which closing the socket would reset.

    On Linux a filter first drops every SYN, so that no more connections arrive: a client repeats
    its SYN a second later, and is then refused or reaches another server. Handshakes that have
    begun have `seconds` to end.
    """
    if sys.platform == "linux":
        with suppress(OSError):  # a sandbox may not support socket filters
            _drop_syns(listening)
    await asyncio.sleep(seconds)
    waiting = select.poll()
    waiting.register(listening, select.POLLIN)
    for _ in range(_MOST_TURNS):
        if not waiting.poll(0):
            return
        await asyncio.sleep(0)


def _drop_syns(listening: socket.socket) -> None:
    """Attach a classic BPF program (Linux, Documentation/networking/filter.rst)."""
    program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in _NO_SYN))
    size = len(_NO_SYN)
    option = struct.pack("HP", size, ctypes.addressof(program))  # struct sock_fprog
    listening.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, option)
