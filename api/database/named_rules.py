"""The rules that one error names: a trigger's RAISE may say all that is wrong at once.

Its CONSTRAINT then lists the names of constraints or triggers, separated by commas or blanks. Its
COLUMN, if there is one, is the place of each, or has a place for each, separated by commas.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from asyncpg import PostgresError

from api.catalog import sentences, triggers
from api.catalog.relations import Catalog
from api.database import error_source
from api.operations.operation import Operation


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that is broken: its sentence, and the columns that are at fault.

    `items`: as in `Constraint`.
    """

    sentence: str
    columns: tuple[str, ...]
    items: tuple[tuple[str, int], ...] = ()


def listed(error: PostgresError) -> tuple[str, ...]:
    """Return the names that an error lists; the empty tuple where it has one name or none."""
    names = tuple(re.findall(r"[^\s,]+", error.constraint_name or ""))
    return names if len(names) > 1 and error_source.is_on_purpose(error) else ()


def of(
    error: PostgresError, operation: Operation, catalog: Catalog
) -> tuple[tuple[Rule, ...], tuple[str, ...]]:
    """Return the rules that an error lists, in its order, and the names that nothing has."""
    names = listed(error)
    if not names or error_source.constraint(error, operation, catalog):
        return (), ()  # or one name has a comma or a blank in it
    places = _places(error, operation, names)
    found: list[Rule] = []
    unknown: list[str] = []
    for name, place in zip(names, places, strict=True):
        if rule := _rule(name, place, error, operation, catalog):
            found.append(rule)
        else:
            unknown.append(name)
    return tuple(found), tuple(unknown)


def _rule(
    name: str, place: str, error: PostgresError, operation: Operation, catalog: Catalog
) -> Rule | None:
    constraint = error_source.constraint_called(name, error, operation, catalog)
    columns = (place,) if place else error_source.columns_of(constraint, operation, catalog)
    if constraint:
        items = () if place else constraint.items
        return Rule(sentences.of(constraint, operation.relation), columns, items)
    comment = triggers.comment(error_source.triggers_called(name, operation, catalog))
    return Rule(comment, columns) if comment else None


def _places(error: PostgresError, operation: Operation, names: Sequence[str]) -> Sequence[str]:
    """Return the column that the error gives for each name; empty for the rule's own columns."""
    given = [each.strip() for each in (error.column_name or "").split(",")]
    if not error_source.is_about(error, operation):
        given = [""]
    if len(given) == 1:
        return given * len(names)
    return given if len(given) == len(names) else [""] * len(names)
