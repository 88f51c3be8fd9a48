"""Nothing of a schema is missing without a reason, and the SQL of a note changes what it says."""

import json
import os
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from api.catalog.relations import Catalog
from api.catalog.sql_names import RESERVED_WORDS
from api.cli import routes, served_catalog
from api.config import Config
from api.document import example_notes, openapi
from api.identity import DEVELOPMENT_ROLE
from api.operations import discovery, notes
from tests.support import samples
from tests.support.databases import TestDatabase

SNAPSHOT = Path(__file__).with_name("notes.snapshot.txt")
# Something of each kind that is not served, and beside it what makes the difference.
SCHEMA = r"""
CREATE TABLE billing.home (
    id uuid DEFAULT uuidv7() PRIMARY KEY, name text NOT NULL, area int, "order" int
);
CREATE TABLE billing.pet (
    id uuid DEFAULT uuidv7() PRIMARY KEY,
    home_id uuid NOT NULL REFERENCES billing.home (id),
    born date
);
CREATE INDEX pet_home_id_idx ON billing.pet (home_id);
CREATE INDEX pet_born_idx ON billing.pet (born) WHERE born > '2020-01-01';
GRANT SELECT, INSERT, UPDATE, DELETE ON billing.home, billing.pet TO superbill_api;

CREATE VIEW api.ungranted WITH (security_invoker = true) AS SELECT id, name FROM billing.home;

CREATE VIEW api.pets WITH (security_invoker = true) AS SELECT id, home_id, born FROM billing.pet;
GRANT SELECT ON api.pets TO superbill_api;
CREATE VIEW api.homes WITH (security_invoker = true) AS
SELECT id, name, area, "order" FROM billing.home;
GRANT SELECT, INSERT (name, area), UPDATE (name), DELETE ON api.homes TO superbill_api;
COMMENT ON COLUMN billing.home.area IS E'How many.\nExample: about 5';
COMMENT ON COLUMN billing.home.name IS E'Its name.\nExample: Villa';

CREATE TABLE billing.stall (id int PRIMARY KEY, name text, "order" int);
GRANT SELECT ON billing.stall TO superbill_api;
GRANT INSERT (id) ON billing.stall TO superbill_api;
CREATE VIEW api.stalls WITH (security_invoker = true) AS
SELECT id, name, "order" FROM billing.stall;
GRANT SELECT, INSERT (id, name, "order"), DELETE ON api.stalls TO superbill_api;

CREATE TABLE billing.ticket (id serial PRIMARY KEY, name text);
GRANT SELECT, INSERT (name) ON billing.ticket TO superbill_api;
CREATE VIEW api.tickets WITH (security_invoker = true) AS SELECT id, name FROM billing.ticket;
GRANT SELECT, INSERT (name) ON api.tickets TO superbill_api;

CREATE SCHEMA types;
CREATE TYPE types.mood AS ENUM ('good', 'bad');
CREATE TABLE billing.day (id int PRIMARY KEY, mood types.mood, moods types.mood[]);
CREATE INDEX day_mood_id_idx ON billing.day (mood, id);
GRANT SELECT, INSERT ON billing.day TO superbill_api;
CREATE VIEW api.days WITH (security_invoker = true) AS SELECT id, mood, moods FROM billing.day;
GRANT SELECT, INSERT ON api.days TO superbill_api;

CREATE TABLE billing."Odd.Table" ("Key" types.mood PRIMARY KEY, "a ""b""." int, c int);
CREATE VIEW api."odd.tables" WITH (security_invoker = true) AS
SELECT "Key", "a ""b""." FROM billing."Odd.Table";
GRANT SELECT ("Key", c) ON billing."Odd.Table" TO superbill_api;
GRANT SELECT, INSERT ("a ""b"".") ON api."odd.tables" TO superbill_api;

CREATE FUNCTION billing.is_fine(text) RETURNS boolean LANGUAGE sql IMMUTABLE RETURN $1 <> 'bad';
REVOKE EXECUTE ON FUNCTION billing.is_fine(text) FROM public;
CREATE TABLE billing.word (
    id text PRIMARY KEY, CONSTRAINT word_is_fine CHECK (billing.is_fine(id))
);
GRANT SELECT, INSERT ON billing.word TO superbill_api;
CREATE VIEW api.words WITH (security_invoker = true) AS SELECT id FROM billing.word;
GRANT SELECT, INSERT ON api.words TO superbill_api;
CREATE VIEW api.fine_words WITH (security_invoker = true) AS
SELECT id FROM billing.word WHERE billing.is_fine(id);
GRANT SELECT ON api.fine_words TO superbill_api;

CREATE VIEW api.sorted_homes WITH (security_invoker = true) AS
SELECT id, name FROM billing.home ORDER BY name;
CREATE VIEW api.sorted_below WITH (security_invoker = true) AS
SELECT id, name FROM api.sorted_homes;
GRANT SELECT ON api.sorted_homes, api.sorted_below TO superbill_api;

CREATE TABLE billing.secret (id int PRIMARY KEY, tenant int);
ALTER TABLE billing.secret ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON billing.secret USING (tenant = 1);
GRANT SELECT ON billing.secret TO superbill_api;
CREATE VIEW api.secrets AS SELECT id FROM billing.secret;
CREATE VIEW reporting.secret_count AS SELECT count(*) AS secrets FROM billing.secret;
CREATE MATERIALIZED VIEW api.kept_secrets AS SELECT id FROM billing.secret;
CREATE UNIQUE INDEX kept_secrets_idx ON api.kept_secrets (id);
GRANT SELECT ON api.secrets, reporting.secret_count, api.kept_secrets TO superbill_api;

CREATE MATERIALIZED VIEW api.home_sizes AS
SELECT h.id, count(p.id) AS pets FROM billing.home AS h
LEFT JOIN billing.pet AS p ON p.home_id = h.id
GROUP BY h.id;
CREATE UNIQUE INDEX home_sizes_id_idx ON api.home_sizes (id);
CREATE INDEX home_sizes_pets_id_idx ON api.home_sizes (pets, id);
CREATE MATERIALIZED VIEW api.keyless_sizes AS SELECT id, name FROM billing.home;
GRANT SELECT, INSERT ON api.home_sizes, api.keyless_sizes TO superbill_api;

CREATE VIEW api.areas WITH (security_invoker = true) AS
SELECT area, count(*) FROM billing.home GROUP BY area;
GRANT SELECT, INSERT ON api.areas TO superbill_api;
CREATE TABLE billing.list (name text);
CREATE VIEW api.lists WITH (security_invoker = true) AS SELECT name FROM billing.list;
CREATE VIEW api.names WITH (security_invoker = true) AS SELECT name FROM billing.home;
GRANT SELECT ON billing.list, api.lists, api.names TO superbill_api;

CREATE FUNCTION billing.keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
CREATE VIEW api.joined WITH (security_invoker = true) AS
SELECT h.id, p.born FROM billing.home AS h JOIN billing.pet AS p ON p.home_id = h.id;
CREATE TRIGGER keep INSTEAD OF INSERT ON api.joined FOR EACH ROW EXECUTE FUNCTION billing.keep();
CREATE TRIGGER keep BEFORE UPDATE ON billing.stall FOR EACH ROW EXECUTE FUNCTION billing.keep();
COMMENT ON TRIGGER keep ON billing.stall IS 'Fills: nothing';
ALTER TABLE billing.stall DISABLE TRIGGER keep;

CREATE VIEW reporting.ungranted WITH (security_invoker = true) AS SELECT name FROM billing.home;
CREATE VIEW api.constants AS SELECT 1 AS id;
CREATE VIEW api.half_read WITH (security_invoker = true) AS SELECT id, name FROM billing.home;
CREATE TABLE billing.feeling (mood types.mood PRIMARY KEY);
CREATE VIEW api.feelings WITH (security_invoker = true) AS SELECT mood FROM billing.feeling;
CREATE MATERIALIZED VIEW api.nullable_sizes AS SELECT area FROM billing.home GROUP BY area;
CREATE UNIQUE INDEX nullable_sizes_area_idx ON api.nullable_sizes (area);
GRANT SELECT ON api.constants, billing.feeling, api.feelings, api.nullable_sizes TO superbill_api;
GRANT SELECT (name) ON api.half_read TO superbill_api;
CREATE TABLE billing.unseen (id int PRIMARY KEY);
GRANT INSERT ON billing.unseen TO superbill_api;
CREATE INDEX home_area_idx ON billing.home USING hash (area);
CREATE FUNCTION api.close_month(month date) RETURNS void LANGUAGE sql RETURN NULL;
CREATE FUNCTION api.used_in_view() RETURNS int LANGUAGE sql RETURN 1;
CREATE VIEW api.ready WITH (security_invoker = true) AS
SELECT id, api.used_in_view() AS one FROM billing.home;
GRANT SELECT ON api.ready TO superbill_api;
"""


