"""Nested collections: which foreign keys make them, and what they are called.

A collection has its name by itself: nothing that is added to the schema later changes it. So each
view of the table that a foreign key refers to is a parent, and a name depends on no other foreign
key. There is one exception, which no rule can avoid: see `_segments`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from api.catalog.relations import Catalog, Constraint, Relation
from api.operations.identifiers import in_path
from api.operations.index_order import finds_equal, leads


@dataclass(frozen=True, slots=True)
class Nested:
    """A collection of `child` below a row of `parent`.

    `link`: the child's columns that hold the parent's key, in the key's order; `segment`: what the
    collection is called in a path.
    """

    parent: Relation
    child: Relation
    link: tuple[str, ...]
    segment: str


def nested(catalog: Catalog) -> Mapping[str, tuple[Nested, ...]]:
    """Return the nested collections below each relation, by the relation's name."""
    found: dict[str, list[Nested]] = {}
    views = _addressable(catalog)
    for child in catalog.relations:
        for table, segments in _segments(child, views).items():
            for parent in views[table]:
                made = (Nested(parent, child, link, name) for link, name in segments.items())
                found.setdefault(parent.name, []).extend(made)
    return {name: tuple(below) for name, below in found.items()}


def obstacle(constraint: Constraint, child: Relation, catalog: Catalog) -> str | None:
    """Return why a foreign key makes no nested collection; None if it makes one."""
    return _obstacle(constraint, child, _addressable(catalog))


Views = Mapping[tuple[str, str], tuple[Relation, ...]]
"""The views that have a key, by the table that they show."""


def _addressable(catalog: Catalog) -> Views:
    found: dict[tuple[str, str], tuple[Relation, ...]] = {}
    for relation in catalog.relations:
        if relation.table and relation.addressable:
            found[relation.table] = (*found.get(relation.table, ()), relation)
    return found


def _obstacle(constraint: Constraint, child: Relation, views: Views) -> str | None:
    parents, link = views.get(constraint.references), child.showing(constraint.columns)
    columns = ", ".join(constraint.columns)
    if constraint.period:
        return f"{columns} refers to a period"
    if not parents:
        return f"no view shows what {columns} refers to, with a key that may be read"
    if set(_key(parents)) != set(constraint.referenced):
        return f"{columns} refers to columns other than its key"
    if link is None:
        return f"this view does not show {columns}"
    if not _are_compared_alike(constraint, child, parents[0]):
        return f"{columns} is not compared as the key that it refers to"
    served = any(leads(index, link) or finds_equal(index, link) for index in child.indexes)
    return None if served else f"no index begins with {columns}"


def _are_compared_alike(constraint: Constraint, child: Relation, parent: Relation) -> bool:
    """Return whether the columns have the same equality as the parent's key."""
    ends = ((child, constraint.columns), (parent, constraint.referenced))
    names = [
        [relation.column(n) for n in relation.showing(sources) or ()] for relation, sources in ends
    ]
    return all(a.type.operator("=") == b.type.operator("=") for a, b in zip(*names, strict=True))


def _key(parents: Iterable[Relation]) -> tuple[str, ...]:
    """Return the primary key of the table that all of these views show."""
    parent = next(iter(parents))
    return parent.sources(parent.key)


def _segments(child: Relation, views: Views) -> dict[tuple[str, str], dict[tuple[str, ...], str]]:
    """Name the child's collections: by the table of the parent, then by their link.

    Several foreign keys over the same columns are one collection. Its name is the child's where the
    columns are called like the parent's key, otherwise the columns follow. With a composite key two
    collections can claim the child's name: `(wood, tree_no)` and `(tree_wood, tree_no)`. It is that
    of the one whose columns come first in the view, since new columns come last.
    """
    found: dict[tuple[str, str], dict[tuple[str, ...], str]] = {}
    for table, links in _links(child, views).items():
        plain = [link for link, like_the_key in links.items() if like_the_key]
        order = [column.name for column in child.columns]
        first = min(plain, key=lambda link: [*map(order.index, link)], default=None)
        found[table] = {
            link: segment(child.name) if link == first else segment(child.name, *link)
            for link in links
        }
    return found


def _links(child: Relation, views: Views) -> dict[tuple[str, str], dict[tuple[str, ...], bool]]:
    """Return, by table and link, whether the link's columns are called like the table's key."""
    found: dict[tuple[str, str], dict[tuple[str, ...], bool]] = {}
    for constraint in child.constraints:
        if constraint.kind != "f" or _obstacle(constraint, child, views):
            continue
        key = _key(views[constraint.references])
        order = dict(zip(constraint.referenced, constraint.columns, strict=True))
        link = child.showing(order[name] for name in key)
        assert link is not None
        found.setdefault(constraint.references, {})[link] = like_the_key(constraint)
    return found


def like_the_key(constraint: Constraint) -> bool:
    """Return whether the columns of a foreign key are called like those that they refer to.

    With the table before it (`tree_id`, which refers to `id` of `tree`); without it where the key
    is composite, or has the table before it already.
    """
    noun, composite = constraint.references[1], len(constraint.columns) > 1
    return all(
        column == f"{noun}_{key}" or (column == key and (composite or key.startswith(f"{noun}_")))
        for column, key in zip(constraint.columns, constraint.referenced, strict=True)
    )


def segment(*names: str) -> str:
    """Join names by dots; a dot that stands in a name is written `~.`."""
    return ".".join(in_path(name).replace(".", "~.") for name in names)
