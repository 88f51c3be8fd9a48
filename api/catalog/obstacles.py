"""Why a part of the schema leads to nothing, or to less than it could, and what would change it."""

from collections.abc import Iterable
from dataclasses import dataclass

from api.catalog import sql_names


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A reason, as the end of a sentence about a relation, and a line of SQL that removes it."""

    reason: str
    sql: str = ""


def grant(privilege: str, on: str, role: str, columns: Iterable[str] = ()) -> str:
    """Write the GRANT of a privilege on an object, or on these columns of a relation."""
    listed = f" ({sql_names.names(columns)})" if columns else ""
    return f"GRANT {privilege}{listed} ON {on} TO {sql_names.name(role)};"
