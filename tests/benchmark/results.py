"""Runs, their medians, and the tables that are made of them, in Markdown."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

SUPERBILL, PLAINLY, CONSTANT, PGBENCH = (
    "Superbill",
    "Superbill, BATCH=1",
    "Sanic, a constant",
    "pgbench, the same SQL",
)
SQLALCHEMY, PEEWEE, ASYNCPG = "FastAPI + SQLAlchemy", "FastAPI + Peewee", "FastAPI + asyncpg"
PREST, POSTGREST, POSTGRAPHILE = "pREST", "PostgREST", "PostGraphile"


class Place(NamedTuple):
    """What a run was about."""

    connections: int
    workload: str
    contestant: str


@dataclass(frozen=True, slots=True)
class Run:
    """Requests a second, milliseconds, and CPU microseconds a request."""

    rate: float
    p50: float
    p99: float
    server: float
    postgres: float

    @property
    def cpu(self) -> float:
        """Give what a request costs, wherever."""
        return self.server + self.postgres


Results = Mapping[Place, Run]


def medians(runs: Mapping[Place, Sequence[Run]]) -> dict[Place, Run]:
    """Take the median of each figure."""
    names = ("rate", "p50", "p99", "server", "postgres")
    return {
        place: Run(*(median(getattr(run, name) for run in several) for name in names))
        for place, several in runs.items()
        if several
    }


def tables(results: Results) -> Iterator[str]:
    """Write a table for each number of connections."""
    for connections in sorted({place.connections for place in results}):
        yield f"\n### {connections} connection{'s' if connections > 1 else ''}\n"
        yield "| asked for | server | requests/s | P50 ms | P99 ms | CPU µs: server | Postgres | both | rate | CPU |"
        yield "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|"
        previous = ""
        for place, run in results.items():
            if place.connections == connections:
                own = results.get(Place(connections, place.workload, SUPERBILL))
                yield _row(
                    place.workload if place.workload != previous else "", place.contestant, run, own
                )
                previous = place.workload


def _row(workload: str, contestant: str, run: Run, own: Run | None) -> str:
    ratios = (
        "| |"
        if own is None or own is run
        else f"| {own.rate / run.rate:.2f} | {own.cpu / run.cpu:.2f} |"
    )
    return (
        f"| {workload} | {contestant} | {run.rate:,.0f} | {run.p50:.2f} | {run.p99:.2f} "
        f"| {run.server:.0f} | {run.postgres:.0f} | {run.cpu:.0f} {ratios}"
    )
