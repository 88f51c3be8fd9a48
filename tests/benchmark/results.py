"""Runs, their medians, and the tables of them, in Markdown."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

SUPERBILL, UNBATCHED, CONSTANT, PGBENCH = (
    "Superbill",
    "Superbill, BATCH=1",
    "Sanic, a constant",
    "pgbench, the same SQL",
)
SQLALCHEMY, PEEWEE, ASYNCPG = "FastAPI + SQLAlchemy", "FastAPI + Peewee", "FastAPI + asyncpg"
PREST, POSTGREST, POSTGRAPHILE = "pREST", "PostgREST", "PostGraphile"


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


Results = Mapping[Case, Run]


def medians(runs: Mapping[Case, Sequence[Run]]) -> dict[Case, Run]:
    """Return the median of each figure for each case that has runs."""
    names = ("rate", "p50", "p99", "server", "postgres")
    return {
        case: Run(*(median(getattr(run, name) for run in repeated) for name in names))
        for case, repeated in runs.items()
        if repeated
    }


def tables(results: Results) -> Iterator[str]:
    """Yield the lines of the tables, one table for each number of connections."""
    for connections in sorted({case.connections for case in results}):
        yield f"\n### {connections} connection{'s' if connections > 1 else ''}\n"
        yield (
            "| asked for | server | requests/s | P50 ms | P99 ms"
            " | CPU µs: server | Postgres | both | rate | CPU |"
        )
        yield "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|"
        previous = ""
        for case, run in results.items():
            if case.connections == connections:
                own = results.get(Case(connections, case.workload, SUPERBILL))
                yield _row(
                    case.workload if case.workload != previous else "", case.system, run, own
                )
                previous = case.workload


def _row(workload: str, system: str, run: Run, own: Run | None) -> str:
    ratios = (
        "| |"
        if own is None or own is run
        else f"| {own.rate / run.rate:.2f} | {own.cpu / run.cpu:.2f} |"
    )
    return (
        f"| {workload} | {system} | {run.rate:,.0f} | {run.p50:.2f} | {run.p99:.2f} "
        f"| {run.server:.0f} | {run.postgres:.0f} | {run.cpu:.0f} {ratios}"
    )
