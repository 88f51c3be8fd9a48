"""A cluster's database has the roles, memberships and settings of the development database."""

import base64
import hashlib
import hmac
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest

from api.cli import dev_postgres
from api.config import ROOT
from tests.charts.rendering import Charts
from tests.support.folders import reachable_folder

FILES = ROOT / "charts" / "postgres" / "files"
OWNER = 'it\'s "own" $1 \\ :x'
CONNECTION = {"PGPASSWORD", "PGSSLMODE", "PGSSLROOTCERT"}
ASKED = {
    "attributes": "SELECT rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin,"
    " rolreplication, rolbypassrls, rolconnlimit, rolvaliduntil::text"
    " FROM pg_roles WHERE rolname LIKE 'superbill%' ORDER BY 1",
    "memberships": "SELECT roleid::regrole::text, member::regrole::text, grantor::regrole::text,"
    " admin_option, inherit_option, set_option"
    " FROM pg_auth_members WHERE roleid >= 16384 ORDER BY 1, 2",
    "settings": "SELECT setdatabase, setrole::regrole::text, unnest(setconfig)"
    " FROM pg_db_role_setting ORDER BY 2, 3",
}
Furnish = Callable[[dev_postgres.Postgres], None]
RunJob = Callable[[dev_postgres.Postgres, str, str], None]


@contextmanager
def furnished(furnish: Furnish, monkeypatch: pytest.MonkeyPatch) -> Iterator[dev_postgres.Postgres]:
    """Run a new server with these roles, which would affect other tests on a shared one."""
    monkeypatch.setattr(dev_postgres, "create_roles_and_database", furnish)
    with reachable_folder() as folder, dev_postgres.postgres(folder / "postgres") as server:
        yield server


def roles(server: dev_postgres.Postgres) -> dict[str, list[tuple[object, ...]]]:
    """Read attributes, memberships and settings of Superbill's roles."""
    with psycopg.connect(server.url("postgres", "postgres")) as connection:
        return {
            name: connection.execute(query.encode()).fetchall() for name, query in ASKED.items()
        }


def run_script(server: dev_postgres.Postgres) -> None:
    """Run the script as one statement, as CloudNativePG does; twice, as the job does."""
    with psycopg.connect(server.url("postgres", "postgres"), autocommit=True) as connection:
        for _ in range(2):
            connection.execute((FILES / "roles.sql").read_bytes())


@pytest.mark.costly
def test_the_script_makes_the_roles_of_the_development_database(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    create = dev_postgres.create_roles_and_database
    with furnished(create, monkeypatch) as server:
        expected = roles(server)
    assert {name: len(rows) >= 2 for name, rows in expected.items()} == dict.fromkeys(ASKED, True)
    with furnished(run_script, monkeypatch) as server:
        found = roles(server)
    assert found == expected


@pytest.fixture
def run_job(charts: Charts) -> RunJob:
    """Run the script of the job that sets passwords on this server, with the secrets of logins."""
    container = charts.scenario("default").containers["Job/postgres-roles postgres"]
    script = container["args"][0].replace("/sql/", f"{FILES}/")

    def run(server: dev_postgres.Postgres, login: str, password: str) -> None:
        known = {
            "PATH": f"{server.psql.parent}:{os.environ['PATH']}",
            "PGHOST": str(server.socket),
            "PGUSER": "postgres",
            "PGDATABASE": "postgres",
            "OWNER_PASSWORD": OWNER,
            "SERVER_LOGIN": login,
            "SERVER_PASSWORD": password,
        }
        assert known.keys() > {one["name"] for one in container["env"]} - CONNECTION
        subprocess.run([*container["command"], script], env=known, check=True)  # noqa: S603

    return run


def create_database(server: dev_postgres.Postgres) -> None:
    """Create what the image of Postgres creates: the database, without roles."""
    with psycopg.connect(server.url("postgres", "postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE superbill")


def passwords(server: dev_postgres.Postgres) -> dict[str, tuple[str, bool, bool]]:
    """Return by login: its verifier, whether it never expires, whether it expires in an hour."""
    query = """
        SELECT rolname, rolpassword, rolvaliduntil = 'infinity' IS TRUE,
        rolvaliduntil BETWEEN now() + '59 minutes' AND now() + '1 hour' IS TRUE
        FROM pg_authid WHERE rolpassword IS NOT NULL
    """
    with psycopg.connect(server.url("postgres")) as connection:
        return {str(name): tuple(rest) for name, *rest in connection.execute(query)}


@pytest.mark.needs("helm")
@pytest.mark.needs("helmfile")
def test_job_sets_passwords_and_the_login_that_was_left_is_valid_for_an_hour(
    monkeypatch: pytest.MonkeyPatch, run_job: RunJob
) -> None:
    with furnished(create_database, monkeypatch) as server:
        run_job(server, "superbill_server", "à la carte")
        first = passwords(server)
        with psycopg.connect(server.url("postgres")) as connection:
            owner = connection.execute(
                "SELECT datdba::regrole::text FROM pg_database WHERE datname = 'superbill'"
            )
            assert owner.fetchone() == ("superbill_owner",)
        run_job(server, "superbill_server_2", "second")
        moved = passwords(server)
        run_job(server, "superbill_server_2", "second")
        again = passwords(server)
        run_job(server, "superbill_server", "third")
        back = passwords(server)
    assert first.keys() == {"superbill_owner", "superbill_server"}
    assert fits(OWNER, first["superbill_owner"][0])
    for stored, login, password in (
        (first, "superbill_server", "à la carte"),
        (moved, "superbill_server_2", "second"),
        (back, "superbill_server", "third"),
    ):
        assert fits(password, stored[login][0])
        assert stored[login][1:] == (True, False)
    assert fits("à la carte", moved["superbill_server"][0])
    assert moved["superbill_server"][1:] == (False, True)
    assert again["superbill_server"] == moved["superbill_server"]
    assert back["superbill_server_2"][1:] == (False, True)


def fits(password: str, verifier: str) -> bool:
    """Compare a password with the SCRAM-SHA-256 verifier that Postgres stores (RFC 5803)."""
    kind, parameters, keys = verifier.split("$")
    rounds, salt = parameters.split(":")
    stored = base64.b64decode(keys.split(":")[0])
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(salt), int(rounds))
    client = hmac.digest(salted, b"Client Key", "sha256")
    return kind == "SCRAM-SHA-256" and hashlib.sha256(client).digest() == stored
