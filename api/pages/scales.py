"""Numbers on an axis: where it begins and ends, its ticks, and how numbers are written."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_TICKS = 4  # about as many parts
_MINUS = "\u2212"
_DECIMALS = 2
_LARGE = 1e5  # `g` writes no larger number without an exponent


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis that has zero on it. `decimals`: of its numbers."""

    low: float
    high: float
    ticks: tuple[float, ...]
    decimals: int

    def part(self, value: float) -> float:
        """Return where a value is, from 0 at the low end to 1 at the high one."""
        return (value - self.low) / (self.high - self.low)

    def written(self, value: float) -> str:
        """Write a number as people read it."""
        return f"{value:,.{self.decimals}f}".replace("-", _MINUS)

    def tick(self, value: float) -> str:
        """Write the number of a tick, which has few decimals."""
        return f"{value:,{'g' if abs(value) < _LARGE else '.0f'}}".replace("-", _MINUS)

    def extremes(self, found: Sequence[tuple[float, object]]) -> str:
        """Say in words which numbers are the lowest and the highest, and where each stands."""
        lowest, highest = (pick(found, key=lambda pair: pair[0]) for pick in (min, max))
        return (
            f"lowest {self.written(lowest[0])} ({lowest[1]}), "
            f"highest {self.written(highest[0])} ({highest[1]}). The table has all numbers."
        )

    @property
    def zero(self) -> float:
        """Return where zero is."""
        return self.part(0)


def number(value: object) -> float | None:
    """Read a number, which may be a text; None for null and what no chart can show."""
    try:
        found = float(str(value))
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def scale(values: Iterable[object]) -> Scale:
    """Return the axis of some numbers, as rows have them."""
    values = list(values)
    known = [n for n in map(number, values) if n is not None]
    low, high = min([0.0, *known]), max([0.0, *known])
    decimals = _decimals(values, max(map(abs, known), default=0))
    if low == high:
        return Scale(0.0, 1.0, (0.0, 1.0), decimals)
    rough = (high - low) / _TICKS
    ten = 10.0 ** math.floor(math.log10(rough))
    step = next(ten * n for n in (1, 2, 2.5, 5, 10) if ten * n >= rough * 0.999)
    step = step if decimals else max(1, math.ceil(step))  # half of one is none
    first, last = math.floor(low / step), math.ceil(high / step)
    ticks = tuple(round(n * step, 12) for n in range(first, last + 1))
    return Scale(ticks[0], ticks[-1], ticks, decimals)


def _decimals(values: Sequence[object], largest: float) -> int:
    """Return how many decimals to show: as many as there are, but few of large numbers."""
    most = max((len(str(v).partition(".")[2]) for v in values if v is not None), default=0)
    return min(most, _DECIMALS if largest >= 1 else _DECIMALS + 1)
