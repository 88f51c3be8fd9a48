"""Measure what more workers bring on this machine: `python -m tests.benchmark.workers`."""

import argparse
import os
from collections.abc import Iterator
from contextlib import ExitStack

from tests.benchmark import contestants, dataset, results, workloads
from tests.benchmark.http_server import HttpServer, started, wrk_is_missing
from tests.benchmark.postgres import stage
from tests.benchmark.results import Place, Results

_WORKERS, _CONNECTIONS = (1, 2, 4), (16, 64)
_ASKED = (workloads.BY_ID, workloads.PATIENT)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmark.workers", description=__doc__)
    parser.add_argument("--seconds", type=int, default=2, help="how long one run is (default: 2)")
    parser.add_argument(
        "--rounds", type=int, default=5, help="how often each is asked (default: 5)"
    )
    options = parser.parse_args()
    if wrk_is_missing():
        return 1
    with stage() as place, ExitStack() as stack:
        place.create(place.server.database)
        with place.connect() as connection:
            dataset.fill(connection, dataset.Size())
            samples = dataset.samples(connection)
        servers: dict[str, HttpServer] = {}
        for count in _WORKERS:
            each = str(
                contestants.POOL // count
            )  # as many connections to Postgres, however many workers have them
            entry = contestants.superbill(place, str(count), WORKERS=str(count), CONNECTIONS=each)
            servers[entry.name] = stack.enter_context(started(entry, place))
            servers[entry.name].prepare(samples)
            servers[entry.name].run(workloads.MIX, max(_CONNECTIONS), 1)
        runs: dict[Place, list[results.Run]] = {
            Place(connections, workload, name): []
            for workload in _ASKED
            for connections in _CONNECTIONS
            for name in servers
        }
        for _ in range(options.rounds):
            for one, found in runs.items():
                found.append(
                    servers[one.contestant].run(one.workload, one.connections, options.seconds)
                )
    print("\n".join(_table(results.medians(runs))))
    return 0


def _table(found: Results) -> Iterator[str]:
    yield f"{os.cpu_count()} cores for workers, Postgres and wrk together, which `cores` shows in use without wrk.\n"
    yield "| asked for | connections | workers | requests/s | P50 ms | P99 ms | CPU µs: server | Postgres | cores |"
    yield "|---|--:|--:|--:|--:|--:|--:|--:|--:|"
    for place, run in found.items():
        yield (
            f"| {place.workload} | {place.connections} | {place.contestant} | {run.rate:,.0f} | {run.p50:.2f}"
            f" | {run.p99:.2f} | {run.server:.0f} | {run.postgres:.0f} | {run.rate * run.cpu / 1e6:.2f} |"
        )


if __name__ == "__main__":
    raise SystemExit(main())
