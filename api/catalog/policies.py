"""Row-level security: which columns its policies give, and which keys and indexes it leaves.

A policy `USING (column = (SELECT f()))` gives the column: in every row that the role sees it has
the one value that the caller has, such as a tenant. A given column is in no path, body or answer;
so it is taken out of keys, foreign keys and indexes, in which it has to be: without it a refused
duplicate would tell of a row that the role does not see, and an index would read such rows.

Under a policy Postgres uses an index only for leakproof comparisons, because others could tell of
rows that the policy hides (`restriction_is_securely_promotable` in
src/backend/optimizer/util/restrictinfo.c).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from api.catalog import sql_names, view_rules
from api.catalog.obstacles import Obstacle
from api.catalog.origins import Stored
from api.catalog.relations import listed

_SCALAR_SUBLINK = "4"  # SubLinkType in src/include/nodes/primnodes.h
_UNIQUE = ("p", "u", "x")


def given(relation: Mapping[str, Any]) -> dict[str, str]:
    """Return the columns that the policies of a table give, each with the value's expression.

    Every permissive policy has to give a column, or a single restrictive one.
    """
    sets: dict[bool, list[set[tuple[str, str]]]] = {True: [], False: []}
    for policy in relation["policies"]:
        sets[policy["permissive"]].append(set(_equalities(policy, relation["columns"])))
    alternatives = sets[True]
    common = set.intersection(*alternatives) if alternatives else set()
    return dict(sorted(common.union(*sets[False])))


def only_give(relation: Mapping[str, Any]) -> bool:
    """Return whether the policies of a table decide by the columns that they give, and no others.

    Then it is enough to know the values of these columns to know whether a role sees a row.
    """
    return all(
        policy["condition"]
        and len(list(_conjuncts(view_rules.nodes(f"({policy['condition']})"))))
        == len(set(_equalities(policy, relation["columns"])) & relation["given"].items())
        for policy in relation["policies"]
    )


def apply(document: dict[str, Any], stored: Stored) -> None:
    """Take the given columns out of the document's constraints and indexes.

    Sets `lacks` in each: given columns that are not in it. In an index `aside` is those with which
    it should begin; if there are any, it serves nothing. `leaky` is set in its columns.
    """
    for relation in stored.values():
        relation["given"] = given(relation)
    for item in document["constraints"]:
        owner = stored.get(item["original"]["relation"])
        _take_out(item, owner["given"] if owner else {}, stored.get(item["references"]))
    for item in document["indexes"]:
        owner = stored.get(item["original"]["relation"])
        _keep_useful(item, owner)


def obstacles(table: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[Obstacle]:
    """Yield why a table with given columns can't be served: what would tell of hidden rows."""
    if not table["given"]:
        return
    constraints, indexes = (
        [item for item in document[part] if item["relation"] == table["oid"]]
        for part in ("constraints", "indexes")
    )
    names = {item["name"] for item in constraints}
    unique = [index for index in indexes if index["unique"] and index["name"] not in names]
    for item in (*constraints, *unique):
        if item["lacks"]:
            kind = "foreign key" if item.get("kind") == "f" else "unique key"
            reason = f"its {kind} {item['name']} lacks {listed(item['lacks'])}, which policies give"
            yield Obstacle(f"{reason}: a refusal would tell of rows that they hide")
    key: list[str] = next((c["columns"] for c in constraints if c["kind"] == "p"), [])
    if key and not any(_serves(index, key) for index in indexes):
        name = sql_names.name(table["schema"], table["name"])
        columns = [*table["given"], *key]
        yield Obstacle(
            f"no index begins with {', '.join(columns)}: its list would read rows that its"
            " policies hide",
            f"CREATE INDEX ON {name} ({sql_names.names(columns)});",
        )


def _serves(index: Mapping[str, Any], key: list[str]) -> bool:
    """Return whether an index of all rows begins with these columns, the given ones aside."""
    names = [column["name"] for column in index["columns"][: len(key)]]
    return index["valid"] and not index["partial"] and not index["aside"] and names == key


def _equalities(policy: Mapping[str, Any], columns: Mapping[int, Any]) -> Iterator[tuple[str, str]]:
    """Yield each column that a policy compares with a value, and that value's expression."""
    condition = policy["condition"]
    for node in _conjuncts(view_rules.nodes(f"({condition})")) if condition else ():
        if node["node"] == ["OPEXPR"] and int(node["opno"][0]) in policy["equalities"]:
            sides = [view_rules.without_relabels(side) for side in node["args"][0]]
            for column, value in (sides, sides[::-1]):
                if column["node"] == ["VAR"] and _is_constant(value):
                    yield columns[int(column["varattno"][0])]["name"], str(value)


def _conjuncts(found: Iterable[Any]) -> Iterator[Any]:
    for node in found:
        if node["node"] == ["BOOLEXPR"] and node["boolop"] == ["and"]:
            yield from _conjuncts(node["args"][0])
        else:
            yield node


def _is_constant(node: Any) -> bool:
    """Return whether a subquery has one value in a statement: it reads nothing of the row."""
    is_subquery = node["node"] == ["SUBLINK"] and node["subLinkType"] == [_SCALAR_SUBLINK]
    return is_subquery and all(
        variable["varlevelsup"] == ["0"] for variable in view_rules.variables(node["subselect"])
    )


def _take_out(
    item: dict[str, Any], own: Mapping[str, str], other: Mapping[str, Any] | None
) -> None:
    columns = item["columns"]
    item["lacks"] = []
    if item["kind"] in _UNIQUE:
        item["lacks"] = [name for name in own if name not in columns]
        kept = [n for n, name in enumerate(columns) if name not in own]
        if kept:
            item["columns"] = [columns[n] for n in kept]
            item["elements"] = [item["elements"][n] for n in kept]
    elif item["kind"] == "f":
        its = other["given"] if other else {}
        pairs = list(zip(columns, item["referenced"], strict=True))
        same = [pair for pair in pairs if pair[0] in own and own[pair[0]] == its.get(pair[1])]
        item["lacks"] = [name for name in its if name not in (second for _, second in same)]
        left = [pair for pair in pairs if pair not in same and not set(columns) <= own.keys()]
        item["columns"] = [column for column, _ in left]
        item["referenced"] = [column for _, column in left]


def _keep_useful(item: dict[str, Any], owner: Mapping[str, Any] | None) -> None:
    own = owner["given"] if owner else {}
    columns = item["columns"]
    item["lacks"] = [name for name in own if name not in (c["name"] for c in columns)]
    leading = {column["name"] for column in columns[: len(own)]}
    item["aside"] = [] if item["method"] == "btree" and leading == own.keys() else [*own]
    if not item["aside"] and len(columns) > len(own):
        item["columns"] = columns[len(own) :]
    secured = bool(owner and owner["row_security"])
    for column in columns:
        # Of an expression, the function would have to be leakproof too.
        column["leaky"] = secured and not (column["leakproof"] and column["name"])
