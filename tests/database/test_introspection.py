"""Postgres → catalog: effective privileges, stored columns, and logins that may not serve."""

import json
from collections.abc import Iterator
from typing import Any

import asyncpg
import psycopg
import pytest

from api.catalog import introspection, logins
from api.catalog.relations import Catalog, Relation
from api.database.connections import connect
from api.operations.notes import notes
from tests.support.catalogs import read_catalog
from tests.support.databases import Server, TestDatabase
from tests.support.outages import configure_login

pytestmark = pytest.mark.unmeasured

PRIVILEGES = ("select", "insert", "update")


@pytest.fixture(scope="module")
def schema(server: Server, templates: dict[str, str]) -> Iterator[TestDatabase]:
    """Give one copy of the menagerie to tests that roll back what they do."""
    made = server.create("introspected", templates["menagerie"])
    yield made
    server.drop(made.name)


def read(database: TestDatabase, statements: str) -> Catalog:
    """Change the schema in a transaction that is rolled back, and read it as the API's role."""
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
VIEW = (
    "CREATE VIEW api.things WITH (security_invoker = true) AS "
    "SELECT id, a, b, upper(c) AS c FROM zoo.thing; "
)

# Grants → what each column of the view allows (select, insert, update), and whether a row can be
# deleted.
GRANTS: list[tuple[str, dict[str, str], bool]] = [
    (
        "GRANT ALL ON api.things, zoo.thing TO superbill_api",
        {"id": "siu", "a": "siu", "b": "siu", "c": "s"},
        True,
    ),
    ("GRANT ALL ON api.things TO superbill_api", {"id": "", "a": "", "b": "", "c": ""}, False),
    ("GRANT ALL ON zoo.thing TO superbill_api", {"id": "", "a": "", "b": "", "c": ""}, False),
    (
        """GRANT SELECT, UPDATE, DELETE ON api.things TO superbill_api;
        GRANT SELECT (id, a), UPDATE (a, b), INSERT ON zoo.thing TO superbill_api""",
        {
            "id": "",
            "a": "u",
            "b": "u",
            "c": "",
        },  # b and c may not be read: so no row of a view that names them
        False,
    ),
    (
        (
            "GRANT INSERT (a) ON api.things TO superbill_api; "
            "GRANT INSERT, DELETE ON zoo.thing TO superbill_api"
        ),
        {"id": "", "a": "i", "b": "", "c": ""},
        False,
    ),
    (
        "GRANT SELECT ON api.things, zoo.thing TO PUBLIC",
        {"id": "s", "a": "s", "b": "s", "c": "s"},
        False,
    ),
]


@pytest.mark.parametrize(("grants", "columns", "deletable"), GRANTS)
def test_effective_privilege_is_that_of_view_and_table_together(
    schema: TestDatabase,
    grants: str,
    columns: dict[str, str],
    deletable: bool,  # noqa: FBT001 - a table's column
) -> None:
    found = relation(read(schema, TABLE + VIEW + grants), "things")
    assert granted(found) == columns
    assert found.deletable is deletable


