"""Each role, clinic and operation: the same verdict in curl by a token, and in psql by a person.

In psql each operation is plain SQL: the parents of its path are read, then it reads or writes the
view. What only another role may do is denied in both, and another clinic's row is refused in both
as one that does not exist.
"""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import psycopg
import pytest
from psycopg import errors, sql

from api.cli import members
from api.config import Config
from api.operations import discovery, kinds
from api.operations.operation import Operation
from tests.support.catalogs import read_catalog
from tests.support.databases import CLINIC, TestDatabase
from tests.support.issuers import Issuer, bearer, issuer
from tests.support.menagerie import ID
from tests.support.sample_requests import INSERT_VISITS, KNOWN_KEYS, SAMPLE_BODIES, fill_path
from tests.support.serving import Serving, serving

OTHER, THIRD = (f"00000000-0000-7000-8000-00000000000{n}" for n in (2, 3))
OCCUPATIONS = [
    f"superbill_{name}" for name in ("front_desk", "clinician", "biller", "auditor", "admin")
]
ROLES = ["superbill_api", *OCCUPATIONS]
CANARY = "Canary"
ALLOWED, DENIED, REFUSED = "allowed", "denied", "refused"


@dataclass(frozen=True, slots=True)
class Clinics:
    """A server with an issuer, on a database with the rows of one clinic and a canary of another.

    `logins`: by role and clinic, the URL by which a person opens psql.
    """

    server: Serving
    issuer: Issuer
    database: TestDatabase
    logins: dict[tuple[str, str], str]


def body(operation: Operation) -> dict[str, Any]:
    """Give a good body of an operation."""
    columns = {column.name for column in operation.body}
    samples = SAMPLE_BODIES[operation.relation.name].items()
    return {name: values[0] for name, values in samples if name in columns}


def keys(operation: Operation) -> list[str]:
    """Give the keys of the path: of rows that one clinic has."""
    return [str(KNOWN_KEYS.get(name, "G0438")) for name, _ in operation.keys]


async def over_http(clinics: Clinics, operation: Operation, role: str, clinic: str) -> str:
    """Give the verdict of the API; no answer has a canary in it."""
    headers = bearer(clinics.issuer.token(role=role, tenant=clinic))
    sent = body(operation) if operation.kind.body else None
    path = fill_path(operation, keys(operation))
    answer = await clinics.server.client.request(operation.method, path, headers=headers, json=sent)
    assert CANARY not in answer.text
    return verdict(answer)


def verdict(answer: httpx.Response) -> str:
    """Give the verdict that a status is."""
    if answer.is_success:
        return ALLOWED
    assert answer.status_code in (403, 404, 422), answer.text
    return DENIED if answer.status_code == 403 else REFUSED


def in_psql(url: str, operation: Operation) -> str:
    """Give the verdict of Postgres about the same in plain SQL; nothing is kept."""
    with psycopg.connect(url) as connection:
        try:
            return _run(connection, operation)
        except errors.InsufficientPrivilege:
            return DENIED
        except (errors.ForeignKeyViolation, errors.CheckViolation):
            return REFUSED
        finally:
            connection.rollback()


def _run(connection: psycopg.Connection[Any], operation: Operation) -> str:
    given = keys(operation)
    position, verdict = 0, ALLOWED
    for parent in operation.parents:
        relation, own = parent.relation, given[position : position + len(parent.parameters)]
        position += len(own)
        if not _rows(connection, "SELECT {key} FROM {view}", relation, own):
            verdict = REFUSED  # unless the role may not do it anyway
    relation, own = operation.relation, given[position:]
    match operation.kind:
        case kinds.CREATE:
            fixed = dict(
                zip(operation.fixed, given[:position][-len(operation.fixed) :], strict=True)
            )
            row = {**body(operation), **fixed}
            columns = sql.SQL(", ").join(map(sql.Identifier, row))
            view = sql.Identifier(relation.schema, relation.name)
            statement = sql.SQL(
                "INSERT INTO {0} ({1}) SELECT {1} FROM json_populate_record(NULL::{0}, {2})"
            ).format(view, columns, json.dumps(row))
            connection.execute(statement)
        case kinds.UPDATE:
            name, value = next(reversed(body(operation).items()))
            change = f"UPDATE {{view}} SET {name} = '{value}'"
            verdict = verdict if _rows(connection, change, relation, own) else REFUSED
        case kinds.DELETE:
            deleted = _rows(connection, "DELETE FROM {view}", relation, own)
            verdict = verdict if deleted else REFUSED
        case kinds.READ:
            found = _rows(connection, "SELECT {columns} FROM {view}", relation, own)
            verdict = verdict if found else REFUSED
        case _:
            _rows(connection, "SELECT {columns} FROM {view}", relation, [])
    return verdict


