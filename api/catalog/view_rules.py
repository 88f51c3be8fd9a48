"""A view's rewrite rule (`pg_rewrite.ev_action`) → what its columns show, and what it reads.

The text is a `pg_node_tree` (PostgreSQL, `src/backend/nodes/outfuncs.c`): `{NODE :field value …}`,
lists in parentheses.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

Query = Mapping[str, list[Any]]
"""A query of a view: a field of its node → its values."""

# A space or a brace inside a name has a backslash before it. Bit 0 is column -7, the first system
# column (FirstLowInvalidHeapAttributeNumber in src/include/access/sysattr.h).
_PERMISSION = re.compile(
    r"(?<!\\)\{RTEPERMISSIONINFO :relid (\d+) [^{}]*:selectedCols \(b([ \d]*)\)"
)
_OFFSET = 7
_ARRAY_SUBLINK = "6"  # SubLinkType in src/include/nodes/primnodes.h
_COUNTS = ("2147", "2803")  # count("any") and count(*) in pg_proc
# Fields of Query in src/include/nodes/parsenodes.h, and how SQL says them.
_CLAUSES = {
    "distinctClause": "DISTINCT",
    "groupClause": "GROUP BY",
    "hasAggs": "an aggregate",
    "hasWindowFuncs": "a window function",
    "hasTargetSRFs": "a set-returning function",
    "setOperations": "UNION, INTERSECT or EXCEPT",
    "cteList": "WITH",
    "limitCount": "LIMIT",
    "limitOffset": "OFFSET",
    "sortClause": "ORDER BY",
}
_ABSENT = (None, ["<>"], ["false"])
_PART = re.compile(r'"(?:\\.|[^"\\])*"|[(){}]|(?:\\.|[^\s(){}\\])+', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Target:
    """Where a view's column comes from: a relation's oid, and the number of its column.

    `nulled`: whether an outer join can make it NULL.
    """

    relation: int
    column: int
    nulled: bool


def columns(of: Query) -> list[Any]:
    """Return the target list of a query, for `targets` and `never_null`."""
    return list(of["targetList"][0])


def condition(of: Query) -> frozenset[int]:
    """Return the numbers of the columns that WHERE reads, in a view of one relation."""
    found = variables(of["jointree"][0]["quals"])
    return frozenset(int(v["varattno"][0]) for v in found if v["varlevelsup"] == ["0"])


def has_condition(of: Query) -> bool:
    """Return whether a view has a WHERE."""
    return of["jointree"][0]["quals"] not in _ABSENT


def variables(value: Any) -> Iterator[dict[str, list[Any]]]:
    """Yield the nodes in a part of a tree that stand for a column."""
    if isinstance(value, dict):
        if value["node"] == ["VAR"]:
            yield value
        value = list(value.values())
    for part in value if isinstance(value, list) else ():
        yield from variables(part)


def without_relabels(node: Any) -> Any:
    """Return what an expression is without changes of type that keep the bytes."""
    return without_relabels(node["arg"][0]) if node["node"] == ["RELABELTYPE"] else node


def clauses(of: Query) -> tuple[str, ...]:
    """Name the parts of a view for which its rows are not those of one relation, or are sorted."""
    found = [name for field, name in _CLAUSES.items() if of.get(field) not in _ABSENT]
    sources = of["jointree"][0]["fromlist"][0]
    if sources == "<>":
        return (*found, "no relation in FROM")
    if len(sources) > 1 or sources[0]["node"] == ["JOINEXPR"]:
        return (*found, "several relations in FROM")
    return tuple(found)


# The catalogs of all roles have the same rules, and one catalog reads most of them several times.
@lru_cache(maxsize=256)
def query(tree: str) -> Query:
    """Read the query of a rule."""
    made: Query = _list(iter(_PART.findall(tree)[1:]))[0]
    return made


@lru_cache(maxsize=256)
def nodes(trees: str | None) -> list[Any]:
    """Read a list of expressions, such as those of an index; it is shared, so don't change it."""
    return _list(iter(_PART.findall(trees)[1:])) if trees else []


def targets(entries: list[Any]) -> dict[int, Target]:
    """Return the columns that show a relation's column unchanged, by their number in the view."""
    found = {}
    for entry in entries:
        origin = int(entry["resorigtbl"][0])
        if origin and entry["resjunk"] == ["false"]:
            nulled = entry["expr"][0].get("varnullingrels", [["b"]]) != [["b"]]
            found[int(entry["resno"][0])] = Target(origin, int(entry["resorigcol"][0]), nulled)
    return found


def never_null(entries: list[Any]) -> dict[int, bool]:
    """Return the computed columns that are never null, by their number in the view.

    They are `ARRAY(SELECT …)` and `count(…)`; the value is whether an array's items are never null.
    """
    found = {}
    for entry in entries:
        computed = entry["expr"][0]
        if computed["node"] == ["SUBLINK"] and computed["subLinkType"] == [_ARRAY_SUBLINK]:
            item = computed["subselect"][0]["targetList"][0][0]["expr"][0]
            found[int(entry["resno"][0])] = item["node"] == ["ROWEXPR"]
        elif computed["node"] == ["AGGREF"] and computed["aggfnoid"][0] in _COUNTS:
            found[int(entry["resno"][0])] = False
    return found


@lru_cache(maxsize=256)
def reads(tree: str) -> tuple[tuple[int, frozenset[int]], ...]:
    """Return the oid of each relation that the view reads, and the columns' numbers (0: all)."""
    return tuple(
        (int(relation), frozenset(int(bit) - _OFFSET for bit in bits.split()))
        for relation, bits in _PERMISSION.findall(tree)
    )


def _list(parts: Iterator[str]) -> list[Any]:
    values = []
    for part in parts:
        if part == ")":
            break
        values.append(_value(part, parts))
    return values


def _node(parts: Iterator[str]) -> dict[str, list[Any]]:
    fields: dict[str, list[Any]] = {"node": [next(parts)]}
    values = fields["node"]
    for part in parts:
        if part == "}":
            break
        # Each field has a value, at least `<>`: what follows a field's name is its value, even
        # where it begins with a colon.
        if part.startswith(":") and values:
            values = fields[part[1:]] = []
        else:
            values.append(_value(part, parts))
    return fields


def _value(part: str, parts: Iterator[str]) -> Any:
    if part == "(":
        return _list(parts)
    return _node(parts) if part == "{" else part
