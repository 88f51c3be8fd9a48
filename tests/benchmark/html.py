"""What pages for people cost beside JSON: `python -m tests.benchmark.html`, half a minute.

The measure is the CPU time of a request, in server and Postgres together, at one connection and at
four, as many browsers have. Each round measures all of them, one after the other.
"""

from contextlib import ExitStack
from dataclasses import replace
from statistics import median

from tests.benchmark import dataset, options, systems, workloads
from tests.benchmark.http_server import HttpServer, running_server, wrk_is_missing
from tests.benchmark.postgres import start_testbed
from tests.benchmark.results import Run

_WORKLOADS = (workloads.PAGE, workloads.BY_ID, workloads.LINE_ITEMS)
_CONNECTIONS = (1, 4)
_LIMIT = 1_200  # µs for a page of 100 rows
Figures = dict[tuple[str, int], dict[str, list[Run]]]


def main() -> int:
    """Measure and print; return 1 if a page of 100 rows takes more than the limit, else 0."""
    given = options.parser("html", __doc__).parse_args()
    if wrk_is_missing():
        return 1
    with start_testbed() as testbed, ExitStack() as stack:
        samples = testbed.filled(dataset.Size())
        json = stack.enter_context(running_server(systems.superbill(testbed), testbed))
        html = replace(json, spec=replace(json.spec, name="html", headers=("Accept: text/html",)))
        servers: dict[str, HttpServer] = {"json": json, "html": html}
        for server in servers.values():
            for workload in _WORKLOADS:
                server.prepare_only(workload, samples)
                server.load(workload, 4, 1)
        figures: Figures = {
            (workload, connections): {name: [] for name in servers}
            for workload in _WORKLOADS
            for connections in _CONNECTIONS
        }
        for _ in range(given.rounds):
            for (workload, connections), runs in figures.items():
                for name, server in servers.items():
                    runs[name].append(server.run(workload, connections, given.seconds))
    lines, slowest = _table(figures)
    print("\n".join(lines))
    return int(slowest > _LIMIT)


def _table(figures: Figures) -> tuple[list[str], float]:
    """Return the lines of the table, and what a page of 100 rows takes at most."""
    lines = [
        f"CPU µs of a request, in server and Postgres; limit of a page of 100: {_LIMIT:,}.\n",
        "| asked for | connections | JSON | HTML | of it in the server | requests/s |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    slowest = 0.0
    for (workload, connections), runs in figures.items():
        json, html = (median(run.cpu for run in runs[name]) for name in ("json", "html"))
        server = median(run.server for run in runs["html"])
        rate = median(run.rate for run in runs["html"])
        lines.append(
            f"| {workload} | {connections} | {json:,.0f} | {html:,.0f} | {server:,.0f}"
            f" | {rate:,.0f} |"
        )
        if workload == workloads.PAGE:
            slowest = max(slowest, html)
    return lines, slowest


if __name__ == "__main__":
    raise SystemExit(main())