def _rows(connection: psycopg.Connection[Any], text: str, relation: Any, own: list[str]) -> int:
    """Run a statement on the row with this key, or on all; give the number of rows."""
    names = [column.name for column in relation.columns]
    statement = sql.SQL(text).format(
        view=sql.Identifier(relation.schema, relation.name),
        key=sql.SQL(", ").join(map(sql.Identifier, relation.key)),
        columns=sql.SQL(", ").join(map(sql.Identifier, names)),
    )
    if own:
        conditions = [
            sql.SQL("{}::text = {}").format(sql.Identifier(name), value)
            for name, value in zip(relation.key, own, strict=True)
        ]
        statement += sql.SQL(" WHERE ") + sql.SQL(" AND ").join(conditions)
    cursor = connection.execute(statement)
    found = cursor.fetchall() if cursor.description else []
    assert CANARY not in str(found)
    return cursor.rowcount


@pytest.fixture
def logins(database: TestDatabase) -> Iterator[dict[tuple[str, str], str]]:
    """Give a person's login for each role in each clinic."""
    # A third clinic has a patient, whose names nobody may see.
    database.execute(
        f"{INSERT_VISITS}; INSERT INTO identity.clinic VALUES ('{OTHER}', 'Other'),"
        f" ('{THIRD}', 'Third'); INSERT INTO billing.patient (clinic_id, first_name, last_name)"
        f" VALUES ('{THIRD}', '{CANARY}', '{CANARY}')"
    )
    settings = Config(database_url=database.api_url, migration_database_url=database.owner_url)
    made = {}
    for number, (role, clinic) in enumerate((r, c) for r in ROLES for c in (CLINIC, OTHER)):
        login = f"test_person_{number}"
        database.server.execute(f"CREATE ROLE {login} LOGIN")
        members.grant(settings, login, role, clinic)
        made[role, clinic] = database.server.postgres.url(login, database.name)
    yield made
    for number in range(len(made)):
        database.server.execute(f"DROP ROLE test_person_{number}")


@asynccontextmanager
async def _served(
    database: TestDatabase, logins: dict[tuple[str, str], str]
) -> AsyncIterator[Clinics]:
    async with issuer() as found:
        config = found.config(database_url=database.api_url, connections=2)
        async with serving(config, roles=OCCUPATIONS) as server:
            yield Clinics(server, found, database, logins)


async def test_verdicts_are_the_same_in_curl_and_in_psql(
    database: TestDatabase, logins: dict[tuple[str, str], str]
) -> None:
    """Each operation changes what the next one finds, so a changed row is made anew."""
    operations = discovery.build(await read_catalog(database.api_url))
    verdicts: dict[str, set[str]] = {}
    async with _served(database, logins) as clinics:
        for (role, clinic), url in logins.items():
            for operation in operations:
                expected = in_psql(url, operation)
                found = await over_http(clinics, operation, role, clinic)
                assert found == expected, (role, clinic, operation.id)
                verdicts.setdefault(role, set()).add(found)
                if operation.kind is kinds.DELETE and found == ALLOWED:
                    database.execute(
                        "INSERT INTO billing.line_item (id, encounter_id, cpt_code)"
                        f" VALUES ('{ID}001', '{ID}001', 'G0438')"
                    )
    assert verdicts["superbill_api"] == {ALLOWED, REFUSED}
    assert all(verdicts[role] == {ALLOWED, DENIED, REFUSED} for role in OCCUPATIONS[:4])
