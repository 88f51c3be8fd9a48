"""Relations → the same, with what of them is not served, and why."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from typing import Any

from api.catalog import materialized, origins, policies, sql_names, unusable
from api.catalog.idle_grants import idle_grants
from api.catalog.obstacles import Obstacle
from api.catalog.origins import Stored
from api.catalog.refusals import MATERIALIZED, refusals
from api.catalog.relations import PRIVILEGES, Relation, listed


def noted(
    made: Collection[tuple[dict[str, Any], Relation]],
    document: dict[str, Any],
    stored: Stored,
    role: str,
) -> tuple[Relation, ...]:
    """Return relations of one schema; each comes with its item of catalog.sql's document."""
    limited = [_limited(item, relation, document, role) for item, relation in made]
    tables = {(item["schema"], item["name"]): item for item in document["relations"]}
    found = []
    for (item, _), relation in zip(made, limited, strict=True):
        obstacles = relation.obstacles
        if item["kind"] != MATERIALIZED:
            offered = _offered(relation, limited) if relation.addressable else None
            obstacles += tuple(idle_grants(item, stored, offered, role))
            obstacles += tuple(_useless_indexes(relation, document))
            obstacles += tuple(_rules(item, stored))
            obstacles += tuple(_disabled_triggers(relation, document["triggers"]))
        refused = tuple(refusals(item, stored, document["missing"], role))
        if relation.table:
            refused += tuple(policies.obstacles(tables[relation.table], document))
        grantees = {name: tuple(roles) for name, roles in (item["grantees"] or {}).items()}
        found.append(replace(relation, grantees=grantees, obstacles=obstacles, refusals=refused))
    return tuple(found)


def _limited(
    item: dict[str, Any], relation: Relation, document: dict[str, Any], role: str
) -> Relation:
    if item["kind"] == MATERIALIZED:
        relation = materialized.completed(relation, item, document["indexes"])
    of = {(relation.schema, relation.name), relation.table}
    names = {r["oid"]: (r["schema"], r["name"]) for r in document["relations"]}
    missing = [each for each in document["missing"] if names[each["relation"]] in of]
    written = [each for each in missing if each["user"].split()[0] not in ("view", "policy")]
    return unusable.without(relation, written, role)


def _offered(of: Relation, relations: Iterable[Relation]) -> dict[str, frozenset[str]]:
    """Return, by privilege, which columns of a relation's table some relation offers."""
    same = [relation for relation in relations if relation.table == of.table]
    found = {
        privilege: frozenset(c.source or "" for r in same for c in r.allowed(privilege))
        for privilege in PRIVILEGES
    }
    found["delete"] = frozenset(relation.name for relation in same if relation.deletable)
    return found


def _useless_indexes(relation: Relation, document: dict[str, Any]) -> Iterator[Obstacle]:
    """Yield the indexes that serve nothing: they are not complete, or read hidden rows."""
    overlaps = {
        (constraint["schema"], constraint["name"])
        for constraint in document["constraints"]
        if constraint["kind"] == "x" or constraint["period"]
    }
    for index in document["indexes"]:
        if (index["schema"], index["table"]) != relation.table:
            continue
        name = sql_names.name(index["schema"], index["name"])
        if not index["valid"]:
            reason = f"index {index['name']} is invalid: its build failed or has not ended"
            yield Obstacle(reason, f"REINDEX INDEX CONCURRENTLY {name};")
        elif index["aside"] and (index["schema"], index["name"]) not in overlaps:
            columns = listed(index["aside"])
            reason = f"index {index['name']} serves nothing: it does not begin with {columns}"
            yield Obstacle(f"{reason}, which the policies of its table give")


def _rules(item: dict[str, Any], stored: Stored) -> Iterator[Obstacle]:
    """Yield the rules that return no row for a write, on a relation or on what it shows."""
    below: dict[str, Any] | None = item
    while below:
        on = sql_names.name(below["schema"], below["name"])
        for rule in below["rules"]:
            reason = (
                f"rule {rule['name']} of {on} does something else instead of "
                f"{rule['event'].upper()}, and returns no row: give it RETURNING, or let a "
                "trigger do it"
            )
            yield Obstacle(reason, f"DROP RULE {sql_names.name(rule['name'])} ON {on};")
        below = origins.below(below, stored)


def _disabled_triggers(relation: Relation, found: Iterable[dict[str, Any]]) -> Iterator[Obstacle]:
    for trigger in found:
        on = (trigger["schema"], trigger["table"])
        if not trigger["enabled"] and on in (relation.table, (relation.schema, relation.name)):
            sql = f"ENABLE TRIGGER {sql_names.name(trigger['name'])};"
            reason = f"trigger {trigger['name']} of {sql_names.name(*on)} is disabled"
            yield Obstacle(reason, f"ALTER TABLE {sql_names.name(*on)} {sql}")
