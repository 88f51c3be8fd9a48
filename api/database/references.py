"""A foreign key that is violated → the problem: what is missing, or what still refers to a row."""

from collections.abc import Collection

from api.catalog import sentences
from api.catalog.relations import Catalog, Constraint, in_words, with_article
from api.database import error_source
from api.operations.operation import Operation
from api.problem import Problem

CONFLICT = "This conflicts with what is stored."


def problem(
    operation: Operation,
    constraint: Constraint | None,
    catalog: Catalog,
    fields: Collection[str],
) -> Problem | None:
    """Return the problem of a foreign key; None where the last parent of the path is missing.

    `fields`: those of the body, as far as they are known.
    """
    relation = operation.relation
    deletes = operation.kind.privilege == "delete"
    if constraint is None or (deletes and constraint.references in relation.tables):
        return Problem("conflict", _still_referenced(operation, constraint))
    if constraint.table not in relation.tables:
        if constraint.references in relation.tables:
            return Problem("conflict", _still_referenced(operation, constraint))
        return _elsewhere(operation, constraint, catalog, fields)
    shown = relation.showing(constraint.columns) or ()
    # Postgres names the same constraint when a row refers to a key that is changed.
    is_update = "update" in operation.kind.privileges
    if is_update and constraint.references == relation.table and not {*shown} & {*fields}:
        return Problem("conflict", _still_referenced(operation, constraint))
    if shown and set(shown) <= set(operation.fixed):
        return None
    return _invalid(operation, constraint, catalog, fields)


def _invalid(
    operation: Operation, constraint: Constraint, catalog: Catalog, fields: Collection[str]
) -> Problem:
    sentence = sentences.of(constraint, operation.relation)
    columns = error_source.columns_of(constraint, operation, catalog, fields)
    faults = error_source.faults(operation, columns, sentence, constraint.items)
    return Problem("invalid-content", sentence, faults)


def _elsewhere(
    operation: Operation, constraint: Constraint, catalog: Catalog, fields: Collection[str]
) -> Problem:
    """Return the problem of rows of other tables, which a cascade or a trigger writes."""
    if operation.kind.privilege != "delete":
        return _invalid(operation, constraint, catalog, fields)
    child, parent = (in_words(name) for _, name in (constraint.table, constraint.references))
    return Problem(
        "conflict",
        f"This {operation.relation.noun} can't be deleted: {with_article(child)} refers to "
        f"{with_article(parent)} that would go with it.",
    )


def _still_referenced(operation: Operation, constraint: Constraint | None) -> str:
    noun = operation.relation.noun
    child = with_article(in_words(constraint.table[1])) if constraint else "another row"
    if operation.kind.privilege == "delete":
        return f"This {noun} can't be deleted: {child} refers to it."
    if "update" in operation.kind.privileges and constraint:
        return f"This {noun}'s key can't be changed: {child} refers to it."
    return CONFLICT
