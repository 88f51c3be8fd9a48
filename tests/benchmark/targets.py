"""The ratios that Superbill must reach within one run, and whether it does."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from tests.benchmark.results import (
    ASYNCPG,
    CONSTANT,
    PGBENCH,
    POSTGREST,
    PREST,
    SQLALCHEMY,
    SUPERBILL,
    UNBATCHED,
    Case,
    Results,
)
from tests.benchmark.workloads import (
    BATCHED,
    BY_ID,
    ENCOUNTERS,
    FILTERED,
    INVALID,
    LINE_ITEM,
    LINE_ITEMS,
    MISSING,
    PAGE,
    PATIENT,
)
from tests.benchmark.workloads import SUPERBILL as BILL

# CPU microseconds of a request, in server and Postgres, at 16 connections with one core each. They
# were measured earlier on two shared cores, and are used if a program is not installed.
_RECORDED = {
    (PREST, BY_ID): 223,
    (PREST, PAGE): 457,
    (PREST, LINE_ITEMS): 275,
    (PREST, PATIENT): 316,
    (POSTGREST, BY_ID): 590,
    (POSTGREST, PAGE): 861,
    (POSTGREST, LINE_ITEMS): 753,
    (POSTGREST, PATIENT): 836,
}
_READS = (BY_ID, PAGE, FILTERED, ENCOUNTERS, LINE_ITEMS, BILL)


class Target(NamedTuple):
    """A ratio and its limit: the upper one if it is a cost, else the lower one.

    `figure` returns the ratio, and a note for the table. It raises KeyError if a run is missing.
    """

    text: str
    bound: float
    cost: bool
    figure: Callable[[Results], tuple[float, str]]


def _rate(
    workload: str, other: str, other_workload: str = "", connections: int = 16
) -> Callable[[Results], tuple[float, str]]:
    """Compare the rate with that of another system, which may run another workload."""

    def figure(results: Results) -> tuple[float, str]:
        own = results[Case(connections, workload, SUPERBILL)]
        return own.rate / results[Case(connections, other_workload or workload, other)].rate, ""

    return figure


def _cpu(
    workload: str, other: str, connections: int = 16
) -> Callable[[Results], tuple[float, str]]:
    def figure(results: Results) -> tuple[float, str]:
        own = results[Case(connections, workload, SUPERBILL)].cpu
        measured = results.get(Case(connections, workload, other))
        if measured is None and connections == 16:
            recorded = _RECORDED[other, workload]
            return own / recorded, f" (of {recorded} µs, recorded)"
        return own / results[Case(connections, workload, other)].cpu, ""

    return figure


def _all() -> Iterator[Target]:
    for workload, bound in ((BY_ID, 0.70), (LINE_ITEMS, 0.45), (PAGE, 0.30)):
        yield Target(
            f"{workload}: rate of the constant's", bound, False, _rate(workload, CONSTANT, BY_ID)
        )
    yield Target(f"{PATIENT}: rate of pgbench's", 0.50, False, _rate(PATIENT, PGBENCH))
    for workload, bound in ((BY_ID, 15), (LINE_ITEMS, 15), (PAGE, 12), (PATIENT, 5)):
        yield Target(
            f"{workload}: rate of {SQLALCHEMY}'s", bound, False, _rate(workload, SQLALCHEMY)
        )
    for workload in _READS:
        yield Target(f"{workload}: rate of {ASYNCPG}'s", 2.5, False, _rate(workload, ASYNCPG))
    yield Target("404: rate of item by id", 1, False, _rate(MISSING, SUPERBILL, BY_ID))
    yield Target("422: rate of create patient", 1, False, _rate(INVALID, SUPERBILL, PATIENT))
    for workload in (*_READS, PATIENT, LINE_ITEM):
        bound = 0.7 if workload in BATCHED else 1
        yield Target(f"{workload}: CPU of {PREST}'s", bound, True, _cpu(workload, PREST))
    for workload in (*_READS, PATIENT, LINE_ITEM):
        yield Target(f"{workload}: CPU of {POSTGREST}'s", 0.45, True, _cpu(workload, POSTGREST))
    for workload, bound in ((BY_ID, 0.80), (LINE_ITEMS, 0.50), (PATIENT, 0.50)):
        text = f"64 connections, {workload}: rate of the constant's"
        yield Target(text, bound, False, _rate(workload, CONSTANT, BY_ID, 64))
    for workload in BATCHED:
        yield Target(
            f"64 connections, {workload}: CPU of {PREST}'s", 0.5, True, _cpu(workload, PREST, 64)
        )
    for workload in BATCHED:
        yield Target(
            f"1 connection, {workload}: CPU of BATCH=1's", 1.10, True, _cpu(workload, UNBATCHED, 1)
        )


def table(results: Results) -> Iterator[str]:
    """Yield the table's lines: for each target its limit, the measured ratio and the verdict."""
    yield "\n### Targets (16 connections unless stated otherwise)\n"
    yield "| target | wanted | is | |"
    yield "|---|--:|--:|---|"
    absent = []
    for text, bound, cost, figure in _all():
        limit = f"{'≤' if cost else '≥'} {bound:.2f}"
        try:
            value, note = figure(results)
        except KeyError:  # a system is not installed, or the workload was not measured
            absent.append(text)
            continue
        met = value <= bound if cost else value >= bound
        yield f"| {text} | {limit} | {value:.2f}{note} | {'met' if met else '**missed**'} |"
    if absent:
        yield f"\nNot measured: {'; '.join(absent)}."
