"""Which operations exist: what follows from privileges, keys, foreign keys and indexes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from api import access
from api.catalog import Catalog, Column, Constraint, Index, Relation

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


def build(catalog: Catalog) -> tuple[Operation, ...]:
    """Give every operation that the catalog offers, parents before children, by path."""
    found: list[Operation] = []
    for relation in catalog.relations:
        found += _collection(relation, relation.name, ())
        found += _item(relation)
        found += _nested(relation, relation.name, (), catalog)
    found += [Operation("report", r, r.name) for r in catalog.reports if r.allowed("select")]
    return tuple(found)


def notes(catalog: Catalog) -> Iterator[str]:
    """Say what the schema has and the API does not serve, and why: for who wonders where an endpoint is."""
    for relation in catalog.relations:
        name = f"{relation.schema}.{relation.name}"
        if not _addressable(relation) and not relation.allowed("insert"):
            yield f"{name} is not served: it has no key (one relation in FROM, with its primary key, readable)."
            continue
        served = {f.column.name for f in access.filters(relation)} | set(access.orders(relation))
        for constraint, _ in _links(relation, catalog):
            served |= set(relation.showing(constraint.columns) or ())
        for index in relation.indexes:
            if index.columns[0].name not in served:
                yield f"{name}: index {index.name} serves no filter: {_why_not(index, relation)}."
        for constraint in relation.constraints:
            if constraint.kind == "f" and not any(constraint is link for link, _ in _links(relation, catalog)):
                columns = ", ".join(constraint.columns)
                yield f"{name}: no collection under {constraint.references[1]}: no index begins with {columns}."


def _why_not(index: Index, relation: Relation) -> str:
    if index.method != "btree":
        return f"no filter is made of a {index.method} index with these operators"
    if any(column.name is None for column in index.columns):
        return "it is on an expression, or on a column that the view does not show"
    return f"it lacks {', '.join(relation.key)} at its end"


def _addressable(relation: Relation) -> bool:
    readable = {column.name for column in relation.allowed("select")}
    return bool(relation.key) and readable.issuperset(relation.key)


def _collection(relation: Relation, segment: str, parents: tuple[Parent, ...]) -> Iterator[Operation]:
    if _addressable(relation):
        yield Operation("list", relation, segment, parents)
    insertable = {column.name for column in relation.allowed("insert")}
    if insertable and (not parents or insertable.issuperset(parents[-1].link)):
        yield Operation("create", relation, segment, parents)


def _item(relation: Relation) -> Iterator[Operation]:
    if not _addressable(relation):
        return
    parameters = _parameters(relation, ())
    yield Operation("read", relation, relation.name, parameters=parameters)
    if any(not column.read_only for column in relation.allowed("update")):
        yield Operation("update", relation, relation.name, parameters=parameters)
    if relation.deletable:
        yield Operation("delete", relation, relation.name, parameters=parameters)


def _nested(parent: Relation, segment: str, above: tuple[Parent, ...], catalog: Catalog) -> Iterator[Operation]:
    if not _addressable(parent):
        return
    taken = tuple(name for step in above for name in step.parameters)
    passed = {step.relation.name for step in above} | {parent.name}
    for child in catalog.relations:
        links = [(c, link) for c, link in _links(child, catalog) if _parent(c, catalog) is parent]
        if not links or (child.name in passed and (child is not parent or above)):
            continue
        for constraint, link in links:
            name = child.name if len(links) == 1 else ".".join((child.name, *(link)))
            steps = (*above, Parent(parent, segment, _parameters(parent, taken), link))
            yield from _collection(child, name, steps)
            if child is not parent and constraint is not None:
                yield from _nested(child, name, steps, catalog)


def _links(child: Relation, catalog: Catalog) -> Iterator[tuple[Constraint, tuple[str, ...]]]:
    """Give the child's foreign keys that lead an index, each with its columns in the order of the parent's key."""
    for constraint in child.constraints:
        parent = _parent(constraint, catalog) if constraint.kind == "f" and not constraint.period else None
        if parent is None or not any(
            access.leads(i, child.showing(constraint.columns) or ("",)) for i in child.indexes
        ):
            continue
        order = dict(zip(constraint.referenced, constraint.columns, strict=True))
        sources = [parent.column(name).source or "" for name in parent.key]
        if set(sources) == set(order):
            link = child.showing(order[source] for source in sources)
            if link:
                yield constraint, link


def _parent(constraint: Constraint, catalog: Catalog) -> Relation | None:
    """Give the view of the foreign key's table: one that can be written, else the first by name."""
    views = [r for r in catalog.relations if r.table == constraint.references and _addressable(r)]
    return min(views, key=lambda r: (not r.writable, r.name), default=None)


def _parameters(relation: Relation, taken: Iterable[str]) -> tuple[str, ...]:
    noun = relation.table[1] if relation.table else relation.name
    return tuple(f"{noun}_{name}" if name == "id" or name in taken else name for name in relation.key)


def _keys(parameters: tuple[str, ...]) -> str:
    return ",".join("{" + name + "}" for name in parameters)
