"""Each role, tenant and operation: the same verdict in curl by a token, and in psql by a person.

In psql each operation is plain SQL: the parents of its path are read, then it reads or writes the
view. What only another role may do is denied in both, and another tenant's row is refused in both
as one that does not exist.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import cycle
from typing import Any

import httpx
import psycopg
import pytest
from psycopg import errors, sql

from api.catalog.relations import Relation
from api.cli import members
from api.config import Config
from api.operations import discovery, kinds
from api.operations.discovery import path_parameters
from api.operations.operation import Operation
from api.sql.binding import Values, quoted
from api.sql.fragments import body, column_value
from tests.support import checklist, samples
from tests.support.catalogs import read_catalog
from tests.support.databases import CLINIC, TestDatabase
from tests.support.issuers import Issuer, bearer, issuer
from tests.support.menagerie import ID
from tests.support.outages import superuser_url
from tests.support.sample_requests import (
    INSERT_VISITS,
    SAMPLE_BODIES,
    fill_path,
    key_query,
    known,
)
from tests.support.serving import Serving, serving

OTHER, THIRD = (f"00000000-0000-7000-8000-00000000000{n}" for n in (2, 3))
# For each table and column that the API's role reads, in the menagerie.
READER = "test_reader"
GRANTS = f"""
    SELECT format('GRANT SELECT (%I) ON %I.%I TO {READER}', a.attname, n.nspname, c.relname)
    FROM pg_attribute AS a
    JOIN pg_class AS c ON c.oid = a.attrelid
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('api', 'zoo', 'lab', 'reporting') AND a.attnum > 0
    AND NOT a.attisdropped AND c.relkind IN ('r', 'v', 'm', 'p')
    AND has_column_privilege('superbill_api', c.oid, a.attnum, 'SELECT')
    UNION ALL
    SELECT format('GRANT USAGE ON SCHEMA %I TO {READER}', n.nspname)
    FROM pg_namespace AS n WHERE has_schema_privilege('superbill_api', n.oid, 'USAGE')
    AND n.nspname !~ '^pg_|^information_schema$'"""
OCCUPATIONS = [
    f"superbill_{name}" for name in ("front_desk", "clinician", "biller", "auditor", "admin")
]
ROLES = ["superbill_api", *OCCUPATIONS]
CANARY = "Caged Canary"
ALLOWED, DENIED, REFUSED = "allowed", "denied", "refused"


# Of the roles and tenants, how many try each operation.
SHARES = samples.shares(0.1)

Logins = dict[tuple[str, str], str]  # by role and tenant: the URL by which a person opens psql


@dataclass(frozen=True, slots=True)
class Request:
    """A request of an operation by a role of a tenant; `number` is another in each.

    `keys`: those of the path, of rows that one tenant has.
    """

    operation: Operation
    keys: list[str]
    role: str
    tenant: str
    number: int

    @property
    def body(self) -> dict[str, Any]:
        """A good body."""
        columns = {column.name for column in self.operation.body}
        samples = SAMPLE_BODIES[self.operation.relation.name].items()
        text = json.dumps({name: values[0] for name, values in samples if name in columns})
        number = str(self.number)
        row: dict[str, Any] = json.loads(text.replace('"{n}"', number).replace("{n}", number))
        if self.operation.kind is kinds.REPLACE:  # the path has the key
            row = {name: v for name, v in row.items() if name not in self.operation.relation.key}
        return row


def known_keys(database: TestDatabase, operation: Operation) -> list[str]:
    """Give the keys of a path: those that the samples know, else of the first row."""
    found = []
    by_filters = zip(path_parameters(operation.relation, ()), operation.relation.key, strict=True)
    own = [(name, operation.relation.column(column)) for name, column in by_filters]
    for name, column in own if operation.kind.by_filters else operation.keys:
        view = f"{operation.relation.schema}.{quoted(operation.relation.name)}"
        key = f"SELECT CAST({quoted(column.name)} AS text) FROM {view} ORDER BY 1 LIMIT 1"
        key_known = known(operation).get(name)
        found.append(str(key_known or database.execute(key)[0][0]))
    return found


async def over_http(server: Serving, found: Issuer, request: Request) -> str:
    """Give the verdict of the API; no answer has a canary in it."""
    operation = request.operation
    headers = bearer(found.token(role=request.role, tenant=request.tenant))
    sent = request.body if operation.kind.body else None
    path = operation.path
    if operation.kind.by_filters:
        path += key_query(operation.relation, request.keys)
        headers["prefer"] = "max-affected=1"
    else:
        path = fill_path(operation, request.keys)
    # A view may require to say whether a row is to be created or replaced.
    either: tuple[dict[str, str], ...] = ({"if-none-match": "*"}, {"if-match": "*"})
    for condition in either if operation.kind is kinds.REPLACE else ({},):
        answer = await server.client.request(
            operation.method, path, headers=headers | condition, json=sent
        )
        assert CANARY not in answer.text
        if answer.status_code != 412:
            break
    return verdict(answer)


def verdict(answer: httpx.Response) -> str:
    """Give the verdict that a status is."""
    if answer.is_success:
        return ALLOWED
    assert answer.status_code in (403, 404, 409, 422), answer.text
    return DENIED if answer.status_code == 403 else REFUSED


def in_psql(connection: psycopg.Connection[Any], request: Request) -> str:
    """Give the verdict of Postgres about the same in plain SQL; nothing is kept."""
    try:
        return _run(connection, request)
    except errors.InsufficientPrivilege:
        return DENIED
    except (psycopg.IntegrityError, errors.RaiseException, errors.ObjectNotInPrerequisiteState):
        return REFUSED
    finally:
        connection.rollback()


def _run(connection: psycopg.Connection[Any], request: Request) -> str:
    operation = request.operation
    given = request.keys
    position, verdict = 0, ALLOWED
    for parent in operation.parents:
        relation, own = parent.relation, given[position : position + len(parent.parameters)]
        position += len(own)
        if not _rows(connection, _about("SELECT {key} FROM {view}", relation), relation, own):
            verdict = REFUSED  # unless the role may not do it anyway
    relation, own = operation.relation, given[position:]
    match operation.kind:
        case kinds.CREATE:
            fixed = dict(
                zip(operation.fixed, given[:position][-len(operation.fixed) :], strict=True)
            )
            insert = "INSERT INTO {view} ({names}) SELECT {values} FROM {record}"
            statement = _written(insert, relation, {**request.body, **fixed})
            verdict = verdict if connection.execute(statement).rowcount else REFUSED
        case kinds.UPDATE:
            update = "UPDATE {view} SET ({names}) = (SELECT {values} FROM {record})"
            change = _written(update, relation, request.body)
            verdict = verdict if _rows(connection, change, relation, own) else REFUSED
        case kinds.UPDATE_MANY:
            update = "UPDATE {view} SET ({names}) = (SELECT {values} FROM {record})"
            _rows(connection, _written(update, relation, request.body), relation, own)
        case kinds.DELETE_MANY:
            _rows(connection, _about("DELETE FROM {view}", relation), relation, own)
        case kinds.REPLACE:
            _replace(connection, relation, own, request.body)
        case kinds.DELETE:
            deleted = _rows(connection, _about("DELETE FROM {view}", relation), relation, own)
            verdict = verdict if deleted else REFUSED
        case kinds.READ:
            found = _rows(
                connection, _about("SELECT {columns} FROM {view}", relation), relation, own
            )
            verdict = verdict if found else REFUSED
        case _:
            _rows(connection, _about("SELECT {columns} FROM {view}", relation), relation, [])
    return verdict


def _replace(
    connection: psycopg.Connection[Any], relation: Relation, own: list[str], row: dict[str, Any]
) -> None:
    """Change a row, or insert it: the key of ON CONFLICT would have what policies give."""
    update = "UPDATE {view} SET ({names}) = (SELECT {values} FROM {record})"
    insert = "INSERT INTO {view} ({names}) SELECT {values} FROM {record}"
    if not _rows(connection, _written(update, relation, row), relation, own):
        key = dict(zip(relation.key, own, strict=True))
        connection.execute(_written(insert, relation, {**key, **row}))


def _written(text: str, relation: Relation, row: dict[str, Any]) -> sql.Composed:
    """Write a statement with the columns of a body, and the body as a record of them."""
    columns = [relation.column(name) for name in row]
    before, after = (sql.SQL(part) for part in body(columns, Values()).split("CAST($1 AS text)"))
    return sql.SQL(text).format(
        view=sql.Identifier(relation.schema, relation.name),
        names=sql.SQL(", ").join(map(sql.Identifier, row)),
        key=sql.SQL(", ").join(map(sql.Identifier, relation.key)),
        sets=sql.SQL(", ").join(
            sql.SQL("{} = excluded.{}").format(sql.Identifier(name), sql.Identifier(name))
            for name in row
            if name not in relation.key
        ),
        values=sql.SQL(", ".join(map(column_value, columns))),
        record=before + sql.Literal(json.dumps(row)) + after,
    )


def _about(text: str, relation: Relation) -> sql.Composed:
    """Write a statement about a relation, its key and its columns."""
    texts = [
        sql.SQL("CAST({} AS text)").format(sql.Identifier(column.name))
        for column in relation.columns
    ]
    return sql.SQL(text).format(
        view=sql.Identifier(relation.schema, relation.name),
        key=sql.SQL(", ").join(map(sql.Identifier, relation.key)),
        columns=sql.SQL(", ").join(texts),
    )


def _rows(
    connection: psycopg.Connection[Any],
    statement: sql.Composed,
    relation: Relation,
    own: list[str],
) -> int:
    """Run a statement on the row with this key, or on all; give the number of rows."""
    if own:
        conditions = [
            sql.SQL("{} = {}").format(sql.Identifier(name), value)
            for name, value in zip(relation.key, own, strict=True)
        ]
        statement += sql.SQL(" WHERE ") + sql.SQL(" AND ").join(conditions)
    cursor = connection.execute(statement)
    found = cursor.fetchall() if cursor.description else []
    assert CANARY not in str(found)
    return cursor.rowcount


@contextmanager
def people(
    database: TestDatabase,
    places: Iterable[tuple[str, str]],
    grant: Callable[[str, str, str], object],
) -> Iterator[Logins]:
    """Give a person's login for each role and tenant; `grant` takes login, role and tenant."""
    made = {}
    for number, (role, tenant) in enumerate(places):
        login = f"test_person_{number}"
        database.server.execute(f"CREATE ROLE {login} LOGIN")
        grant(login, role, tenant)
        made[role, tenant] = database.server.postgres.url(login, database.name)
    try:
        yield made
    finally:
        for number in range(len(made)):
            database.server.execute(f"DROP ROLE test_person_{number}")


