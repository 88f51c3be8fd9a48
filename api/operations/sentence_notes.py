"""Constraints that nobody has put into words for clients."""

from collections.abc import Iterator

from api.catalog import sentences, sql_names
from api.catalog.obstacles import Obstacle
from api.catalog.relations import Relation

_KINDS = {"c": "CHECK", "f": "foreign key", "p": "key", "u": "unique key", "x": "exclusion"}


def uncommented(relation: Relation) -> Iterator[Obstacle]:
    """Say which sentence clients read for each constraint of a table that has no comment."""
    if not relation.writable:
        return
    for constraint in relation.constraints:
        if constraint.comment is None and constraint.enforced:
            said = sentences.of(constraint, relation)
            reason = (
                f'{_KINDS[constraint.kind]} {constraint.name} has no comment; clients read "{said}"'
            )
            name, table = sql_names.name(constraint.name), sql_names.name(*constraint.table)
            # A unique key may be an index alone, whose comment is that of an index.
            sql = f"COMMENT ON CONSTRAINT {name} ON {table} IS '…';"
            yield Obstacle(reason, "" if constraint.kind == "u" else sql)
