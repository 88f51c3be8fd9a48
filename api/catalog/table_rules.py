"""Parts of catalog.sql's document → the constraints of tables."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from api.catalog import sentences
from api.catalog.origins import Stored
from api.catalog.relations import Constraint

_ITEM = re.compile(r'(?:\w+|"(?:[^"]|"")+")\[([1-9][0-9]{0,8})\]')  # as pg_get_expr prints it


def constraint(item: dict[str, Any], stored: Stored) -> Constraint:
    """Make a table's constraint; that of a partition has the comment of its table's."""
    other = stored.get(item["references"])
    original = item["original"]
    elements = tuple((each["text"], each["operator"]) for each in item["elements"])
    within = [name for text, _ in elements for name in sentences.columns(text)]
    columns = tuple(dict.fromkeys([*item["columns"], *within]))
    return Constraint(
        name=item["name"],
        kind=item["kind"],
        table=(item["schema"], item["table"]),
        columns=columns,
        expression=item["expression"],
        comment=item["comment"] or original["comment"],
        references=(other["schema"], other["name"]) if other else ("", ""),
        referenced=tuple(item["referenced"]),
        period=item["period"],
        elements=elements,
        written=_written(columns, stored.get(original["relation"])),
        items=tuple(_items(columns, stored.get(original["relation"]))),
        enforced=item["enforced"],
        validated=item["validated"],
    )


def _written(columns: Iterable[str], owner: dict[str, Any] | None) -> tuple[str, ...]:
    """Put what a generated column is made of in its place, as a body cannot hold it."""
    made_of = {c["name"]: c["generated_from"] for c in owner["columns"].values()} if owner else {}
    return tuple(dict.fromkeys(s for name in columns for s in made_of.get(name) or [name]))


def _items(columns: Iterable[str], owner: dict[str, Any] | None) -> Iterator[tuple[str, int]]:
    """Yield the arrays of which one generated column is an item, as in `Constraint.items`."""
    found: dict[str, list[int]] = {}
    for column in owner["columns"].values() if owner else ():
        made_of = column["generated_from"]
        item = _ITEM.fullmatch(column["default"] or "") if len(made_of) == 1 else None
        if item and column["name"] in columns:
            found.setdefault(made_of[0], []).append(int(item[1]) - 1)
    yield from ((name, numbers[0]) for name, numbers in found.items() if len(numbers) == 1)


def partitioning(item: dict[str, Any]) -> Constraint:
    """Make the rule that some partition takes a row's values; an error does not name it."""
    return Constraint(
        name="",
        kind="c",
        table=(item["schema"], item["table"]),
        columns=tuple(item["columns"]),
        comment="No partition of the table takes this value.",
        written=tuple(item["columns"]),
    )


def unique_constraint(item: dict[str, Any], stored: Stored) -> Constraint:
    """Make the constraint that Postgres reports when a row violates a unique index."""
    elements = [column["text"] for column in item["columns"]]
    columns = tuple(dict.fromkeys(name for text in elements for name in sentences.columns(text)))
    return Constraint(
        name=item["name"],
        kind="u",
        table=(item["schema"], item["table"]),
        columns=columns,
        comment=item["comment"],
        elements=tuple((text, "=") for text in elements),
        written=_written(columns, stored.get(item["relation"])),
    )