def look(database: TestDatabase) -> tuple[str, list[notes.Note]]:
    """Give the table of the operations that SCHEMA adds, and the notes.

    Postgres refuses none of their statements: EXPLAIN checks the privileges.
    """
    catalog = served_catalog.read(Config(database_url=database.api_url))
    operations = discovery.build(catalog)
    openapi.build(catalog, operations)
    plain = SCHEMA.replace('"', "")
    added = [o for o in operations if f"{o.relation.schema}.{o.relation.name} " in plain]
    with psycopg.connect(database.sql_url) as connection:
        for operation in added:
            statement = f"EXPLAIN (GENERIC_PLAN) {routes.statement(operation)}"
            connection.execute(statement.encode())
    found = [*notes.notes(catalog), *example_notes.notes(catalog)]
    told = [note for note in found if "has no comment" not in note.sentence]
    return "\n".join(routes.table(added, {})), told


def test_notes_say_what_is_missing_and_their_sql_changes_it(database: TestDatabase) -> None:
    database.execute(SCHEMA)
    operations, found = look(database)
    with psycopg.connect(database.owner_url, autocommit=True) as connection:
        for note in found:
            if "…" not in note.sql:
                connection.execute(note.sql.encode())
    operations_after, after = look(database)
    parts = (operations, *routes.text(found), "", operations_after, *routes.text(after))
    text = "\n".join((*parts, ""))
    if os.environ.get("UPDATE_SNAPSHOT"):
        SNAPSHOT.write_text(text, encoding="utf-8")
    assert text == SNAPSHOT.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (
            "REVOKE USAGE ON SCHEMA api FROM superbill_api, superbill_gate",
            "api: nothing in it is served: superbill_api may not use it.",
        ),
        (
            (
                "UPDATE pg_index SET indisvalid = false"
                " WHERE indexrelid = 'billing.encounter_date_id_idx'::regclass"
            ),
            (
                "api.encounters: index encounter_date_id_idx is invalid: its build failed or has"
                " not ended."
            ),
        ),
    ],
)
def test_what_only_a_superuser_can_break_is_noted(
    database: TestDatabase, statement: str, expected: str
) -> None:
    with psycopg.connect(database.server.postgres.url("postgres", database.name)) as connection:
        connection.execute(statement.encode())
    assert expected in [f"{note.about}: {note.sentence}" for note in look(database)[1]]


