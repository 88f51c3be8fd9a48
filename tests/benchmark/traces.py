"""What traces cost: `python -m tests.benchmark.traces`.

The same reads by id of servers on one Postgres: without traces, with a span of one request in a
hundred, with the header of a client that is not traced, and with a span of each request. The
measure is the CPU time of a request, in the server and Postgres together, and so with what sends
the spans; the collector's is not in it. Each round measures all servers, in an order of its own;
the result is the median of the rounds' ratios.
"""

import random
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from statistics import median

from tests.benchmark import dataset, options, systems, workloads
from tests.benchmark.http_server import HttpServer, running_server, wrk_is_missing
from tests.benchmark.postgres import Testbed, start_testbed
from tests.benchmark.results import Run
from tests.support.collector import Receiver, receiving

_CONNECTIONS = 16
_LIMIT = 1.02  # times the CPU without traces, for one request in a hundred
_WITHOUT, _WITHOUT_AGAIN, _HEADER = "none", "none, again", "none, but a `traceparent`"
_SOME, _UNSAMPLED, _ALL = "1 %", "1 %, but the client's are not", "each request"
_NOT_SAMPLED = "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"
# Spans are sent while they are measured, which is five times as often as by default.
_SENDING = {"OTEL_BSP_SCHEDULE_DELAY": "1000"}


class _Collector(Receiver):
    """Takes spans, and drops them."""

    protocol_version = "HTTP/1.1"


def main() -> int:
    """Measure and print; return 1 if a ratio is above its limit, else 0."""
    given = options.parser("traces", __doc__).parse_args()
    if wrk_is_missing():
        return 1
    with ExitStack() as stack:
        testbed = stack.enter_context(start_testbed())
        samples = testbed.filled(dataset.Size())
        endpoint = stack.enter_context(receiving(_Collector))
        servers = [stack.enter_context(one) for one in _servers(testbed, endpoint)]
        for server in servers:
            server.prepare_only(workloads.BY_ID, samples)
            server.run(workloads.BY_ID, _CONNECTIONS, 2)
        runs: dict[str, list[Run]] = {server.name: [] for server in servers}
        for _ in range(given.rounds):
            for server in random.sample(servers, len(servers)):
                runs[server.name].append(server.run(workloads.BY_ID, _CONNECTIONS, given.seconds))
    print(f"CPU µs of an item by id, at {_CONNECTIONS} connections; limit: {_LIMIT}.\n")
    print("| traces | CPU | of it the server's | ratio |\n|---|--:|--:|--:|")
    for name, measured in runs.items():
        cpu, own = (median(values) for values in zip(*_figures(measured), strict=True))
        print(f"| {name} | {cpu:.1f} | {own:.1f} | {_ratio(measured, runs[_WITHOUT]):.3f} |")
    return int(_ratio(runs[_SOME], runs[_WITHOUT]) > _LIMIT)


def _servers(testbed: Testbed, endpoint: str) -> Iterator[AbstractContextManager[HttpServer]]:
    own = {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, **_SENDING}
    some = {**own, "OTEL_TRACES_SAMPLER": "parentbased_traceidratio"}
    some["OTEL_TRACES_SAMPLER_ARG"] = "0.01"
    for name, settings, headers in (
        (_WITHOUT, {}, ()),
        (_WITHOUT_AGAIN, {}, ()),
        (_HEADER, {}, (_NOT_SAMPLED,)),
        (_SOME, some, ()),
        (_UNSAMPLED, some, (_NOT_SAMPLED,)),
        (_ALL, own, ()),
    ):
        spec = replace(systems.superbill(testbed, name, **settings), headers=headers)
        yield running_server(spec, testbed)


def _figures(runs: list[Run]) -> list[tuple[float, float]]:
    return [(run.cpu, run.server) for run in runs]


def _ratio(runs: list[Run], others: list[Run]) -> float:
    return median(own.cpu / its.cpu for own, its in zip(runs, others, strict=True))


if __name__ == "__main__":
    sys.exit(main())
