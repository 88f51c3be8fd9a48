"""Measure Superbill beside its peers, one process each, on one database, and print the tables.

Everybody is asked for a thing in turn, round after round, so that what else the machine does harms
all alike.
"""

import argparse
import importlib.metadata
import os
import platform
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import api
from api.process import signals
from tests.benchmark import (
    checks,
    contestants,
    dataset,
    installation,
    pgbench,
    results,
    targets,
    workloads,
)
from tests.benchmark.http_server import HttpServer, UnfitError, started, wrk_is_missing
from tests.benchmark.pgbench import Pgbench
from tests.benchmark.postgres import Stage, stage
from tests.benchmark.results import Place, Run

_BUDGET = 260  # seconds that all rounds take by default
_OVERHEAD = {results.PGBENCH: 1.3}  # seconds that a run takes beyond the measured ones
_UNTARGETED = (results.PEEWEE, results.POSTGRAPHILE)  # no target is about them
_LESS = (
    workloads.PAGES,
    workloads.FILTERED,
    workloads.ENCOUNTERS,
    workloads.SUPERBILL,
    workloads.LINE_ITEM,
    workloads.MIX,
)


class Contestant(Protocol):
    """Who is measured."""

    @property
    def name(self) -> str:
        """Give the name that stands in the table."""

    def prepare(self, samples: Sequence[dataset.Sample]) -> None:
        """Do what is done once."""

    def offers(self, workload: str) -> bool:
        """Say whether it can be asked for this."""

    def run(self, workload: str, connections: int, seconds: int) -> Run:
        """Measure once."""


def main() -> int:
    """Measure and print."""
    options = _options()
    if wrk_is_missing():
        return 1
    installation.install()
    with stage() as place, ExitStack() as stack:
        place.create(place.server.database)
        with place.connect() as connection:
            size = dataset.Size()
            dataset.fill(connection, size)
            samples = dataset.samples(connection)
        field = list(_field(place, samples, options.servers, stack))
        plan = list(_plan(field, options))
        rounds = options.rounds or _rounds(plan, options.seconds)
        print("\n".join(_head(size, rounds, options.seconds, place)), flush=True)
        found = results.medians(
            _measure({one.name: one for one in field}, plan, rounds, options.seconds)
        )
    print("\n".join([*results.tables(found), *targets.table(found)]))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmark", description=__doc__)
    parser.add_argument("--seconds", type=int, default=1, help="how long one run is (default: 1)")
    parser.add_argument(
        "--rounds", type=int, help="how often each is asked (default: what fits into five minutes)"
    )
    parser.add_argument(
        "--only",
        action="append",
        choices=workloads.ALL,
        help="a workload; more than once for several",
    )
    parser.add_argument(
        "--servers", action="append", help="part of a server's name; more than once for several"
    )
    parser.add_argument(
        "--connections", type=int, action="append", help="instead of 16, and for a few 1 and 64"
    )
    return parser.parse_args()


def _field(
    place: Stage, samples: Sequence[dataset.Sample], wanted: Sequence[str] | None, stack: ExitStack
) -> Iterator[Contestant]:
    """Start everybody who is here, and let in who answers rightly."""

    def chosen(name: str) -> bool:
        return not wanted or any(part.lower() in name.lower() for part in wanted)

    for entry in contestants.entries(place):
        if chosen(entry.name):
            try:
                server = stack.enter_context(started(entry, place))
                if entry.name != results.CONSTANT:
                    checks.check(server, samples[:3])
                server.prepare(samples)
                _warm(server)
            except UnfitError as error:
                print(f"{entry.name} is left out: {error}\n", file=sys.stderr)
            else:
                yield server
    if (program := pgbench.program()) and chosen(results.PGBENCH):
        alone = Pgbench(program, place)
        alone.prepare(samples)
        yield alone


def _warm(server: HttpServer) -> None:
    """Let connections open and statements be prepared, before the first round and not in it."""
    for workload in (workloads.MIX, workloads.PAGE):
        if server.offers(workload):
            server.run(workload, 64, 1)


def _plan(field: Sequence[Contestant], options: argparse.Namespace) -> Iterator[Place]:
    """Say what is measured in a round: at 16 connections everything, at 1 and 64 what batching is about."""
    for connections in options.connections or (16, 1, 64):
        for workload in options.only or workloads.ALL:
            for one in field:
                few = connections != 16 and not options.connections
                batched = workload in workloads.BATCHED
                left_out = few and (not batched or one.name in (*_UNTARGETED, results.PGBENCH))
                if (
                    one.offers(workload)
                    and not left_out
                    and (batched or one.name != results.PLAINLY)
                ):
                    yield Place(connections, workload, one.name)


def _lesser(place: Place) -> bool:
    """Say whether no target is about it, or a lenient one, so that every second round will do."""
    return place.workload in _LESS or place.contestant in _UNTARGETED


def _rounds(plan: Sequence[Place], seconds: int) -> int:
    cost = {place: seconds + _OVERHEAD.get(place.contestant, 0.25) for place in plan}
    first, later = (
        sum(cost[place] for place in plan if _lesser(place) is lesser) for lesser in (False, True)
    )
    return max(n for n in range(1, 10) if n == 1 or first * n + later * ((n + 1) // 2) < _BUDGET)


def _measure(
    field: dict[str, Contestant], plan: Sequence[Place], rounds: int, seconds: int
) -> dict[Place, list[Run]]:
    runs: dict[Place, list[Run]] = {place: [] for place in plan}
    faults: dict[Place, list[str]] = defaultdict(list)
    for number in range(rounds):
        for place in plan:
            if number % 2 and _lesser(place):
                continue
            try:
                runs[place].append(
                    field[place.contestant].run(place.workload, place.connections, seconds)
                )
            except UnfitError as error:
                faults[place].append(str(error))
    for place, texts in faults.items():
        print(f"\n{place.contestant} failed {len(texts)} times at {place.workload}: {texts[0]}")
    return runs


def _head(size: dataset.Size, rounds: int, seconds: int, place: Stage) -> Iterator[str]:
    cpu = next(
        (line for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        ": unknown",
    )
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    with place.connect() as connection:
        version = connection.execute("SHOW server_version").fetchone()
    wrk = subprocess.run(
        ("wrk", "--version"),  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split()[1]
    when, machine = (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        f"{platform.system()} {platform.release()}",
    )
    yield f"{when}, {machine}, {os.cpu_count()} cores ({cpu.split(': ')[1]}) for servers,"
    yield f"Postgres and wrk together; load average before the start: {load}."
    yield f"{size}. One process a server, {contestants.POOL} database connections each, durable commits,"
    yield f"Interleaved runs of {seconds} s, medians of {rounds}, and of {(rounds + 1) // 2} for Peewee, PostGraphile"
    yield "and where no strict target is. CPU is that of all processes of the server, and of Postgres. The last two"
    yield "columns are Superbill's requests/s and Superbill's CPU divided by this line's."
    yield ""
    peers = ", ".join(installation.versions())
    own = f"Superbill {api.__version__}, Python {platform.python_version()}, Sanic {importlib.metadata.version('sanic')}"
    yield f"{own}, Postgres {version[0] if version else '?'}; {peers}; wrk {wrk}."
    yield from contestants.missing()


if __name__ == "__main__":
    try:
        status = main()
    except signals.Stopped as stopped:  # everything that was started has been ended
        status = 128 + stopped.args[0]
    raise SystemExit(status)
