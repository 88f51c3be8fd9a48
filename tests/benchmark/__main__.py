"""Measure Superbill and its peers, one process each, on one database, and print the tables.

Each round measures every system in turn, so that other load on the machine affects all of them
equally.
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
    dataset,
    installation,
    pgbench,
    results,
    systems,
    targets,
    workloads,
)
from tests.benchmark.http_server import HttpServer, MeasurementError, running_server, wrk_is_missing
from tests.benchmark.pgbench import Pgbench
from tests.benchmark.postgres import Testbed, start_testbed
from tests.benchmark.results import Case, Run

_BUDGET = 260  # seconds for all rounds, by default
_OVERHEAD = {results.PGBENCH: 1.3}  # seconds that a run takes beyond the measured seconds
_WITHOUT_TARGET = (results.PEEWEE, results.POSTGRAPHILE)
_SECONDARY = (
    workloads.PAGES,
    workloads.FILTERED,
    workloads.ENCOUNTERS,
    workloads.SUPERBILL,
    workloads.LINE_ITEM,
    workloads.MIX,
)


class System(Protocol):
    """A system under test."""

    @property
    def name(self) -> str:
        """Return the name for the table."""

    def prepare(self, samples: Sequence[dataset.Sample]) -> None:
        """Prepare the runs; called once, before the first one."""

    def supports(self, workload: str) -> bool:
        """Return whether the system can run this workload."""

    def run(self, workload: str, connections: int, seconds: int) -> Run:
        """Measure a workload once.

        Raises MeasurementError if an answer is wrong.
        """


def main() -> int:
    """Measure all systems and print the tables; return the exit status."""
    options = _options()
    if wrk_is_missing():
        return 1
    installation.install()
    with start_testbed() as testbed, ExitStack() as stack:
        testbed.create(testbed.server.database)
        with testbed.connect() as connection:
            size = dataset.Size()
            dataset.fill(connection, size)
            samples = dataset.samples(connection)
        started = list(_start(testbed, samples, options.servers, stack))
        plan = list(_plan(started, options))
        rounds = options.rounds or _rounds(plan, options.seconds)
        print("\n".join(_head(size, rounds, options.seconds, testbed)), flush=True)
        medians = results.medians(
            _measure({system.name: system for system in started}, plan, rounds, options.seconds)
        )
    print("\n".join([*results.tables(medians), *targets.table(medians)]))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmark", description=__doc__)
    parser.add_argument(
        "--seconds", type=int, default=1, help="length of one run in seconds (default: 1)"
    )
    parser.add_argument(
        "--rounds",
        type=int,
        help="how often each case is measured (default: as often as five minutes allow)",
    )
    parser.add_argument(
        "--only",
        action="append",
        choices=workloads.ALL,
        help="a workload; repeat the option for several",
    )
    parser.add_argument(
        "--servers",
        action="append",
        help="part of a server's name; repeat the option for several",
    )
    parser.add_argument(
        "--connections",
        type=int,
        action="append",
        help="number of connections (default: 16 for all workloads, 1 and 64 for some)",
    )
    return parser.parse_args()


def _start(
    testbed: Testbed,
    samples: Sequence[dataset.Sample],
    name_parts: Sequence[str] | None,
    stack: ExitStack,
) -> Iterator[System]:
    """Start the systems that are installed, and yield those whose answers are correct.

    Without `name_parts` all systems are started, else those whose name contains one of them.
    """

    def selected(name: str) -> bool:
        return not name_parts or any(part.lower() in name.lower() for part in name_parts)

    for spec in systems.specs(testbed):
        if selected(spec.name):
            try:
                server = stack.enter_context(running_server(spec, testbed))
                if spec.name != results.CONSTANT:
                    checks.check(server, samples[:3])
                server.prepare(samples)
                _warm_up(server)
            except MeasurementError as error:
                print(f"{spec.name} is left out: {error}\n", file=sys.stderr)
            else:
                yield server
    if (program := pgbench.program()) and selected(results.PGBENCH):
        postgres_alone = Pgbench(program, testbed)
        postgres_alone.prepare(samples)
        yield postgres_alone


def _warm_up(server: HttpServer) -> None:
    """Make the server open its connections and prepare its statements before the first round."""
    for workload in (workloads.MIX, workloads.PAGE):
        if server.supports(workload):
            server.run(workload, 64, 1)


def _plan(started: Sequence[System], options: argparse.Namespace) -> Iterator[Case]:
    """Yield the cases of a round.

    At 16 connections these are all workloads; at 1 and 64 only those that are sent in batches.
    """
    for connections in options.connections or (16, 1, 64):
        for workload in options.only or workloads.ALL:
            for system in started:
                only_batched = connections != 16 and not options.connections
                batched = workload in workloads.BATCHED
                left_out = only_batched and (
                    not batched or system.name in (*_WITHOUT_TARGET, results.PGBENCH)
                )
                if (
                    system.supports(workload)
                    and not left_out
                    and (batched or system.name != results.UNBATCHED)
                ):
                    yield Case(connections, workload, system.name)


def _is_secondary(case: Case) -> bool:
    """Return whether every second round is enough: no target, or only a lenient one, uses it."""
    return case.workload in _SECONDARY or case.system in _WITHOUT_TARGET


def _rounds(plan: Sequence[Case], seconds: int) -> int:
    cost = {case: seconds + _OVERHEAD.get(case.system, 0.25) for case in plan}
    primary, secondary = (
        sum(cost[case] for case in plan if _is_secondary(case) is value) for value in (False, True)
    )
    return max(
        n for n in range(1, 10) if n == 1 or primary * n + secondary * ((n + 1) // 2) < _BUDGET
    )


def _measure(
    started: dict[str, System], plan: Sequence[Case], rounds: int, seconds: int
) -> dict[Case, list[Run]]:
    runs: dict[Case, list[Run]] = {case: [] for case in plan}
    errors: dict[Case, list[str]] = defaultdict(list)
    for number in range(rounds):
        for case in plan:
            if number % 2 and _is_secondary(case):
                continue
            try:
                runs[case].append(
                    started[case.system].run(case.workload, case.connections, seconds)
                )
            except MeasurementError as error:
                errors[case].append(str(error))
    for case, texts in errors.items():
        print(f"\n{case.system} failed {len(texts)} times at {case.workload}: {texts[0]}")
    return runs


def _head(size: dataset.Size, rounds: int, seconds: int, testbed: Testbed) -> Iterator[str]:
    cpu = next(
        (line for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        ": unknown",
    )
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    with testbed.connect() as connection:
        version = connection.execute("SHOW server_version").fetchone()
    wrk = subprocess.run(
        ("wrk", "--version"),  # noqa: S607 - the program on PATH, as for the runs
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
    yield f"{size}. Each server has one process and {systems.POOL} database connections; commits"
    yield f"are durable. The runs are interleaved and take {seconds} s each. The figures are"
    yield f"medians of {rounds} runs; of {(rounds + 1) // 2} for Peewee, PostGraphile and the"
    yield "workloads without a strict target. CPU is that of all processes of the server, and of"
    yield "Postgres. The last two columns are Superbill's requests/s and Superbill's CPU, divided"
    yield "by those of the line."
    yield ""
    peers = ", ".join(installation.versions())
    own = (
        f"Superbill {api.__version__}, Python {platform.python_version()},"
        f" Sanic {importlib.metadata.version('sanic')}"
    )
    yield f"{own}, Postgres {version[0] if version else '?'}; {peers}; wrk {wrk}."
    yield from systems.missing()


if __name__ == "__main__":
    try:
        status = main()
    except signals.Stopped as stopped:  # all child processes have ended
        status = 128 + stopped.args[0]
    raise SystemExit(status)
