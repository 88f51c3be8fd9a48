"""Runs, their medians, and the tables of them, in Markdown."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import NamedTuple

SUPERBILL, UNBATCHED, CONSTANT, PGBENCH = (
    "Superbill",
    "Superbill, BATCH=1",
    "Sanic, a constant",
    "pgbench, the same SQL",
)
SQLALCHEMY, PEEWEE, ASYNCPG = "FastAPI + SQLAlchemy", "FastAPI + Peewee", "FastAPI + asyncpg"
PREST, POSTGREST, POSTGRAPHILE = "pREST", "PostgREST", "PostGraphile"
_OVERVIEW = 16  # connections
_COLUMNS = (SUPERBILL, PREST, POSTGREST, ASYNCPG, POSTGRAPHILE, SQLALCHEMY, PEEWEE)
WITHOUT_LOG = ", without log"  # added to the name of a system


class Case(NamedTuple):
    """What a run measures: a workload of a system at a number of connections."""

    connections: int
    workload: str
    system: str


@dataclass(frozen=True, slots=True)
class Run:
    """The figures of a run.

    `rate` is in requests per second, `p50` and `p99` in milliseconds, `server` and `postgres` in
    microseconds of CPU time for each request.
    """

    rate: float
    p50: float
    p99: float
    server: float
    postgres: float

    @property
    def cpu(self) -> float:
        """The CPU time of a request in server and Postgres together, in microseconds."""
        return self.server + self.postgres


@dataclass(frozen=True, slots=True)
class Median(Run):
    """The medians of `count` runs, and the quartiles of the CPU time."""

    count: int
    low: float
    high: float


Results = Mapping[Case, Median]


def medians(runs: Mapping[Case, Sequence[Run]]) -> dict[Case, Median]:
    """Return the median of each figure for each case that has runs."""
    return {case: _median(repeated) for case, repeated in runs.items() if repeated}


def _median(runs: Sequence[Run]) -> Median:
    figures = ("rate", "p50", "p99", "server", "postgres")
    costs = [run.cpu for run in runs]
    low, _, high = quantiles(costs, n=4, method="inclusive") if len(runs) > 1 else costs * 3
    values = {name: median(getattr(run, name) for run in runs) for name in figures}
    return Median(**values, count=len(runs), low=low, high=high)


def tables(results: Results) -> Iterator[str]:
    """Yield the lines of the tables, one table for each number of connections."""
    for connections in sorted({case.connections for case in results}):
        yield f"\n### {connections} connection{'s' if connections > 1 else ''}\n"
        yield (
            "| asked for | server | requests/s | P50 ms | P99 ms"
            " | CPU µs: server | Postgres | both | quartiles | n | rate | CPU |"
        )
        yield "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
        previous = ""
        for case, run in results.items():
            if case.connections == connections:
                own = results.get(Case(connections, case.workload, SUPERBILL))
                yield _row(
                    case.workload if case.workload != previous else "", case.system, run, own
                )
                previous = case.workload


def _row(workload: str, system: str, run: Median, own: Median | None) -> str:
    ratios = (
        "| |"
        if own is None or own is run
        else f"| {own.rate / run.rate:.2f} | {own.cpu / run.cpu:.2f} |"
    )
    return (
        f"| {workload} | {system} | {run.rate:,.0f} | {run.p50:.2f} | {run.p99:.2f} "
        f"| {run.server:.0f} | {run.postgres:.0f} | {run.cpu:.0f}"
        f" | {run.low:.0f} to {run.high:.0f} | {run.count} {ratios}"
    )


def overview(results: Results) -> Iterator[str]:
    """Yield the table of the guides: a line for each workload, a column for each system."""
    yield "\n### For README.md: CPU µs, median (quartiles)\n"
    at_16 = {case: run for case, run in results.items() if case.connections == _OVERVIEW}
    systems = [name for name in _COLUMNS if any(case.system == name for case in at_16)]
    yield f"| {_OVERVIEW} connections | n | requests/s | P99 | {' | '.join(systems)} |"
    yield f"|---|--:|--:|--:|{'--:|' * len(systems)}"
    for workload in dict.fromkeys(case.workload for case in at_16):
        own = at_16.get(Case(_OVERVIEW, workload, SUPERBILL))
        if own is None:
            continue
        runs = [at_16.get(Case(_OVERVIEW, workload, name)) for name in systems]
        count = min(run.count for run in runs if run)
        costs = " | ".join(_cost(run) for run in runs)
        yield f"| {workload} | {count} | {own.rate:,.0f} | {own.p99:.2f} ms | {costs} |"


def logs(results: Results) -> Iterator[str]:
    """Yield the table of what each system's access log costs."""
    yield "\n### Access logs: CPU µs, median (quartiles)\n"
    yield f"| {_OVERVIEW} connections | system | n | log on | log off | difference |"
    yield "|---|---|--:|--:|--:|--:|"
    for case, off in results.items():
        name = case.system.removesuffix(WITHOUT_LOG)
        on = results.get(case._replace(system=name))
        if name != case.system and on and case.connections == _OVERVIEW:
            count, more = min(on.count, off.count), on.cpu - off.cpu
            costs = f"{_cost(on)} | {_cost(off)} | {more:+.0f}"
            yield f"| {case.workload} | {name} | {count} | {costs} |"


def _cost(run: Median | None) -> str:
    return f"{run.cpu:,.0f} ({run.low:,.0f} to {run.high:,.0f})" if run else ""
