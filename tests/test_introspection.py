"""Postgres → catalog: privileges as they take effect, columns as they are stored, and who may serve."""

import json
from asyncio import AbstractEventLoop
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from api import introspection
from api.catalog import Catalog, Relation
from tests.conftest import Server, TestDatabase
from tests.serving import read_catalog

PRIVILEGES = ("select", "insert", "update")


@pytest.fixture(scope="module")
def schema(server: Server, templates: dict[str, str]) -> Iterator[TestDatabase]:
    """Give one copy of the second schema to tests that take back what they do."""
    made = server.create("introspected", templates["menagerie"])
    yield made
    server.drop(made.name)


def read(database: TestDatabase, statements: str) -> Catalog:
    """Change the schema, in a transaction that is never committed, and read it as a role of its own."""
    with psycopg.connect(database.server.postgres.url("postgres", database.name)) as connection:
        connection.execute(statements.encode())
        connection.execute("SET LOCAL ROLE superbill_api")
        row = connection.execute(introspection.QUERY.encode()).fetchone()
        connection.rollback()
    assert row
    return introspection.parse(json.loads(row[0]))


def relation(catalog: Catalog, name: str) -> Relation:
    """Find a relation."""
    return next(found for found in (*catalog.relations, *catalog.reports) if found.name == name)


def granted(found: Relation) -> dict[str, str]:
    """Give the columns with the initials of their privileges."""
    return {c.name: "".join(p[0] for p in PRIVILEGES if p in c.privileges) for c in found.columns}


TABLE = """
CREATE TABLE zoo.thing (id int PRIMARY KEY, a int, b int NOT NULL DEFAULT 7, c text);
CREATE INDEX ON zoo.thing (a, id);
COMMENT ON COLUMN zoo.thing.a IS 'Stored.';
"""
VIEW = "CREATE VIEW api.things WITH (security_invoker = true) AS SELECT id, a, b, upper(c) AS c FROM zoo.thing; "

# Grants → what each column of the view allows (select, insert, update), and whether a row can be deleted.
GRANTS: list[tuple[str, dict[str, str], bool]] = [
    ("GRANT ALL ON api.things, zoo.thing TO superbill_api", {"id": "siu", "a": "siu", "b": "siu", "c": "s"}, True),
    ("GRANT ALL ON api.things TO superbill_api", {"id": "", "a": "", "b": "", "c": "s"}, False),
    ("GRANT ALL ON zoo.thing TO superbill_api", {"id": "", "a": "", "b": "", "c": ""}, False),
    (
        """GRANT SELECT, UPDATE, DELETE ON api.things TO superbill_api;
        GRANT SELECT (id, a), UPDATE (a, b), INSERT ON zoo.thing TO superbill_api""",
        {"id": "s", "a": "su", "b": "u", "c": "s"},
        False,
    ),
    (
        "GRANT INSERT (a) ON api.things TO superbill_api; GRANT INSERT, DELETE ON zoo.thing TO superbill_api",
        {"id": "", "a": "i", "b": "", "c": ""},
        False,
    ),
    ("GRANT SELECT ON api.things, zoo.thing TO PUBLIC", {"id": "s", "a": "s", "b": "s", "c": "s"}, False),
]


@pytest.mark.parametrize(("grants", "columns", "deletable"), GRANTS)
def test_a_privilege_is_the_views_and_the_tables_together(
    schema: TestDatabase,
    grants: str,
    columns: dict[str, str],
    deletable: bool,  # noqa: FBT001 - a table's column
) -> None:
    found = relation(read(schema, TABLE + VIEW + grants), "things")
    assert granted(found) == columns
    assert found.deletable is deletable


def test_views_over_views_and_views_of_owners(schema: TestDatabase) -> None:
    """A view without security_invoker reads with its owner's privileges; one above it needs no more than it grants."""
    views = (
        "CREATE VIEW api.owned AS SELECT id, a FROM zoo.thing;"
        "CREATE VIEW api.upper WITH (security_invoker = true) AS SELECT a AS z, id AS y FROM api.owned;"
        "GRANT SELECT, UPDATE (a), DELETE ON api.owned TO superbill_api;"
        "GRANT SELECT, UPDATE ON api.upper TO superbill_api"
    )
    catalog = read(schema, TABLE + views)
    owned, upper = relation(catalog, "owned"), relation(catalog, "upper")
    assert (granted(owned), owned.deletable, owned.key) == ({"id": "s", "a": "su"}, True, ("id",))
    assert (granted(upper), upper.deletable, upper.key, upper.table) == (
        {"z": "su", "y": "s"},
        False,
        ("y",),
        ("zoo", "thing"),
    )
    assert [c.comment for c in upper.columns] == ["Stored.", None]
    assert [[c.name for c in index.columns] for index in upper.indexes] == [["z", "y"], ["y"]]


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("SELECT id, a FROM zoo.thing WHERE a > 0", ("id",)),
        ("SELECT a, b FROM zoo.thing", ()),
        ("SELECT id + 0 AS id, a FROM zoo.thing", ()),
        ("SELECT t.id, t.a FROM zoo.thing AS t JOIN zoo.thing AS u ON u.id = t.a", ()),
        ("SELECT id, count(*) AS n FROM zoo.thing GROUP BY id", ()),
        ("SELECT DISTINCT id FROM zoo.thing", ()),
        ("SELECT id FROM zoo.thing UNION SELECT a FROM zoo.thing", ()),
        ("SELECT id FROM zoo.thing LIMIT 3", ()),
        ("SELECT id, id AS again FROM zoo.thing", ("id",)),
        ("SELECT house, number FROM zoo.enclosure", ("house", "number")),
        ("SELECT number, house FROM zoo.enclosure", ("house", "number")),
        ("SELECT house FROM zoo.enclosure", ()),
    ],
)
def test_only_a_view_of_one_relation_has_a_key(schema: TestDatabase, query: str, key: tuple[str, ...]) -> None:
    view = (
        f"CREATE VIEW api.tried WITH (security_invoker = true) AS {query}; GRANT SELECT ON api.tried TO superbill_api"
    )
    catalog = read(schema, TABLE + view)
    assert relation(catalog, "tried").key == key


