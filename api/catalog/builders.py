"""Parts of catalog.sql's document → types, columns, indexes and relations."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from api.catalog import histories, pushdown, view_lines
from api.catalog.origins import Origin, Stored, may_delete, origin
from api.catalog.relations import (
    Column,
    Constraint,
    Index,
    IndexColumn,
    Relation,
    Search,
    Type,
)
from api.catalog.searches import C_COLLATIONS

Types = Mapping[int, dict[str, Any]]
"""The document's types, by oid."""


def _type(oid: int, modifier: int, types: Types) -> Type:
    item = types[oid]
    # A domain's own modifier applies to its base; an array's modifier applies to its elements.
    part_modifier = item["modifier"] if item["kind"] == "d" else modifier
    return Type(
        name=item["name"],
        sql=item["sql"],
        kind=item["kind"],
        modifier=modifier,
        quantity=item["quantity"],
        comment=None if item["builtin"] else item["comment"],
        not_null=item["not_null"],
        hidden_in=item["hidden_in"],
        part=_type(item["part"], part_modifier, types) if item["part"] else None,
        labels=tuple(item["labels"]),
        cast_to_json=item["cast_to_json"],
        operators=tuple(item["operators"] or ()),
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
                name=check["name"],
                kind="c",
                columns=("VALUE",),
                expression=check["expression"],
                comment=check["comment"],
                validated=check["validated"],
            )
            for check in item["checks"]
        ),
    )


def relation(
    item: dict[str, Any],
    stored: Stored,
    types: Types,
    constraints: Iterable[Constraint],
    indexes: Iterable[dict[str, Any]],
) -> Relation:
    """Make a relation, with the key, constraints and indexes of its base table if it has one."""
    found, searched = _origins(item, stored, types)
    bases = [o.relation for o in found.values() if not o.relation["rule"]]
    base = bases[0] if item["simple"] and bases else None
    comment, lines = view_lines.read(item["comment"] or (base["comment"] if base else None))
    made = Relation(
        schema=item["schema"],
        name=item["name"],
        comment=comment,
        lines=lines,
        columns=tuple(_column(item["columns"][n], each, types) for n, each in found.items()),
        unreadable=tuple(item["unreadable"]),
        tables=item["tables"],
        triggers=item["triggers"],
        row_triggers=item["row_triggers"],
        has_rules=item["has_rules_below"],
        condition=item["condition"],
        clauses=tuple(item["clauses"]),
        filterable=pushdown.filterable(item, stored, indexes),
        search_columns=searched,
    )
    if base is None:
        return made
    made = replace(made, deletable=may_delete(item, stored))
    made = _over(base, made, constraints, indexes)
    return replace(made, has_history=histories.has_history(item, made, stored))


def _over(
    base: dict[str, Any],
    made: Relation,
    constraints: Iterable[Constraint],
    indexes: Iterable[dict[str, Any]],
) -> Relation:
    """Add what its base table has to a relation."""
    table = (base["schema"], base["name"])
    own = tuple(each for each in constraints if each.table == table)
    primary = next((each.columns for each in own if each.kind == "p"), ())
    made = replace(made, table=table, constraints=own)
    # An index on given columns alone is a rule for a tenant's rows, and finds none of them.
    of_table = [
        i
        for i in indexes
        if i["relation"] == base["oid"]
        and not {column["name"] for column in i["columns"]} <= base["given"].keys()
    ]
    return replace(
        made,
        key=made.showing(primary) or (),
        given=tuple(base["given"]),
        indexes=tuple(index(i, made) for i in of_table if not i["partial"] and not i["aside"]),
        partial_indexes=tuple(index(i, made) for i in of_table if i["partial"]),
    )


def _origins(
    item: dict[str, Any], stored: Stored, types: Types
) -> tuple[dict[int, Origin], dict[str, str]]:
    """Return the origins of the columns that are shown, and `Relation.search_columns`."""
    shown, searched = {}, {}
    for number, column in item["columns"].items():
        found = origin(item, number, stored)
        if not types[column["type"]]["search"]:
            shown[number] = found
        elif "select" in found.privileges:
            searched[found.column["name"]] = column["name"]
    return shown, searched


