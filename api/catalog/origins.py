"""A view's column → the stored column that it shows, and the privileges on it through all views."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from api.catalog import view_rules
from api.catalog.relations import PRIVILEGES

Stored = Mapping[int, dict[str, Any]]
"""Relations as `introspection.parse` prepares them, by oid."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The stored column behind a view's column.

    `nulled`: whether an outer join can make it NULL; `privileges`: those that the role has on the
    column in each relation from the view down to the table.
    """

    relation: dict[str, Any]
    column: dict[str, Any]
    nulled: bool
    privileges: frozenset[str]


def origin(relation: dict[str, Any], number: int, stored: Stored) -> Origin:
    """Follow a relation's column (its number in pg_attribute) down to where it is stored."""
    column = relation["columns"][number]
    own = frozenset(
        p for p in PRIVILEGES if column[p] and not (p == "select" and relation["unreadable"])
    )
    target = relation["targets"].get(number)
    if target is None or target.relation not in stored:
        # A view's computed column can only be read.
        return Origin(relation, column, False, own & {"select"} if relation["rule"] else own)
    below = origin(stored[target.relation], target.column, stored)
    if not relation["simple"]:
        own &= {"select"}
    # Without security_invoker the view reads its base with the privileges of the view's owner.
    through = below.privileges if relation["invoker"] else frozenset(PRIVILEGES)
    return replace(below, nulled=below.nulled or target.nulled, privileges=own & through)


def unreadable(relation: dict[str, Any], stored: Stored) -> Iterator[str]:
    """Yield the relations and columns that this view reads and the role may not read."""
    for oid, numbers in view_rules.reads(relation["rule"]) if relation["invoker"] else ():
        below = stored.get(oid, relation)
        if below is relation:
            continue
        name, columns = f"{below['schema']}.{below['name']}", below["columns"]
        if not any(column["select"] for column in columns.values()):
            yield name
        else:
            named = columns.keys() if 0 in numbers else numbers & columns.keys()
            yield from (f"{name}.{columns[n]['name']}" for n in named if not columns[n]["select"])
        yield from unreadable(below, stored)