async def compared(
    database: TestDatabase,
    logins: Logins,
    roles: Sequence[str],
    made_anew: dict[str, str],
    about: tuple[str, float, pytest.FixtureRequest],
) -> dict[str, set[str]]:
    """Compare the verdicts of operations; give them, by role.

    Each operation changes what the next one finds, so a row that one deletes is made anew:
    `made_anew` has statements, by the operation's id. `about`: the title of the report, and the
    share of the roles and tenants that try an operation.
    """
    operations = discovery.build(await read_catalog(database.api_url))
    verdicts: dict[str, set[str]] = {}
    numbers = cycle(range(100, 1000))  # as years have four digits
    title, share, request = about
    chosen = shared_out(operations, len(logins), share)
    keys = {operation.id: known_keys(database, operation) for operation in operations}
    async with issuer() as found:
        config = found.config(database_url=database.api_url, connections=2)
        async with serving(config, roles=roles) as server:
            for ((role, tenant), url), some in zip(logins.items(), chosen, strict=True):
                with psycopg.connect(url) as psql:
                    for operation in some:
                        path = keys[operation.id]
                        asked = Request(operation, path, role, tenant, next(numbers))
                        expected = in_psql(psql, asked)
                        verdict = await over_http(server, found, asked)
                        assert verdict == expected, (role, tenant, operation.id)
                        verdicts.setdefault(role, set()).add(verdict)
                        if verdict == ALLOWED and operation.id in made_anew:
                            database.execute(made_anew[operation.id])
    tried = samples.said(sum(map(len, chosen)), len(operations) * len(logins), "compared")
    checklist.report(f"verdicts of {title}: {tried}", request)
    return verdicts


