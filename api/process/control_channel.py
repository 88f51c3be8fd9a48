"""The control channel: a pair of sockets, of which supervisor and worker hold one end each.

The worker sends one byte when it serves; the supervisor sends the number of the signal by which to
end; each reads end-of-file when the other process is gone.
"""

import asyncio
import signal
import socket
from collections.abc import Callable
from contextlib import suppress

Channel = socket.socket

_SERVING = b"."


def report_serving(channel: Channel, stop: Callable[[int], object]) -> None:
    """Send the byte that reports to the supervisor that this worker serves.

    Needs the worker's running event loop. It calls `stop` later, with the number of the signal by
    which to end, or with that of SIGINT if the supervisor is gone.
    """
    loop = asyncio.get_running_loop()

    def on_readable() -> None:
        loop.remove_reader(channel)
        received = receive(channel)
        stop(received[0] if received else signal.SIGINT)

    loop.add_reader(channel, on_readable)
    with suppress(OSError):  # the supervisor is gone: the channel is readable at once
        channel.send(_SERVING)


def receive(channel: Channel) -> bytes:
    """Read a byte from the other process; return `b""` at end-of-file."""
    try:
        return channel.recv(1)
    except ConnectionResetError:  # the other process had not read all that it was sent
        return b""
