"""What guarantees cost, the third part of `make bench`: an audit trail, and changes made once.

The same creates on a database whose triggers are off, with the audit trail as it is shipped, and
with an `Idempotency-Key` as well, each another one. The measure is the CPU time of a request, in
the server and Postgres together; each round measures all of them, one after the other, and the
result is the median of the rounds' ratios.
"""

import sys
from contextlib import ExitStack
from dataclasses import replace
from statistics import median

from tests.benchmark import dataset, options, systems, workloads
from tests.benchmark.http_server import HttpServer, running_server, wrk_is_missing
from tests.benchmark.postgres import start_testbed
from tests.benchmark.results import Run

_WORKLOADS = (workloads.PATIENT, workloads.LINE_ITEM)
_CONNECTIONS = (1, 16, 64)
_PLAIN, _AUDITED, _KEYED = "without an audit trail", "as it is shipped", "with a key"
_AUDIT_LIMIT = 1.10  # times the CPU without it
_KEY_LIMITS = {1: 1.25, 16: 1.7, 64: 1.7}  # times the CPU without a key, by connections
Figures = dict[tuple[int, str], dict[str, list[Run]]]


def main() -> int:
    """Measure and print; return 1 if a ratio is above its limit, else 0."""
    given = options.parser("guarantees", __doc__).parse_args()
    if wrk_is_missing():
        return 1
    with ExitStack() as stack:
        servers = [_server(name, stack) for name in (_PLAIN, _AUDITED)]
        # The keys of one load differ from those of another by the time at which it began.
        key = replace(servers[1].spec, name=_KEYED, headers=("Idempotency-Key: new",))
        servers.append(replace(servers[1], spec=key))
        for server in servers:
            with server.testbed.connect() as connection:
                samples = dataset.samples(connection)
            for workload in _WORKLOADS:
                server.prepare_only(workload, samples)
        figures: Figures = {
            (connections, workload): {server.name: [] for server in servers}
            for connections in _CONNECTIONS
            for workload in _WORKLOADS
        }
        for server in servers:
            for workload in _WORKLOADS:
                server.run(workload, 64, 1)
        for _ in range(given.rounds):
            for (connections, workload), runs in figures.items():
                for server in servers:
                    runs[server.name].append(server.run(workload, connections, given.seconds))
    lines, missed = _table(figures)
    print("\n".join(lines))
    return int(missed)


def _server(name: str, stack: ExitStack) -> HttpServer:
    testbed = stack.enter_context(start_testbed())
    testbed.filled(dataset.Size())
    if name == _PLAIN:
        testbed.end_audit()
    with testbed.connect() as connection:
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")
    return stack.enter_context(running_server(systems.superbill(testbed, name), testbed))


def _table(figures: Figures) -> tuple[list[str], bool]:
    """Return the lines of the table, and whether a limit was missed."""
    lines = [
        "CPU µs of a request, in server and Postgres, and times that of the column before.\n",
        f"| asked for | connections | {_PLAIN} | {_AUDITED} | {_KEYED} | |",
        "|---|--:|--:|--:|--:|---|",
    ]
    missed = False
    for (connections, workload), runs in figures.items():
        medians = {name: median(run.cpu for run in of) for name, of in runs.items()}
        audited, keyed = (
            _ratio(runs[a], runs[b]) for a, b in ((_AUDITED, _PLAIN), (_KEYED, _AUDITED))
        )
        wrong = [
            name
            for name, ratio, limit in (
                (_AUDITED, audited, _AUDIT_LIMIT),
                (_KEYED, keyed, _KEY_LIMITS[connections]),
            )
            if ratio > limit
        ]
        missed = missed or bool(wrong)
        verdict = f"**missed**: {', '.join(wrong)}" if wrong else "met"
        lines.append(
            f"| {workload} | {connections} | {medians[_PLAIN]:.0f} "
            f"| {medians[_AUDITED]:.0f} ({audited:.2f}) | {medians[_KEYED]:.0f} ({keyed:.2f}) "
            f"| {verdict} |"
        )
    return lines, missed


def _ratio(runs: list[Run], others: list[Run]) -> float:
    return median(own.cpu / its.cpu for own, its in zip(runs, others, strict=True))


if __name__ == "__main__":
    sys.exit(main())
