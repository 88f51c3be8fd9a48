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
PASSWORDS = {"superbill_owner": 'it\'s "own" $1 \\ :x', "superbill_server": "à la carte"}
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


@pytest.mark.needs("helm")
@pytest.mark.needs("helmfile")
def test_job_sets_the_passwords_of_the_logins_on_every_run(
    monkeypatch: pytest.MonkeyPatch, charts: Charts
) -> None:
    container = charts.scenario("default").containers["Job/postgres-roles postgres"]
    script = container["args"][0].replace("/sql/", f"{FILES}/")

    def job(server: dev_postgres.Postgres) -> None:
        with psycopg.connect(server.url("postgres", "postgres"), autocommit=True) as connection:
            connection.execute("CREATE DATABASE superbill")
        known = {
            "PATH": f"{server.psql.parent}:{os.environ['PATH']}",
            "PGHOST": str(server.socket),
            "PGUSER": "postgres",
            "PGDATABASE": "postgres",
            **{
                name.removeprefix("superbill_").upper() + "_PASSWORD": word
                for name, word in PASSWORDS.items()
            },
        }
        for _ in range(2):
            subprocess.run([*container["command"], script], env=known, check=True)  # noqa: S603

    with furnished(job, monkeypatch) as server:
        verifiers = "SELECT rolname, rolpassword FROM pg_authid WHERE rolpassword IS NOT NULL"
        with psycopg.connect(server.url("postgres")) as connection:
            stored = {str(name): str(verifier) for name, verifier in connection.execute(verifiers)}
            owner = connection.execute(
                "SELECT datdba::regrole::text FROM pg_database WHERE datname = 'superbill'"
            )
            assert owner.fetchone() == ("superbill_owner",)
    assert stored.keys() == PASSWORDS.keys()
    assert all(fits(word, stored[name]) for name, word in PASSWORDS.items())


def fits(password: str, verifier: str) -> bool:
    """Compare a password with the SCRAM-SHA-256 verifier that Postgres stores (RFC 5803)."""
    kind, parameters, keys = verifier.split("$")
    rounds, salt = parameters.split(":")
    stored = base64.b64decode(keys.split(":")[0])
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(salt), int(rounds))
    client = hmac.digest(salted, b"Client Key", "sha256")
    return kind == "SCRAM-SHA-256" and hashlib.sha256(client).digest() == stored
