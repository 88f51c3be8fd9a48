"""Charts of lines: geometry, in the units of the drawing, and a text that says what it shows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import ClassVar

from api.pages import scales
from api.pages.columns import Shown, heading
from api.pages.scales import Scale

WIDTH, HEIGHT = 480, 200
LEFT, RIGHT, TOP, BOTTOM = 60, 12, 12, 26
_LONGER = 1.25  # times the shortest step of a series: then a row between two points is missing


@dataclass(frozen=True, slots=True)
class Point:
    """A point of a line, and what to say of it."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """The line of one series; `path`: as SVG has it, with gaps where rows are missing."""

    name: str
    path: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class LineChart:
    """A chart of one column by time.

    `about`: its text alternative; `ticks`: heights with their numbers; `zero`: the height of zero;
    `begin` and `end`: the first and the last day.
    """

    kind: ClassVar[str] = "lines"
    title: str
    about: str
    ticks: tuple[tuple[float, str], ...]
    zero: float
    begin: str
    end: str
    lines: tuple[Line, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT


def chart(
    column: Shown,
    time: Shown,
    days: Sequence[date],
    names: Sequence[str],
    values: Sequence[object],
) -> LineChart:
    """Draw the numbers of a column; of each its day, and the name of its series."""
    scale, first, last = scales.scale(values), min(days), max(days)
    series: dict[str, list[tuple[date, float]]] = {name: [] for name in names}
    for day, name, value in zip(days, names, values, strict=True):
        if (found := scales.number(value)) is not None:
            series[name].append((day, found))
    lines = tuple(
        _line(name, sorted(found), scale, (first, last)) for name, found in series.items()
    )
    return LineChart(
        heading(column.label),
        _about(column, time, [pair for found in series.values() for pair in found], scale),
        tuple((_y(scale, tick), scale.tick(tick)) for tick in scale.ticks),
        _y(scale, 0),
        str(first),
        str(last),
        lines,
    )


def _line(
    name: str, found: Sequence[tuple[date, float]], scale: Scale, ends: tuple[date, date]
) -> Line:
    whole = (ends[1] - ends[0]).days
    said = name and f"{name}, "
    points = [
        Point(
            round(LEFT + (WIDTH - LEFT - RIGHT) * (day - ends[0]).days / whole, 1),
            _y(scale, value),
            f"{said}{day}: {scale.written(value)}",
        )
        for day, value in found
    ]
    path = "".join(
        f"{'L' if joined else 'M'}{point.x:g} {point.y:g}"
        for joined, point in zip(_joined([day for day, _ in found]), points, strict=True)
    )
    return Line(name, path, tuple(points))


def _joined(days: Sequence[date]) -> Iterator[bool]:
    """Yield of each day whether it follows the one before without a gap."""
    steps = [(after - before).days for before, after in pairwise(days)]
    longest = max(min(steps, default=1) * _LONGER, 1)
    yield from [False] * bool(days)
    yield from (step <= longest for step in steps)


def _y(scale: Scale, value: float) -> float:
    return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * scale.part(value), 1)


def _about(column: Shown, time: Shown, found: Sequence[tuple[date, float]], scale: Scale) -> str:
    if not found:
        return f"Lines of {column.label} by {time.label}: no number."
    days = f"from {min(found)[0]} to {max(found)[0]}"
    extremes = scale.extremes([(value, day) for day, value in found])
    return f"Lines of {column.label} by {time.label}, {days}: {extremes}"
