"""Which operations exist: what follows from privileges, keys, foreign keys and indexes."""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import quote

from api import access
from api.catalog import Catalog, Column, Constraint, Index, Relation

# What the service serves beside the relations of schema `api`, by the first segment of its paths.
RESERVED = frozenset({"docs", "health", "metrics", "openapi.json", "ready", "reporting"})
METHODS = {"list": "GET", "report": "GET", "read": "GET", "create": "POST", "update": "PATCH", "delete": "DELETE"}


@dataclass(frozen=True, slots=True)
class Parent:
    """A step of a path: `/{segment}/{key}`, and the columns of the next step's relation that hold this one's key."""

    relation: Relation
    segment: str
    parameters: tuple[str, ...]
    link: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """One method at one path. `parents` come outermost first; `parameters` are those of the relation's own key."""

    kind: str  # a key of METHODS
    relation: Relation
    segment: str
    parents: tuple[Parent, ...] = ()
    parameters: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """A stable name: `segments.kind`."""
        prefix = (self.relation.schema,) if self.kind == "report" else ()
        return ".".join((*prefix, *(parent.segment for parent in self.parents), self.segment, self.kind))

    @property
    def method(self) -> str:
        """The HTTP method."""
        return METHODS[self.kind]

    @property
    def path(self) -> str:
        """The path template as OpenAPI writes it; the columns of a composite key stand in one segment, with commas."""
        prefix = (self.relation.schema,) if self.kind == "report" else ()
        steps = [f"{quote(p.segment)}/{_keys(p.parameters)}" for p in self.parents]
        end = f"{quote(self.segment)}/{_keys(self.parameters)}" if self.parameters else f"{quote(self.segment)}/"
        return "/" + "/".join((*prefix, *steps, end))

    @property
    def fixed(self) -> tuple[str, ...]:
        """The relation's columns that the path gives."""
        return self.parents[-1].link if self.parents else ()

    @property
    def keys(self) -> tuple[tuple[str, Column], ...]:
        """Every path parameter with the column that it is a value of, in the path's order."""
        steps = [(parent.parameters, parent.relation) for parent in self.parents] + [(self.parameters, self.relation)]
        return tuple(
            (name, relation.column(column))
            for parameters, relation in steps
            for name, column in zip(parameters, relation.key, strict=False)
        )

    def parent_of(self, number: int) -> int | None:
        """Give the position of the parent whose key has this path parameter; None where it is the own key's."""
        for position, parent in enumerate(self.parents):
            number -= len(parent.parameters)
            if number < 0:
                return position
        return None

    @property
    def body(self) -> tuple[Column, ...]:
        """The columns that a body may hold."""
        privilege = {"create": "insert", "update": "update"}.get(self.kind)
        if privilege is None:
            return ()
        return tuple(
            column
            for column in self.relation.allowed(privilege)
            if not column.read_only and column.name not in self.fixed
        )

    def named(self, names: Container[str]) -> list[Column]:
        """Give the columns that a body with these names holds, in the view's order."""
        return [column for column in self.body if column.name in names]


def build(catalog: Catalog) -> tuple[Operation, ...]:
    """Give every operation that the catalog offers, parents before children, by path."""
    catalog = _served(catalog)
    found: list[Operation] = []
    for relation in catalog.relations:
        found += _collection(relation, relation.name, ())
        found += _item(relation)
        found += _nested(relation, relation.name, (), catalog)
    found += [Operation("report", r, r.name) for r in catalog.reports if r.allowed("select")]
    return tuple(found)


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
            yield from (f"{name}: {note}." for note in _missed(relation, _served(catalog)))


def _served(catalog: Catalog) -> Catalog:
    return replace(catalog, relations=tuple(r for r in catalog.relations if r.name not in RESERVED))