def test_reserved_words_are_those_of_postgres(database: TestDatabase) -> None:
    query = "SELECT word FROM pg_get_keywords() WHERE catcode IN ('R', 'T')"
    assert {word for (word,) in database.execute(query)} == RESERVED_WORDS


def test_notes_are_printed_though_the_operations_fail(
    database: TestDatabase, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_catalog: Catalog) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(discovery, "build", fail)
    with pytest.raises(ZeroDivisionError):
        routes.print_routes(Config(database_url=database.api_url), DEVELOPMENT_ROLE)
    assert "no index begins with cpt_code" in capsys.readouterr().out


COLUMNS = {"medium", "label", "traits", "double", "statuses", "keeper", "mass"}
# An example, and those of COLUMNS that take it.
EXAMPLES = {
    **{key: {"label"} for key in ("", "about 5", "[", "NaN", "1e999", "null")},
    **{key: set[str]() for key in ("9" * 5000, "[" * 2000)},
    "{}": {"label", "traits"},
    "1.5": {"label", "mass", "traits", "double"},
}


@pytest.mark.unmeasured
@samples.SAMPLED
def test_comment_may_be_any_text(menagerie: TestDatabase, share: float) -> None:
    """An example that is no value of its column is noted with the column's name, and left out."""
    texts = dict.fromkeys((" ", "\n", "<!--", "Fills:", "Licence:"), COLUMNS)
    texts |= {f"x\nExample: {example}": takers for example, takers in EXAMPLES.items()}
    chosen = samples.sample(texts.items(), lambda each: each[1] == COLUMNS, share, least=2)
    for text, takers in chosen:
        places = (f"COLUMN zoo.specimen.{name}" for name in COLUMNS)
        comments = (f"COMMENT ON {place} IS $_${text}$_$" for place in (*places, "SCHEMA api"))
        menagerie.execute("; ".join(comments))
        catalog = served_catalog.read(Config(database_url=menagerie.api_url))
        found = tuple(r for r in catalog.relations if r.name == "specimens")
        catalog = replace(catalog, relations=found, reports=())
        document = openapi.build(catalog, discovery.build(catalog))
        json.dumps(document, allow_nan=False)
        said = [note.sentence for note in example_notes.notes(catalog)]
        noted = {name for name in COLUMNS if any(f"on {name} has" in line for line in said)}
        assert noted == COLUMNS - takers, text
