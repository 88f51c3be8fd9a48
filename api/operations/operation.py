"""An operation: one method at one path, with what its path, query and body may hold."""

from collections.abc import Container
from dataclasses import dataclass
from urllib.parse import quote

from api.catalog.relations import Column, Relation
from api.operations.identifiers import identifier
from api.operations.kinds import Kind


@dataclass(frozen=True, slots=True)
class Parent:
    """A step of a path: `/{segment}/{key}`.

    `parameters`: the names of the key's path parameters; `link`: the columns of the next step's
    relation that refer to this one's key, in its order.
    """

    relation: Relation
    segment: str
    parameters: tuple[str, ...]
    link: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """One method at one path.

    `parents`: outermost first; `parameters`: the path parameters of the relation's own key, empty
    where the path does not end in one; `keeps_answers`: whether an `Idempotency-Key` makes it one
    that is done once; `nested`: the creates of the collections whose rows its body may hold.
    """

    kind: Kind
    relation: Relation
    segment: str
    parents: tuple[Parent, ...] = ()
    parameters: tuple[str, ...] = ()
    keeps_answers: bool = False
    nested: "tuple[Operation, ...]" = ()

    @property
    def id(self) -> str:
        """A stable name: the segments of the path, then the kind, with dots between them.

        No two operations have the same one, whatever the relations are called.
        """
        prefix = (self.relation.schema,) if self.kind.under_schema else ()
        steps = (*(parent.segment for parent in self.parents), self.segment)
        return ".".join((*prefix, *map(identifier, steps), self.kind.name))

    @property
    def method(self) -> str:
        """The HTTP method."""
        return self.kind.method

    @property
    def path(self) -> str:
        """The path template as OpenAPI writes it; a composite key is one segment, with commas."""
        prefix = (self.relation.schema,) if self.kind.under_schema else ()
        steps = [f"{quote(p.segment, safe='')}/{_keys(p.parameters)}" for p in self.parents]
        end = quote(self.segment, safe="") + "/"
        if self.kind.by_key:
            end += _keys(self.parameters)
        return "/" + "/".join((*prefix, *steps, end))

    @property
    def fixed(self) -> tuple[str, ...]:
        """The relation's columns that the path gives."""
        return self.parents[-1].link if self.parents else ()

    @property
    def keys(self) -> tuple[tuple[str, Column], ...]:
        """Every path parameter with the column whose value it is, in the path's order."""
        steps = [(parent.parameters, parent.relation) for parent in self.parents] + [
            (self.parameters, self.relation)
        ]
        return tuple(
            (name, relation.column(column))
            for parameters, relation in steps
            for name, column in zip(parameters, relation.key, strict=False)
        )

    def parent_of(self, number: int) -> int | None:
        """Return the position of the parent whose key has the path parameter of this number.

        None where the parameter belongs to the relation's own key.
        """
        for position, parent in enumerate(self.parents):
            number -= len(parent.parameters)
            if number < 0:
                return position
        return None

    @property
    def body(self) -> tuple[Column, ...]:
        """The columns that a body may hold."""
        if not self.kind.body:
            return ()
        return tuple(
            column
            for column in self.relation.allowed(self.kind.privilege)
            if not column.read_only
            and column.name not in self.fixed
            and (self._has_own_key(column) or column.privileges.issuperset(self.kind.privileges))
        )

    def _has_own_key(self, column: Column) -> bool:
        """Return whether the path names the row that is written by this column, among others."""
        return self.kind.by_key and column.name in self.relation.key

    def named(self, names: Container[str]) -> list[Column]:
        """Return the columns that a body with these names holds, in the view's order."""
        return [column for column in self.body if column.name in names]


def _keys(parameters: tuple[str, ...]) -> str:
    return ",".join("{" + name + "}" for name in parameters)
