"""Views whose rows can be given as they were, from the trail of changes that `audit` keeps.

A view has a history if it shows columns of one table and nothing else, and if a trigger of the
schema `audit` sees each insert, update and delete of that table. The function `audit.row_at` then
gives a row of the table as it was. It compares the columns that policies give with the caller's
values, so it gives no row of another tenant.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from api.catalog import origins, policies, view_rules
from api.catalog.origins import Stored
from api.catalog.relations import Relation, Type
from api.catalog.triggers import EVENTS, Trigger

SCHEMA = "audit"


def watch(relation: dict[str, Any], own: Iterable[Trigger], audit: Mapping[str, Any]) -> None:
    """Set `watched` in a table of the document; `own`: its triggers.

    `audit`: what catalog.sql says of the schema.
    """
    events = {
        event
        for trigger in own
        if trigger.function[0] == SCHEMA and trigger.timing == "after"
        for event in trigger.events
    }
    relation["watched"] = audit["row_at"] and events.issuperset(EVENTS)


def has_history(item: dict[str, Any], made: Relation, stored: Stored) -> bool:
    """Return whether the rows of a view have a history; `item`: the document's on the view."""
    shown = made.allowed("select")
    below: dict[str, Any] | None = item
    while below and below["query"]:
        if view_rules.has_condition(below["query"]):
            return False
        below = origins.below(below, stored)
    return (
        below is not None
        and below["watched"]
        and policies.only_give(below)
        and made.addressable
        and all(column.source and _is_rebuilt(column.type) for column in shown)
    )


def _is_rebuilt(type_: Type) -> bool:
    """Return whether a value can be made again of its JSON."""
    base = type_.base
    parts = (base.part,) if base.kind == "a" else tuple(field.type for field in base.fields)
    return not base.cast_to_json and all(_is_rebuilt(part) for part in parts if part)
