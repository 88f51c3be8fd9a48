"""Grants that lead to nothing: on a view and not on its table, or the other way round."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from api.catalog import sql_names
from api.catalog.obstacles import Obstacle, grant
from api.catalog.origins import Stored

_WRITES = ("insert", "update")

Levels = tuple[tuple[dict[str, Any], dict[str, Any]], ...]
"""A relation's column, and those under it down to the table: each with its relation."""
Offered = Mapping[str, frozenset[str]]
"""The table's columns that some view offers, by privilege; `delete`: the views that offer it."""


def idle_grants(
    relation: dict[str, Any], stored: Stored, offered: Offered | None, role: str
) -> Iterator[Obstacle]:
    """Yield what is granted on one of a view and its table, and lacks on the other.

    A grant on the table that serves another view is not idle. `offered` is None for a view that
    has no key: it needs more than a grant.
    """
    levels = [_levels(relation, number, stored) for number in relation["columns"]]
    if relation["schema"] == "reporting":
        yield from _never_written(relation, "reports are only read", role)
        return
    yield from _idle_triggers(relation, role)
    if relation["rule"] and not relation["simple"]:
        because = ", ".join(relation["clauses"]) or "it shows a view of several tables"
        yield from _never_written(relation, f"no row can be written through it: {because}", role)
        return
    for privilege in sorted({*_WRITES} - relation["instead"]) if relation["rule"] else ():
        for on, columns in _missing(privilege, levels, offered).items():
            yield _lacking(privilege.upper(), relation, on, columns, role)
    if "delete" not in relation["instead"]:
        yield from _idle_delete(relation, stored, offered, role)


def _missing(
    privilege: str, levels: Iterable[Levels], offered: Offered | None
) -> dict[tuple[str, str], list[str]]:
    """Return, by relation, the columns on which the privilege lacks while others have it."""
    missing: dict[tuple[str, str], list[str]] = {}
    for column in levels:
        table, stored_column = column[-1]
        generated = stored_column["generated"] or stored_column["identity"] == "a"
        granted = [own[privilege] for _, own in column]
        by_other = offered is None or stored_column["name"] in offered[privilege]
        idle = any(granted) and not (by_other and not granted[0])
        for (other, own), has in zip(column, granted, strict=True):
            if idle and not has and not generated and not table["rule"]:
                missing.setdefault((other["schema"], other["name"]), []).append(own["name"])
    return missing


def _idle_triggers(relation: dict[str, Any], role: str) -> Iterator[Obstacle]:
    """Yield the INSTEAD OF triggers that no grant lets run."""
    name = sql_names.name(relation["schema"], relation["name"])
    for event in sorted(relation["instead"]):
        columns = relation["columns"].values()
        granted = relation["delete"] if event == "delete" else any(c[event] for c in columns)
        if not granted:
            verb = event.upper()
            reason = f"a trigger does {verb}, which {role} may not"
            yield Obstacle(reason, grant(verb, name, role))


def _never_written(relation: dict[str, Any], because: str, role: str) -> Iterator[Obstacle]:
    name = sql_names.name(relation["schema"], relation["name"])
    given = {p for p in _WRITES if any(column[p] for column in relation["columns"].values())}
    given |= {"delete"} if relation["delete"] else set()
    for privilege in sorted(given.difference(relation["instead"])):
        verb = privilege.upper()
        sql = f"REVOKE {verb} ON {name} FROM {sql_names.name(role)};"
        yield Obstacle(f"{verb} is granted to no effect: {because}", sql)


def _idle_delete(
    relation: dict[str, Any], stored: Stored, offered: Offered | None, role: str
) -> Iterator[Obstacle]:
    chain = {
        below["oid"]: below
        for number in relation["columns"]
        for below, _ in _levels(relation, number, stored)
    }
    granted = [below["delete"] for below in chain.values()]
    by_other = offered is None or offered["delete"]
    if not any(granted) or (by_other and not granted[0]):
        return
    for below in chain.values():
        if not below["delete"]:
            yield _lacking("DELETE", relation, (below["schema"], below["name"]), (), role)


def _levels(relation: dict[str, Any], number: int, stored: Stored) -> Levels:
    """Follow a column down; a view without security_invoker needs no grants under it."""
    column = relation["columns"][number]
    target = relation["targets"].get(number)
    if target is None or target.relation not in stored or not relation["invoker"]:
        return ((relation, column),)
    below = _levels(stored[target.relation], target.column, stored)
    return ((relation, column), *below)


def _lacking(
    privilege: str,
    relation: dict[str, Any],
    on: tuple[str, str],
    columns: Iterable[str],
    role: str,
) -> Obstacle:
    view, where = sql_names.name(relation["schema"], relation["name"]), sql_names.name(*on)
    listed = f" ({sql_names.names(columns)})" if columns else ""
    elsewhere = "its table" if where == view else view
    reason = f"{privilege}{listed} is granted on {elsewhere}, and not on {where}"
    return Obstacle(reason, grant(privilege, where, role, columns))
