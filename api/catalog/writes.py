"""What a write to a relation concerns: the tables behind it, and the triggers that come first."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from api.catalog import view_rules
from api.catalog.origins import Stored, below, origin
from api.catalog.triggers import EVENTS, Trigger

Triggers = Mapping[int, tuple[Trigger, ...]]
"""Triggers by the oid of their relation."""


class Parts:
    """The partitions of tables, and the tables that inherit from them."""

    def __init__(self, items: Iterable[dict[str, Any]]) -> None:
        """Read the parts in catalog.sql's document."""
        self._children: dict[int, list[dict[str, Any]]] = {}
        self._parents: dict[int, int] = {}
        for item in items:
            self._children.setdefault(item["parent"], []).append(item)
            self._parents[item["oid"]] = item["parent"]

    def of(self, oid: int) -> Iterator[dict[str, Any]]:
        """Yield the parts of a table, and their parts."""
        for item in self._children.get(oid, ()):
            yield item
            yield from self.of(item["oid"])

    def above(self, oid: int) -> Iterator[int]:
        """Yield the table that a table is a part of, and that one's."""
        while oid in self._parents:
            oid = self._parents[oid]
            yield oid

    def add_originals(self, items: list[dict[str, Any]]) -> None:
        """Add to each constraint or index its table's, which a part has it from, else itself."""
        by_oid = {item["oid"]: item for item in items}
        checks = {(i["relation"], i["name"]): i for i in items if i.get("kind") == "c"}
        for item in items:
            original = item
            while original["parent"] in by_oid:
                original = by_oid[original["parent"]]
            # An inherited CHECK does not refer to the one that it comes from, but has its name.
            if item.get("kind") == "c":
                for table in self.above(item["relation"]):
                    original = checks.get((table, item["name"]), original)
            item["original"] = original


def concerned(item: dict[str, Any], stored: Stored, parts: Parts) -> Iterator[dict[str, Any]]:
    """Yield a relation, all that its columns come from, and the tables' parts."""
    yield item
    if not item["rule"]:
        yield from parts.of(item["oid"])
    for oid in sorted({target.relation for target in item["targets"].values()} & stored.keys()):
        yield from concerned(stored[oid], stored, parts)


def tables(item: dict[str, Any], stored: Stored, parts: Parts) -> frozenset[tuple[str, str]]:
    """Return the names of what a write concerns, and of what a table is a part of."""
    found = list(concerned(item, stored, parts))
    above = [stored[oid] for each in found for oid in parts.above(each["oid"]) if oid in stored]
    return frozenset((each["schema"], each["name"]) for each in (*found, *above))


def has_rules(item: dict[str, Any], stored: Stored, parts: Parts) -> bool:
    """Return whether a rule rewrites a write to anything that it concerns."""
    # Those of a partition rewrite no write to its table.
    return any(each.get("has_rules") for each in concerned(item, stored, parts))


def all_triggers(
    item: dict[str, Any], stored: Stored, parts: Parts, triggers: Triggers
) -> tuple[Trigger, ...]:
    """Return the triggers of all that a write concerns."""
    found = (t for each in concerned(item, stored, parts) for t in triggers.get(each["oid"], ()))
    return tuple(dict.fromkeys(found))


def row_triggers(
    item: dict[str, Any], stored: Stored, parts: Parts, triggers: Triggers
) -> dict[str, tuple[Trigger, ...]]:
    """Return, by event, the row triggers that run before a change of the relation, or instead."""
    found = {event: tuple(_row_triggers(item, event, stored, parts, triggers)) for event in EVENTS}
    return {event: several for event, several in found.items() if several}


def _row_triggers(
    item: dict[str, Any], event: str, stored: Stored, parts: Parts, triggers: Triggers
) -> Iterable[Trigger]:
    if item["rule"]:
        own = [t for t in triggers.get(item["oid"], ()) if t.intercepts(event)]
        lower = below(item, stored)
        return own if own or not lower else _row_triggers(lower, event, stored, parts, triggers)
    partitioned = item["kind"] == "p"
    oids = [item["oid"]]
    if partitioned or event != "insert":  # a row is never inserted into an inheriting table
        oids += [part["oid"] for part in parts.of(item["oid"])]
    # An update that moves a row to another partition inserts it there.
    events = ("update", "insert") if event == "update" and partitioned else (event,)
    return dict.fromkeys(
        trigger
        for oid in oids
        for trigger in triggers.get(oid, ())
        if any(trigger.intercepts(each) for each in events)
    )


def condition(item: dict[str, Any], stored: Stored, *, cascaded: bool = False) -> Iterator[str]:
    """Yield the tables' columns in the conditions that WITH CHECK OPTION holds a row to."""
    lower = below(item, stored)
    if lower is None:
        return
    if cascaded or item["check_option"]:
        for number in view_rules.condition(item["query"]) & lower["columns"].keys():
            yield origin(lower, number, stored).column["name"]
    yield from condition(lower, stored, cascaded=cascaded or item["check_option"] == "cascaded")
