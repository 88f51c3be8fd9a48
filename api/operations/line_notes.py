"""Lines in the comments of views that say nothing the API knows."""

from collections.abc import Iterator

from api.catalog import sql_names
from api.catalog.obstacles import Obstacle
from api.catalog.relations import Relation
from api.catalog.view_lines import REQUIRED


def lines(relation: Relation) -> Iterator[Obstacle]:
    """Yield the line `If-Match: …` of a view's comment if it says something else than that."""
    if relation.match not in (None, REQUIRED):
        name = sql_names.name(relation.schema, relation.name)
        reason = (
            f"its line `If-Match: {relation.match}` has no effect: write `If-Match: {REQUIRED}`"
        )
        yield Obstacle(reason, f"COMMENT ON VIEW {name} IS '…';")
