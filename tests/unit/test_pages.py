"""The model of pages: charts, numbers, forms, paths and cells, without a server."""

from datetime import date, timedelta
from typing import Any

import pytest

from api.pages import bar_charts, cells, charts, columns, line_charts, places, scales
from api.pages.columns import Shown
from api.pages.line_charts import LineChart
from api.pages.view import View

MINUS = "\u2212"
ID = "00000000-0000-7000-8000-000012345678"
MONTH, NAME, AMOUNT = (
    Shown("month", "month", columns.DATE),
    Shown("name", "name", columns.TEXT),
    Shown("amount", "amount", columns.NUMBER),
)


def by_month(**amounts: Any) -> list[dict[str, Any]]:
    """Make rows of months, such as `jan=1`."""
    months = ("jan", "feb", "mar", "apr", "may")
    return [
        {"month": f"2024-{months.index(name) + 1:02}-01", "amount": amount, "name": "x"}
        for name, amount in amounts.items()
    ]


def lines(rows: list[dict[str, Any]]) -> LineChart:
    """Draw the one chart of such rows."""
    (chart,) = charts.charts((MONTH, AMOUNT), rows)
    assert isinstance(chart, LineChart)
    return chart


def test_month_without_a_row_is_a_gap_and_not_a_line() -> None:
    (line,) = lines(by_month(jan=1, feb=2, apr=3, may=1)).lines
    assert line.path.count("M") == 2
    assert len(line.points) == 4


def test_null_and_what_is_no_number_are_left_out_of_a_chart() -> None:
    chart = lines(by_month(jan=None, feb="2.50", mar="NaN", apr="-1.00"))
    assert [point.text for point in chart.lines[0].points] == [
        "2024-02-01: 2.50",
        f"2024-04-01: {MINUS}1.00",
    ]
    assert f"lowest {MINUS}1.00 (2024-04-01), highest 2.50 (2024-02-01)" in chart.about
    assert chart.zero < 200 - 26  # a negative number stands below zero


def test_each_name_has_a_line_of_its_own_and_of_many_the_largest_have() -> None:
    rows: list[dict[str, Any]] = [
        {"month": f"2024-0{month}-01", "name": name, "amount": size}
        for month in (1, 2)
        for size, name in enumerate("abcde")
    ]
    shown = (MONTH, NAME, AMOUNT)
    (chart,) = charts.charts(shown, rows)
    assert isinstance(chart, LineChart)
    assert [line.name for line in chart.lines] == ["b", "c", "d", "e"]
    assert chart.note == "The 4 largest of 5 lines."
    assert chart.about.endswith(chart.note)
    (chart,) = charts.charts(shown, [row for row in rows if row["name"] in "abc"])
    assert isinstance(chart, LineChart)
    assert [line.name for line in chart.lines] == ["a", "b", "c"]
    assert chart.note == ""
    assert charts.charts(shown, rows, cut=True) == ()  # the lines would end where they go on


def test_line_is_named_by_ids_where_texts_do_not_tell_the_rows_apart() -> None:
    rows = [{**row, "id": ID[:-1] + end} for end in "12" for row in by_month(jan=1, feb=2)]
    (chart,) = charts.charts((MONTH, Shown("id", "id", columns.ID), NAME, AMOUNT), rows)
    assert isinstance(chart, LineChart)
    assert [line.name for line in chart.lines] == ["…345671 x", "…345672 x"]


def test_chart_of_time_has_few_labels_which_do_not_touch() -> None:
    assert [text for _, _, text in lines(by_month(jan=1, feb=2, apr=3, may=1)).days] == [
        "2024-01",
        "2024-02",
        "2024-04",
        "2024-05",
    ]
    days = ("01", "02", "16", "17")
    rows = [{"month": f"2024-03-{day}", "amount": 150_000 + int(day)} for day in days]
    chart = lines(rows)
    assert [text for _, _, text in chart.days] == ["2024-03-01", "2024-03-17"]
    assert chart.ticks[-1][1] == "200,000"


def test_more_points_than_a_chart_can_show_have_none() -> None:
    rows = [
        {"month": str(date(2024, 1, 1) + timedelta(n)), "amount": n}
        for n in range(line_charts.MOST_POINTS + 1)
    ]
    assert charts.charts((MONTH, AMOUNT), rows) == []


def test_rows_with_names_are_bars_and_of_many_the_largest_are() -> None:
    rows = [{"name": f"n{n}", "amount": str(n - 3)} for n in range(30)]
    (chart,) = charts.charts((NAME, AMOUNT), rows[:25])
    assert isinstance(chart, bar_charts.BarChart)
    assert [bar.name for bar in chart.bars] == [row["name"] for row in rows[:25]]
    assert chart.note == ""
    (chart,) = charts.charts((NAME, AMOUNT), rows)
    assert isinstance(chart, bar_charts.BarChart)
    assert [bar.value for bar in chart.bars] == [str(26 - n) for n in range(10)]
    assert chart.note == "The 10 largest of the 30 rows below."
    assert max(bar.end for bar in chart.bars) < chart.width


