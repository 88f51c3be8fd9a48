"""What the schema has and the API does not serve, and why."""

from collections.abc import Iterator

from api.catalog.relations import Catalog, Index, Relation
from api.operations import discovery, index_access
from api.operations.service_paths import RESERVED


def notes(catalog: Catalog) -> Iterator[str]:
    """Say what the schema has and the API does not serve, and why: for who wonders where an endpoint is."""
    for relation in (*catalog.relations, *catalog.reports):
        name = f"{relation.schema}.{relation.name}"
        if relation.schema == "api" and relation.name in RESERVED:
            yield f"{name} is not served: the service has /{relation.name} for itself."
            continue
        if relation.unreadable:
            yield f"{name} can't be read: it names what this role may not read: {', '.join(relation.unreadable)}."
        elif relation.schema == "api" and not relation.addressable:
            only = "served for POST only" if relation.allowed("insert") else "not served"
            yield f"{name} is {only}: it has no key (one relation in FROM, with its primary key, readable)."
        if relation.schema == "api":
            yield from (f"{name}: {note}." for note in _missed(relation, discovery.served(catalog)))


def _missed(relation: Relation, catalog: Catalog) -> Iterator[str]:
    """Name the indexes of a relation that serve no filter, and the foreign keys that make no nested collection."""
    if relation.addressable:
        filtered = {f.column.name for f in index_access.filters(relation)} | set(
            index_access.orders(relation)
        )
        for constraint, _ in discovery.links(relation, catalog):
            filtered |= set(relation.showing(constraint.columns) or ())
        for index in relation.indexes:
            if index.columns[0].name not in filtered:
                yield f"index {index.name} serves no filter: {_why_not(index, relation)}"
    if relation.addressable or relation.allowed("insert"):
        for constraint in relation.constraints:
            reason = (
                discovery.obstacle(constraint, relation, catalog)
                if constraint.kind == "f"
                else None
            )
            if reason:
                noun = constraint.references[1] or "what is in no view"
                yield f"no collection under {noun}: {reason}"


def _why_not(index: Index, relation: Relation) -> str:
    names = [column.name for column in index.columns]
    lacks = [name for name in relation.key if name not in names]
    if names[0] is None:
        return "it begins with an expression, or with a column or a collation that the view does not have"
    first = relation.column(names[0])
    if "select" not in first.privileges:
        return f"{first.name} may not be read"
    if index.method != "btree" or not index_access.comparable(first):
        return f"no filter is made of a {index.method} index with these operators"
    if None in names:
        return "it goes on with an expression, or with a column or a collation that the view does not have"
    if not index.unique and any(
        c.kind in ("p", "u") and c.name == index.name for c in relation.constraints
    ):
        return "its constraint is deferrable, so that for a while several rows may have the same"
    return (
        f"it lacks {', '.join(lacks)} at its end"
        if lacks
        else "its columns are not in the order of any page"
    )
