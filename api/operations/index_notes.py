"""Indexes that serve no filter, and foreign keys that make no collection."""

from collections.abc import Iterator

from api.catalog import sql_names
from api.catalog.obstacles import Obstacle
from api.catalog.relations import Catalog, Constraint, Index, Relation
from api.operations import index_access, nesting
from api.operations.filters import comparable
from api.operations.index_order import readable


def idle_indexes(relation: Relation, catalog: Catalog) -> Iterator[Obstacle]:
    """Yield the indexes that serve no filter of the relation's list by their first column."""
    if not relation.addressable:
        return
    others = _others(relation, catalog)
    served = index_access.filters(relation)
    filtered = {f.column.name for f in served}
    searches = {f.search for f in served if f.search}
    filtered |= set(index_access.orders(relation))
    for index in (*relation.indexes, *relation.partial_indexes):
        partial = index in relation.partial_indexes
        first = index.columns[0]
        if first.name in filtered or first.search in searches or (partial and index.unique):
            continue  # a partial unique index is a rule
        if index.columns[0].name is None and any(_begins(index.name, other) for other in others):
            continue  # another view shows the column
        why = "it is partial, not of all rows" if partial else _why_not(index, relation)
        reason = f"index {index.name} serves no filter: {why}"
        yield Obstacle(reason, _longer(index, relation))


def without_order(relation: Relation) -> Obstacle:
    """Return why a relation with a key has no list: no btree has its rows in the key's order."""
    reason = f"no list: no btree index has its key ({', '.join(relation.key)}) in order"
    return Obstacle(reason, _index(relation, relation.sources(relation.key)))


def missing_collections(relation: Relation, catalog: Catalog) -> Iterator[Obstacle]:
    """Yield the foreign keys that make no collection of the relation below their parent."""
    if not (relation.addressable or relation.allowed("insert")):
        return
    for constraint in relation.constraints:
        if constraint.kind != "f" or not constraint.columns:
            continue  # of given columns alone: the tenant's own
        shown = relation.showing(constraint.columns)
        if not shown and any(o.showing(constraint.columns) for o in _others(relation, catalog)):
            continue  # another view has the collection
        if not shown and relation.showing(constraint.written):
            continue  # what it is made of is shown, which no index could begin with
        if any(_within(other, constraint, relation, catalog) for other in relation.constraints):
            continue  # a key of fewer columns makes the collection
        if reason := nesting.obstacle(constraint, relation, catalog):
            noun = constraint.references[1] or "a table that no view reads"
            lacks_index = reason.startswith("no index")
            sql = _index(relation, constraint.columns) if lacks_index else ""
            yield Obstacle(f"no collection under {noun}: {reason}", sql)


def _within(
    other: Constraint, constraint: Constraint, relation: Relation, catalog: Catalog
) -> bool:
    """Return whether another foreign key, of some of the columns, makes a collection."""
    is_key = other.kind == "f" and other.references == constraint.references
    is_part = is_key and set(other.columns) < set(constraint.columns)
    return is_part and nesting.obstacle(other, relation, catalog) is None


def _others(relation: Relation, catalog: Catalog) -> list[Relation]:
    """Return the other relations of the same table."""
    return [r for r in catalog.relations if r.table == relation.table and r is not relation]


def _begins(name: str, relation: Relation) -> bool:
    """Return whether the index of this name begins with a column that the relation shows."""
    of_table = (*relation.indexes, *relation.partial_indexes)
    return any(index.name == name and index.columns[0].name for index in of_table)


def _why_not(index: Index, relation: Relation) -> str:
    names = [column.name for column in index.columns]
    if names[0] is None:
        return f"it begins with {index.columns[0].hidden}"
    first = relation.column(names[0])
    if not readable(relation, first.name):
        return f"{first.name} may not be read, or its type not be used"
    if index.method != "btree" or not comparable(first):
        return f"a {index.method} index with these operators is not supported"
    if None in names:
        return f"it continues with {index.columns[names.index(None)].hidden}"
    constrained = any(c.kind in ("p", "u") and c.name == index.name for c in relation.constraints)
    if constrained and not index.unique:
        return "its constraint is deferrable, so several rows can have the same value until COMMIT"
    lacks = ", ".join(name for name in relation.key if name not in names)
    return (
        f"it lacks {lacks} at its end"
        if lacks
        else "its columns are not in an order that a page can have"
    )


def _longer(index: Index, relation: Relation) -> str:
    """Write the index that would serve filters: a btree of the same columns and then the key."""
    names = [column.name for column in index.columns]
    plain = index.method in ("btree", "hash", "brin") and not any(
        c.collation for c in index.columns
    )
    shown = [name for name in names if name is not None]
    whole = index.method == "btree" and index not in relation.partial_indexes
    complete = whole and set(relation.key) <= set(shown)
    if not plain or len(shown) < len(names) or complete:
        return ""
    return _index(relation, relation.sources(shown))


def _index(relation: Relation, columns: tuple[str, ...]) -> str:
    key = [name for name in relation.sources(relation.key) if name and name not in columns]
    assert relation.table is not None
    table = sql_names.name(*relation.table)
    return f"CREATE INDEX ON {table} ({sql_names.names([*relation.given, *columns, *key])});"
