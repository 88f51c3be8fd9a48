"""Which columns of a view can be filtered where they are stored.

Postgres moves a condition on a view's column down to the table (subquery_is_pushdown_safe and
qual_is_pushdown_safe in src/backend/optimizer/path/allpaths.c), through joins and GROUP BY, if the
column is a stored one all the way. It does not move it below a window function, DISTINCT ON, LIMIT,
a set operation or a set-returning function, nor into a query of WITH that is used twice.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from api.catalog.view_rules import Query

Queries = tuple[Query, ...]
Stored = Mapping[int, Mapping[str, Any]]
Place = tuple[int, int]
"""A table's oid, and the number of its column."""

_NONE = (["<>"], ["false"], ["0"])
_BARRIERS = (
    "groupingSets",
    "hasDistinctOn",
    "hasRecursive",
    "hasTargetSRFs",
    "hasWindowFuncs",
    "limitCount",
    "limitOffset",
    "setOperations",
)
_NEVER_MATERIALIZED, _BY_DEFAULT = "2", "0"  # CTEMaterialize in src/include/nodes/parsenodes.h


def filterable(
    item: Mapping[str, Any], stored: Stored, indexes: Iterable[Mapping[str, Any]]
) -> frozenset[str]:
    """Name the columns of a report that can be filtered by an index of the table they stand in."""
    if item["schema"] != "reporting":
        return frozenset()
    leading = {
        (index["relation"], index["columns"][0]["name"])
        for index in indexes
        if index["method"] == "btree" and not index["partial"] and not index["aside"]
        if not index["columns"][0]["leaky"]
        if index["columns"][0]["own_collation"]
        if not index["columns"][0]["operators"].endswith("pattern_ops")
    }
    return frozenset(
        item["columns"][number]["name"]
        for number, (oid, column) in places(item, stored).items()
        if oid in stored and (oid, stored[oid]["columns"][column]["name"]) in leading
    )


def places(relation: Mapping[str, Any], stored: Stored) -> dict[int, Place]:
    """Return where a view's columns are filtered, by their numbers; others are left out."""
    query = relation["query"]
    if relation["barrier"] or not query:
        return {}
    found = {
        int(entry["resno"][0]): _output(query, int(entry["resno"][0]), (), stored)
        for entry in query["targetList"][0]
        if entry["resjunk"] == ["false"]
    }
    return {number: place for number, place in found.items() if place}


def _output(query: Query, number: int, above: Queries, stored: Stored) -> Place | None:
    """Follow a query's column; `above`: the queries around it, the outermost first."""
    if any(query[name] not in _NONE for name in _BARRIERS):
        return None
    expression = query["targetList"][0][number - 1]["expr"][0]
    return _expression(expression, (*above, query), stored)


def _expression(node: Mapping[str, Any], queries: Queries, stored: Stored) -> Place | None:
    """Follow an expression of the last of these queries."""
    if node["node"] != ["VAR"] or node["varlevelsup"] != ["0"]:
        return None
    entry = queries[-1]["rtable"][0][int(node["varno"][0]) - 1]
    follow = _BY_KIND.get(entry["rtekind"][0])
    return follow(entry, int(node["varattno"][0]), queries, stored) if follow else None


def _relation(entry: Query, number: int, _: Queries, stored: Stored) -> Place | None:
    oid = int(entry["relid"][0])
    below = stored.get(oid)
    return places(below, stored).get(number) if below and below["rule"] else (oid, number)


def _subquery(entry: Query, number: int, queries: Queries, stored: Stored) -> Place | None:
    return _output(entry["subquery"][0], number, queries, stored)


def _join(entry: Query, number: int, queries: Queries, stored: Stored) -> Place | None:
    return _expression(entry["joinaliasvars"][0][number - 1], queries, stored)


def _common_table(entry: Query, number: int, queries: Queries, stored: Stored) -> Place | None:
    around = queries[: len(queries) - int(entry["ctelevelsup"][0])]
    named = next(c for c in around[-1]["cteList"][0] if c["ctename"] == entry["ctename"])
    is_used_once = named["cterefcount"] == ["1"] and named["cterecursive"] == ["false"]
    mode = named["ctematerialized"][0]
    if mode == _NEVER_MATERIALIZED or (mode == _BY_DEFAULT and is_used_once):
        return _output(named["ctequery"][0], number, around, stored)
    return None


def _group(entry: Query, number: int, queries: Queries, stored: Stored) -> Place | None:
    return _expression(entry["groupexprs"][0][number - 1], queries, stored)


# By RTEKind (src/include/nodes/parsenodes.h).
_BY_KIND: Mapping[str, Callable[[Query, int, Queries, Stored], Place | None]] = {
    "0": _relation,
    "1": _subquery,
    "2": _join,
    "6": _common_table,
    "9": _group,
}
