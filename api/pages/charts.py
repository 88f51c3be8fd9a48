"""A report's rows → charts: lines by time, bars by category."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from api.pages import bar_charts, columns, line_charts
from api.pages.bar_charts import BarChart
from api.pages.cells import short
from api.pages.columns import Shown
from api.pages.line_charts import LineChart

MOST_CHARTS = 6
Rows = Sequence[Mapping[str, Any]]


def charts(
    shown: Sequence[Shown], rows: Rows, *, cut: bool = False
) -> Sequence[LineChart | BarChart]:
    """Draw each number of a report: by time where its first column is a date, else by category.

    `cut`: these are not all of its rows, so that lines would end where it goes on.
    """
    numbers = [c for c in shown if c.kind == columns.NUMBER][:MOST_CHARTS]
    if not numbers or len(rows) < 2:  # noqa: PLR2004 - one row is no chart
        return ()
    if shown[0].kind in (columns.DATE, columns.TIME):
        return () if cut else _by_time(shown, numbers, rows)
    return _by_category(shown, numbers, rows)


def _by_time(shown: Sequence[Shown], numbers: Sequence[Shown], rows: Rows) -> Sequence[LineChart]:
    """Draw a line for each combination of the texts beside the time, and of ids where need be."""
    time = shown[0]
    days = [d for row in rows if (d := _day(row[time.name])) is not None]
    if len(days) < len(rows) or len(set(days)) == 1:
        return ()
    for kinds in ((columns.TEXT,), (columns.TEXT, columns.ID)):
        chosen = [c for c in shown if c.kind in kinds]
        names = [
            " ".join(_named(c, row) for c in chosen if row[c.name] is not None) for row in rows
        ]
        if len(set(zip(days, names, strict=True))) == len(rows):
            series = [(c, [row[c.name] for row in rows]) for c in numbers]
            drawn = (line_charts.chart(c, time, days, names, values) for c, values in series)
            return [chart for chart in drawn if chart]
    return ()


def _named(column: Shown, row: Mapping[str, Any]) -> str:
    value = str(row[column.name])
    return short(value) if column.kind == columns.ID else value


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
