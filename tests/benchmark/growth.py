"""Compare the cost of a request with few and with many rows: `python -m tests.benchmark.growth`."""

import asyncio
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace

from api.operations import discovery
from api.request.cursor import Cursors
from api.request.query import ListQuery
from tests.benchmark import options, results, systems
from tests.benchmark.dataset import Sample, Size
from tests.benchmark.http_server import HttpServer, running_server, wrk_is_missing
from tests.benchmark.postgres import Testbed, start_testbed
from tests.benchmark.results import Case, Results
from tests.benchmark.workloads import Dialect, Request
from tests.support.catalogs import read_catalog

_FEW_LINE_ITEMS = 10_000
_MAX_RATIO = 1.25
_SECRET = "for the benchmark's own cursors"  # noqa: S105 - all data is synthetic
_REQUESTS: Dialect = {
    "item by id": Request("GET", "/line_items/%(line_item_id)s"),
    "first page of 100": Request("GET", "/line_items/?limit=100"),
    "page of 100 behind 90 %": Request("GET", "/line_items/?limit=100&after=%(cursor)s"),
    "filtered page of 20": Request("GET", "/patients/?last_name=%(last_name)s&limit=20"),
    "line items of an encounter": Request("GET", "/encounters/%(encounter_id)s/line_items/"),
}


def main() -> int:
    """Measure and print; return 1 if a ratio is above the limit, else 0."""
    parser = options.parser("growth", __doc__)
    parser.add_argument(
        "--line-items",
        type=int,
        default=1_000_000,
        help="line items in the large database (default: 1000000)",
    )
    given = parser.parse_args()
    if wrk_is_missing():
        return 1
    with start_testbed() as testbed, ExitStack() as stack:
        servers = [_server(testbed, count, stack) for count in (_FEW_LINE_ITEMS, given.line_items)]
        runs: dict[Case, list[results.Run]] = {
            Case(systems.POOL, workload, server.name): []
            for workload in _REQUESTS
            for server in servers
        }
        for _ in range(given.rounds):
            for _, workload, name in runs:
                server = next(server for server in servers if server.name == name)
                run = server.run(workload, systems.POOL, given.seconds)
                runs[Case(systems.POOL, workload, name)].append(run)
    lines, worst = _table(results.medians(runs), [server.name for server in servers])
    print("\n".join(lines))
    return int(worst > _MAX_RATIO)


def _server(testbed: Testbed, count: int, stack: ExitStack) -> HttpServer:
    """Create a database with `count` line items, and serve it."""
    database = f"line_items_{count}"
    size = Size(patients=count // 12, encounters=count // 4, line_items=count, names=20)
    print(f"inserting {size}", file=sys.stderr, flush=True)
    samples = testbed.filled(size, database)
    with testbed.connect(database) as connection:
        query = "SELECT id FROM billing.line_item ORDER BY id OFFSET %s LIMIT %s"
        keys = [
            str(key)
            for (key,) in connection.execute(query, [count * 9 // 10, len(samples)]).fetchall()
        ]
    own = systems.superbill(testbed, f"{count:,} line items", database, CURSOR_SECRET=_SECRET)
    server = stack.enter_context(running_server(replace(own, dialect=_REQUESTS), testbed))
    server.prepare(
        list(_with_cursors(testbed.server.url("superbill_server", database), samples, keys))
    )
    for workload in _REQUESTS:
        server.run(workload, systems.POOL, 1)
    return server


def _with_cursors(url: str, samples: Sequence[Sample], keys: Sequence[str]) -> Iterator[Sample]:
    """Add to each sample the cursor of the page that starts after a key."""
    operation = next(
        o for o in discovery.build(asyncio.run(read_catalog(url))) if o.id == "line_items.list"
    )
    cursors = Cursors(_SECRET)
    paging = ListQuery(operation, cursors)
    scope = paging.scope([], paging.page([], "limit=100"))
    for sample, key in zip(samples, keys, strict=True):
        yield {**sample, "cursor": cursors.seal(f'["{key}"]', scope)}


def _table(medians: Results, names: Sequence[str]) -> tuple[list[str], float]:
    """Return the lines of the table, and the worst ratio of costs."""
    few, many = names
    lines = [
        (
            f"CPU µs of a request, in server and Postgres, at {systems.POOL} connections;"
            f" limit: {_MAX_RATIO} times.\n"
        ),
        f"| asked for | {few} | {many} | ratio | |",
        "|---|--:|--:|--:|---|",
    ]
    worst = 0.0
    for workload in _REQUESTS:
        small, big = (medians[Case(systems.POOL, workload, name)].cpu for name in names)
        verdict = "met" if big / small <= _MAX_RATIO else "**missed**"
        lines.append(f"| {workload} | {small:.0f} | {big:.0f} | {big / small:.2f} | {verdict} |")
        worst = max(worst, big / small)
    return lines, worst


if __name__ == "__main__":
    raise SystemExit(main())
