"""Metrics for Prometheus: requests and their duration, connections, the process itself.

Prometheus's objects are made of the `counts` when metrics are read.

Any worker answers with the metrics of all workers, and their label `worker` says whose they are.
For this, each worker writes its numbers to its slot of shared memory once a second, and before it
answers. If a worker is killed, what it counted after its last write is lost; the next worker in the
slot starts at 0, as counters may.
"""

import asyncio
import json
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
from api.http.counts import BUCKETS, Counts
from api.http.metrics_slots import MetricsSlots

MEDIA_TYPE = CONTENT_TYPE_PLAIN_0_0_4

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

    def __init__(self, counts: Counts, connections: Callable[[], tuple[int, int]]) -> None:
        """Show the counts; `connections` returns how many are open, and how many of them in use."""
        self._counts, self._connections = counts, connections
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)
        ProcessCollector(registry=self._registry)
        self._shown = self._registry
        self._write_slot: Callable[[], None] = lambda: None

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
            self._counts.dropped_lines,
        )
        yield CounterMetricFamily(
            "superbill_lost_reads",
            "Reads that are not recorded, because the database could not be written to.",
            self._counts.lost_reads,
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
        for (operation, status), count in self._counts.requests.items():
            family.add_metric((operation, str(status)), count)
        return family

    def _durations_family(self) -> Metric:
        family = HistogramMetricFamily(
            "superbill_request_duration_seconds",
            "Seconds from a request's head to its answer.",
            labels=("operation",),
        )
        for operation, durations in self._counts.durations.items():
            buckets = list(zip(_BOUNDS, map(float, accumulate(durations)), strict=True))
            family.add_metric((operation,), buckets, self._counts.seconds[operation])
        return family
