"""What the process counts, for Prometheus: requests and how long they took, its connections, and itself.

Plain numbers while it serves, metrics only when they are read: counting costs a request less than a microsecond. A
label is an operation's id or a status, and never what a client has sent.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import accumulate

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, CollectorRegistry, ProcessCollector, generate_latest
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
CLIENT_GONE = 499  # a status for what nobody reads, as other servers have it
BUCKETS = (0.005, 0.02, 0.1, 0.5, 2.5, 10.0)  # seconds: a statement takes the first, and the last is its limit

_LIMITS = (*map(str, BUCKETS), "+Inf")


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

    def count(self, operation: str, status: int, seconds: float | None) -> None:
        """Count a request, and how long it took where that is known."""
        self._requests[operation, status] += 1
        if seconds is not None:
            self._counts[operation][bisect_left(BUCKETS, seconds)] += 1
            self._seconds[operation] += seconds

    def text(self) -> bytes:
        """Write them all, in Prometheus's text format."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """Give what has been counted."""
        build = "The version of Superbill that runs."
        yield InfoMetricFamily("superbill_build", build, {"version": __version__})
        requests = CounterMetricFamily(
            "superbill_requests", "Requests, by operation and status.", labels=("operation", "status")
        )
        for (operation, status), count in self._requests.items():
            requests.add_metric((operation, str(status)), count)
        yield requests
        took = "Seconds from a request's head to its answer."
        seconds = HistogramMetricFamily("superbill_request_duration_seconds", took, labels=("operation",))
        for operation, counts in self._counts.items():
            buckets = list(zip(_LIMITS, map(float, accumulate(counts)), strict=True))
            seconds.add_metric((operation,), buckets, self._seconds[operation])
        yield seconds
        held, used = self._connections()
        yield GaugeMetricFamily("superbill_connections_held", "Connections to the database that are open.", held)
        yield GaugeMetricFamily("superbill_connections_in_use", "Connections on which a request works now.", used)
