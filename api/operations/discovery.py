"""Which operations exist: they follow from privileges, keys, foreign keys and indexes."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from api.catalog.relations import Catalog, Constraint, Relation
from api.operations import kinds
from api.operations.index_order import leads
from api.operations.operation import Operation, Parent
from api.operations.service_paths import RESERVED


def build(catalog: Catalog) -> tuple[Operation, ...]:
    """Return every operation that the catalog offers, parents before children, by path."""
    catalog = served(catalog)
    found: list[Operation] = []
    for relation in catalog.relations:
        found += _collection(relation, relation.name, ())
        found += _item(relation)
        found += _nested(relation, relation.name, (), catalog)
    found += [Operation(kinds.REPORT, r, r.name) for r in catalog.reports if r.allowed("select")]
    return tuple(found)


def served(catalog: Catalog) -> Catalog:
    """Return the catalog without the relations whose names are reserved for the service."""
    return replace(catalog, relations=tuple(r for r in catalog.relations if r.name not in RESERVED))


def _collection(
    relation: Relation, segment: str, parents: tuple[Parent, ...]
) -> Iterator[Operation]:
    if relation.addressable:
        yield Operation(kinds.LIST, relation, segment, parents)
    insertable = {column.name for column in relation.allowed("insert")}
    if insertable and (not parents or insertable.issuperset(parents[-1].link)):
        yield Operation(kinds.CREATE, relation, segment, parents)


def _item(relation: Relation) -> Iterator[Operation]:
    if not relation.addressable:
        return
    parameters = _parameters(relation, ())
    yield Operation(kinds.READ, relation, relation.name, parameters=parameters)
    if any(not column.read_only for column in relation.allowed("update")):
        yield Operation(kinds.UPDATE, relation, relation.name, parameters=parameters)
    if relation.deletable:
        yield Operation(kinds.DELETE, relation, relation.name, parameters=parameters)


def _nested(
    parent: Relation, segment: str, above: tuple[Parent, ...], catalog: Catalog
) -> Iterator[Operation]:
    if not parent.addressable:
        return
    taken = tuple(name for step in above for name in step.parameters)
    passed = {step.relation.name for step in above} | {parent.name}
    for child in catalog.relations:
        ways = [
            link
            for constraint, link in links(child, catalog)
            if _parent(constraint, catalog) is parent
        ]
        if not ways or (child.name in passed and (child is not parent or above)):
            continue
        for link in ways:
            name = child.name if len(ways) == 1 else ".".join((child.name, *(link)))
            steps = (*above, Parent(parent, segment, _parameters(parent, taken), link))
            yield from _collection(child, name, steps)
            if child is not parent:
                yield from _nested(child, name, steps, catalog)


def links(child: Relation, catalog: Catalog) -> Iterator[tuple[Constraint, tuple[str, ...]]]:
    """Yield the foreign keys that make a nested collection of the child.

    With each come the child's columns that hold the parent's key, in the key's order.
    """
    for constraint in child.constraints:
        parent = _parent(constraint, catalog) if constraint.kind == "f" else None
        if parent and not obstacle(constraint, child, catalog):
            order = dict(zip(constraint.referenced, constraint.columns, strict=True))
            link = child.showing(order[source] for source in parent.sources(parent.key))
            yield constraint, link or ()


def obstacle(constraint: Constraint, child: Relation, catalog: Catalog) -> str | None:
    """Return why a foreign key makes no nested collection; None if it makes one."""
    parent, link = _parent(constraint, catalog), child.showing(constraint.columns)
    columns = ", ".join(constraint.columns)
    if constraint.period:
        return f"{columns} refers to a period"
    if parent is None:
        return f"no view shows what {columns} refers to, with a key that may be read"
    if set(parent.sources(parent.key)) != set(constraint.referenced):
        return f"{columns} refers to columns other than its key"
    if link is None:
        return f"this view does not show {columns}"
    if not any(leads(index, link) for index in child.indexes):
        return f"no index begins with {columns}"
    return None


def _parent(constraint: Constraint, catalog: Catalog) -> Relation | None:
    """Return a view of the table that the foreign key refers to: a writable one if there is one."""
    views = [r for r in catalog.relations if r.table == constraint.references and r.addressable]
    return min(views, key=lambda r: (not r.writable, r.name), default=None)


def _parameters(relation: Relation, taken: Iterable[str]) -> tuple[str, ...]:
    noun = relation.table[1] if relation.table else relation.name
    return tuple(
        f"{noun}_{name}" if name == "id" or name in taken else name for name in relation.key
    )
