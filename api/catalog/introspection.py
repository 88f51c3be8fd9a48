"""Postgres → catalog. `read` and `unapplied` do the I/O; `parse` reads catalog.sql's answer."""

import json
from collections.abc import Awaitable, Callable, Collection, Iterable
from pathlib import Path
from typing import Any

from asyncpg import InsufficientPrivilegeError, UndefinedTableError

from api.catalog import (
    absences,
    audit,
    builders,
    histories,
    logins,
    origins,
    policies,
    searches,
    table_rules,
    text_settings,
    triggers,
    view_rules,
    writes,
)
from api.catalog.origins import Stored
from api.catalog.relations import Catalog, Constraint, Relation
from api.catalog.triggers import Trigger

QUERY = Path(__file__).with_name("catalog.sql").read_text(encoding="utf-8")
# A text that is another one after every change of what QUERY reads.
VERSION = Path(__file__).with_name("version.sql").read_text(encoding="utf-8")

Fetch = Callable[[str], Awaitable[Any]]
"""Runs a query that has one row with one column, and returns the value."""


async def read(fetch: Fetch) -> Catalog:
    """Read the catalog of the database that `fetch` queries, as its role sees it."""
    version = await fetch(VERSION)  # first: after a change in between the catalog is not of it
    return parse(json.loads(await fetch(QUERY)), version)


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


def parse(document: dict[str, Any], version: str = "") -> Catalog:
    """Turn the document of catalog.sql into a catalog; `version` is the text of version.sql."""
    found = triggers.by_relation(document["triggers"])
    stored = _stored(document, found)
    types = {item["oid"]: item for item in document["types"]}
    builders.mark_usual_operators(document["indexes"], types)
    searches.mark(document["indexes"], stored)
    constraints = [
        table_rules.constraint(item, stored)
        for item in document["constraints"]
        if not item["cloned"]
    ]
    indexes = [index for index in document["indexes"] if index["valid"]]
    names = {(each.table, each.name) for each in constraints}
    unique = [table_rules.unique_constraint(index, stored) for index in indexes if index["unique"]]
    constraints += [each for each in unique if (each.table, each.name) not in names]
    role = document["login"]["name"]

    def relations(schema: str) -> tuple[Relation, ...]:
        chosen = [r for r in stored.values() if r["schema"] == schema and r["usage"]]
        made = [(r, builders.relation(r, stored, types, constraints, indexes)) for r in chosen]
        return absences.noted(made, document, stored, role)

    return Catalog(
        faults=tuple(_login_faults(document)),
        comments=document["schemas"] or {},
        relations=relations("api"),
        reports=relations("reporting"),
        constraints=_named(document, stored),
        triggers=tuple(dict.fromkeys(one for several in found.values() for one in several)),
        role=role,
        keeps_answers=document["keeps_answers"],
        tells_actors=document["tells_actors"],
        version=version,
        others=tuple((other["kind"], other["name"]) for other in document["others"]),
        records_reads=document["audit"]["records_reads"],
    )


def _stored(document: dict[str, Any], found: writes.Triggers) -> Stored:
    """Return the document's relations, with what the catalog derives from them."""
    stored = {relation["oid"]: relation for relation in document["relations"]}
    parts = writes.Parts(document["parts"])
    parts.add_originals(document["constraints"])
    parts.add_originals(document["indexes"])
    for relation in stored.values():
        own = found.get(relation["oid"], ())
        _prepare(relation, own)
        histories.watch(relation, own, document["audit"])
    policies.apply(document, stored)
    for relation in stored.values():
        relation["unreadable"] = sorted(set(origins.unreadable(relation, stored)))
    for relation in stored.values():
        relation["tables"] = writes.tables(relation, stored, parts)
        relation["triggers"] = writes.all_triggers(relation, stored, parts, found)
        relation["has_rules_below"] = writes.has_rules(relation, stored, parts)
        relation["row_triggers"] = writes.row_triggers(relation, stored, parts, found)
        relation["condition"] = tuple(dict.fromkeys(writes.condition(relation, stored)))
    return stored


def _named(document: dict[str, Any], stored: Stored) -> dict[tuple[str, str, str], Constraint]:
    """Return the constraints by the names that an error may give.

    Postgres may name a partition's copy of a constraint or an index, and reports a unique index
    without a constraint under the index's name.
    """

    def name(item: dict[str, Any]) -> tuple[str, str, str]:
        return item["schema"], item["table"], item["name"]

    constraints = document["constraints"]
    indexes = [index for index in document["indexes"] if index["valid"]]
    rules = map(table_rules.partitioning, document["partitionings"])
    return {
        **{name(item): table_rules.unique_constraint(item["original"], stored) for item in indexes},
        **{name(item): table_rules.constraint(item["original"], stored) for item in constraints},
        **{(*rule.table, rule.name): rule for rule in rules},
    }


def _prepare(relation: dict[str, Any], own: Iterable[Trigger]) -> None:
    """Add to a relation of the document what its rule and its INSTEAD OF triggers say."""
    relation["columns"] = {column["number"]: column for column in relation["columns"]}
    query = relation["query"] = view_rules.query(relation["rule"]) if relation["rule"] else None
    entries = view_rules.columns(query) if query else []
    relation["clauses"] = view_rules.clauses(query) if query else ()
    relation["targets"] = view_rules.targets(entries)
    relation["never_null"] = view_rules.never_null(entries)
    relation["instead"] = frozenset(
        event for trigger in own if trigger.timing == "instead" for event in trigger.events
    )
    relation["ruled"] = {rule["event"] for rule in relation["rules"]}
    writable = {"insert": relation["inserts"], "update": relation["updates"]}
    relation["writable"] = {event for event, may in writable.items() if may}


def _login_faults(document: dict[str, Any]) -> Iterable[str]:
    login = document["login"]
    owned = [f"{r['schema']}.{r['name']}" for r in document["relations"] if r["owned"]]
    yield from logins.excess(login, owned)
    yield from audit.faults(document["audit"])
    yield from text_settings.faults(login["name"], document["text_settings"])
