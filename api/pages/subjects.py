"""What the pages of an operation show, whatever its rows are."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from api.catalog.relations import Relation, in_words
from api.operations import index_access, kinds, references
from api.operations.operation import Operation
from api.operations.references import Reference, Targets
from api.pages import columns, forms, places, tables
from api.pages.forms import Group
from api.sql.clauses import Shape
from api.sql.page_rows import Part

MOST_PARTS = 8  # collections of an item that its page shows; it has links to the others
MOST_ROWS = 10  # rows of each


@dataclass(frozen=True, slots=True)
class Subject:
    """What the pages of an operation show.

    `item`: the operation that reads one row; `also`: other operations that its key leads to, with
    the columns that hold their key.
    """

    operation: Operation
    references: tuple[Reference, ...]
    item: Operation | None
    groups: tuple[Group, ...] = ()
    parts: tuple[Part, ...] = ()
    also: tuple[tuple[Operation, tuple[str, ...]], ...] = ()
    label: tuple[str, ...] = ()

    @property
    def relation(self) -> Relation:
        """The operation's relation."""
        return self.operation.relation

    @property
    def about(self) -> str:
        """The relation's comment."""
        return self.relation.comment or ""

    @property
    def heading(self) -> str:
        """What the page is called."""
        plural, noun = in_words(self.relation.name), self.relation.noun
        if self.operation.kind is not kinds.READ:
            return columns.heading(plural)
        # Another view of a table is called by its own name.
        return columns.heading(noun if plural.startswith(noun) else plural.removesuffix("s"))

    def also_read(self, row: tables.Row, parts: Sequence[str | None], path: str) -> Iterator[str]:
        """Yield the paths of what the page of an item shows beside the item itself."""
        for number, reference in enumerate(self.references, 1):
            key = places.key_of(row[0], reference.columns)
            if key is not None and number < len(row) and row[number]:
                yield f"{places.items(reference.target, '')}{key}"
        for part, rows in zip(self.parts, parts, strict=False):
            yield f"{path.rstrip('/')}/{quote(part.operation.segment, safe='')}/"
            for reference in part.references if rows else ():
                yield places.items(reference.target, "")


class Subjects:
    """The subjects of one role, made when they are asked for."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        """Take the role's operations."""
        self.operations = tuple(operations)
        self._targets: Targets = references.targets(self.operations)
        self._items = {o.relation: o for o in self.operations if o.kind is kinds.READ}
        self._made: dict[Operation, Subject] = {}

    def of(self, operation: Operation) -> Subject:
        """Return the subject of an operation."""
        if operation not in self._made:
            self._made[operation] = self._make(operation)
        return self._made[operation]

    def _make(self, operation: Operation) -> Subject:
        relation = operation.relation
        if operation.kind is kinds.REPORT:
            found = self._called_like_keys(relation)
            return Subject(operation, found, None, forms.groups(operation))
        found = references.references(relation, self._targets, operation.fixed)
        item = self._items.get(relation)
        if operation.kind is not kinds.READ:
            return Subject(operation, found, item, forms.groups(operation))
        below = self._below(operation)
        parts = tuple(part for part in map(self._part, below[:MOST_PARTS]) if part)
        also = (*self._views(relation), *((o, relation.key) for o in below[MOST_PARTS:]))
        label = references.label(relation)
        return Subject(operation, found, item, (), parts, also, label)

    def _below(self, operation: Operation) -> list[Operation]:
        return [
            other
            for other in self.operations
            if other.kind is kinds.LIST
            and len(other.parents) == 1
            and other.parents[0].relation is operation.relation
        ]

    def _part(self, operation: Operation) -> Part | None:
        relation, fixed = operation.relation, operation.fixed
        order = index_access.serve(relation, fixed, ())
        found = references.references(relation, self._targets, fixed)
        return Part(operation, Shape((), order), found) if order else None

    def _views(self, relation: Relation) -> Sequence[tuple[Operation, tuple[str, ...]]]:
        """Find what reads the same row by other views of its table."""
        found = []
        for other in self._targets.get(relation.table, ()) if relation.table else ():
            columns_ = relation.showing(other.relation.sources(other.relation.key))
            if other.kind is kinds.READ and other.relation is not relation and columns_:
                found.append((other, columns_))
        return found

    def _called_like_keys(self, relation: Relation) -> tuple[Reference, ...]:
        """Find columns of a report that are called like the key of a table, with the table's name.

        They have no label: a report has the columns that people know its rows by.
        """
        items = {
            f"{item.relation.table[1]}_{item.relation.key[0]}": item
            for item in reversed(self._items.values())
            if item.relation.table and len(item.relation.key) == 1
        }
        return tuple(
            Reference((column.name,), item, ())
            for column in relation.allowed("select")
            if (item := items.get(column.name))
            and item.relation.column(item.relation.key[0]).type.base.sql == column.type.base.sql
        )
