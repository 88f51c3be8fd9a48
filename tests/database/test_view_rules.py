"""Rewrite rules of views, as Postgres stores them → where each column comes from."""

from collections.abc import Iterator

import psycopg
import pytest

from api.catalog import view_rules
from api.catalog.view_rules import Target
from tests.support.databases import Server

pytestmark = pytest.mark.unmeasured

Connection = psycopg.Connection[tuple[object, ...]]

TABLES = """
CREATE TABLE a (id int PRIMARY KEY, name text, "spaced name" text, "quo""ted" text,
    "{br(ace)}" text, ":colon" text, "back\\slash" text, gone int, last text);
ALTER TABLE a DROP COLUMN gone;
CREATE TABLE b (id int, a_id int, note text);
CREATE VIEW v AS SELECT id AS key, name FROM a;
"""
ODD = '"spaced name", "quo""ted", "{br(ace)}", ":colon", "back\\slash"'

# A view's query → table and column behind each of its columns, by number; `?` where an outer join
# may make it NULL.
VIEWS: dict[str, dict[int, str]] = {
    "SELECT * FROM a": {
        1: "a.1",
        2: "a.2",
        3: "a.3",
        4: "a.4",
        5: "a.5",
        6: "a.6",
        7: "a.7",
        8: "a.9",
    },
    f"SELECT {ODD}, id FROM a": {1: "a.3", 2: "a.4", 3: "a.5", 4: "a.6", 5: "a.7", 6: "a.1"},
    "SELECT name AS id, id AS name FROM a": {1: "a.2", 2: "a.1"},
    "SELECT upper(name) AS up, id + 1 AS more, id FROM a": {3: "a.1"},
    "SELECT 1 AS one": {},
    "SELECT key, name FROM v": {1: "v.1", 2: "v.2"},
    "SELECT id, (SELECT note FROM b WHERE a_id = a.id) AS note FROM a": {1: "a.1"},
    "SELECT s.id, s.name FROM (SELECT id, name FROM a ORDER BY name) AS s": {1: "a.1", 2: "a.2"},
    "WITH c AS (SELECT id, name FROM a) SELECT name, id FROM c": {1: "a.2", 2: "a.1"},
    "SELECT id FROM a UNION ALL SELECT id FROM b": {},
    "SELECT a.id, note FROM a JOIN b ON a_id = a.id": {1: "a.1", 2: "b.3"},
    "SELECT a.id, note FROM a LEFT JOIN b ON a_id = a.id": {1: "a.1", 2: "b.3?"},
    "SELECT a.id, note FROM a RIGHT JOIN b ON a_id = a.id": {1: "a.1?", 2: "b.3"},
    "SELECT a.id AS i, note FROM a FULL JOIN b ON a_id = a.id": {1: "a.1?", 2: "b.3?"},
    "SELECT id, note FROM a LEFT JOIN b USING (id)": {1: "a.1", 2: "b.3?"},
    "SELECT id, count(*) AS n FROM a GROUP BY id": {1: "a.1"},
    "SELECT name, count(*) AS n FROM a GROUP BY name ORDER BY max(id)": {1: "a.2"},
    "SELECT DISTINCT name FROM a": {1: "a.2"},
    "SELECT id, sum(id) OVER (PARTITION BY name) AS s FROM a": {1: "a.1"},
    "SELECT id FROM a WHERE name = '} :resorigtbl 1 {TARGETENTRY \\ \" ('": {1: "a.1"},
    'SELECT id AS ":expr {" FROM a': {1: "a.1"},
    "SELECT id FROM a ORDER BY name, last LIMIT 3": {1: "a.1"},
    'SELECT name COLLATE "C" AS name, id FROM a': {2: "a.1"},
}


@pytest.mark.parametrize("query", VIEWS)
def test_target_columns_are_traced_to_base_columns(rule_database: Connection, query: str) -> None:
    with rule_database.transaction(force_rollback=True):
        rule_database.execute(f"CREATE VIEW tried AS {query}".encode())
        tree = _one(
            rule_database,
            "SELECT ev_action::text FROM pg_rewrite WHERE ev_class = 'tried'::regclass",
        )
        oids = {
            name: int(_one(rule_database, f"SELECT '{name}'::regclass::oid::int")) for name in "abv"
        }
        expected = {}
        for number, text in VIEWS[query].items():
            table, _, column = text.removesuffix("?").partition(".")
            expected[number] = Target(oids[table], int(column), text.endswith("?"))
        assert view_rules.targets(view_rules.columns(view_rules.query(tree))) == expected


@pytest.fixture(scope="module")
def rule_database(server: Server) -> Iterator[Connection]:
    """Give a connection to a database with two tables and a view."""
    made = server.create("rules")
    with psycopg.connect(made.owner_url, autocommit=True) as connection:
        connection.execute(TABLES.encode())
        yield connection
    server.drop(made.name)


def _one(connection: Connection, query: str) -> str:
    row = connection.execute(query.encode()).fetchone()
    assert row
    return str(row[0])


def test_computed_columns_that_are_never_null_are_found(rule_database: Connection) -> None:
    row_items = "ARRAY(SELECT ROW(b.id, b.note)::pair FROM b WHERE b.a_id = a.id)"
    computed = f"{row_items}, ARRAY(SELECT note FROM b) AS notes, (SELECT 1) AS one"
    query = f"SELECT id, {computed}, upper(name) AS up FROM a"
    rule_database.execute("CREATE TYPE pair AS (id int, note text)")
    for definition, expected in {
        query: {2: True, 3: False},
        "SELECT name, count(*) AS n, count(id) AS m, max(id) AS x FROM a GROUP BY name": {
            2: False,
            3: False,
        },
        "SELECT id, ARRAY[name] AS names FROM a": {},
    }.items():
        rule_database.execute(f"CREATE OR REPLACE TEMP VIEW present AS {definition}".encode())
        found = _one(
            rule_database,
            "SELECT ev_action FROM pg_rewrite WHERE ev_class = 'pg_temp.present'::regclass",
        )
        assert view_rules.never_null(view_rules.columns(view_rules.query(found))) == expected
        rule_database.execute("DROP VIEW present")
