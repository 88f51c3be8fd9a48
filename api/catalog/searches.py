"""Indexes on a function of a column, by which the column can be searched.

`f(column) COLLATE "C"`, where `f` takes a text and returns one: the index has side by side the rows
whose column, as `f` writes it, begins with the same text. What `f` returns can be stored too, in a
generated column of the type `api.search`: under a policy Postgres uses an index of stored texts,
and none of a function that is not leakproof.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from api.catalog import view_rules

C_COLLATIONS = ("C", "POSIX", "ucs_basic")


def mark(indexes: Iterable[dict[str, Any]], stored: Mapping[int, Any]) -> None:
    """Set `search` in each column of an index: for such an expression its column and function."""
    for index in indexes:
        functions = {each["oid"]: each for each in index["functions"]}
        nodes = iter(view_rules.nodes(index["expressions"]))
        for column in index["columns"]:
            node = _stored(column) if column["name"] else next(nodes, None)
            of = stored.get(index["relation"])
            by_bytes = column["builtin_collation"] and column["collation"] in C_COLLATIONS
            usual = column["builtin_operators"] and column["operators"] == "text_ops"
            column["search"] = None
            if node and of and by_bytes and usual and not column["leaky"]:
                column["search"] = _search(node, functions, of["columns"])


def _stored(column: Mapping[str, Any]) -> Any:
    """Return the expression of a stored generated column, without its domain; None for others."""
    expression = column["stored_expression"]
    node = view_rules.nodes(f"({expression})")[0] if expression else None
    while node and node["node"] in (["COERCETODOMAIN"], ["COLLATEEXPR"], ["RELABELTYPE"]):
        node = node["arg"][0]
    return node


def _search(
    node: Mapping[str, Any], functions: Mapping[int, Any], columns: Mapping[int, Any]
) -> dict[str, Any] | None:
    if node["node"] != ["FUNCEXPR"]:
        return None
    function = functions[int(node["funcid"][0])]
    argument = view_rules.without_relabels(node["args"][0][0])  # a varchar is read as a text
    if argument["node"] != ["VAR"] or not function["of_text"] or not function["usable"]:
        return None
    return {**function, "column": columns[int(argument["varattno"][0])]["name"]}
