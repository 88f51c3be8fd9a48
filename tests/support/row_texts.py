"""The rows of a relation that a statement does not write as Postgres's own function does."""

from typing import Any

import psycopg

from api.catalog.relations import Relation
from api.sql.fragments import table
from api.sql.row_text import listed, row, shown


def unlike(connection: psycopg.Connection[Any], relation: Relation) -> list[tuple[str, str]]:
    """Give the texts of each row that differ: the statement's, and that of `row_to_json`."""
    if not relation.allowed("select"):
        return []
    own = f"(SELECT row_to_json(i.*)::text FROM (SELECT {listed(shown(relation))}) AS i)"
    query = f"SELECT {row(relation)}, {own} FROM {table(relation)} AS r"
    return [(ours, theirs) for ours, theirs in connection.execute(query.encode()) if ours != theirs]
