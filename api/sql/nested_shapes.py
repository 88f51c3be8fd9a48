"""The shapes of bodies that hold rows below their own, and in which order these are inserted."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.operations.operation import Operation


@dataclass(frozen=True, slots=True)
class Shape:
    """What some rows of a body have in common, as far as a statement depends on it.

    `variants`: the sets of columns that they hold; `nested`: the collections that any of them
    holds, by their position in the operation's.
    """

    variants: tuple[tuple[str, ...], ...]
    nested: "tuple[tuple[int, Shape], ...]" = ()


def shape(operation: Operation, rows: Sequence[Mapping[str, Any]]) -> Shape:
    """Return the shape of valid rows of an operation's relation."""
    names = {each.segment for each in operation.nested}
    variants = {tuple(sorted(row.keys() - names)) for row in rows}
    nested = []
    for position, each in enumerate(operation.nested):
        lists = [row[each.segment] for row in rows if each.segment in row]
        if lists:
            nested.append((position, shape(each, [one for several in lists for one in several])))
    return Shape(tuple(sorted(variants)), tuple(nested))


@dataclass(frozen=True, slots=True)
class Item:
    """An item of WITH: a collection, and the item of the rows above it; None for the first."""

    name: str
    operation: Operation
    shape: Shape
    up: "Item | None" = None

    def ancestors(self) -> "Iterator[Item]":
        """Yield the items above it."""
        if self.up:
            yield self.up
            yield from self.up.ancestors()


def items(operation: Operation, of: Shape) -> list[Item]:
    """Return the items of a statement: those that others refer to first, as far as that can be."""
    first = Item("i0", operation, of)
    found, waiting = [first], list(_under(first))
    while waiting:
        tables = {each.operation.relation.table for each in waiting}
        free = (e for e in waiting if not tables & referenced(e) - {e.operation.relation.table})
        item = next(free, waiting[0])
        waiting.remove(item)
        found.append(item)
        waiting += _under(item)
    return found


def _under(item: Item) -> Iterator[Item]:
    """Yield the collections of an item of which any row is sent."""
    for position, of in item.shape.nested:
        if of.variants:
            yield Item(f"{item.name}_{position}", item.operation.nested[position], of, item)


def referenced(item: Item) -> set[tuple[str, str] | None]:
    """Return the tables that the foreign keys of an item's rows refer to."""
    return {c.references for c in item.operation.relation.constraints if c.kind == "f"}
