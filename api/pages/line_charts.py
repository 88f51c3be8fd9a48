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
RIGHT, TOP, BOTTOM = 12, 12, 28
MOST_LINES, MOST_POINTS = 4, 400
_CHARACTER, _SPACE = 8.6, 14  # units of a character of a tick, also on a narrow page; around it
_DAYS, _MONTHS, _BETWEEN = 3, 4, 100  # labels of days, of months, and units between two
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

    `about`: its text alternative; `note`: what it leaves out; `ticks`: heights with their numbers;
    `zero`: the height of zero; `days`: places of labels, how they are anchored, and their texts.
    """

    kind: ClassVar[str] = "lines"
    title: str
    about: str
    note: str
    ticks: tuple[tuple[float, str], ...]
    zero: float
    days: tuple[tuple[float, str, str], ...]
    lines: tuple[Line, ...]
    left: float
    width: int = WIDTH
    height: int = HEIGHT
    bottom: int = HEIGHT - BOTTOM


@dataclass(frozen=True, slots=True)
class _Time:
    """The axis of time: its ends, and where the first one stands."""

    first: date
    last: date
    left: float

    def place(self, day: date) -> float:
        """Return where a day is."""
        part = (day - self.first).days / (self.last - self.first).days
        return round(self.left + (WIDTH - self.left - RIGHT) * part, 1)


def chart(
    column: Shown,
    time: Shown,
    days: Sequence[date],
    names: Sequence[str],
    values: Sequence[object],
) -> LineChart | None:
    """Draw the numbers of a column; of each its day, and the name of its series.

    Of many series it draws the largest; None if they have too many points.
    """
    series: dict[str, list[tuple[date, float]]] = {name: [] for name in names}
    for day, name, value in zip(days, names, values, strict=True):
        if (found := scales.number(value)) is not None:
            series[name].append((day, found))
    largest = sorted(series, key=lambda name: -sum(abs(n) for _, n in series[name]))[:MOST_LINES]
    drawn = {name: sorted(found) for name, found in series.items() if name in largest}
    points = [point for found in drawn.values() for point in found]
    if len(points) > MOST_POINTS:
        return None
    shown = [value for name, value in zip(names, values, strict=True) if name in drawn]
    scale, many = scales.scale(shown), len(series) > MOST_LINES
    ticks = [scale.tick(tick) for tick in scale.ticks]
    axis = _Time(min(days), max(days), round(max(map(len, ticks)) * _CHARACTER + _SPACE, 1))
    note = f"The {MOST_LINES} largest of {len(series):,} lines." if many else ""
    return LineChart(
        heading(column.label),
        f"{_about(column, time, points, scale)} {note}".strip(),
        note,
        tuple((_y(scale, tick), text) for tick, text in zip(scale.ticks, ticks, strict=True)),
        _y(scale, 0),
        tuple(_labels(axis, days)),
        tuple(_line(name, found, scale, axis) for name, found in drawn.items()),
        axis.left,
    )


def _labels(axis: _Time, days: Sequence[date]) -> Iterator[tuple[float, str, str]]:
    """Yield the labels of the first day, of the last one, and of a few between."""
    are_months = all(day.day == 1 for day in days)
    number = (_MONTHS if are_months else _DAYS) - 1
    length = len("2026-03" if are_months else "2026-03-01")
    known, whole, last = sorted(set(days)), axis.last - axis.first, axis.place(axis.first)
    yield last, "start", str(axis.first)[:length]
    for n in range(1, number):
        day = min(known, key=lambda day: abs(day - axis.first - whole * n / number))
        place = axis.place(day)
        if place - last >= _BETWEEN <= axis.place(axis.last) - place:
            yield place, "middle", str(day)[:length]
            last = place
    yield axis.place(axis.last), "end", str(axis.last)[:length]


def _line(name: str, found: Sequence[tuple[date, float]], scale: Scale, axis: _Time) -> Line:
    said = name and f"{name}, "
    points = [
        Point(axis.place(day), _y(scale, value), f"{said}{day}: {scale.written(value)}")
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
