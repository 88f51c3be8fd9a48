"""A value of a row as HTML: the content of a cell of a table, or of one line of an item.

Functions are made once for a column, because a page has hundreds of cells.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from html import escape
from typing import Any

from api.operations.references import is_name
from api.pages import columns
from api.pages.columns import Shown

Writer = Callable[[Any], str]
"""A value, which is not null → HTML."""

NOTHING = "\u2013"  # an en dash
NONE = f'<span class="none">{NOTHING}</span>'
BLANK = '<span class="none">blank</span>'
_CLASSES = {columns.NUMBER: "number", columns.ROWS: "number", columns.DATE: "line"}
_INDENTED = 10_000  # characters of JSON on several lines: to indent takes six times as long
LONGEST = 200  # characters of JSON or of a list in a table
_MOST = 6  # values of a list in a table
_IN_A_LINE = 24  # characters of a text that stands in one line
_TAIL = 6  # characters by which people tell ids apart
_SECONDS = len("2026-03-01T12:00:00")
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}").fullmatch


def short(text: str) -> str:
    """Write the end of an id, which is where ids of one time differ."""
    return f"…{text[-_TAIL:]}"


def _text(value: Any) -> str:
    text = str(value)
    return escape(text) if text.strip() else BLANK


def _text_in_table(value: Any) -> str:
    """Write a short text in one line, so that its column is not narrower; a long one has room."""
    text = str(value)
    if text.isalnum():
        return text
    return _lines(text) if text.strip() else BLANK


def _lines(text: str) -> str:
    class_ = "line" if len(text) <= _IN_A_LINE else "long"
    return f'<span class="{class_}">{escape(text)}</span>'


def _id(value: Any) -> str:  # a UUID of Postgres has nothing to escape
    return f'<span class="id" title="{value}">…{value[-_TAIL:]}</span>'


def _linked_id(value: Any) -> str:
    return f'<span class="id">…{value[-_TAIL:]}</span>'


def _whole_id(value: Any) -> str:
    return f'<span class="id">{escape(str(value))}</span>'


def _truth(value: Any) -> str:
    return "yes" if value else "no"


def moment(value: str) -> str:
    """Write a time without fractions of a second; other texts, such as `infinity`, as they are."""
    zone = " UTC" if value.endswith("+00:00") else ""
    if len(value) < _SECONDS or value[10] != "T" or not value[:4].isdigit():
        return value
    return f"{value[:10]} {value[11:_SECONDS]}{zone or value[_SECONDS:].lstrip('.0123456789')}"


def _time(value: Any) -> str:
    text = str(value)
    return f'<time datetime="{escape(text)}">{escape(moment(text))}</time>'


def _json(column: Shown, value: Any) -> str:
    """Write JSON; what is longer than a few lines in a box of its own."""
    text = json.dumps(value, ensure_ascii=False)
    if len(text) <= LONGEST:
        return f"<code>{escape(text)}</code>"
    if len(text) <= _INDENTED:
        text = json.dumps(value, ensure_ascii=False, indent=2)
    return f"{_box(column)}<pre>{escape(text)}</pre></div>"


def _box(column: Shown) -> str:
    """Begin a region that scrolls."""
    label = escape(f"{column.label} of this row")
    return f'<div class="scroll" role="region" aria-label="{label}" tabindex="0">'


def _short_json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    cut = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
    return f"<code>{escape(cut)}</code>"


def _list(value: Any) -> str:
    return escape(_listed(value)) or NONE


def _short_list(value: Any) -> str:
    text = _listed([_unbroken(e) if _UUID(str(e)) else e for e in value[:_MOST]])
    if len(value) > _MOST or len(text) > LONGEST:
        text = f"{text[:LONGEST]} … ({len(value)})"
    return _lines(text) if text else NONE


def _unbroken(id_: str) -> str:
    """Write the end of an id so that no line ends behind its dots: with a word joiner."""
    return short(id_).replace("…", "…\u2060")


def _listed(value: Any) -> str:
    if not isinstance(value, list):
        return str(value)
    texts = [json.dumps(e, ensure_ascii=False) if _is_compound(e) else _plain(e) for e in value]
    return ", ".join(texts)


def _is_compound(value: object) -> bool:
    return isinstance(value, list | dict)


def _plain(value: object) -> str:
    if value is None:
        return NOTHING
    return _truth(value) if isinstance(value, bool) else str(value)


def _number_of(value: Any) -> str:
    return f"{len(value)}" if isinstance(value, list) else _short_json(value)


def _summary(column: Shown, value: Any) -> str:
    """Write what people call a row within a row: its names, or its first text."""
    if not isinstance(value, dict):
        return _short_json(value)
    texts = [p.name for p in column.parts if p.kind == columns.TEXT and value.get(p.name)]
    named = [name for name in texts if is_name(name)]
    text = " ".join(str(value[name]) for name in (named or texts[:1]))
    return _lines(text) if text else NONE


_IN_TABLE: Mapping[str, Writer] = {
    columns.NUMBER: str,
    columns.DATE: str,
    columns.TIME: _time,
    columns.ID: _id,
    columns.TRUTH: _truth,
    columns.TEXT: _text_in_table,
    columns.JSON: _short_json,
    columns.LIST: _short_list,
    columns.ROWS: _number_of,
}
_ALONE: Mapping[str, Writer] = {
    **_IN_TABLE,
    columns.ID: _whole_id,
    columns.TEXT: _text,
    columns.LIST: _list,
}


def in_table(column: Shown) -> Writer:
    """Return what writes a value in a table."""
    if column.kind == columns.ROW:
        return partial(_summary, column)
    return _IN_TABLE[column.kind]


def in_link(column: Shown) -> Writer:
    """Return what writes a value in a link, whose address has all of an id."""
    return _linked_id if column.kind == columns.ID else in_table(column)


def alone(column: Shown) -> Writer:
    """Return what writes a value in an item, which has room for all of it."""
    match column.kind:
        case columns.ROWS:
            return lambda value: _inner_table(column, value)
        case columns.ROW:
            return lambda value: _inner_list(column, value)
        case columns.JSON:
            return partial(_json, column)
    return _ALONE[column.kind]


def _inner_table(column: Shown, rows: Any) -> str:
    """Write rows that stand in a column."""
    if not isinstance(rows, list):
        return _json(column, rows)
    if not rows:
        return NONE
    heads = "".join(f'<th scope="col"{classed(p)}>{escape(p.label)}</th>' for p in column.parts)
    writers = [(p, classed(p), in_table(p)) for p in column.parts]
    body = "".join(f"<tr>{_inner_cells(writers, row)}</tr>" for row in rows)
    return (
        f'{_box(column)}<table class="inner">'
        f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _inner_cells(writers: Sequence[tuple[Shown, str, Writer]], row: Any) -> str:
    if not isinstance(row, dict):
        return f'<td colspan="{len(writers)}">{_plain(row)}</td>'
    return "".join(
        f"<td{class_}>{NONE if row.get(p.name) is None else write(row[p.name])}</td>"
        for p, class_, write in writers
    )


def _inner_list(column: Shown, row: Any) -> str:
    """Write a row that stands in a column."""
    if not isinstance(row, dict):
        return _json(column, row)
    found = ((p, row[p.name]) for p in column.parts if p.name in row)
    lines = "".join(
        f"<div><dt>{escape(p.label)}</dt><dd>{NONE if v is None else alone(p)(v)}</dd></div>"
        for p, v in found
    )
    return f'<dl class="parts">{lines}</dl>'


def classed(column: Shown) -> str:
    """Write the class of a column's cells."""
    class_ = _CLASSES.get(column.kind, "")
    return f' class="{class_}"' if class_ else ""
