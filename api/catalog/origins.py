"""A view's column → the stored column that it shows, and the privileges on it through all views."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from api.catalog import sql_names, view_rules
from api.catalog.relations import PRIVILEGES

Stored = Mapping[int, dict[str, Any]]
"""Relations as `introspection.parse` prepares them, by oid."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The stored column behind a view's column.

    `nulled`: whether an outer join can make it NULL; `privileges`: those that the role has on the
    column in each relation from the view down to the table, or to a view whose INSTEAD OF trigger
    does the write; `by_trigger`: those that such a trigger gives.
    """

    relation: dict[str, Any]
    column: dict[str, Any]
    nulled: bool
    privileges: frozenset[str]
    by_trigger: frozenset[str] = frozenset()


def below(relation: dict[str, Any], stored: Stored) -> dict[str, Any] | None:
    """Return the one relation that a view's columns come from; None for a table, or for several."""
    found = {target.relation for target in relation["targets"].values()}
    return stored.get(found.pop()) if len(found) == 1 else None


def origin(relation: dict[str, Any], number: int, stored: Stored) -> Origin:
    """Follow a relation's column (its number in pg_attribute) down to where it is stored."""
    column = relation["columns"][number]
    own = frozenset(
        p for p in PRIVILEGES if column[p] and not (p == "select" and relation["unreadable"])
    ).difference(relation["ruled"])
    target, instead = relation["targets"].get(number), relation["instead"]
    if target is None or target.relation not in stored:
        # Only a trigger can write to a view's computed column.
        own &= {"select"} | instead if relation["rule"] else own
        return Origin(relation, column, False, own, own & instead)
    lower = origin(stored[target.relation], target.column, stored)
    own &= {"select"} | relation["writable"]
    # Without security_invoker the view reads its base with the privileges of the view's owner; what
    # an INSTEAD OF trigger does, it does itself.
    through = lower.privileges | instead if relation["invoker"] else frozenset(PRIVILEGES)
    return replace(
        lower,
        nulled=lower.nulled or target.nulled,
        privileges=own & through,
        by_trigger=own & through & (instead | lower.by_trigger),
    )


def may_delete(relation: dict[str, Any], stored: Stored) -> bool:
    """Return whether the role may delete rows through all relations, down to table or trigger."""
    lower = below(relation, stored)
    if "delete" in relation["ruled"]:
        return False
    if not relation["delete"] or "delete" in relation["instead"] or not relation["invoker"]:
        return bool(relation["delete"])
    return lower is None or may_delete(lower, stored)


def unreadable(relation: dict[str, Any], stored: Stored) -> Iterator[str]:
    """Yield, as SQL, the relations and columns that this view reads and the role may not read."""
    for oid, numbers in view_rules.reads(relation["rule"]) if relation["invoker"] else ():
        below = stored.get(oid, relation)
        if below is relation:
            continue
        full, columns = (below["schema"], below["name"]), below["columns"]
        if not any(column["select"] for column in columns.values()):
            yield sql_names.name(*full)
        else:
            named = columns.keys() if 0 in numbers else numbers & columns.keys()
            hidden = (columns[n]["name"] for n in named if not columns[n]["select"])
            yield from (sql_names.name(*full, name) for name in hidden)
        yield from unreadable(below, stored)
