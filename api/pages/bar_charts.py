"""Charts of bars: geometry, in the units of the drawing, and a text that says what it shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from api.pages import scales
from api.pages.cells import NOTHING
from api.pages.columns import Shown, heading
from api.pages.scales import Scale

WIDTH, BAR, STEP = 480, 14, 22
MOST, LARGEST = 25, 10  # bars; of more rows, as many of the largest
# Of names: characters; units of one, also where a narrow page writes larger; around a bar.
_LONGEST, _CHARACTER, _SPACE = 22, 8.6, 8


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar, and its name and number; `short`: the name as far as it is shown."""

    x: float
    y: float
    width: float
    name: str
    short: str
    value: str

    @property
    def end(self) -> float:
        """Where the bar ends at the right."""
        return round(self.x + self.width, 1)


@dataclass(frozen=True, slots=True)
class BarChart:
    """A chart of one column by category.

    `about`: its text alternative; `note`: what it leaves out; `zero`: the place of zero; `names`:
    where names end.
    """

    kind: ClassVar[str] = "bars"
    title: str
    about: str
    note: str
    zero: float
    names: float
    bars: tuple[Bar, ...]
    height: int
    width: int = WIDTH


def chart(column: Shown, names: Sequence[str], values: Sequence[object]) -> BarChart:
    """Draw the numbers of a column, each with the name of its row."""
    several = len(values)
    if several > MOST:
        order = sorted(range(several), key=lambda n: -abs(scales.number(values[n]) or 0))
        names = [names[n] for n in order[:LARGEST]]
        values = [values[n] for n in order[:LARGEST]]
    scale = scales.scale(values)
    shown = [n if len(n) <= _LONGEST else f"{n[: _LONGEST - 1]}…" for n in names]
    numbers = [_written(scale, value) for value in values]
    left = _room(shown) + (_room(numbers) if scale.low < 0 else 0)
    room = WIDTH - left - _room(numbers)
    zero = round(left + room * scale.zero, 1)
    bars = []
    for n, value in enumerate(values):
        at = round(left + room * scale.part(scales.number(value) or 0), 1)
        x, width = min(at, zero), round(abs(at - zero), 1)
        bars.append(Bar(x, n * STEP, width, names[n], shown[n], numbers[n]))
    note = f"The {LARGEST} largest of the {several:,} rows below." if several > MOST else ""
    about = f"{_about(column, names, values, scale)} {note}".strip()
    height = len(bars) * STEP
    return BarChart(
        heading(column.label), about, note, zero, _room(shown) - _SPACE, tuple(bars), height
    )


def _room(texts: Sequence[str]) -> float:
    return round(max(map(len, texts), default=0) * _CHARACTER + 2 * _SPACE, 1)


def _written(scale: Scale, value: object) -> str:
    found = scales.number(value)
    return NOTHING if found is None else scale.written(found)


def _about(column: Shown, names: Sequence[str], values: Sequence[object], scale: Scale) -> str:
    found = [
        (number, name)
        for value, name in zip(values, names, strict=True)
        if (number := scales.number(value)) is not None
    ]
    if not found:
        return f"Bars of {column.label}: no number."
    return f"Bars of {column.label}: {scale.extremes(found)}"
