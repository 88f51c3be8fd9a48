"""Limits connections: beyond the limit, closes those that have kept the server waiting longest.

The server waits for a connection until its client has sent a whole request, and while the client
does not read an answer. So idle and slow clients cannot keep other clients out. A new connection is
refused with 503 only if the server owes an answer to every other one.
"""

import heapq
import resource
from collections.abc import Collection, Sequence
from contextlib import suppress
from enum import Enum, auto
from operator import attrgetter
from typing import Protocol

from api.problem import RETRY_AFTER, Problem

FULL = Problem("unavailable", "Too many clients are connected.", headers=RETRY_AFTER)

# Connections beyond the limit that get an answer: 503, or 200 to a liveness probe.
_REFUSABLE = 32
_SHARE = 64  # a search, which takes time, closes one connection for each 64 of the limit
_OTHER_FILES = 96  # open files beside connections: listening sockets, logs, libraries


class Limited(Protocol):
    """A connection that can be closed to make room."""

    @property
    def waiting_since(self) -> float:
        """When its client last did something, in seconds of the monotonic clock."""

    def keeps_waiting(self) -> bool:
        """Return whether the server waits for its client, and not the other way round."""

    def give_way(self) -> None:
        """Close it; a request that has begun is answered with 408."""


class Admission(Enum):
    """What happens to a new connection."""

    SERVE = auto()
    REFUSE = auto()
    CLOSE = auto()


class ConnectionLimit:
    """The limit of one server. `leaving` counts connections that are closing to make room."""

    __slots__ = ("leaving", "limit")

    def __init__(self, limit: int) -> None:
        """Allow so many connections."""
        self.limit = limit
        self.leaving = 0

    def admit(self, new: Limited, connections: Collection[Limited]) -> Admission:
        """Decide on a new connection, which `connections` holds already; close others for it."""
        surplus = len(connections) - self.leaving - self.limit
        if surplus <= 0:
            return Admission.SERVE
        others = [other for other in connections if other is not new and other.keeps_waiting()]
        for other in self._slowest(others):
            other.give_way()
        if others:
            return Admission.SERVE
        return Admission.REFUSE if surplus <= _REFUSABLE else Admission.CLOSE

    def _slowest(self, connections: Sequence[Limited]) -> Sequence[Limited]:
        share = self.limit // _SHARE + 1
        return heapq.nsmallest(share, connections, key=attrgetter("waiting_since"))


def fit_open_files(wanted: int, connections: int) -> int:
    """Raise the limit of open files as far as needed; return how many clients it then allows.

    At most `wanted` clients; `connections`: how many connections to the database there can be.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    others = connections + _OTHER_FILES
    most = wanted + others
    if soft == resource.RLIM_INFINITY or soft >= most:
        return wanted
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    with suppress(ValueError, OSError):  # some systems allow less than they report
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        soft = most
    return max(1, soft - others)
