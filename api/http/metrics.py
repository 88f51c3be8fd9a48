"""Metrics for Prometheus: requests and their duration, connections, the process itself.

Counting changes plain numbers, which costs a request less than a microsecond; Prometheus's objects
are made when metrics are read. A label is an operation's id or a status, never a client's text.

Any worker answers with the metrics of all workers, and their label `worker` says whose they are.
For this, each worker writes its numbers to its slot of shared memory once a second, and before it
answers. If a worker is killed, what it counted after its last write is lost; the next worker in the
slot starts at 0, as counters may.
"""

import asyncio
import json
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import accumulate

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
from api.http.metrics_slots import MetricsSlots

MEDIA_TYPE = CONTENT_TYPE_PLAIN_0_0_4
# Seconds: most statements take less than the first, and the last is a statement's limit.
BUCKETS = (0.005, 0.02, 0.1, 0.5, 2.5, 10.0)

_INTERVAL = 1.0  # seconds between two writes to the slot
_BOUNDS = (*map(str, BUCKETS), "+Inf")


class _AllWorkers(Collector):
    """The metrics of every worker's slot, each sample with the label `worker`."""

    def __init__(self, slots: MetricsSlots) -> None:
        self._slots = slots

    def collect(self) -> Iterator[Metric]:
        families: dict[str, Metric] = {}
        for worker, text in self._slots.read():
            for name, documentation, kind, samples in json.loads(text):
                family = families.setdefault(name, Metric(name, documentation, kind))
                for sample, labels, value in samples:
                    family.add_sample(sample, {**labels, "worker": str(worker)}, value)
        yield from families.values()


class Metrics(Collector):
    """The metrics of one application."""

    def __init__(self, connections: Callable[[], tuple[int, int]]) -> None:
        """Start at zero; `connections` returns how many are open, and how many of them in use."""
        self.dropped_lines = 0  # of the access log
        self.lost_reads = 0
        self._connections = connections
        self._requests: defaultdict[tuple[str, int], int] = defaultdict(int)
        self._counts: defaultdict[str, list[int]] = defaultdict(lambda: [0] * len(_BOUNDS))
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)
        ProcessCollector(registry=self._registry)
        self._shown = self._registry
        self._write_slot: Callable[[], None] = lambda: None

    def count(self, operation: str, status: int, seconds: float | None) -> None:
        """Count a request, and its duration if that is known."""
        self._requests[operation, status] += 1
        if seconds is not None:
            self._counts[operation][bisect_left(BUCKETS, seconds)] += 1
            self._seconds[operation] += seconds

    def text(self) -> bytes:
        """Write all metrics in Prometheus's text format, version 0.0.4."""
        self._write_slot()
        return generate_latest(self._shown)

    def share(self, slots: MetricsSlots, number: int) -> None:
        """From now on show the metrics of all workers, and write this one's to slot `number`.

        Needs a running event loop.
        """
        loop = asyncio.get_running_loop()
        self._shown = CollectorRegistry(auto_describe=False)
        self._shown.register(_AllWorkers(slots))

        def write() -> None:
            families = [
                (
                    family.name,
                    family.documentation,
                    family.type,
                    [sample[:3] for sample in family.samples],
                )
                for family in self._registry.collect()
            ]
            slots.write(number, json.dumps(families).encode())

        def write_regularly() -> None:
            write()
            loop.call_later(_INTERVAL, write_regularly)

        self._write_slot = write
        write_regularly()

    def collect(self) -> Iterator[Metric]:
        """Yield what this process has counted."""
        yield InfoMetricFamily(
            "superbill_build", "The version of Superbill that runs.", {"version": __version__}
        )
        yield self._requests_family()
        yield self._durations_family()
        yield CounterMetricFamily(
            "superbill_access_log_dropped_lines",
            "Lines of the access log that were dropped, because nothing read it fast enough.",
            self.dropped_lines,
        )
        yield CounterMetricFamily(
            "superbill_lost_reads",
            "Reads that are not recorded, because the database could not be written to.",
            self.lost_reads,
        )
        opened, used = self._connections()
        yield GaugeMetricFamily(
            "superbill_connections_held", "Connections to the database that are open.", opened
        )
        yield GaugeMetricFamily(
            "superbill_connections_in_use", "Connections that a request uses now.", used
        )

    def _requests_family(self) -> Metric:
        family = CounterMetricFamily(
            "superbill_requests",
            "Requests, by operation and status.",
            labels=("operation", "status"),
        )
        for (operation, status), count in self._requests.items():
            family.add_metric((operation, str(status)), count)
        return family

    def _durations_family(self) -> Metric:
        family = HistogramMetricFamily(
            "superbill_request_duration_seconds",
            "Seconds from a request's head to its answer.",
            labels=("operation",),
        )
        for operation, counts in self._counts.items():
            buckets = list(zip(_BOUNDS, map(float, accumulate(counts)), strict=True))
            family.add_metric((operation,), buckets, self._seconds[operation])
        return family
