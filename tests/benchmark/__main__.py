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
_ENOUGH = 5  # runs for a figure that is published


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
        size = dataset.Size()
        samples = testbed.filled(size)
        if options.without_audit:
            testbed.end_audit()
        started = list(_start(testbed, samples, options.servers, stack))
        plan = list(_plan(started, options))
        length = _round_seconds(plan, options.seconds)
        rounds = options.rounds or max(1, int(_BUDGET / length))
        print("\n".join(_head(size, rounds, options.seconds, testbed)), flush=True)
        print(f"\n{len(plan)} cases take about {length * rounds / 60:.0f} minutes.", flush=True)
        if rounds < _ENOUGH:
            print(
                f"Publish no figure of fewer than {_ENOUGH} runs: `make bench ROUNDS=5 SECONDS=2`"
                f" takes about {_round_seconds(plan, 2) * 5 / 60:.0f} minutes.",
                flush=True,
            )
        medians = results.medians(
            _measure({system.name: system for system in started}, plan, rounds, options.seconds)
        )
    lines = (results.tables, results.overview, results.logs, targets.table)
    print("\n".join(line for table in lines for line in table(medians)))
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
    parser.add_argument(
        "--without-audit",
        action="store_true",
        help="let Superbill record no changes and no reads, as no peer does",
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
                if spec.dialect is not workloads.CONSTANT:
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

    At 16 connections these are all workloads; at 1 and 64 only those that have a target.
    """
    for connections in options.connections or (16, 1, 64):
        for workload in options.only or workloads.ALL:
            for system in started:
                case = Case(connections, workload, system.name)
                if system.supports(workload) and (
                    _is_used(case) if options.connections or connections == 16 else _is_loaded(case)
                ):
                    yield case


def _is_used(case: Case) -> bool:
    """Return whether a table of 16 connections has the case."""
    if case.system.endswith(results.WITHOUT_LOG):
        return case.workload in workloads.LOGGED
    return case.workload in workloads.BATCHED or case.system != results.UNBATCHED


def _is_loaded(case: Case) -> bool:
    """Return whether the case is measured at other numbers of connections, too."""
    if case.system in (*_WITHOUT_TARGET, results.PGBENCH) or results.WITHOUT_LOG in case.system:
        return False
    if case.connections == 1:
        return case.workload in workloads.BATCHED
    return case.workload in workloads.LOADED and _is_used(case)


def _round_seconds(plan: Sequence[Case], seconds: int) -> float:
    """Return how long one round takes, about."""
    return sum(seconds + _OVERHEAD.get(case.system, 0.4) for case in plan)


def _measure(
    started: dict[str, System], plan: Sequence[Case], rounds: int, seconds: int
) -> dict[Case, list[Run]]:
    runs: dict[Case, list[Run]] = {case: [] for case in plan}
    errors: dict[Case, list[str]] = defaultdict(list)
    for _ in range(rounds):
        for case in plan:
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
    yield f"medians of {rounds} runs. CPU is that of all processes of the server, and of Postgres."
    yield "All servers write their access logs, to files; PostGraphile has none. The last two"
    yield "columns are Superbill's requests/s and CPU, divided by those of the line."
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
