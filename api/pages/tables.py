"""Tables of rows: their heads, and how a row of a statement of `sql.page_rows` is written."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from api.operations.operation import Operation
from api.operations.references import Reference
from api.pages import cells, columns, places
from api.pages.columns import Shown
from api.sql.lists import SEPARATOR

Row = list[Any]
"""The row as an object, then a text or None for each of its references."""
_Cell = Callable[[Row], str]
_decode = json.JSONDecoder().raw_decode  # a row has no blanks around it


def parsed(text: str | None) -> list[str]:
    """Split what a statement returns into the JSON of its rows."""
    return text.split(SEPARATOR) if text else []


def read(text: str) -> Row:
    """Parse a row."""
    row: Row = _decode(text)[0]
    return row


@dataclass(frozen=True, slots=True)
class Table:
    """How the rows of an operation are written; `columns`: those that it shows."""

    columns: tuple[Shown, ...]
    cells: tuple[_Cell, ...]

    def body(self, rows: Sequence[Row]) -> str:
        """Write rows."""
        made = self.cells
        return "".join([f"<tr>{''.join([cell(row) for cell in made])}</tr>\n" for row in rows])


def table(
    operation: Operation, references: Sequence[Reference], item: Operation | None, prefix: str
) -> Table:
    """Make the table of an operation; `item`: what reads one row of it, if something does."""
    relation = operation.relation
    shown = tuple(c for c in columns.of_relation(relation) if c.name not in operation.fixed)
    by_column = _by_column(references)
    names = [column.name for column in shown]
    keys = [name for name in relation.key if name in names]
    first = next(iter(keys or [n for n in names if n not in by_column] or names), "")
    made = []
    for column in shown:
        number, reference = by_column.get(column.name, (0, None))
        if item and column.name == first:
            path = places.items(item, prefix)
            made.append(_linked(column, number, relation.key, path, head=names[0] == first))
        elif reference:
            path = places.items(reference.target, prefix)
            made.append(_linked(column, number, reference.columns, path))
        else:
            made.append(_plain(column))
    labelled = {r.columns[-1] for r in references if r.label and len(r.columns) == 1}
    named = (_without_id(c) if c.name in labelled else c for c in shown)
    return Table(tuple(named), tuple(made))


def _by_column(references: Sequence[Reference]) -> dict[str, tuple[int, Reference]]:
    """Return each reference by its last column, with the place of its label; 0 if it has none."""
    return {
        reference.columns[-1]: (number if reference.label else 0, reference)
        for number, reference in enumerate(references, 1)
    }


def _without_id(column: Shown) -> Shown:
    """Call a column by what it refers to, because that is what it shows: a text."""
    label = column.label.removesuffix(" id") or column.label
    return Shown(column.name, label, columns.TEXT, column.about, column.parts)


def _plain(column: Shown) -> _Cell:
    name, write, opening = column.name, cells.in_table(column), f"<td{cells.classed(column)}>"
    empty = f"{opening}{cells.NONE}</td>"

    def cell(row: Row) -> str:
        value = row[0][name]
        return empty if value is None else f"{opening}{write(value)}</td>"

    return cell


def _linked(
    column: Shown, number: int, keys: Sequence[str], path: str, *, head: bool = False
) -> _Cell:
    """Write a link by the columns `keys`; its text is the label with this number, or the value."""
    name, write, path = column.name, cells.in_link(column), escape(path)
    class_ = "" if number else cells.classed(column)
    tag, class_ = ("th", f' scope="row"{class_}') if head else ("td", class_)

    def cell(row: Row) -> str:
        value = row[0][name]
        text = row[number].strip() if number and row[number] else ""
        content = escape(text) if text else cells.NONE if value is None else write(value)
        content = content if content.strip() else cells.BLANK  # a link needs a text
        key = places.key_of(row[0], keys)
        link = content if key is None else f'<a href="{path}{key}">{content}</a>'
        return f"<{tag}{class_}>{link}</{tag}>"

    return cell


def lines(
    operation: Operation, references: Sequence[Reference], row: Row, prefix: str
) -> list[tuple[Shown, str]]:
    """Write each column of one row with its value."""
    by_column = _by_column(references)
    found = []
    for column in columns.of_relation(operation.relation):
        value = row[0][column.name]
        content = cells.NONE if value is None else cells.alone(column)(value)
        number, reference = by_column.get(column.name, (0, None))
        key = places.key_of(row[0], reference.columns) if reference else None
        if reference and key is not None:
            text = (row[number] or "").strip() if 0 < number < len(row) else ""
            href = f"{places.items(reference.target, prefix)}{key}"
            content = places.anchor(href, escape(text) if text else content)
            found.append((_without_id(column) if text else column, content))
            continue
        found.append((column, content))
    return found


def name_of(row: Mapping[str, Any], label: Sequence[str]) -> str:
    """Return what people call a row."""
    texts = (cells.moment(str(row[name])) for name in label if row.get(name) is not None)
    return " ".join(text for text in texts if text.strip())
