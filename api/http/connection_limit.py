"""Limits connections: beyond the limit, closes those that have kept the server waiting longest.

A connection keeps the server waiting for a request, for the rest of one, or for its reading an
answer. So it takes more to keep other clients out than to connect and do nothing, or to do it
slowly. Only where every connection waits for an answer is a new one refused with 503.
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
_SHARE = 64  # one of so many connections is closed at once: to search for them takes time, too
_OTHER_FILES = 96  # open files beside connections: listening sockets, logs, libraries


class Limited(Protocol):
    """A connection that can be closed to make room."""

    @property
    def waiting_since(self) -> float:
        """When its client last did something, in seconds of the monotonic clock."""

    def keeps_waiting(self) -> bool:
        """Tell whether the server waits for its client, and not the other way round."""

    def give_way(self) -> None:
        """Close it; a request that has begun is answered with 408."""


class Admission(Enum):
    """What happens to a new connection."""

    SERVE = auto()
    REFUSE = auto()
    CLOSE = auto()


class ConnectionLimit:
    """The limit of one server. `leaving` counts connections that are being closed for others."""

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


def room(wanted: int, connections: int) -> int:
    """Raise the limit of open files as far as needed; give how many clients it has room for.

    At most `wanted`; `connections` are those to the database.
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