def shared_out(
    operations: Sequence[Operation], places: int, share: float
) -> list[Sequence[Operation]]:
    """Choose for each operation a share of the places, and one at each place of each kind."""
    pairs = [(operation, place) for place in range(places) for operation in operations]
    tried = samples.sample(pairs, lambda pair: pair[0].id, share)
    tried += samples.sample(pairs, lambda pair: (pair[0].kind.name, pair[1]), 0)
    found = {(operation.id, place) for operation, place in tried}
    return [[o for o in operations if (o.id, place) in found] for place in range(places)]


@SHARES
async def test_verdicts_are_the_same_in_curl_and_in_psql(
    database: TestDatabase, share: float, request: pytest.FixtureRequest
) -> None:
    # A third clinic has a patient, whose names nobody may see.
    database.execute(
        f"{INSERT_VISITS}; INSERT INTO identity.clinic VALUES ('{OTHER}', 'Other'),"
        f" ('{THIRD}', 'Third'); INSERT INTO billing.patient (clinic_id, first_name, last_name)"
        f" VALUES ('{THIRD}', '{CANARY}', '{CANARY}')"
    )
    settings = Config(database_url=database.api_url, migration_database_url=database.owner_url)
    places = [(role, clinic) for role in ROLES for clinic in (CLINIC, OTHER)]
    line_item = (
        "INSERT INTO billing.line_item (id, encounter_id, cpt_code)"
        f" VALUES ('{ID}001', '{ID}001', 'G0438') ON CONFLICT DO NOTHING"
    )
    fee = (
        "INSERT INTO billing.fee (id, cpt_code, effective_on, ends_on, amount)"
        f" VALUES ('{ID}001', 'G0438', '2024-01-01', '2024-01-31', 1) ON CONFLICT DO NOTHING"
    )
    made_anew = {
        f"{relation}.{kind}": statement
        for relation, statement in (("line_items", line_item), ("fees", fee))
        for kind in ("delete", "delete_many")
    }
    about = "roles of billing", share, request
    with people(database, places, partial(members.grant, settings)) as logins:
        verdicts = await compared(database, logins, OCCUPATIONS, made_anew, about)
    assert verdicts["superbill_api"] == {ALLOWED, REFUSED}
    assert set().union(*verdicts.values()) == {ALLOWED, DENIED, REFUSED}
    if share == 1:
        assert all(verdicts[role] == {ALLOWED, DENIED, REFUSED} for role in OCCUPATIONS[:4])


