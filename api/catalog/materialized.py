"""Materialized views: relations that are only read, by their own indexes."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from api.catalog import builders, sql_names
from api.catalog.obstacles import Obstacle
from api.catalog.relations import Relation


def completed(made: Relation, item: dict[str, Any], indexes: Iterable[dict[str, Any]]) -> Relation:
    """Return a materialized view with its own indexes, and the first unique one as its key.

    A key needs an index of all rows by columns that are never null: those that show a column which
    is NOT NULL, or a count. The oldest one is taken, so that a later index changes no path.
    """
    made = replace(
        made,
        table=(made.schema, made.name),
        key=(),
        deletable=False,
        constraints=(),
        columns=tuple(
            replace(column, source=column.name, privileges=column.privileges & {"select"})
            for column in made.columns
        ),
    )
    own = [index for index in indexes if index["relation"] == item["oid"] and not index["partial"]]
    made = replace(made, indexes=tuple(builders.index(index, made) for index in own))
    nullable = {column.name for column in made.columns if column.nullable}
    unique = sorted(index["oid"] for index in own if index["unique"])
    keys = [
        tuple(c["name"] for c in i["columns"]) for oid in unique for i in own if i["oid"] == oid
    ]
    key = next((key for key in keys if None not in key and not nullable.intersection(key)), ())
    if key:
        return replace(made, key=key)
    found = sorted(nullable.intersection(*keys[:1])) if keys and None not in keys[0] else ()
    reason = "a materialized view needs a unique index, by columns that are never null"
    reason += f"; {', '.join(found)} may be null" if found else ""
    name = sql_names.name(made.schema, made.name)
    sql = f"CREATE UNIQUE INDEX ON {name} (…);"
    return replace(made, keyless=Obstacle(reason, sql))
