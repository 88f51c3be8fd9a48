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
    CURSOR,
    ENCOUNTERS,
    FILTERED,
    INVALID,
    LINE_ITEM,
    LINE_ITEMS,
    LOADED,
    MISSING,
    PAGE,
    PAGES,
    PATIENT,
    THOUSAND,
)
from tests.benchmark.workloads import SUPERBILL as BILL

_READS = (BY_ID, PAGE, FILTERED, ENCOUNTERS, LINE_ITEMS, BILL)


class Target(NamedTuple):
    """A ratio and its limit: the upper one if it is a cost, else the lower one.

    `figure` returns the ratio. It raises KeyError if a run is missing.
    """

    text: str
    bound: float
    cost: bool
    figure: Callable[[Results], float]


def _rate(
    workload: str, other: str, other_workload: str = "", connections: int = 16
) -> Callable[[Results], float]:
    """Compare the rate with that of another system, which may run another workload."""

    def figure(results: Results) -> float:
        own = results[Case(connections, workload, SUPERBILL)]
        return own.rate / results[Case(connections, other_workload or workload, other)].rate

    return figure


def _cpu(workload: str, other: str, connections: int = 16) -> Callable[[Results], float]:
    def figure(results: Results) -> float:
        own = results[Case(connections, workload, SUPERBILL)].cpu
        return own / results[Case(connections, workload, other)].cpu

    return figure


def _rates() -> Iterator[Target]:
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
    for workload, bound in ((BY_ID, 0.80), (LINE_ITEMS, 0.50), (PATIENT, 0.50)):
        text = f"64 connections, {workload}: rate of the constant's"
        yield Target(text, bound, False, _rate(workload, CONSTANT, BY_ID, 64))


def _costs() -> Iterator[Target]:
    for workload in (*_READS, PATIENT, LINE_ITEM):
        bound = 0.7 if workload in BATCHED else 1
        yield Target(f"{workload}: CPU of {PREST}'s", bound, True, _cpu(workload, PREST))
    for workload in (*_READS, PATIENT, LINE_ITEM):
        yield Target(f"{workload}: CPU of {POSTGREST}'s", 0.45, True, _cpu(workload, POSTGREST))
    for workload in (PAGES, CURSOR, THOUSAND):
        for other, bound in ((PREST, 0.6), (POSTGREST, 0.75)):
            yield Target(f"{workload}: CPU of {other}'s", bound, True, _cpu(workload, other))
    for workload in LOADED:
        for other, bound in ((PREST, 0.5), (POSTGREST, 0.2)):
            text = f"64 connections, {workload}: CPU of {other}'s"
            yield Target(text, bound, True, _cpu(workload, other, 64))
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
    for text, bound, cost, figure in (*_rates(), *_costs()):
        limit = f"{'≤' if cost else '≥'} {bound:.2f}"
        try:
            value = figure(results)
        except KeyError:  # a system is not installed, or the workload was not measured
            absent.append(text)
            continue
        met = value <= bound if cost else value >= bound
        yield f"| {text} | {limit} | {value:.2f} | {'met' if met else '**missed**'} |"
    if absent:
        yield f"\nNot measured: {'; '.join(absent)}."