@SHARES
async def test_verdicts_are_the_same_in_the_menagerie(
    menagerie: TestDatabase, share: float, request: pytest.FixtureRequest
) -> None:
    """With a tenant of another name, and a role that only reads."""
    menagerie.execute(f"INSERT INTO zoo.lodge (estate, name, beds) VALUES ('x', '{CANARY}', 1)")
    server = menagerie.server
    server.execute(f"CREATE ROLE {READER}")
    server.execute(f"GRANT {READER} TO superbill_server WITH INHERIT FALSE")
    try:
        for (grant,) in menagerie.execute(GRANTS):
            menagerie.execute(str(grant))

        def admit(login: str, role: str, estate: str) -> None:
            server.execute(f"GRANT {role} TO {login}")
            menagerie.execute(f"INSERT INTO identity.warden VALUES ('{login}', '{estate}')")

        places = [(role, e) for role in ("superbill_api", READER) for e in ("home", "away")]
        with people(menagerie, places, admit) as logins:
            about = "roles of menagerie", share, request
            verdicts = await compared(menagerie, logins, [READER], {}, about)
    finally:
        with psycopg.connect(superuser_url(menagerie), autocommit=True) as connection:
            connection.execute(f"DROP OWNED BY {READER}")
        server.execute(f"DROP ROLE {READER}")
    assert verdicts == {"superbill_api": {ALLOWED, REFUSED}, READER: {ALLOWED, DENIED, REFUSED}}
