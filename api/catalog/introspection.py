"""Postgres → catalog: `parse` turns the document of catalog.sql into a `Catalog`; `read` and `unapplied` do the I/O."""

import json
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from asyncpg import InsufficientPrivilegeError, UndefinedTableError

from api.catalog import view_rules
from api.catalog.relations import (
    PRIVILEGES,
    Catalog,
    Column,
    Constraint,
    Index,
    IndexColumn,
    Relation,
    Type,
)

QUERY = Path(__file__).with_name("catalog.sql").read_text(encoding="utf-8")


async def read(fetch: Callable[[str], Awaitable[Any]]) -> Catalog:
    """Read the catalog; `fetch` runs a query and gives its one value."""
    return parse(json.loads(await fetch(QUERY)))


async def unapplied(
    fetch: Callable[[str], Awaitable[Any]], migrations: Collection[str]
) -> list[str]:
    """Say which of these migrations the database has not, or that it doesn't tell."""
    if not migrations:
        return []
    try:
        applied = await fetch(
            "SELECT string_agg(migration_id, ' ') FROM public.\"_yoyo_migration\""
        )
    except (InsufficientPrivilegeError, UndefinedTableError):
        return ["the list of migrations"]
    return [
        f"migration {name}"
        for name in sorted(set(migrations).difference(str(applied or "").split()))
    ]


