"""A report's rows → charts: lines by time, bars by category."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from api.pages import bar_charts, columns, line_charts
from api.pages.bar_charts import BarChart
from api.pages.columns import Shown
from api.pages.line_charts import LineChart

MOST_CHARTS, MOST_LINES, MOST_POINTS = 6, 4, 400
Rows = Sequence[Mapping[str, Any]]


def charts(shown: Sequence[Shown], rows: Rows) -> Sequence[LineChart | BarChart]:
    """Draw each number of a report: by time where its first column is a date, else by category."""
    numbers = [c for c in shown if c.kind == columns.NUMBER][:MOST_CHARTS]
    if not numbers or len(rows) < 2:  # noqa: PLR2004 - one row is no chart
        return ()
    if shown[0].kind in (columns.DATE, columns.TIME):
        return _by_time(shown, numbers, rows)
    return _by_category(shown, numbers, rows)


def _by_time(shown: Sequence[Shown], numbers: Sequence[Shown], rows: Rows) -> Sequence[LineChart]:
    """Draw a line for each combination of the texts beside the time, if there are few."""
    time, texts = shown[0], [c.name for c in shown if c.kind == columns.TEXT]
    days = [d for row in rows if (d := _day(row[time.name])) is not None]
    names = [" ".join(str(row[t]) for t in texts if row[t] is not None) for row in rows]
    can_be_drawn = (
        len(days) == len(rows) <= MOST_POINTS
        and len(set(zip(days, names, strict=True))) == len(rows)
        and len(set(names)) <= MOST_LINES
        and len(set(days)) > 1
    )
    if not can_be_drawn:
        return ()
    return [line_charts.chart(c, time, days, names, [r[c.name] for r in rows]) for c in numbers]


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def _by_category(
    shown: Sequence[Shown], numbers: Sequence[Shown], rows: Rows
) -> Sequence[BarChart]:
    """Draw a bar for each row, if the texts before its first number tell the rows apart."""
    first = shown.index(numbers[0])
    texts = [c.name for c in shown[:first] if c.kind in (columns.TEXT, columns.DATE)]
    for chosen in (texts[:1], texts):
        names = [" ".join(str(row[n]) for n in chosen if row[n] is not None) for row in rows]
        if chosen and len(set(names)) == len(names):
            return [bar_charts.chart(c, names, [row[c.name] for row in rows]) for c in numbers]
    return ()