def test_columns_are_followed_through_views_over_views(schema: TestDatabase) -> None:
    """A view without security_invoker reads with its owner's privileges."""
    views = (
        "CREATE VIEW api.owned AS SELECT id, a FROM zoo.thing;"
        "CREATE VIEW api.upper WITH (security_invoker = true) AS "
        "SELECT a AS z, id AS y FROM api.owned;"
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
def test_only_a_view_of_one_relation_has_a_key(
    schema: TestDatabase, query: str, key: tuple[str, ...]
) -> None:
    view = f"CREATE VIEW api.tried WITH (security_invoker = true) AS {query};"
    grant = "GRANT SELECT ON api.tried TO superbill_api"
    catalog = read(schema, TABLE + view + grant)
    assert relation(catalog, "tried").key == key


UNREADABLE = [
    ("SELECT id FROM zoo.thing", ()),
    ("SELECT id FROM zoo.thing WHERE b > 0", ("zoo.thing.b",)),
    (
        "SELECT id, (SELECT u.c FROM zoo.thing AS u WHERE u.id = t.a) AS c FROM zoo.thing AS t",
        ("zoo.thing.c",),
    ),
    ("SELECT id, (t.*)::text AS whole FROM zoo.thing AS t", ("zoo.thing.b", "zoo.thing.c")),
    ("SELECT id FROM zoo.thing WHERE EXISTS (SELECT FROM zoo.locked)", ("zoo.locked",)),
    ("SELECT id, a FROM api.above", ("zoo.thing.b",)),
    ("SELECT id, a FROM api.owned", ()),
    ("SELECT id, '} {RTEPERMISSIONINFO :relid 1 :selectedCols (b 9)' AS x FROM zoo.thing", ()),
]


@pytest.mark.parametrize(("query", "unreadable"), UNREADABLE)
def test_view_that_names_an_unreadable_column_cannot_be_read(
    schema: TestDatabase, query: str, unreadable: tuple[str, ...]
) -> None:
    """As Postgres has it: whoever reads the view needs SELECT on every column that it names."""
    statements = f"""{TABLE} CREATE TABLE zoo.locked (id int);
    CREATE VIEW api.above WITH (security_invoker = true) AS SELECT id, a FROM zoo.thing WHERE b > 0;
    CREATE VIEW api.owned AS SELECT id, a FROM zoo.thing WHERE b > 0;
    CREATE VIEW api.tried WITH (security_invoker = true) AS {query};
    GRANT SELECT (id, a) ON zoo.thing TO superbill_api;
    GRANT SELECT ON api.tried, api.above, api.owned TO superbill_api;"""
    found = relation(read(schema, statements), "tried")
    assert found.unreadable == unreadable
    assert bool(found.allowed("select")) is found.addressable is not bool(unreadable)
    with psycopg.connect(schema.server.postgres.url("postgres", schema.name)) as connection:
        connection.execute(f"{statements} SET LOCAL ROLE superbill_api".encode())
        try:
            connection.execute("SELECT * FROM api.tried")
            refused = False
        except psycopg.errors.InsufficientPrivilege:
            refused = True
        connection.rollback()
    assert refused is bool(unreadable)


def test_index_columns_have_their_collation_and_nulls_order(schema: TestDatabase) -> None:
    statements = """
    CREATE COLLATION zoo.mine FROM "C";
    CREATE COLLATION zoo."C" FROM "POSIX";
    CREATE TABLE zoo.word (id int PRIMARY KEY, w text NOT NULL, own text COLLATE zoo.mine NOT NULL);
    CREATE INDEX i1 ON zoo.word (w COLLATE zoo.mine, id);
    CREATE INDEX i2 ON zoo.word (w COLLATE zoo."C", id);
    CREATE INDEX i3 ON zoo.word (w COLLATE "C", id NULLS FIRST);
    CREATE INDEX i4 ON zoo.word (own, id DESC);
    CREATE VIEW api.words WITH (security_invoker = true) AS SELECT id, w, own FROM zoo.word;
    GRANT SELECT ON zoo.word, api.words TO superbill_api;"""
    found = relation(read(schema, statements), "words")
    columns = {index.name: index.columns for index in found.indexes}
    assert [c.name for name in ("i1", "i2", "i3", "i4") for c in columns[name]] == [
        None, "id", None, "id", "w", "id", "own", "id"
    ]  # fmt: skip
    first = [columns[name][0] for name in ("i2", "i3", "i4")]
    collations = [(column.collation, column.c_collated) for column in first]
    assert collations == [("C", False), ("C", True), (None, False)]
    assert [(c.descending, c.nulls_first) for c in (*columns["i3"], *columns["i4"])] == [
        (False, False), (False, True), (False, False), (True, True)
    ]  # fmt: skip


def test_foreign_key_to_a_partitioned_table_is_listed_once(schema: TestDatabase) -> None:
    statements = """
    CREATE TABLE zoo.wing (id int PRIMARY KEY) PARTITION BY RANGE (id);
    CREATE TABLE zoo.wing_1 PARTITION OF zoo.wing FOR VALUES FROM (0) TO (10);
    CREATE TABLE zoo.wing_2 PARTITION OF zoo.wing FOR VALUES FROM (10) TO (20);
    CREATE TABLE zoo.room (id int PRIMARY KEY, wing_id int REFERENCES zoo.wing (id));
    CREATE VIEW api.rooms WITH (security_invoker = true) AS SELECT id, wing_id FROM zoo.room;
    CREATE VIEW api.wings WITH (security_invoker = true) AS SELECT id FROM zoo.wing;
    CREATE VIEW api.first_wings WITH (security_invoker = true) AS SELECT id FROM zoo.wing_1;
    GRANT ALL ON zoo.wing, zoo.wing_1, zoo.room, api.wings, api.first_wings, api.rooms
        TO superbill_api;"""
    catalog = read(schema, statements)
    rooms = relation(catalog, "rooms")
    assert [(c.name, c.references) for c in rooms.constraints if c.kind == "f"] == [
        ("room_wing_id_fkey", ("zoo", "wing"))
    ]
    assert relation(catalog, "first_wings").key == relation(catalog, "wings").key == ("id",)
    said = [note for note in notes(catalog) if note.about == "api.rooms"]
    assert [note.sentence for note in said] == [
        "no collection under wing: no index begins with wing_id."
    ]
    assert [note.sql for note in said] == ["CREATE INDEX ON zoo.room (wing_id, id);"]
    # A DELETE of a wing violates the clone, which has its own name.
    with psycopg.connect(schema.server.postgres.url("postgres", schema.name)) as connection:
        rows = "INSERT INTO zoo.wing VALUES (1); INSERT INTO zoo.room VALUES (1, 1)"
        connection.execute(f"{statements} {rows}".encode())
        with pytest.raises(psycopg.errors.ForeignKeyViolation) as caught:
            connection.execute("DELETE FROM zoo.wing")
        connection.rollback()
    named = caught.value.diag
    clone = catalog.constraints[
        named.schema_name or "", named.table_name or "", named.constraint_name or ""
    ]
    assert (clone.kind, clone.table) == ("f", ("zoo", "room"))


async def test_column_has_what_its_base_column_has(schema: TestDatabase) -> None:
    catalog = await read_catalog(schema.api_url)

    def column(view: str, name: str) -> dict[str, Any]:
        found = relation(catalog, view).column(name)
        return {
            "nullable": found.nullable,
            "read_only": found.read_only,
            "default": found.default,
            "source": found.source,
        }

    assert column("keepers", "id") == {
        "nullable": False,
        "read_only": True,
        "default": "identity",
        "source": "id",
    }
    assert column("lockers", "id") == {
        "nullable": False,
        "read_only": False,
        "default": "identity",
        "source": "id",
    }
    assert column("signs", "wording") == {
        "nullable": False,
        "read_only": False,
        "default": None,
        "source": "txt",
    }
    assert column("enclosures", "area_m2")["read_only"]
    assert column("enclosures", "label")["read_only"]
    assert column("enclosures", "climate")["default"] == "'temperate'::text"
    assert column("animals", "species_name") == {
        "nullable": True,
        "read_only": False,
        "default": None,
        "source": None,
    }
    assert not column("feedings", "food")["nullable"], "its domain says NOT NULL"
    assert [c.nullable for c in relation(catalog, "feeding_sheet").columns] == [
        False,
        False,
        False,
        False,
        True,
        True,
    ]


async def test_type_has_the_types_that_it_is_made_of(schema: TestDatabase) -> None:
    columns = {
        c.name: c.type for c in relation(await read_catalog(schema.api_url), "specimens").columns
    }
    parts = {name: type_.part for name, type_ in columns.items() if type_.part}
    mass, masses = columns["mass"], columns["masses"]
    assert (mass.kind, mass.base.name, mass.base.modifier) == (
        "d",
        "numeric",
        columns["fixed"].modifier,
    )
    assert (masses.kind, masses.base.kind, parts["masses"].name) == ("a", "a", "kilogram")
    assert [field.name for field in columns["keeper"].fields] == ["id", "name", "born_on", "mass"]
    assert parts["statuses"].labels[-1] == "unknown, not assessed"
    assert parts["layers"].name == "int4"
    assert parts["readings"].modifier == columns["readings"].modifier


async def test_unique_indexes_and_their_comments_are_read(schema: TestDatabase) -> None:
    catalog = await read_catalog(schema.api_url)
    indexes = {index.name: index for found in catalog.relations for index in found.indexes}
    assert "keeper_initials_idx" not in indexes, "partial"
    assert [c.name for c in indexes["keeper_lower_idx"].columns] == [None]
    assert [c.descending for c in indexes["keeper_hired_on_id_idx"].columns] == [True, True]
    assert not indexes["tour_place_key"].unique, "deferred: for a while two rows may have the same"
    assert indexes["loan_animal_id_during_key"].method == "gist"
    chip = catalog.constraints["zoo", "animal", "animal_chip_idx"]
    assert (chip.kind, chip.columns, chip.comment) == (
        "u",
        ("chip",),
        "Another animal has this microchip.",
    )
    assert (
        catalog.constraints["zoo", "locker", "locker_keeper_id_key"].comment
        == "This keeper has a locker already."
    )


async def login_faults(url: str) -> tuple[str, ...]:
    """Give the reasons for which the login of a URL must not serve."""
    async with connect(url) as database:
        return (await logins.read(database.fetch_val)).faults


async def test_owner_may_not_serve(schema: TestDatabase) -> None:
    assert await login_faults(schema.api_url) == ()
    (fault,) = await login_faults(schema.owner_url)
    assert fault.startswith("superbill_owner owns api.Odd Children, ")
    superuser = schema.server.postgres.url("postgres", schema.name)
    assert await login_faults(superuser) == ("postgres is a superuser", "postgres has BYPASSRLS")


async def test_session_that_writes_other_texts_may_not_serve(menagerie: TestDatabase) -> None:
    """A pooler may ignore what `connect` asks for, so that the login's own settings are left."""
    asked = "bytea_output", "extra_float_digits"
    for name, value in zip(asked, ("escape", "0"), strict=True):
        configure_login(menagerie, name, value)
    assert (await read_catalog(menagerie.api_url)).faults == ()
    connection = await asyncpg.connect(menagerie.api_url)
    try:
        found = (await introspection.read(connection.fetchval)).faults
    finally:
        await connection.close()
    assert [fault.partition(" ")[0] for fault in found] == list(asked)
    assert found[1].endswith("ALTER ROLE superbill_server SET extra_float_digits = '1'")


async def test_missing_from_lists_what_another_catalog_lacks(menagerie: TestDatabase) -> None:
    before = await read_catalog(menagerie.api_url)
    menagerie.execute(
        "ALTER TABLE zoo.exhibit ADD COLUMN more text; REVOKE DELETE ON zoo.sign FROM superbill_api"
    )
    menagerie.execute("REVOKE UPDATE (txt) ON zoo.sign FROM superbill_api; DROP VIEW api.lockers")
    after = await read_catalog(menagerie.api_url)
    assert before.missing_from(before) == []
    lacks = before.missing_from(after)
    assert {entry for entry in lacks if not entry.startswith("api.lockers")} == {
        "api.signs delete", "api.signs.wording text update"
    }  # fmt: skip
    assert "api.lockers by id" in lacks
    assert after.missing_from(before) == []
