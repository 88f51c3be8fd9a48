"""Measure whether a request costs the same against little and against much: `python -m tests.benchmark.growth`."""

import argparse
import asyncio
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace

from api.operations import discovery
from api.request.cursor import Cursors
from api.request.query import ListQuery
from tests.benchmark import contestants, dataset, results
from tests.benchmark.dataset import Sample, Size
from tests.benchmark.http_server import HttpServer, started, wrk_is_missing
from tests.benchmark.postgres import Stage, stage
from tests.benchmark.results import Place, Results
from tests.benchmark.workloads import Dialect, Request
from tests.support.serving import read_catalog

_LITTLE = 10_000  # line items
_MOST = 1.25
_SECRET = "for the benchmark's own cursors"  # noqa: S105 - they hold nobody's data
_ASKED: Dialect = {
    "item by id": Request("GET", "/line_items/%(line_item_id)s"),
    "first page of 100": Request("GET", "/line_items/?limit=100"),
    "page of 100 behind 90 %": Request("GET", "/line_items/?limit=100&after=%(cursor)s"),
    "filtered page of 20": Request("GET", "/patients/?last_name=%(last_name)s&limit=20"),
    "line items of an encounter": Request("GET", "/encounters/%(encounter_id)s/line_items/"),
}


def main() -> int:
    """Measure and print; the exit status tells whether all stay within the bound."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmark.growth", description=__doc__)
    parser.add_argument(
        "--line-items", type=int, default=1_000_000, help="how many are much (default: 1000000)"
    )
    parser.add_argument("--seconds", type=int, default=2, help="how long one run is (default: 2)")
    parser.add_argument(
        "--rounds", type=int, default=5, help="how often each is asked (default: 5)"
    )
    options = parser.parse_args()
    if wrk_is_missing():
        return 1
    with stage() as place, ExitStack() as stack:
        servers = [_server(place, count, stack) for count in (_LITTLE, options.line_items)]
        runs: dict[Place, list[results.Run]] = {
            Place(contestants.POOL, workload, server.name): []
            for workload in _ASKED
            for server in servers
        }
        for _ in range(options.rounds):
            for _, workload, name in runs:
                server = next(server for server in servers if server.name == name)
                run = server.run(workload, contestants.POOL, options.seconds)
                runs[Place(contestants.POOL, workload, name)].append(run)
    lines, grown = _table(results.medians(runs), [server.name for server in servers])
    print("\n".join(lines))
    return int(grown > _MOST)


def _server(place: Stage, count: int, stack: ExitStack) -> HttpServer:
    """Fill a database with so many line items, and serve it."""
    database = f"line_items_{count}"
    size = Size(patients=count // 12, encounters=count // 4, line_items=count, names=20)
    print(f"making {size}", file=sys.stderr, flush=True)
    place.create(database)
    with place.connect(database) as connection:
        dataset.fill(connection, size)
        found = dataset.samples(connection)
        query = "SELECT id FROM billing.line_item ORDER BY id OFFSET %s LIMIT %s"
        keys = [
            str(key)
            for (key,) in connection.execute(query, [count * 9 // 10, len(found)]).fetchall()
        ]
    own = contestants.superbill(place, f"{count:,} line items", database, CURSOR_SECRET=_SECRET)
    server = stack.enter_context(started(replace(own, dialect=_ASKED), place))
    server.prepare(list(_with_cursors(place.server.url("superbill_server", database), found, keys)))
    for workload in _ASKED:
        server.run(workload, contestants.POOL, 1)
    return server


def _with_cursors(url: str, found: Sequence[Sample], keys: Sequence[str]) -> Iterator[Sample]:
    """Add to each sample a cursor as the server would seal it behind a key."""
    operation = next(
        o for o in discovery.build(asyncio.run(read_catalog(url))) if o.id == "line_items.list"
    )
    cursors = Cursors(_SECRET)
    paging = ListQuery(operation, cursors)
    scope = paging.scope([], paging.page([], "limit=100"))
    for sample, key in zip(found, keys, strict=True):
        yield {**sample, "cursor": cursors.seal(f'["{key}"]', scope)}


def _table(found: Results, names: Sequence[str]) -> tuple[list[str], float]:
    """Write a line for each thing that is asked for, and give the worst ratio of costs."""
    little, much = names
    lines = [
        f"CPU µs a request, server and Postgres, at {contestants.POOL} connections; wanted: at most {_MOST} times.\n",
        f"| asked for | {little} | {much} | ratio | |",
        "|---|--:|--:|--:|---|",
    ]
    worst = 0.0
    for workload in _ASKED:
        small, big = (found[Place(contestants.POOL, workload, name)].cpu for name in names)
        verdict = "met" if big / small <= _MOST else "**missed**"
        lines.append(f"| {workload} | {small:.0f} | {big:.0f} | {big / small:.2f} | {verdict} |")
        worst = max(worst, big / small)
    return lines, worst


if __name__ == "__main__":
    raise SystemExit(main())