@pytest.mark.parametrize(
    ("shown", "rows"),
    [
        ((NAME, AMOUNT), [{"name": "a", "amount": 1}]),
        ((NAME, AMOUNT), [{"name": "a", "amount": 1}] * 2),
        ((NAME,), [{"name": "a"}, {"name": "b"}]),
        ((AMOUNT,), [{"amount": 1}, {"amount": 2}]),
        ((MONTH, AMOUNT), [{"month": "infinity", "amount": 1}, {"month": None, "amount": 2}]),
    ],
)
def test_rows_that_no_chart_can_show_have_none(
    shown: tuple[Shown, ...], rows: list[dict[str, Any]]
) -> None:
    assert not charts.charts(shown, rows)


def test_bar_of_a_negative_number_ends_at_zero() -> None:
    chart = bar_charts.chart(AMOUNT, ["a", "b", "c"], ["-5", "10", None])
    minus, plus, none = chart.bars
    assert minus.x < chart.zero == minus.end == plus.x
    assert (none.width, none.value) == (0, cells.NOTHING)


@pytest.mark.parametrize(
    ("values", "ticks", "written"),
    [
        ([1, 3], (0, 1, 2, 3), "3"),
        ([0, 0], (0, 1), "0"),
        (["0.391", "0.07"], (0, 0.1, 0.2, 0.3, 0.4), "0.391"),
        ([1234567.5, 2], (0, 500_000, 1_000_000, 1_500_000), "1,234,567.5"),
        ([-30, 70], (-50, -25, 0, 25, 50, 75), "70"),
    ],
)
def test_axis_has_zero_and_round_numbers(
    values: list[object], ticks: tuple[float, ...], written: str
) -> None:
    scale = scales.scale(values)
    assert scale.ticks == ticks
    assert scale.written(max(map(float, map(str, values)))) == written


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (columns.TEXT, "Ada", "Ada"),
        (columns.TEXT, '<a href="x">', '<span class="line">&lt;a href=&quot;x&quot;&gt;</span>'),
        (columns.TEXT, "to be read " * 9, f'<span class="long">{"to be read " * 9}</span>'),
        (columns.TEXT, "", cells.BLANK),
        (columns.TRUTH, False, "no"),
        (columns.LIST, ["a", None, "<"], f'<span class="line">a, {cells.NOTHING}, &lt;</span>'),
        (columns.LIST, [], cells.NONE),
        (columns.LIST, [*range(30)], '<span class="line">0, 1, 2, 3, 4, 5 … (30)</span>'),
        (columns.LIST, [ID], '<span class="line">…\u2060345678</span>'),
        (columns.ROWS, [{}, {}], "2"),
        (columns.JSON, {"a": "é<"}, "<code>{&quot;a&quot;: &quot;é&lt;&quot;}</code>"),
        (
            columns.TIME,
            "2024-03-01T17:30:01.25+00:00",
            '<time datetime="2024-03-01T17:30:01.25+00:00">2024-03-01 17:30:01 UTC</time>',
        ),
        (columns.TIME, "infinity", '<time datetime="infinity">infinity</time>'),
    ],
)
def test_value_is_written_as_people_read_it(kind: str, value: object, expected: str) -> None:
    assert cells.in_table(Shown("x", "x", kind))(value) == expected


def test_long_json_of_an_item_stands_in_a_box_on_several_lines() -> None:
    write = cells.alone(Shown("x", "x", columns.JSON))
    assert write({"a": 1}) == "<code>{&quot;a&quot;: 1}</code>"
    long = write({"a": "<" * 200})
    assert (
        '<div class="scroll" role="region" aria-label="x of this row" tabindex="0"><pre>{' in long
    )
    assert long.count("\n") == 2
    assert write(["<" * 10_000]).count("\n") == 0  # to indent would take long


def test_row_within_a_row_is_called_by_its_names() -> None:
    parts = (Shown("code", "code", columns.TEXT), Shown("last_name", "last name", columns.TEXT))
    write = cells.in_table(Shown("x", "x", columns.ROW, "", parts))
    assert write({"code": "1", "last_name": "Kim & Co"}) == '<span class="line">Kim &amp; Co</span>'
    assert write({"code": "1", "last_name": None}) == '<span class="line">1</span>'
    assert write({"code": None, "last_name": None}) == cells.NONE


@pytest.mark.parametrize(
    ("row", "names", "expected"),
    [
        ({"a": "x/y", "b": 1}, ("a", "b"), "x%2Fy,1"),
        ({"a": True}, ("a",), "true"),
        ({"a": None, "b": 1}, ("a", "b"), None),
        ({"a": ".."}, ("a",), None),
        ({"a": ""}, ("a",), None),
    ],
)
def test_key_is_written_as_a_path_has_it(
    row: dict[str, Any], names: tuple[str, ...], expected: str | None
) -> None:
    assert places.key_of(row, names) == expected


def test_link_asks_almost_the_same_as_its_page() -> None:
    view = View("/clinic", "/patients/", "last_name=O%27Neil+%26&after=x&limit=2")
    assert view.but("after") == "/clinic/patients/?last_name=O%27Neil%20%26&limit=2"
    assert view.but("after", "limit", "last_name") == "/clinic/patients/"
    assert view.without_empty() is None
    assert View("", "/a/", "b=&c=1").without_empty() == "/a/?c=1"
    assert View("", "/a/", "%ff=1").given == {}
