"""Triggers → the columns that they may fill or change, and the privileges that they give."""

import json
from collections.abc import Iterator

import psycopg
import pytest

from api.catalog import introspection
from api.catalog.relations import Relation
from api.document import schemas, validators
from api.operations import kinds
from api.operations.operation import Operation
from tests.support.databases import Server, TestDatabase

TABLE = "(id integer PRIMARY KEY, a text NOT NULL, b text)"
SCHEMA = f"""
CREATE SCHEMA api;
CREATE SCHEMA t;
GRANT USAGE ON SCHEMA api, t TO superbill_api;
CREATE FUNCTION t.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
CREATE TABLE t.thing {TABLE};
CREATE TABLE t.heir () INHERITS (t.thing);
CREATE TABLE t.part {TABLE} PARTITION BY LIST (id);
CREATE TABLE t.part_1 PARTITION OF t.part FOR VALUES IN (1);
CREATE VIEW api.things WITH (security_invoker = true) AS SELECT id, a AS shown, b FROM t.thing;
CREATE VIEW api.upper_things WITH (security_invoker = true) AS SELECT * FROM api.things;
CREATE VIEW api.parts WITH (security_invoker = true) AS SELECT id, a AS shown, b FROM t.part;
CREATE VIEW api.joins AS SELECT x.id, y.a FROM t.thing AS x JOIN t.part AS y USING (id);
CREATE VIEW api.over_joins AS SELECT * FROM api.joins;
GRANT SELECT ON t.thing, t.part TO superbill_api;
GRANT ALL ON api.things, api.upper_things, api.parts, api.joins, api.over_joins TO superbill_api;
"""
ALL, A, NONE = "id shown b", "shown", ""
ROW = "FOR EACH ROW EXECUTE FUNCTION t.f();"


def trigger(table: str, when: str, comment: str = "", name: str = "x", more: str = ROW) -> str:
    said = f"COMMENT ON TRIGGER {name} ON t.{table} IS '{comment}';" if comment else ""
    return f"CREATE TRIGGER {name} {when} ON t.{table} {more} {said}"


# Statements → what may be filled before Postgres judges an insert, and an update.
FILLED = [
    (trigger("thing", "BEFORE INSERT"), ALL, NONE),
    (trigger("thing", "BEFORE INSERT", "Nothing is said of what it fills."), ALL, NONE),
    (trigger("thing", "AFTER INSERT OR UPDATE"), NONE, NONE),
    (trigger("thing", "BEFORE INSERT OR UPDATE", more="EXECUTE FUNCTION t.f();"), NONE, NONE),
    (trigger("thing", "BEFORE UPDATE OF b"), NONE, ALL),
    (trigger("thing", "BEFORE INSERT", more=f"FOR EACH ROW WHEN (new.b > '') {ROW[13:]}"), ALL, ""),
    (trigger("thing", "BEFORE INSERT") + "ALTER TABLE t.thing DISABLE TRIGGER x", NONE, NONE),
    (
        trigger("thing", "BEFORE INSERT") + "ALTER TABLE t.thing ENABLE REPLICA TRIGGER x",
        NONE,
        NONE,
    ),
    (trigger("thing", "BEFORE INSERT") + "ALTER TABLE t.thing ENABLE ALWAYS TRIGGER x", ALL, NONE),
    (trigger("thing", "BEFORE INSERT OR UPDATE", "Fills: a"), A, A),
    (trigger("thing", "BEFORE INSERT OR UPDATE", "Fills: nothing"), NONE, NONE),
    (
        trigger("thing", "BEFORE INSERT OR UPDATE", "A sentence.\nFills: a , b"),
        "shown b",
        "shown b",
    ),
    (
        trigger("thing", "BEFORE INSERT", "Fills: a")
        + trigger("thing", "BEFORE INSERT", "Fills: b", "y"),
        "shown b",
        NONE,
    ),
    (
        trigger("thing", "BEFORE INSERT", "Fills: a") + trigger("thing", "BEFORE INSERT", name="y"),
        ALL,
        NONE,
    ),
    (trigger("heir", "BEFORE INSERT OR UPDATE"), NONE, ALL),
    (trigger("part", "BEFORE INSERT", "Fills: a"), A, A),
    (trigger("part_1", "BEFORE INSERT", "Fills: a"), A, A),
    (trigger("part_1", "BEFORE UPDATE"), NONE, ALL),
]


@pytest.fixture(scope="module")
def connection(server: Server, templates: dict[str, str]) -> Iterator[psycopg.Connection]:
    """Connect to a database of the module as the superuser; `templates` has made the roles."""
    assert templates
    made: TestDatabase = server.create("triggers_read")
    with psycopg.connect(server.postgres.url("postgres", made.name)) as connection:
        connection.execute(SCHEMA.encode())
        connection.commit()
        yield connection
    server.drop(made.name)


