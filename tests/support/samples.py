"""What a proof tries in `make test`: a sample, another one for each commit.

`make test-long` tries all. The sample of another commit: `SAMPLE=<its hash> make test`.

Of the tests with the marker `costly`, which take seconds of CPU time, `make test` runs a share
too; CI runs them all.
"""

import os
import subprocess
from collections.abc import Callable, Hashable, Iterable
from functools import cache
from random import Random
from typing import Any, TypeVar

import pytest

from api.catalog.view_lines import KEY, MATCH
from api.config import ROOT
from api.operations.operation import Operation

_Thing = TypeVar("_Thing")
_SHARE = 0.04  # of each kind; in both schemas a sample has about 50 operations


def shares(share: float) -> pytest.MarkDecorator:
    """Give a test the share of each kind that it tries: this one in `make test`, and all."""
    whole = pytest.param(1, id="all", marks=pytest.mark.long)
    return pytest.mark.parametrize("share", [pytest.param(share, id="sample"), whole])


SAMPLED = shares(_SHARE)


@cache
def commit() -> str:
    """Return the commit whose sample it is; where there is no repository, a constant."""
    if named := os.environ.get("SAMPLE"):
        return named
    command = ["git", "rev-parse", "--short=8", "HEAD"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    return found.stdout.strip() or "none"


def sample(
    things: Iterable[_Thing], kind: Callable[[_Thing], Hashable], share: float, least: int = 1
) -> list[_Thing]:
    """Choose a share of the things of each kind, and at least so many; in their order."""
    listed = list(things)
    by_kind: dict[Hashable, list[int]] = {}
    for number, thing in enumerate(listed):
        by_kind.setdefault(kind(thing), []).append(number)
    random = Random(commit())
    chosen: set[int] = set()
    for numbers in by_kind.values():
        most = max(round(share * len(numbers)), least)
        chosen |= {*random.sample(numbers, min(most, len(numbers)))}
    return [thing for number, thing in enumerate(listed) if number in chosen]


def cases(listed: Iterable[Any], share: float, *, names: Callable[[Any], str] = str) -> list[Any]:
    """Make the parameters of a test, of which the gate tries a share; each is a tuple."""
    every = list(listed)
    chosen = sample(range(len(every)), lambda _: None, share)
    return [
        pytest.param(*case, id=names(case), marks=() if number in chosen else pytest.mark.long)
        for number, case in enumerate(every)
    ]


def leave_out_costly(items: list[pytest.Item], share: float) -> list[pytest.Item]:
    """Keep a share of the tests with the marker `costly`, in each folder; return the others."""
    costly = [item for item in items if item.get_closest_marker("costly")]
    chosen = {*sample(costly, lambda item: item.path.parent.name, share)}
    left_out = [item for item in costly if item not in chosen]
    items[:] = [item for item in items if item not in left_out]
    return left_out


def kind_of_operation(operation: Operation) -> Hashable:
    """Tell operations apart that other code serves, or for which other rules hold."""
    relation = operation.relation
    return (
        operation.kind.name,
        len(operation.parents),
        len(relation.key),
        bool(relation.given),
        *(relation.lines.require(line) for line in (MATCH, KEY)),
    )


def said(number: int, of: int, what: str) -> str:
    """Say how many of how many things were chosen, and by which commit's sample."""
    return f"{number:,} of {of:,} {what}" + (f" (sample {commit()})" if number < of else "")
