"""Postgres → catalog. `read` and `unapplied` do the I/O; `parse` reads catalog.sql's answer."""

import json
from collections.abc import Awaitable, Callable, Collection, Iterable
from pathlib import Path
from typing import Any

from asyncpg import InsufficientPrivilegeError, UndefinedTableError

from api.catalog import builders, origins, view_rules
from api.catalog.relations import Catalog, Relation

QUERY = Path(__file__).with_name("catalog.sql").read_text(encoding="utf-8")

Fetch = Callable[[str], Awaitable[Any]]
"""Runs a query that has one row with one column, and returns the value."""


async def read(fetch: Fetch) -> Catalog:
    """Read the catalog of the database that `fetch` queries, as its role sees it."""
    return parse(json.loads(await fetch(QUERY)))


async def unapplied(fetch: Fetch, migrations: Collection[str]) -> list[str]:
    """List those of these migrations (yoyo's ids) that the database lacks.

    If the role cannot read yoyo's list of applied migrations, the only item is that list.
    """
    if not migrations:
        return []
    try:
        applied = await fetch(
            "SELECT string_agg(migration_id, ' ') FROM public.\"_yoyo_migration\""
        )
    except (InsufficientPrivilegeError, UndefinedTableError):
        return ["the list of migrations"]
    missing = set(migrations).difference(str(applied or "").split())
    return [f"migration {name}" for name in sorted(missing)]


def parse(document: dict[str, Any]) -> Catalog:
    """Turn the document of catalog.sql into a catalog."""
    stored = {relation["oid"]: relation for relation in document["relations"]}
    for relation in stored.values():
        relation["columns"] = {column["number"]: column for column in relation["columns"]}
        entries = view_rules.columns(relation["rule"]) if relation["rule"] else []
        relation["targets"] = view_rules.targets(entries)
        relation["never_null"] = view_rules.never_null(entries)
    for relation in stored.values():
        relation["unreadable"] = sorted(set(origins.unreadable(relation, stored)))
    types = {item["oid"]: item for item in document["types"]}
    constraints = [
        builders.constraint(item, stored) for item in document["constraints"] if not item["cloned"]
    ]
    indexes = document["indexes"]
    names = {(each.table, each.name) for each in constraints}
    unique = [builders.unique_constraint(index) for index in indexes if index["unique"]]
    constraints += [each for each in unique if (each.table, each.name) not in names]

    def relations(schema: str) -> tuple[Relation, ...]:
        chosen = (r for r in stored.values() if r["schema"] == schema and r["usage"])
        return tuple(builders.relation(r, stored, types, constraints, indexes) for r in chosen)

    # Postgres may name a clone (a partition's copy of a foreign key) in an error, and reports a
    # unique index without a constraint under the index's name.
    named = [
        *map(builders.unique_constraint, indexes),
        *(builders.constraint(item, stored) for item in document["constraints"]),
    ]
    return Catalog(
        faults=tuple(_login_faults(document)),
        comments=document["schemas"] or {},
        relations=relations("api"),
        reports=relations("reporting"),
        constraints={(*constraint.table, constraint.name): constraint for constraint in named},
    )


def _login_faults(document: dict[str, Any]) -> Iterable[str]:
    login = document["login"]
    owned = [f"{r['schema']}.{r['name']}" for r in document["relations"] if r["owned"]]
    if login["superuser"]:
        yield f"{login['name']} is a superuser"
    if login["bypassrls"]:
        yield f"{login['name']} has BYPASSRLS"
    if owned and not login["superuser"]:
        yield f"{login['name']} owns {', '.join(owned)}"
