"""Lines in the comments of views that say nothing the API knows."""

from collections.abc import Iterator

from api.catalog import sql_names
from api.catalog.obstacles import Obstacle
from api.catalog.relations import Relation
from api.catalog.view_lines import REQUIRED


def lines(relation: Relation) -> Iterator[Obstacle]:
    """Yield each line of a view's comment, such as `If-Match: …`, that does not say `required`."""
    for field, said in relation.lines.said.items():
        if said != REQUIRED:
            name = sql_names.name(relation.schema, relation.name)
            reason = f"its line `{field}: {said}` has no effect: write `{field}: {REQUIRED}`"
            yield Obstacle(reason, f"COMMENT ON VIEW {name} IS '…';")
