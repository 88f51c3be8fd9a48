"""What the process counts, for Prometheus: requests and how long they took, its connections, and itself.

Plain numbers while it serves, metrics only when they are read: counting costs a request less than a
microsecond. A label is an operation's id or a status, and never what a client has sent.

Of several workers any one may be asked, and tells what all have counted, by the label `worker`:
each posts its numbers every second, and when it is asked. What one had counted since is lost if it
is killed, and its next one begins at 0, as counters may.
"""

import asyncio
import json
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import accumulate
from mmap import mmap
from struct import Struct
from zlib import crc32

from prometheus_client import (
    CONTENT_TYPE_PLAIN_0_0_4,
    CollectorRegistry,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from api import __version__

MEDIA_TYPE = CONTENT_TYPE_PLAIN_0_0_4
BUCKETS = (
    0.005,
    0.02,
    0.1,
    0.5,
    2.5,
    10.0,
)  # seconds: a statement takes the first, and the last is its limit

_EVERY = 1.0  # seconds
_SLOT = 2**23  # bytes, which are taken as they are used
_HEAD = Struct("QQ")  # the length and the checksum of a post
_LIMITS = (*map(str, BUCKETS), "+Inf")


class Board:
    """Memory that processes share, with a place for each where it posts a text."""

    def __init__(self, places: int) -> None:
        """Share it with every fork that is made from now on."""
        self._places = range(places)
        self._memory = mmap(-1, places * _SLOT)

    def post(self, place: int, text: bytes) -> None:
        """Write a text over the one before."""
        start = place * _SLOT + _HEAD.size
        self._memory[start : start + len(text)] = text
        self._memory[place * _SLOT : start] = _HEAD.pack(len(text), crc32(text))

    def read(self) -> Iterator[tuple[int, bytes]]:
        """Give what stands in each place, but for one that is just being written."""
        for place in self._places:
            start = place * _SLOT + _HEAD.size
            length, check = _HEAD.unpack(self._memory[place * _SLOT : start])
            text = self._memory[start : start + length]
            if text and crc32(text) == check:
                yield place, text


class _Merged(Collector):
    """What stands on a board, each sample with its worker."""

    def __init__(self, board: Board) -> None:
        self._board = board

    def collect(self) -> Iterator[Metric]:
        families: dict[str, Metric] = {}
        for worker, text in self._board.read():
            for name, documentation, kind, samples in json.loads(text):
                family = families.setdefault(name, Metric(name, documentation, kind))
                for sample, labels, value in samples:
                    family.add_sample(sample, {**labels, "worker": str(worker)}, value)
        yield from families.values()


class Metrics(Collector):
    """What one application has counted."""

    def __init__(self, connections: Callable[[], tuple[int, int]]) -> None:
        """Begin at zero; `connections` tells how many are held, and how many of them are in use."""
        self._connections = connections
        self._requests: defaultdict[tuple[str, int], int] = defaultdict(int)
        self._counts: defaultdict[str, list[int]] = defaultdict(lambda: [0] * len(_LIMITS))
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)
        ProcessCollector(registry=self._registry)
        self._told = self._registry
        self._post: Callable[[], None] = lambda: None

    def count(self, operation: str, status: int, seconds: float | None) -> None:
        """Count a request, and how long it took where that is known."""
        self._requests[operation, status] += 1
        if seconds is not None:
            self._counts[operation][bisect_left(BUCKETS, seconds)] += 1
            self._seconds[operation] += seconds

    def text(self) -> bytes:
        """Write them all, in Prometheus's text format."""
        self._post()
        return generate_latest(self._told)

    def share(self, board: Board, number: int) -> None:
        """Tell from now on what all tell who have a place on this board."""
        loop = asyncio.get_running_loop()
        self._told = CollectorRegistry(auto_describe=False)
        self._told.register(_Merged(board))

        def post() -> None:
            families = [
                (one.name, one.documentation, one.type, [sample[:3] for sample in one.samples])
                for one in self._registry.collect()
            ]
            board.post(number, json.dumps(families).encode())

        def again() -> None:
            post()
            loop.call_later(_EVERY, again)

        self._post = post
        again()

    def collect(self) -> Iterator[Metric]:
        """Give what has been counted."""
        build = "The version of Superbill that runs."
        yield InfoMetricFamily("superbill_build", build, {"version": __version__})
        requests = CounterMetricFamily(
            "superbill_requests",
            "Requests, by operation and status.",
            labels=("operation", "status"),
        )
        for (operation, status), count in self._requests.items():
            requests.add_metric((operation, str(status)), count)
        yield requests
        took = "Seconds from a request's head to its answer."
        seconds = HistogramMetricFamily(
            "superbill_request_duration_seconds", took, labels=("operation",)
        )
        for operation, counts in self._counts.items():
            buckets = list(zip(_LIMITS, map(float, accumulate(counts)), strict=True))
            seconds.add_metric((operation,), buckets, self._seconds[operation])
        yield seconds
        held, used = self._connections()
        yield GaugeMetricFamily(
            "superbill_connections_held", "Connections to the database that are open.", held
        )
        yield GaugeMetricFamily(
            "superbill_connections_in_use", "Connections on which a request works now.", used
        )
