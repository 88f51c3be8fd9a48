"""Why a relation has no key, so that nothing of it can be read."""

import re

from api.catalog import sql_names
from api.catalog.obstacles import Obstacle, grant
from api.catalog.relations import Relation

_PART = re.compile(r'"(?:[^"]|"")*"|[^".]+')  # of a name in SQL
_SUBQUERIES = "show one table in FROM, and look others up in scalar subqueries"


def why_no_key(relation: Relation, role: str) -> Obstacle:
    """Return the reason, and what would give the relation a key that the role may read."""
    name = sql_names.name(relation.schema, relation.name)
    if relation.unreadable:
        return unreadable(relation, role)
    if "SELECT" not in relation.grantees and not relation.allowed("select"):
        return Obstacle(f"{role} may not read it", grant("SELECT", name, role))
    if not relation.key:
        return relation.keyless or _without_key(relation)
    if not all(relation.column(part).usable for part in relation.key):
        return Obstacle("its key is of a type that can't be used; see the note on that")
    return Obstacle(f"{role} may not read its key", grant("SELECT", name, role, relation.key))


def _without_key(relation: Relation) -> Obstacle:
    if relation.table is None:
        has = f": it has {', '.join(relation.clauses)}" if relation.clauses else ""
        return Obstacle(f"its rows are not those of one table{has}; {_SUBQUERIES}")
    table = sql_names.name(*relation.table)
    primary = next((c.columns for c in relation.constraints if c.kind == "p"), ())
    if not primary:
        return Obstacle(f"{table} has no primary key", f"ALTER TABLE {table} ADD PRIMARY KEY (…);")
    hidden = [column for column in primary if not relation.showing([column])]
    return Obstacle(f"it does not show {sql_names.names(hidden)}, of the table's primary key")


def unreadable(relation: Relation, role: str) -> Obstacle:
    """Return which table or column the view uses and the role may not read."""
    missing = ", ".join(relation.unreadable)
    columns: dict[str, list[str]] = {}
    for each in relation.unreadable:
        schema, table, *column = _PART.findall(each)
        columns.setdefault(f"{schema}.{table}", []).extend(column)
    grants = [
        f"GRANT SELECT{' (' + ', '.join(names) + ')' if names else ''}"
        f" ON {on} TO {sql_names.name(role)};"
        for on, names in columns.items()
    ]
    return Obstacle(f"{role} lacks SELECT on {missing}, which it uses", " ".join(grants))