def parse(document: dict[str, Any]) -> Catalog:
    """Turn the document of catalog.sql into a catalog."""
    stored = {relation["oid"]: relation for relation in document["relations"]}
    for relation in stored.values():
        relation["columns"] = {column["number"]: column for column in relation["columns"]}
        entries = view_rules.columns(relation["rule"]) if relation["rule"] else []
        relation["targets"], relation["present"] = (
            view_rules.targets(entries),
            view_rules.present(entries),
        )
    for relation in stored.values():
        relation["unreadable"] = sorted(set(_unreadable(relation, stored)))
    types = {item["oid"]: item for item in document["types"]}
    # A clone is no rule of its own, but Postgres may name it.
    named = {
        (i["schema"], i["table"], i["name"]): _constraint(i, stored)
        for i in document["constraints"]
    }
    constraints = [
        _constraint(item, stored) for item in document["constraints"] if not item["cloned"]
    ]
    indexes = document["indexes"]

    def relations(schema: str) -> tuple[Relation, ...]:
        chosen = (r for r in stored.values() if r["schema"] == schema and r["usage"])
        return tuple(_relation(r, stored, types, constraints, indexes) for r in chosen)

    return Catalog(
        faults=tuple(_login_faults(document)),
        comments=document["schemas"] or {},
        relations=relations("api"),
        reports=relations("reporting"),
        # A unique index without a constraint is reported under its own name.
        constraints={(*made.table, made.name): made for made in map(_unique, indexes)} | named,
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


def _unreadable(relation: dict[str, Any], stored: Mapping[int, dict[str, Any]]) -> Iterator[str]:
    """Give what has to be readable for any row of this to be read, and is not: columns that the view names."""
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
        yield from _unreadable(below, stored)


def _constraint(item: dict[str, Any], stored: Mapping[int, dict[str, Any]]) -> Constraint:
    other = stored.get(item["references"])
    return Constraint(
        name=item["name"],
        kind=item["kind"],
        table=(item["schema"], item["table"]),
        columns=tuple(item["columns"]),
        expression=item["expression"],
        comment=item["comment"],
        references=(other["schema"], other["name"]) if other else ("", ""),
        referenced=tuple(item["referenced"]),
        period=item["period"],
    )


def _unique(index: dict[str, Any]) -> Constraint:
    return Constraint(
        name=index["name"],
        kind="u",
        table=(index["schema"], index["table"]),
        columns=tuple(column["name"] for column in index["columns"] if column["name"]),
        comment=index["comment"],
    )


def _type(oid: int, modifier: int, types: Mapping[int, dict[str, Any]]) -> Type:
    item = types[oid]
    # A domain hands its own modifier on; an array's is its element's.
    part = (
        _type(item["part"], item["modifier"] if item["kind"] == "d" else modifier, types)
        if item["part"]
        else None
    )
    return Type(
        name=item["name"],
        sql=item["sql"],
        kind=item["kind"],
        modifier=modifier,
        comment=None if item["builtin"] else item["comment"],
        not_null=item["not_null"],
        part=part,
        labels=tuple(item["labels"]),
        fields=tuple(
            Column(
                name=field["name"],
                type=_type(field["type"], field["modifier"], types),
                comment=field["comment"],
            )
            for field in item["fields"]
        ),
        checks=tuple(
            Constraint(
                name=c["name"],
                kind="c",
                columns=("VALUE",),
                expression=c["expression"],
                comment=c["comment"],
            )
            for c in item["checks"]
        ),
    )


@dataclass(frozen=True, slots=True)
class _Origin:
    """The stored column behind a view's column, with the privileges that every relation on the way grants."""

    relation: dict[str, Any]
    column: dict[str, Any]
    nulled: bool
    privileges: frozenset[str]


def _origin(relation: dict[str, Any], number: int, stored: Mapping[int, dict[str, Any]]) -> _Origin:
    column = relation["columns"][number]
    own = frozenset(
        p for p in PRIVILEGES if column[p] and not (p == "select" and relation["unreadable"])
    )
    target = relation["targets"].get(number)
    if target is None or target.relation not in stored:
        # A view's column that is computed can be read only.
        return _Origin(relation, column, False, own & {"select"} if relation["rule"] else own)
    below = _origin(stored[target.relation], target.column, stored)
    if not relation["simple"]:
        own &= {"select"}
    # Behind a view that does not say security_invoker, the base is reached with the owner's
    # privileges.
    through = below.privileges if relation["invoker"] else frozenset(PRIVILEGES)
    return replace(below, nulled=below.nulled or target.nulled, privileges=own & through)


def _relation(
    relation: dict[str, Any],
    stored: Mapping[int, dict[str, Any]],
    types: Mapping[int, dict[str, Any]],
    constraints: Iterable[Constraint],
    indexes: Iterable[dict[str, Any]],
) -> Relation:
    origins = {number: _origin(relation, number, stored) for number in relation["columns"]}
    bases = [o.relation for o in origins.values() if not o.relation["rule"]]
    base = bases[0] if relation["simple"] and bases else None
    made = Relation(
        schema=relation["schema"],
        name=relation["name"],
        comment=relation["comment"] or (base["comment"] if base else None),
        columns=tuple(
            _column(relation["columns"][number], origin, types)
            for number, origin in origins.items()
        ),
        unreadable=tuple(relation["unreadable"]),
    )
    if base is None:
        return made
    table = (base["schema"], base["name"])
    own = tuple(constraint for constraint in constraints if constraint.table == table)
    primary = next((constraint.columns for constraint in own if constraint.kind == "p"), ())
    made = replace(made, table=table, constraints=own)
    return replace(
        made,
        key=made.showing(primary) or (),
        deletable=relation["delete"] and (not relation["invoker"] or base["delete"]),
        indexes=tuple(
            _index(i, made) for i in indexes if i["relation"] == base["oid"] and not i["partial"]
        ),
    )


def _column(shown: dict[str, Any], origin: _Origin, types: Mapping[int, dict[str, Any]]) -> Column:
    column, stored = origin.column, not origin.relation["rule"]
    own = origin.relation["present"].get(column["number"])
    made = replace(_type(shown["type"], shown["modifier"], types), items_not_null=bool(own))
    domain_default = types[shown["type"]]["default"]
    return Column(
        name=shown["name"],
        type=made,
        nullable=(origin.nulled or not (column["not_null"] or own is not None))
        and not made.not_null,
        comment=shown["comment"] or column["comment"] or made.comment,
        default=shown["default"]
        or column["default"]
        or domain_default
        or ("identity" if column["identity"] else None),
        read_only=(stored and column["generated"]) or column["identity"] == "a",
        source=column["name"] if stored else None,
        privileges=origin.privileges,
    )


def _index(item: dict[str, Any], relation: Relation) -> Index:
    return Index(
        name=item["name"],
        method=item["method"],
        unique=item["unique"],
        columns=tuple(_index_column(column, relation) for column in item["columns"]),
    )


def _index_column(column: dict[str, Any], relation: Relation) -> IndexColumn:
    own, builtin = column["own_collation"], column["builtin_collation"]
    shown = relation.showing([column["name"]]) if column["name"] and (own or builtin) else None
    return IndexColumn(
        name=shown[0] if shown else None,
        operators=column["operators"],
        collation=None if own else column["collation"],
        c_collated=bool(builtin) and column["collation"] in ("C", "POSIX", "ucs_basic"),
        descending=column["descending"],
        nulls_first=column["nulls_first"],
    )
