"""What the triggers of a relation leave to Postgres alone, and what their comments misname."""

from collections.abc import Iterator

from api.catalog import sql_names
from api.catalog.obstacles import Obstacle
from api.catalog.relations import Relation


def triggers(relation: Relation) -> Iterator[Obstacle]:
    """Yield the triggers that may change any column, and the unknown columns that triggers name."""
    found = [t for event in ("insert", "update") for t in relation.row_triggers.get(event, ())]
    for trigger in dict.fromkeys(found):
        if trigger.fills is None:
            on = f"{sql_names.name(trigger.name)} ON {sql_names.name(*trigger.table)}"
            reason = (
                f"trigger {trigger.full_name} may fill or change any column, so only Postgres"
                " applies NOT NULL and CHECKs; a line `Fills: …` in its comment lists the columns,"
                " or `nothing`"
            )
            yield Obstacle(reason, f"COMMENT ON TRIGGER {on} IS '…';")
        for name in trigger.unknown:
            listed = f"has no column {name}, which its line `Fills:` lists"
            yield Obstacle(f"trigger {trigger.full_name} {listed}")
