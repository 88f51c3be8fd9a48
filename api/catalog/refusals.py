"""Relations that are not served at all: they would be slow, always refused, or open to all."""

from collections.abc import Iterator
from typing import Any

from api.catalog import sql_names, view_rules
from api.catalog.obstacles import Obstacle, grant
from api.catalog.origins import Stored

MATERIALIZED = "m"


def refusals(
    relation: dict[str, Any], stored: Stored, missing: list[dict[str, Any]], role: str
) -> Iterator[Obstacle]:
    """Yield why a relation of `api` or `reporting` must not be served.

    `missing`: the functions and sequences that the role may not use, as catalog.sql lists them.
    """
    name = sql_names.name(relation["schema"], relation["name"])
    for table in sorted(set(_bypassed(relation, stored))):
        if relation["kind"] == MATERIALIZED:
            yield Obstacle(f"it holds rows of {table}, whose policies it can't apply")
        else:
            reason = f"it reads {table} as its owner, past the table's row-level security"
            yield Obstacle(reason, f"ALTER VIEW {name} SET (security_invoker = true);")
    if relation["schema"] == "api" and relation["kind"] != MATERIALIZED:
        for view in _sorted(relation, stored):
            reason = (
                f"{view} has an ORDER BY of its own: each request would sort the whole table."
                " `order` does that; take the ORDER BY out of the view"
            )
            yield Obstacle(reason)
    under = {relation["oid"], *_under(relation, stored)}
    for item in missing if relation["kind"] != MATERIALIZED else ():
        if item["relation"] in under and item["user"].split()[0] in ("view", "policy"):
            lacking = f"{role} may not execute {item['name']}, which it calls"
            yield Obstacle(lacking, grant("EXECUTE", f"FUNCTION {item['name']}", role))


def _bypassed(relation: dict[str, Any], stored: Stored, *, as_owner: bool = False) -> Iterator[str]:
    """Yield the tables with row-level security that are read with the rights of a view's owner."""
    as_owner = as_owner or (bool(relation["rule"]) and not relation["invoker"])
    for oid in _read(relation):
        below = stored.get(oid, relation)
        if below is relation:
            continue
        if below["row_security"] and as_owner:
            yield sql_names.name(below["schema"], below["name"])
        yield from _bypassed(below, stored, as_owner=as_owner)


def _sorted(relation: dict[str, Any], stored: Stored) -> Iterator[str]:
    """Yield the views, from this one down through FROM, that sort their rows."""
    if not relation["rule"] or relation["kind"] == MATERIALIZED:
        return
    if "ORDER BY" in relation["clauses"]:
        yield sql_names.name(relation["schema"], relation["name"])
    for oid in {target.relation for target in relation["targets"].values()}:
        if oid in stored and oid != relation["oid"]:
            yield from _sorted(stored[oid], stored)


def _under(relation: dict[str, Any], stored: Stored) -> Iterator[int]:
    for oid in _read(relation):
        if oid in stored and oid != relation["oid"]:
            yield oid
            yield from _under(stored[oid], stored)


def _read(relation: dict[str, Any]) -> Iterator[int]:
    if relation["rule"]:
        yield from (oid for oid, _ in view_rules.reads(relation["rule"]))
