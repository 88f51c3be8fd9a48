"""The listening sockets of the server: one, or one for each worker on a port that they share."""

import socket
import sys

_SPREADS = sys.platform == "linux"  # the kernel spreads connections over sockets that share a port
_BACKLOG = 100  # connections that wait to be accepted


def listen(address: tuple[str, int], *, shared: bool = False) -> socket.socket:
    """Return a socket that listens at a host and a port; `shared`: others may listen there too.

    Raises OSError if the address can't be bound.
    """
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    both = family == socket.AF_INET6 and socket.has_dualstack_ipv6()
    return socket.create_server(
        address, family=family, backlog=_BACKLOG, reuse_port=shared, dualstack_ipv6=both
    )


class Port:
    """An address that several workers serve.

    On Linux each worker listens on a socket of its own (SO_REUSEPORT, socket(7)), and the kernel
    spreads connections evenly; with one shared socket, the process that wakes first takes most of
    them. The supervisor keeps these sockets open, too: a connection that waits in the queue of a
    worker that was killed is accepted by the next one.
    """

    def __init__(self, address: tuple[str, int]) -> None:
        """Bind the address exclusively once, so that no other program can share it by accident.

        Raises OSError if the address can't be bound.
        """
        self._exclusive = listen(address)
        host, number, *_ = self._exclusive.getsockname()
        self._address: tuple[str, int] = host, number
        if _SPREADS:
            self._exclusive.close()

    def listen(self) -> socket.socket:
        """Return another socket that listens at the address."""
        return listen(self._address, shared=True) if _SPREADS else self._exclusive.dup()

    def getsockname(self) -> tuple[str, int]:
        """Return host and port."""
        return self._address

    def close(self) -> None:
        """Close the exclusive socket in this process."""
        self._exclusive.close()