async def test_what_a_column_says(loop: AbstractEventLoop, schema: TestDatabase) -> None:
    catalog = await read_catalog(schema.api_url)

    def column(view: str, name: str) -> dict[str, Any]:
        found = relation(catalog, view).column(name)
        return {
            "nullable": found.nullable,
            "read_only": found.read_only,
            "default": found.default,
            "source": found.source,
        }

    assert column("keepers", "id") == {"nullable": False, "read_only": True, "default": "identity", "source": "id"}
    assert column("lockers", "id") == {"nullable": False, "read_only": False, "default": "identity", "source": "id"}
    assert column("signs", "wording") == {"nullable": False, "read_only": False, "default": None, "source": "txt"}
    assert column("enclosures", "area_m2")["read_only"]
    assert column("enclosures", "label")["read_only"]
    assert column("enclosures", "climate")["default"] == "'temperate'::text"
    assert column("animals", "species_name") == {"nullable": True, "read_only": False, "default": None, "source": None}
    assert not column("feedings", "food")["nullable"], "its domain says NOT NULL"
    assert [c.nullable for c in relation(catalog, "feeding_sheet").columns] == [False, False, False, False, True, True]


async def test_types_lead_to_what_they_are_made_of(loop: AbstractEventLoop, schema: TestDatabase) -> None:
    columns = {c.name: c.type for c in relation(await read_catalog(schema.api_url), "specimens").columns}
    parts = {name: type_.part for name, type_ in columns.items() if type_.part}
    mass, masses = columns["mass"], columns["masses"]
    assert (mass.kind, mass.base.name, mass.base.modifier) == ("d", "numeric", columns["fixed"].modifier)
    assert (masses.kind, masses.base.kind, parts["masses"].name) == ("a", "a", "kilogram")
    assert [field.name for field in columns["keeper"].fields] == ["id", "name", "born_on", "mass"]
    assert parts["statuses"].labels[-1] == "unknown, not assessed"
    assert parts["layers"].name == "int4"
    assert parts["readings"].modifier == columns["readings"].modifier


async def test_indexes_and_their_sentences(loop: AbstractEventLoop, schema: TestDatabase) -> None:
    catalog = await read_catalog(schema.api_url)
    indexes = {index.name: index for found in catalog.relations for index in found.indexes}
    assert "keeper_initials_idx" not in indexes, "partial"
    assert [c.name for c in indexes["keeper_lower_idx"].columns] == [None]
    assert [c.descending for c in indexes["keeper_hired_on_id_idx"].columns] == [True, True]
    assert not indexes["tour_place_key"].unique, "deferred: for a while two rows may have the same"
    assert indexes["loan_animal_id_during_key"].method == "gist"
    chip = catalog.constraints["zoo", "animal", "animal_chip_idx"]
    assert (chip.kind, chip.columns, chip.comment) == ("u", ("chip",), "Another animal has this microchip.")
    assert catalog.constraints["zoo", "locker", "locker_keeper_id_key"].comment == "This keeper has a locker already."


async def test_who_may_not_serve(loop: AbstractEventLoop, schema: TestDatabase) -> None:
    assert (await read_catalog(schema.api_url)).faults == ()
    owner = await read_catalog(schema.owner_url)
    assert len(owner.faults) == 1
    assert owner.faults[0].startswith("superbill_owner owns api.Odd Children, ")
    superuser = await read_catalog(schema.server.postgres.url("postgres", schema.name))
    assert superuser.faults == ("postgres is a superuser", "postgres has BYPASSRLS")


async def test_what_one_catalog_offers_and_another_lacks(loop: AbstractEventLoop, menagerie: TestDatabase) -> None:
    before = await read_catalog(menagerie.api_url)
    menagerie.execute("ALTER TABLE zoo.exhibit ADD COLUMN more text; REVOKE DELETE ON zoo.sign FROM superbill_api")
    menagerie.execute("REVOKE UPDATE (txt) ON zoo.sign FROM superbill_api; DROP VIEW api.lockers")
    after = await read_catalog(menagerie.api_url)
    assert before.missing_from(before) == []
    lacks = before.missing_from(after)
    assert {entry for entry in lacks if not entry.startswith("api.lockers")} == {
        "api.signs delete", "api.signs.wording text update"
    }  # fmt: skip
    assert "api.lockers by id" in lacks
    assert after.missing_from(before) == []