def read(connection: psycopg.Connection, statements: str) -> dict[str, Relation]:
    """Change the schema in a transaction that is rolled back, and read it as the API's role."""
    connection.execute(statements.encode())
    connection.execute("SET LOCAL ROLE superbill_api")
    row = connection.execute(introspection.QUERY.encode()).fetchone()
    connection.rollback()
    assert row
    return {each.name: each for each in introspection.parse(json.loads(row[0])).relations}


def test_row_triggers_before_a_write_may_fill_what_they_do_not_rule_out(
    connection: psycopg.Connection,
) -> None:
    for statements, inserted, updated in FILLED:
        relations = read(connection, statements)
        views = ("parts",) if " t.part" in statements else ("things", "upper_things")
        for view in views:
            found = [relations[view].filled(event) for event in ("insert", "update")]
            assert found == [frozenset(inserted.split()), frozenset(updated.split())], statements


def test_instead_of_triggers_give_the_privileges_of_their_view(
    connection: psycopg.Connection,
) -> None:
    def instead(view: str, events: str) -> str:
        return f"CREATE TRIGGER i INSTEAD OF {events} ON api.{view} {ROW}"

    def granted(relation: Relation) -> tuple[list[str], list[str], bool]:
        return (
            [column.name for column in relation.allowed("insert")],
            [column.name for column in relation.allowed("update")],
            relation.deletable,
        )

    every, columns = "INSERT OR UPDATE OR DELETE", ["id", "shown", "b"]
    relations = read(connection, "")
    assert [granted(relations[name]) for name in ("things", "joins")] == [([], [], False)] * 2
    relations = read(connection, instead("things", every))
    for name in ("things", "upper_things"):
        assert granted(relations[name]) == (columns, columns, True)
        assert relations[name].filled("insert") == {*columns}
    relations = read(connection, instead("things", "INSERT"))
    assert granted(relations["upper_things"]) == (columns, [], False)
    relations = read(connection, instead("joins", every) + instead("over_joins", "DELETE"))
    assert granted(relations["joins"])[:2] == (["id", "a"], ["id", "a"])
    assert granted(relations["over_joins"])[:2] == (["id", "a"], ["id", "a"])
    assert relations["over_joins"].row_triggers.keys() == {"insert", "update", "delete"}


def test_rule_that_returns_no_row_takes_its_operation_away_with_a_note(
    connection: psycopg.Connection,
) -> None:
    grants = "GRANT ALL ON t.thing TO superbill_api;"
    soft = "CREATE RULE soft AS ON DELETE TO t.thing DO INSTEAD UPDATE t.thing SET b = ''"
    found = read(connection, f"{grants} {soft}")["upper_things"]
    assert (found.deletable, len(found.allowed("update"))) == (False, 3)
    assert any("rule soft of t.thing" in obstacle.reason for obstacle in found.obstacles)
    returning = f"{grants} {soft} RETURNING *"
    assert read(connection, returning)["upper_things"].deletable
    nothing = "CREATE RULE no AS ON INSERT TO api.things DO INSTEAD NOTHING"
    assert read(connection, f"{grants} {nothing}")["upper_things"].allowed("insert") == ()
    also = "CREATE RULE yes AS ON INSERT TO t.thing DO ALSO NOTIFY thing"
    assert len(read(connection, f"{grants} {also}")["upper_things"].allowed("insert")) == 3


def test_added_trigger_takes_no_body_away(connection: psycopg.Connection) -> None:
    """What was accepted before any SQL ran still is, whatever the trigger is for."""
    checks = "ALTER TABLE t.thing ADD CHECK (a <> ''), ADD CHECK (length(b) < 3);"
    grants = "GRANT ALL ON t.thing TO superbill_api;"
    values = [None, "", "x", "long"]
    bodies = [{"id": 1, "shown": a, "b": b} for a in values for b in values]
    bodies += [{}, {"id": 1}, {"id": 1, "shown": "x"}, {"b": ""}, {"shown": 1, "id": 1}]

    def accepted(statements: str) -> list[set[str]]:
        relation = read(connection, checks + grants + statements)["things"]
        made = (Operation(kind, relation, "things") for kind in (kinds.CREATE, kinds.UPDATE))
        schema = (schemas.created(next(made)), schemas.changed(next(made)))
        valid = [validators.validator(each).is_valid for each in schema]
        return [{str(body) for body in bodies if is_valid(body)} for is_valid in valid]

    before = accepted("")
    assert 0 < len(before[0]) < len(before[1]) < len(bodies)
    seen = []
    for statements, *_ in FILLED:
        after = accepted(statements)
        assert before[0] <= after[0], statements
        assert before[1] <= after[1], statements
        seen.append(after != before)
    assert {True, False} == {*seen}
