"""Compare one, two and four worker processes: `python -m tests.benchmark.workers`."""

import os
from collections.abc import Iterator
from contextlib import ExitStack

from tests.benchmark import dataset, options, results, systems, workloads
from tests.benchmark.http_server import HttpServer, running_server, wrk_is_missing
from tests.benchmark.postgres import start_testbed
from tests.benchmark.results import Case, Results

_WORKERS, _CONNECTIONS = (1, 2, 4), (16, 64)
_WORKLOADS = (workloads.BY_ID, workloads.PATIENT)


def main() -> int:
    """Measure and print; return the exit status."""
    given = options.parser("workers", __doc__).parse_args()
    if wrk_is_missing():
        return 1
    with start_testbed() as testbed, ExitStack() as stack:
        samples = testbed.filled(dataset.Size())
        servers: dict[str, HttpServer] = {}
        for count in _WORKERS:
            # The number of connections to Postgres does not depend on the number of workers.
            connections = str(systems.POOL // count)
            spec = systems.superbill(
                testbed, str(count), WORKERS=str(count), CONNECTIONS=connections
            )
            servers[spec.name] = stack.enter_context(running_server(spec, testbed))
            servers[spec.name].prepare(samples)
            servers[spec.name].run(workloads.MIX, max(_CONNECTIONS), 1)
        runs: dict[Case, list[results.Run]] = {
            Case(clients, workload, name): []
            for workload in _WORKLOADS
            for clients in _CONNECTIONS
            for name in servers
        }
        for _ in range(given.rounds):
            for case, repeated in runs.items():
                repeated.append(
                    servers[case.system].run(case.workload, case.connections, given.seconds)
                )
    print("\n".join(_table(results.medians(runs))))
    return 0


def _table(medians: Results) -> Iterator[str]:
    yield (
        f"Workers, Postgres and wrk share {os.cpu_count()} cores. `cores` is the number that"
        " workers and Postgres use.\n"
    )
    yield (
        "| asked for | connections | workers | requests/s | P50 ms | P99 ms"
        " | CPU µs: server | Postgres | cores |"
    )
    yield "|---|--:|--:|--:|--:|--:|--:|--:|--:|"
    for case, run in medians.items():
        yield (
            f"| {case.workload} | {case.connections} | {case.system} | {run.rate:,.0f}"
            f" | {run.p50:.2f} | {run.p99:.2f} | {run.server:.0f} | {run.postgres:.0f}"
            f" | {run.rate * run.cpu / 1e6:.2f} |"
        )


if __name__ == "__main__":
    raise SystemExit(main())
