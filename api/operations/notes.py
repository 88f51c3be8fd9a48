"""What the schema has and the API does not serve, with the reason and the SQL to change it."""

from collections.abc import Iterator
from dataclasses import dataclass

from api.catalog import sql_names
from api.catalog.obstacles import Obstacle, grant
from api.catalog.relations import Catalog, Relation
from api.operations import discovery
from api.operations.index_notes import idle_indexes, missing_collections, without_order
from api.operations.key_notes import unreadable, why_no_key
from api.operations.line_notes import lines
from api.operations.sentence_notes import uncommented
from api.operations.service_paths import RESERVED
from api.operations.trigger_notes import triggers

_ABOUT_OTHERS = {
    "function": "functions are not served; let a row or a column say what is to be done",
    "procedure": "procedures are not served; let a row or a column say what is to be done",
    "foreign table": "foreign tables are not served, because they have no key",
}


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence about a part of the schema (its name), and SQL that would change it, or none."""

    about: str
    sentence: str
    sql: str = ""

    def __str__(self) -> str:
        """Write it without the SQL."""
        return f"{self.about}: {self.sentence}"


def notes(catalog: Catalog) -> Iterator[Note]:
    """Yield a note for each part of the schema that leads to nothing, by relation.

    Behind them stand those on rules that nobody has put into words for clients, by table.
    """
    yield from _others(catalog)
    served = discovery.served(catalog)
    for relation in sorted(
        (*catalog.relations, *catalog.reports), key=lambda r: (r.schema, r.name)
    ):
        name = f"{relation.schema}.{relation.name}"
        for obstacle in _obstacles(relation, served):
            yield Note(name, f"{obstacle.reason}.", obstacle.sql)
    said = dict.fromkeys(
        (".".join(relation.table or ()), obstacle)
        for relation in served.relations
        for obstacle in uncommented(relation)
    )
    for table, obstacle in said:
        yield Note(table, f"{obstacle.reason}.", obstacle.sql)


def _obstacles(relation: Relation, catalog: Catalog) -> Iterator[Obstacle]:
    name = sql_names.name(relation.schema, relation.name)
    if relation.schema == "api" and relation.name in RESERVED:
        reason = f"not served: /{relation.name} is a path of the service itself"
        yield Obstacle(reason, f"ALTER VIEW {name} RENAME TO …;")
        return
    if relation.refusals:
        for refusal in relation.refusals:
            yield Obstacle(f"not served: {refusal.reason}", refusal.sql)
        return
    if relation.schema == "api" and not relation.addressable:
        only = "served for POST only" if relation.allowed("insert") else "not served"
        why = why_no_key(relation, catalog.role)
        yield Obstacle(f"{only}: {why.reason}", why.sql)
    elif relation.unreadable or not relation.allowed("select"):
        why = (
            unreadable(relation, catalog.role)
            if relation.unreadable
            else Obstacle(f"{catalog.role} may not read it", grant("SELECT", name, catalog.role))
        )
        yield Obstacle(f"not served: {why.reason}", why.sql)
    elif relation.schema == "api" and not discovery.lists(relation):
        yield without_order(relation)
    yield from relation.obstacles
    if relation.schema == "api":
        yield from idle_indexes(relation, catalog)
        yield from missing_collections(relation, catalog)
        yield from triggers(relation)
        yield from lines(relation)


def _others(catalog: Catalog) -> Iterator[Note]:
    for kind, name in catalog.others:
        if kind == "schema":
            sql = grant("USAGE", f"SCHEMA {sql_names.name(name)}", catalog.role)
            yield Note(name, f"nothing in it is served: {catalog.role} may not use it.", sql)
        elif kind == "table":
            sql = f"CREATE VIEW api.… WITH (security_invoker = true) AS SELECT … FROM {name};"
            yield Note(name, f"{catalog.role} may use it, and no view shows it.", sql)
        else:
            yield Note(name, f"{_ABOUT_OTHERS[kind]}.")
