"""`/ready/` fails when the database lacks what is served, and ignores additions."""

import asyncio

import psycopg
import pytest

from api.cli import migration_files
from api.config import ROOT, Config
from tests.support.databases import TestDatabase
from tests.support.outages import JOHN, UNAVAILABLE, add_billed_visit, outcome
from tests.support.serving import Serve, serving

pytestmark = pytest.mark.unmeasured

SHIPPED = migration_files.shipped(ROOT / "schema")
ADDITIONS = """
    ALTER TABLE billing.patient ADD COLUMN born_on date DEFAULT '1970-01-01' NOT NULL;
    GRANT SELECT (born_on), INSERT (born_on), UPDATE (born_on) ON billing.patient TO superbill_api;
    CREATE OR REPLACE VIEW api.patients WITH (security_invoker = true) AS
    SELECT p.id, p.first_name, p.last_name, p.last_name_search, p.born_on
        FROM billing.patient AS p;
    GRANT SELECT, INSERT (born_on), UPDATE (born_on) ON api.patients TO superbill_api;
    CREATE TABLE billing.surety (id uuid DEFAULT uuidv7() NOT NULL PRIMARY KEY, name text);
    CREATE VIEW api.sureties WITH (security_invoker = true) AS SELECT p.id, p.name
        FROM billing.surety AS p;
    GRANT SELECT, INSERT, DELETE ON billing.surety TO superbill_api;
    GRANT SELECT, INSERT, DELETE ON api.sureties TO superbill_api;
    GRANT DELETE ON billing.encounter TO superbill_api;
    GRANT DELETE ON api.encounters TO superbill_api;
    CREATE INDEX ON billing.patient (first_name, id);
    ALTER TABLE billing.patient ADD CONSTRAINT is_new CHECK (born_on > '1800-01-01');
    CREATE VIEW reporting.new WITH (security_invoker = true) AS SELECT p.id
        FROM billing.patient AS p;
    GRANT SELECT ON reporting.new TO superbill_api;
    COMMENT ON VIEW api.patients IS 'Another comment.';
    INSERT INTO public._yoyo_migration (migration_hash, migration_id) VALUES ('x', '9999.later');
"""
CATALOGS_READ = """
    SELECT coalesce(sum(calls), 0) FROM pg_stat_statements
    WHERE dbid = (SELECT oid FROM pg_database WHERE datname = %s)
        AND query ~ 'pg_relation_is_updatable' AND query !~ 'pg_stat_statements'
"""
VIEW = "CREATE VIEW api.line_items WITH (security_invoker = true) AS SELECT"
NEW_LINE_ITEMS = f"""
    DROP VIEW api.line_items;
    {VIEW} l.id, l.encounter_id, CAST(l.cpt_code AS varchar) AS cpt_code, l.units
        FROM billing.line_item AS l;
    GRANT ALL ON api.line_items TO superbill_api
"""


@pytest.mark.parametrize(
    ("statement", "lacks"),
    [
        (
            "REVOKE SELECT (last_name) ON billing.patient FROM superbill_api",
            ["api.patients.last_name text select"],
        ),
        pytest.param(
            "REVOKE UPDATE (date) ON billing.encounter FROM superbill_api",
            ["api.encounters.date date update"],
            marks=pytest.mark.long,
        ),
        pytest.param(
            "REVOKE INSERT (units) ON api.line_items FROM superbill_api",
            ["api.line_items.units api.number insert"],
            marks=pytest.mark.long,
        ),
        pytest.param(
            "REVOKE DELETE ON billing.line_item FROM superbill_api",
            ["api.line_items delete"],
            marks=pytest.mark.long,
        ),
        pytest.param(
            "REVOKE SELECT ON api.superbills FROM superbill_api",
            ["api.superbills.line_items"],
            marks=pytest.mark.long,
        ),
        (
            "DROP VIEW api.superbills",
            ["api.superbills by encounter_id", "api.superbills.line_items"],
        ),
        pytest.param(
            "DROP VIEW reporting.code_utilisation",
            ["reporting.code_utilisation.unit_count api.number select"],
            marks=pytest.mark.long,
        ),
        (
            NEW_LINE_ITEMS,
            [
                "api.line_items.cpt_code text select",
                "api.line_items.cpt_code_description text select",
            ],
        ),
        (
            "REVOKE USAGE ON SCHEMA api FROM superbill_api, superbill_gate",
            ["api.patients by id", "api.cpt_codes.code text select"],
        ),
        pytest.param(
            "REVOKE USAGE ON SCHEMA reporting FROM superbill_api, superbill_gate",
            ["reporting.monthly_activity"],
            marks=pytest.mark.long,
        ),
        (
            "REVOKE superbill_api, superbill_gate FROM superbill_server",
            ["the right of its login to act for superbill_api"],
        ),
        (
            f"DELETE FROM public._yoyo_migration WHERE migration_id = '{SHIPPED[-1]}'",
            [f"migration {SHIPPED[-1]}"],
        ),
    ],
)
async def test_ready_names_what_the_database_lacks(
    serve: Serve, database: TestDatabase, statement: str, lacks: list[str]
) -> None:
    service = await serve(Config(database_url=database.api_url, connections=2), SHIPPED)
    answer = await service.client.get("/ready/")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})
    if "superbill_server" in statement:  # a membership belongs to the whole cluster
        database.server.execute(statement)
    else:
        database.execute(statement)
    try:
        answer = await service.client.get("/ready/")
    finally:
        database.server.execute(
            "GRANT superbill_api TO superbill_server WITH INHERIT FALSE, SET TRUE;"
            "GRANT superbill_gate TO superbill_server WITH INHERIT TRUE, SET TRUE"
        )
    assert outcome(answer) == UNAVAILABLE
    detail = answer.json()["detail"]
    assert detail.startswith("The database lacks ")
    assert [name for name in lacks if name not in detail] == []
    assert (await service.client.get("/health/")).status_code == 200


