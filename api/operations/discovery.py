"""Which operations exist: they follow from privileges, keys, foreign keys and indexes."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from api.catalog.relations import Catalog, Relation
from api.catalog.view_lines import KEY, MATCH
from api.operations import index_access, kinds, nested_bodies, replacement
from api.operations.identifiers import identifier, in_path
from api.operations.nesting import Nested, nested
from api.operations.operation import Operation, Parent
from api.operations.service_paths import RESERVED


def build(catalog: Catalog) -> tuple[Operation, ...]:
    """Return every operation that the catalog offers, parents before children, by path."""
    catalog = served(catalog)
    below = nested(catalog)
    found: list[Operation] = []
    for relation in catalog.relations:
        found += _collection(relation, in_path(relation.name), ())
        found += _item(relation)
        found += _by_filters(relation)
        found += _nested(relation, below)
    found += [
        Operation(kinds.REPORT, r, in_path(r.name)) for r in catalog.reports if r.allowed("select")
    ]
    keeps = catalog.keeps_answers
    return nested_bodies.added(
        replace(each, keeps_answers=True) if keeps and each.kind.keeps_answers else each
        for each in found
    )


def served(catalog: Catalog) -> Catalog:
    """Return the catalog without refused relations, and those with a name of the service's own."""
    relations = (r for r in catalog.relations if r.name not in RESERVED and not r.refusals)
    reports = (r for r in catalog.reports if not r.refusals)
    return replace(catalog, relations=tuple(relations), reports=tuple(reports))


def _collection(
    relation: Relation, segment: str, parents: tuple[Parent, ...]
) -> Iterator[Operation]:
    if lists(relation, parents[-1].link if parents else ()):
        yield Operation(kinds.LIST, relation, segment, parents)
    insertable = {column.name for column in relation.allowed("insert")}
    if insertable and (not parents or insertable.issuperset(parents[-1].link)):
        yield Operation(kinds.CREATE, relation, segment, parents)


def lists(relation: Relation, fixed: tuple[str, ...] = ()) -> bool:
    """Return whether an index has the rows in an order that a list can have.

    A key without overlaps is none: its index is of the kind GiST.
    """
    return relation.addressable and index_access.serve(relation, fixed, ()) is not None


def _item(relation: Relation) -> Iterator[Operation]:
    if not relation.addressable:
        return
    parameters = path_parameters(relation, ())
    segment = in_path(relation.name)
    yield Operation(kinds.READ, relation, segment, parameters=parameters)
    if any(not column.read_only for column in relation.allowed("update")):
        yield Operation(kinds.UPDATE, relation, segment, parameters=parameters)
    if replacement.offered(relation):
        yield Operation(kinds.REPLACE, relation, segment, parameters=parameters)
    if relation.deletable:
        yield Operation(kinds.DELETE, relation, segment, parameters=parameters)


def _by_filters(relation: Relation) -> Iterator[Operation]:
    """Yield the writes to the rows that filters find.

    None where a write needs to name a row's tag, or a key.
    """
    asks = relation.lines.require(MATCH) or relation.lines.require(KEY)
    if asks or not lists(relation) or not replacement.merges(relation):
        return
    # An array of arrays would be one of their elements.
    arrays = any(relation.column(name).type.base.kind == "a" for name in relation.key)
    if arrays or not index_access.filters(relation):
        return
    segment = in_path(relation.name)
    if any(not column.read_only for column in relation.allowed("update")):
        yield Operation(kinds.UPDATE_MANY, relation, segment)
    if relation.deletable:
        yield Operation(kinds.DELETE_MANY, relation, segment)


def _nested(parent: Relation, below: Mapping[str, tuple[Nested, ...]]) -> Iterator[Operation]:
    """Yield the collections below a row of `parent`, and those below their rows.

    No path has more than two parents, so that paths grow with the foreign keys and not with the
    ways through them; none passes a table twice, except for one level below itself.
    """
    top = path_parameters(parent, ())
    for each in below.get(parent.name, ()):
        step = Parent(parent, in_path(parent.name), top, each.link)
        yield from _collection(each.child, each.segment, (step,))
        if each.child.table == parent.table or not each.child.addressable:
            continue
        second = path_parameters(each.child, top)
        for further in below.get(each.child.name, ()):
            if further.child.table not in (parent.table, each.child.table):
                steps = (step, Parent(each.child, each.segment, second, further.link))
                yield from _collection(further.child, further.segment, steps)


def path_parameters(relation: Relation, taken: Iterable[str]) -> tuple[str, ...]:
    """Name the path parameters of a relation's key, apart from those that are `taken`.

    A parameter is called like its column, with the base table's name before it where that is just
    `id`, or is taken.
    """
    noun = relation.table[1] if relation.table else relation.name
    found: list[str] = []
    for column in relation.key:
        # A brace or a slash would end the parameter in the path's template; linters of the document
        # find no parameter that has a blank in its name.
        name = column if re.fullmatch(r"[\w.$~-]+", column) else identifier(column)
        if name == "id":
            name = f"{noun}_id"
        while name in taken or name in found:
            name = f"{noun}_{name}"
        found.append(name)
    return tuple(found)
