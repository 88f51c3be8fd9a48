"""By which unique keys the rows of a create are found where they are there already."""

from api.catalog.relations import Column, Index, Relation
from api.operations import kinds
from api.operations.operation import Operation
from api.operations.replacement import merges


def unique_keys(operation: Operation) -> tuple[tuple[str, ...], ...]:
    """Return the unique keys of which a body can give all columns, the primary key first.

    None below a parent: the row that is there may be another one's. An index has to serve each, as
    it finds the row.
    """
    relation = operation.relation
    if operation.kind is not kinds.CREATE or operation.parents or not merges(relation):
        return ()
    found: dict[frozenset[str], tuple[str, ...]] = {}
    for index in relation.indexes:
        names = _names(index, relation)
        if names:
            found.setdefault(frozenset(names), names)
    primary = found.pop(frozenset(relation.key), None)
    return (*([relation.key] if primary else []), *found.values())


def merged(operation: Operation) -> frozenset[str]:
    """Return the fields that may be changed in a row that is there."""
    return frozenset(c.name for c in operation.body if "update" in c.privileges)


def _names(index: Index, relation: Relation) -> tuple[str, ...]:
    """Return the columns of a unique index that finds a row, nothing where it does not."""
    names = tuple(c.name for c in index.columns if c.name is not None and c.collation is None)
    if not index.unique or index.method != "btree" or len(names) < len(index.columns):
        return ()
    return names if all(_is_given(relation.column(name)) for name in names) else ()


def _is_given(column: Column) -> bool:
    readable = "select" in column.privileges and column.usable
    return readable and "insert" in column.privileges and not column.read_only