def _column(shown: dict[str, Any], column_origin: Origin, types: Types) -> Column:
    column, is_stored = column_origin.column, not column_origin.relation["rule"]
    items_not_null = column_origin.relation["never_null"].get(column["number"])
    made = replace(
        _type(shown["type"], shown["modifier"], types),
        items_not_null=bool(items_not_null),
        deterministic=column["deterministic"],
    )
    not_null = column["not_null"] or items_not_null is not None
    # A generated column is written by Postgres, unless a trigger does all writes that are granted.
    writes = column_origin.privileges - {"select"}
    generated = (is_stored and column["generated"]) or column["identity"] == "a"
    by_trigger = bool(writes) and writes <= column_origin.by_trigger
    return Column(
        name=shown["name"],
        type=made,
        nullable=(column_origin.nulled or not not_null or not column["not_null_is_valid"])
        and not made.not_null,
        refuses_null=not_null and not column["not_null_is_valid"],
        not_null_comment=column["not_null_comment"],
        comment=shown["comment"] or column["comment"] or made.comment,
        default=shown["default"]
        or column["default"]
        or types[shown["type"]]["default"]
        or ("identity" if column["identity"] else None),
        read_only=generated and not by_trigger,
        source=column["name"] if is_stored else None,
        privileges=column_origin.privileges,
    )


def index(item: dict[str, Any], of: Relation) -> Index:
    """Make an index, with the names that its columns have in the relation."""
    return Index(
        name=item["name"],
        method=item["method"],
        unique=item["unique"],
        columns=tuple(_index_column(column, of) for column in item["columns"]),
    )


def _index_column(column: dict[str, Any], of: Relation) -> IndexColumn:
    own, builtin = column["own_collation"], column["builtin_collation"]
    found = bool(column["name"]) and (own or builtin) and column["usual"]
    shown = of.showing([column["name"]]) if found and not column["leaky"] else None
    return IndexColumn(
        name=shown[0] if shown else None,
        hidden="" if shown else _what(column, comparable=bool(own or builtin)),
        operators=column["operators"],
        collation=None if own else column["collation"],
        c_collated=bool(builtin) and column["collation"] in C_COLLATIONS,
        descending=column["descending"],
        nulls_first=column["nulls_first"],
        search=_search(column, of) if column["search"] else None,
        finds_equal=column["finds_equal"] and own,
    )


def _search(column: dict[str, Any], of: Relation) -> Search | None:
    found = column["search"]
    shown = of.showing([found["column"]])
    stored = of.search_columns.get(column["name"])
    if not shown or (column["name"] and not stored):
        return None
    return Search(shown[0], found["sql"], found["name"], found["comment"], stored)


def _what(column: dict[str, Any], *, comparable: bool) -> str:
    """Describe a column of an index that has no name in the relation."""
    if column["leaky"]:
        what = column["name"] or "an expression"
        return f"{what}, whose comparisons are not leakproof: under a policy it is not used"
    if not column["name"]:
        return "an expression"
    if not column["usual"]:
        return f"{column['name']}, by operators that are not the default of its type"
    reason = "which this view does not show" if comparable else "in a collation of its own"
    return f"{column['name']}, {reason}"


def mark_usual_operators(indexes: Iterable[dict[str, Any]], types: Types) -> None:
    """Set `usual` in each column of an index: false for a btree that has another order.

    The usual orders are the default of the column's type, and that of patterns.
    """
    for item in indexes:
        for column in item["columns"]:
            column["usual"] = item["method"] != "btree" or _has_usual_operators(column, types)


def _has_usual_operators(column: dict[str, Any], types: Types) -> bool:
    item = types.get(column["type"])
    while item and item["kind"] == "d":
        item = types[item["part"]]
    family = (item and item["family"]) or column["family_of_input"]
    by_pattern = column["builtin_operators"] and column["operators"].endswith("pattern_ops")
    builtin = item is None or item["builtin"]
    return bool((by_pattern and builtin) or column["family"] == family)
