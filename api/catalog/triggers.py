"""Triggers as values, and what their comments say.

A comment's text is the sentence of what the trigger refuses. A line `Fills: code, total` in it is
a directive: the columns that the trigger may fill or change, and no others. `Fills: nothing` says
that it changes none.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

EVENTS = ("insert", "update", "delete")
_DIRECTIVE = "Fills:"
_NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Trigger:
    """An enabled trigger of a table or a view.

    `function`: schema and name; `timing`: `before`, `after` or `instead`; `comment`: its sentence;
    `fills`: the columns that its comment lists, None where it has no such line; `unknown`: those of
    them that the table or view does not have.
    """

    name: str
    table: tuple[str, str]
    function: tuple[str, str]
    events: frozenset[str]
    timing: str
    for_each_row: bool
    comment: str | None = None
    fills: tuple[str, ...] | None = None
    unknown: tuple[str, ...] = ()

    @property
    def full_name(self) -> str:
        """Its name after its table's."""
        return ".".join((*self.table, self.name))

    def intercepts(self, event: str) -> bool:
        """Return whether it can change or keep a row of an insert, an update or a delete."""
        return event in self.events and self.for_each_row and self.timing != "after"


def by_relation(items: Iterable[dict[str, Any]]) -> dict[int, tuple[Trigger, ...]]:
    """Make the triggers of catalog.sql's document, by the oid of their relation.

    The copy that a partition has of its table's trigger is the table's trigger.
    """
    items = list(items)
    known = {item["oid"]: item for item in items}
    found: dict[int, tuple[Trigger, ...]] = {}
    for item in items:
        if item["enabled"]:
            made = _trigger(_original(item, known))
            found[item["relation"]] = (*found.get(item["relation"], ()), made)
    return found


def comment(several: Iterable[Trigger]) -> str | None:
    """Return the comment of triggers, one of which is meant; None where theirs differ."""
    found = {trigger.comment for trigger in several}
    return found.pop() if len(found) == 1 else None


def listed(several: Iterable[Trigger]) -> str:
    """Name triggers, one of which is meant, for the log."""
    return f"trigger {' or '.join(trigger.full_name for trigger in several)}"


def _original(item: dict[str, Any], known: Mapping[int, dict[str, Any]]) -> dict[str, Any]:
    while item["parent"] in known:
        item = known[item["parent"]]
    return item


def _trigger(item: dict[str, Any]) -> Trigger:
    schema, function = item["function"]
    comment, fills = _read(item["comment"] or "")
    return Trigger(
        name=item["name"],
        table=(item["schema"], item["table"]),
        function=(schema, function),
        events=frozenset(event for event in EVENTS if item[event]),
        timing=item["timing"],
        for_each_row=item["for_each_row"],
        comment=comment or None,
        fills=fills,
        unknown=tuple(name for name in fills or () if name not in (item["columns"] or ())),
    )


def _read(comment: str) -> tuple[str, tuple[str, ...] | None]:
    """Split a comment into its sentence and the columns of its directive."""
    lines = comment.splitlines()
    listed = [line.removeprefix(_DIRECTIVE) for line in lines if line.startswith(_DIRECTIVE)]
    text = "\n".join(line for line in lines if not line.startswith(_DIRECTIVE)).strip()
    return text, tuple(_names(listed)) if listed else None


def _names(lists: Iterable[str]) -> Iterator[str]:
    for name in ",".join(lists).split(","):
        if name.strip() not in ("", _NOTHING):
            yield name.strip()