def _missed(relation: Relation, catalog: Catalog) -> Iterator[str]:
    """Name the indexes of a relation that serve no filter, and the foreign keys that make no nested collection."""
    if relation.addressable:
        filtered = {f.column.name for f in access.filters(relation)} | set(access.orders(relation))
        for constraint, _ in _links(relation, catalog):
            filtered |= set(relation.showing(constraint.columns) or ())
        for index in relation.indexes:
            if index.columns[0].name not in filtered:
                yield f"index {index.name} serves no filter: {_why_not(index, relation)}"
    if relation.addressable or relation.allowed("insert"):
        for constraint in relation.constraints:
            reason = _obstacle(constraint, relation, catalog) if constraint.kind == "f" else None
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
    if index.method != "btree" or not access.comparable(first):
        return f"no filter is made of a {index.method} index with these operators"
    if None in names:
        return "it goes on with an expression, or with a column or a collation that the view does not have"
    if not index.unique and any(c.kind in ("p", "u") and c.name == index.name for c in relation.constraints):
        return "its constraint is deferrable, so that for a while several rows may have the same"
    return f"it lacks {', '.join(lacks)} at its end" if lacks else "its columns are not in the order of any page"


def _collection(relation: Relation, segment: str, parents: tuple[Parent, ...]) -> Iterator[Operation]:
    if relation.addressable:
        yield Operation("list", relation, segment, parents)
    insertable = {column.name for column in relation.allowed("insert")}
    if insertable and (not parents or insertable.issuperset(parents[-1].link)):
        yield Operation("create", relation, segment, parents)


def _item(relation: Relation) -> Iterator[Operation]:
    if not relation.addressable:
        return
    parameters = _parameters(relation, ())
    yield Operation("read", relation, relation.name, parameters=parameters)
    if any(not column.read_only for column in relation.allowed("update")):
        yield Operation("update", relation, relation.name, parameters=parameters)
    if relation.deletable:
        yield Operation("delete", relation, relation.name, parameters=parameters)


def _nested(parent: Relation, segment: str, above: tuple[Parent, ...], catalog: Catalog) -> Iterator[Operation]:
    if not parent.addressable:
        return
    taken = tuple(name for step in above for name in step.parameters)
    passed = {step.relation.name for step in above} | {parent.name}
    for child in catalog.relations:
        links = [link for constraint, link in _links(child, catalog) if _parent(constraint, catalog) is parent]
        if not links or (child.name in passed and (child is not parent or above)):
            continue
        for link in links:
            name = child.name if len(links) == 1 else ".".join((child.name, *(link)))
            steps = (*above, Parent(parent, segment, _parameters(parent, taken), link))
            yield from _collection(child, name, steps)
            if child is not parent:
                yield from _nested(child, name, steps, catalog)


def _links(child: Relation, catalog: Catalog) -> Iterator[tuple[Constraint, tuple[str, ...]]]:
    """Give the child's foreign keys that lead an index, each with its columns in the order of the parent's key."""
    for constraint in child.constraints:
        parent = _parent(constraint, catalog) if constraint.kind == "f" else None
        if parent and not _obstacle(constraint, child, catalog):
            order = dict(zip(constraint.referenced, constraint.columns, strict=True))
            yield constraint, child.showing(order[source] for source in _key_sources(parent)) or ()


def _obstacle(constraint: Constraint, child: Relation, catalog: Catalog) -> str | None:
    """Say why a foreign key makes no nested collection, or nothing where it makes one."""
    parent, link = _parent(constraint, catalog), child.showing(constraint.columns)
    columns = ", ".join(constraint.columns)
    if constraint.period:
        return f"{columns} refers to a period"
    if parent is None:
        return f"no view shows what {columns} refers to, with a key that may be read"
    if set(_key_sources(parent)) != set(constraint.referenced):
        return f"{columns} refers to something else than its key"
    if link is None:
        return f"this view does not show {columns}"
    if not any(access.leads(index, link) for index in child.indexes):
        return f"no index begins with {columns}"
    return None


def _key_sources(relation: Relation) -> list[str]:
    return [relation.column(name).source or "" for name in relation.key]


def _parent(constraint: Constraint, catalog: Catalog) -> Relation | None:
    """Give the view of the foreign key's table: one that can be written, else the first by name."""
    views = [r for r in catalog.relations if r.table == constraint.references and r.addressable]
    return min(views, key=lambda r: (not r.writable, r.name), default=None)


def _parameters(relation: Relation, taken: Iterable[str]) -> tuple[str, ...]:
    noun = relation.table[1] if relation.table else relation.name
    return tuple(f"{noun}_{name}" if name == "id" or name in taken else name for name in relation.key)


def _keys(parameters: tuple[str, ...]) -> str:
    return ",".join("{" + name + "}" for name in parameters)
