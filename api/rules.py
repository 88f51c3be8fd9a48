"""A view's rewrite rule, as `pg_rewrite.ev_action` stores it → which stored column each of the view's columns shows.

The text is a `pg_node_tree` (PostgreSQL, `src/backend/nodes/outfuncs.c`): `{NODE :field value …}`, lists in
parentheses.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_PART = re.compile(r'"(?:\\.|[^"\\])*"|[(){}]|(?:\\.|[^\s(){}\\])+', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Target:
    """Where a view's column comes from: a relation's oid and a column's number; `nulled` by an outer join, maybe."""

    relation: int
    column: int
    nulled: bool


def targets(tree: str) -> dict[int, Target]:
    """Give the columns of a view that show a column of a relation as it is, by their number in the view."""
    query = _list(iter(_PART.findall(tree)[1:]))[0]
    found = {}
    for entry in query["targetList"][0]:
        origin = int(entry["resorigtbl"][0])
        if origin and entry["resjunk"] == ["false"]:
            nulled = entry["expr"][0].get("varnullingrels", [["b"]]) != [["b"]]
            found[int(entry["resno"][0])] = Target(origin, int(entry["resorigcol"][0]), nulled)
    return found


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
        # Each field has a value, if only `<>`: what follows a field's name is never a name, even where it looks so.
        if part.startswith(":") and values:
            values = fields[part[1:]] = []
        else:
            values.append(_value(part, parts))
    return fields


def _value(part: str, parts: Iterator[str]) -> Any:
    if part == "(":
        return _list(parts)
    return _node(parts) if part == "{" else part
