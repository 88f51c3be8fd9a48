"""What Superbill has to reach, as ratios within one run, and whether it does."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from tests.benchmark.results import (
    ASYNCPG,
    CONSTANT,
    PGBENCH,
    PLAINLY,
    POSTGREST,
    PREST,
    SQLALCHEMY,
    SUPERBILL,
    Place,
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

# CPU microseconds a request, server and Postgres, at 16 connections with one core each, measured
# earlier on a machine of two shared cores: what stands in for a program that is not here.
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
    """A ratio, and what it has to be: at least the bound, or if it is a cost at most. The figure may say what it is."""

    text: str
    bound: float
    cost: bool
    figure: Callable[[Results], tuple[float, str]]


def _rate(
    workload: str, other: str, asked: str = "", connections: int = 16
) -> Callable[[Results], tuple[float, str]]:
    """Compare requests a second with another's, or with those for something else."""

    def figure(results: Results) -> tuple[float, str]:
        own = results[Place(connections, workload, SUPERBILL)]
        return own.rate / results[Place(connections, asked or workload, other)].rate, ""

    return figure


def _cpu(
    workload: str, other: str, connections: int = 16
) -> Callable[[Results], tuple[float, str]]:
    def figure(results: Results) -> tuple[float, str]:
        own = results[Place(connections, workload, SUPERBILL)].cpu
        there = results.get(Place(connections, workload, other))
        if there is None and connections == 16:
            return own / _RECORDED[
                other, workload
            ], f" (of {_RECORDED[other, workload]} µs, recorded)"
        return own / results[Place(connections, workload, other)].cpu, ""

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
            f"1 connection, {workload}: CPU of BATCH=1's", 1.10, True, _cpu(workload, PLAINLY, 1)
        )


def table(results: Results) -> Iterator[str]:
    """Write a line for each target: what is wanted, what is, and whether that will do."""
    yield "\n### Targets (16 connections where no other number stands)\n"
    yield "| target | wanted | is | |"
    yield "|---|--:|--:|---|"
    absent = []
    for text, bound, cost, figure in _all():
        wanted = f"{'≤' if cost else '≥'} {bound:.2f}"
        try:
            value, note = figure(results)
        except KeyError:  # somebody is not here, or was not asked for this
            absent.append(text)
            continue
        met = value <= bound if cost else value >= bound
        yield f"| {text} | {wanted} | {value:.2f}{note} | {'met' if met else '**missed**'} |"
    if absent:
        yield f"\nNot measured: {'; '.join(absent)}."