async def test_ready_fails_without_the_table_of_migrations(
    serve: Serve, database: TestDatabase
) -> None:
    database.execute("REVOKE SELECT ON public._yoyo_migration FROM superbill_api")
    service = await serve(Config(database_url=database.api_url, connections=2), SHIPPED)
    for statement in ("SELECT 1", "DROP TABLE public._yoyo_migration"):
        database.execute(statement)
        answer = await service.client.get("/ready/")
        assert outcome(answer) == UNAVAILABLE
        assert answer.json()["detail"] == "The database lacks the list of migrations."


async def test_ready_names_each_migration_that_is_not_applied(
    serve: Serve, database: TestDatabase
) -> None:
    shipped = [*SHIPPED, "9999.later", "9998.next"]
    service = await serve(Config(database_url=database.api_url, connections=2), shipped)
    answer = await service.client.get("/ready/")
    assert (
        answer.json()["detail"] == "The database lacks migration 9998.next, migration 9999.later."
    )


async def test_ready_recovers_when_the_missing_object_is_back(
    serve: Serve, database: TestDatabase
) -> None:
    service = await serve(Config(database_url=database.api_url, connections=2), SHIPPED)
    database.execute("REVOKE SELECT (last_name) ON billing.patient FROM superbill_api")
    assert outcome(await service.client.get("/ready/")) == UNAVAILABLE
    answer = await service.client.get("/patients/")
    assert outcome(answer) == (403, "urn:problem-type:not-permitted", None)
    database.execute("GRANT SELECT (last_name) ON billing.patient TO superbill_api")
    assert (await service.client.get("/ready/")).status_code == 200
    assert (await service.client.get("/patients/")).json() == []


async def test_ready_reads_a_catalog_again_only_after_a_change(
    serve: Serve, database: TestDatabase
) -> None:
    url = database.server.postgres.url("postgres", "postgres")
    service = await serve(Config(database_url=database.api_url, connections=2), SHIPPED)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        connection.execute("SELECT pg_stat_statements_reset()")
        read = []
        for statement in ("", "ALTER TABLE billing.patient ADD COLUMN born_on date"):
            database.execute(statement)
            for _ in range(2):
                assert (await service.client.get("/ready/")).status_code == 200
                read += connection.execute(CATALOGS_READ, [database.name]).fetchall()
    assert read == [(0,), (0,), (1,), (1,)]


async def test_additions_of_a_migration_change_no_answer_of_a_running_server(
    database: TestDatabase,
) -> None:
    ids = add_billed_visit(database)
    paths = [
        f"/patients/{ids['patient_id']}",
        "/patients/",
        "/openapi.json",
        f"/superbills/{ids['encounter_id']}",
    ]
    async with serving(Config(database_url=database.api_url, connections=2), SHIPPED) as server:
        before = [(await server.client.get(path)).content for path in paths]
        database.execute(ADDITIONS)
        assert (await server.client.get("/ready/")).status_code == 200
        assert [(await server.client.get(path)).content for path in paths] == before
        created = await server.client.post("/patients/", json=JOHN)
        assert list(created.json()) == ["id", "first_name", "last_name"]
        changed = await server.client.patch(
            created.headers["location"], json={"last_name": "Other"}
        )
        assert changed.json() == {**created.json(), "last_name": "Other"}
        refused = await server.client.post("/patients/", json={**JOHN, "born_on": "2000-01-01"})
        assert refused.status_code == 422
    async with serving(Config(database_url=database.api_url, connections=2), SHIPPED) as server:
        patient = (await server.client.get(paths[0])).json()
        assert list(patient) == ["id", "first_name", "last_name", "born_on"]


async def test_recreated_view_is_served_on(serve: Serve, database: TestDatabase) -> None:
    ids = add_billed_visit(database)
    remade = """
        DROP VIEW api.cpt_codes;
        CREATE VIEW api.cpt_codes WITH (security_invoker = true) AS SELECT c.description, c.code
        FROM billing.cpt_code AS c;
        GRANT SELECT ON api.cpt_codes TO superbill_api
    """
    path = f"/cpt_codes/{ids['code']}"
    service = await serve(Config(database_url=database.api_url, connections=1), SHIPPED)
    before = await service.client.get(path)
    for _ in range(2):
        database.execute(f"BEGIN; {remade}; COMMIT")
        assert (await service.client.get(path)).content == before.content
        assert (await service.client.get("/ready/")).status_code == 200


async def test_busy_server_is_ready(serve: Serve, database: TestDatabase) -> None:
    service = await serve(Config(database_url=database.api_url, connections=2), SHIPPED)
    answers = await asyncio.gather(*(service.client.get("/ready/") for _ in range(12)))
    assert {answer.status_code for answer in answers} == {200}
