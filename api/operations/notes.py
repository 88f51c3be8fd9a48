"""What the schema has and the API does not serve, with the reason."""

from collections.abc import Iterator

from api.catalog import sentences
from api.catalog.relations import Catalog, Index, Relation
from api.operations import discovery, index_access, nesting
from api.operations.filters import comparable
from api.operations.service_paths import RESERVED

_KINDS = {"c": "CHECK", "f": "foreign key", "p": "key", "u": "unique key", "x": "exclusion"}
_NO_KEY = "it has no key (one relation in FROM, with its primary key, readable)"
_HIDDEN = "an expression, or with a column or a collation that the view does not have"


def notes(catalog: Catalog) -> Iterator[str]:
    """Yield a sentence for each relation, foreign key and index that is not served.

    Behind them stands a sentence for each rule that nobody has put into words for clients.
    """
    for relation in (*catalog.relations, *catalog.reports):
        name = f"{relation.schema}.{relation.name}"
        if relation.schema == "api" and relation.name in RESERVED:
            yield f"{name} is not served: /{relation.name} is a path of the service itself."
            continue
        if relation.unreadable:
            missing = ", ".join(relation.unreadable)
            yield f"{name} can't be read: this role lacks SELECT on {missing}."
        elif relation.schema == "api" and not relation.addressable:
            only = "served for POST only" if relation.allowed("insert") else "not served"
            yield f"{name} is {only}: {_NO_KEY}."
        if relation.schema == "api":
            yield from (f"{name}: {note}." for note in _missed(relation, discovery.served(catalog)))
            yield from (f"{name}: trigger {note}." for note in _triggers(relation))
    yield from dict.fromkeys(note for each in catalog.relations for note in _uncommented(each))


def _uncommented(relation: Relation) -> Iterator[str]:
    """Say which sentence clients read for each constraint without a comment."""
    if not relation.writable:
        return
    for constraint in relation.constraints:
        if constraint.comment is None:
            table, kind = ".".join(constraint.table), _KINDS[constraint.kind]
            said = sentences.of(constraint, relation)
            yield f'{table}: {kind} {constraint.name} has no comment; clients read "{said}".'


def _missed(relation: Relation, catalog: Catalog) -> Iterator[str]:
    """Name the indexes that serve no filter, and the foreign keys that make no collection."""
    if relation.addressable:
        filtered = {f.column.name for f in index_access.filters(relation)} | set(
            index_access.orders(relation)
        )
        for constraint in relation.constraints:
            if constraint.kind == "f" and not nesting.obstacle(constraint, relation, catalog):
                filtered |= set(relation.showing(constraint.columns) or ())
        for index in relation.indexes:
            if index.columns[0].name not in filtered:
                yield f"index {index.name} serves no filter: {_why_not(index, relation)}"
    if relation.addressable or relation.allowed("insert"):
        for constraint in relation.constraints:
            if constraint.kind != "f":
                continue
            if reason := nesting.obstacle(constraint, relation, catalog):
                noun = constraint.references[1] or "a table that no view reads"
                yield f"no collection under {noun}: {reason}"


def _triggers(relation: Relation) -> Iterator[str]:
    """Name the triggers because of which Postgres alone checks columns, and what they misname."""
    found = [t for event in ("insert", "update") for t in relation.row_triggers.get(event, ())]
    for trigger in dict.fromkeys(found):
        if trigger.fills is None:
            yield (
                f"{trigger.full_name} may fill or change any column, so only Postgres applies NOT "
                "NULL and CHECKs; a line `Fills: …` in its comment lists the columns, or `nothing`"
            )
        for name in trigger.unknown:
            yield f"{trigger.full_name} has no column {name}, which its line `Fills:` lists"


def _why_not(index: Index, relation: Relation) -> str:
    names = [column.name for column in index.columns]
    if names[0] is None:
        return f"it begins with {_HIDDEN}"
    first = relation.column(names[0])
    if "select" not in first.privileges:
        return f"{first.name} may not be read"
    if index.method != "btree" or not comparable(first):
        return f"a {index.method} index with these operators is not supported"
    if None in names:
        return f"it continues with {_HIDDEN}"
    constrained = any(c.kind in ("p", "u") and c.name == index.name for c in relation.constraints)
    if constrained and not index.unique:
        return "its constraint is deferrable, so several rows can have the same value until COMMIT"
    lacks = ", ".join(name for name in relation.key if name not in names)
    return (
        f"it lacks {lacks} at its end"
        if lacks
        else "its columns are not in an order that a page can have"
    )
