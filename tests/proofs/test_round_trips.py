"""Each request is one statement, as pg_stat_statements counts them."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

import httpx
import psycopg
import pytest

from api.catalog.relations import Catalog
from api.config import Config
from api.document.parameters import needs_key
from api.operations import discovery, kinds
from api.operations.operation import Operation
from api.sql.binding import quoted
from tests.support import samples
from tests.support.databases import TestDatabase
from tests.support.menagerie import ID
from tests.support.sample_requests import (
    INSERT_VISITS,
    KNOWN_KEYS,
    POSTED,
    SAMPLE_BODIES,
    SEVERAL_PRACTICES,
    code,
    fill_path,
    key_query,
)
from tests.support.serving import Serve

ORDER = (
    "create",
    "read",
    "update",
    "replace",
    "list",
    "report",
    "delete",
    "update_many",
    "delete_many",
)
# Parents without the rows that other operations have made: a keeper, encounters of a patient.
LONE = {
    "keepers.lockers.create": {"keeper_id": "4"},
    "encounters.diagnoses.create": {"encounter_id": f"{ID}002"},
    "patients.encounters.diagnoses.create": {"encounter_id": f"{ID}003"},
    "superbills.diagnoses.create": {"encounter_id": f"{ID}004"},
    "patients.superbills.diagnoses.create": {"encounter_id": f"{ID}005"},
    "providers.encounters.diagnoses.create": {"encounter_id": f"{ID}006"},
    "line_items.reversals.create": {"line_item_id": f"{ID}0d2"},
    "encounters.line_items.reversals.create": {
        "encounter_id": f"{ID}0d1",
        "line_item_id": f"{ID}0d3",
    },
    "superbills.line_items.reversals.create": {
        "encounter_id": f"{ID}0d1",
        "line_item_id": f"{ID}0d4",
    },
}
_BELOW = {"patient_id": POSTED, "provider_id": POSTED, "encounter_id": POSTED}
LONE |= {
    f"{place}{relation}.create": _BELOW | {"line_item_id": POSTED, "payment_id": POSTED}
    for relation in ("adjustments", "allocations", "claims")
    for place in (
        *("encounters.line_items.", "line_items.", "superbills.line_items."),
        *("payments.", "patients.payments.", "encounters.", "patients.encounters."),
        *("patients.superbills.", "providers.encounters.", "superbills."),
    )
}
LONE |= {
    f"{place}.claim_details.create": {"encounter_id": f"{ID}00{n}"}
    for n, place in enumerate(
        (
            *("encounters", "patients.encounters", "patients.superbills"),
            *("providers.encounters", "superbills"),
        ),
        2,
    )
}
LONE |= {
    f"{place}line_items.drugs.create": {"line_item_id": f"{ID}00{n}"}
    for n, place in enumerate(("", "encounters.", "superbills."), 4)
}
LONE |= {
    f"{place}claims.submissions.list": _BELOW | {"claim_id": POSTED}
    for place in ("encounters.", "superbills.", "patients.encounters.")
}
# A posted line item for each operation that reverses one; and a claim that may be sent again.
REVERSIBLE = f"""
INSERT INTO billing.encounter (id, patient_id, date, provider_id, place_of_service)
    VALUES ('{ID}0d1', '{ID}001', '2024-03-01', '{ID}001', '11');
INSERT INTO billing.line_item (id, encounter_id, cpt_code)
    SELECT CAST('{ID}0d' || n AS uuid), '{ID}0d1', 'J3420' FROM generate_series(2, 5) AS n;
UPDATE billing.encounter SET status = 'posted' WHERE id = '{ID}0d1';
ALTER TABLE billing.submission ALTER COLUMN is_rejected SET DEFAULT true;
"""

SEEN: dict[str, dict[str, list[Any]]] = {
    "exhibits": {"hidden": [False]},  # the view leaves out the others
    "reversals": {"line_item_id": [f"{ID}0d5"]},
    "interchanges": {"claim_ids": [[POSTED]]},
}
NOBODY = {
    "uuid": f"{ID}999",
    "int8": "77",
    "int4": "77",
    "int2": "77",
    "timestamptz": "2001-01-01T00:00:00Z",
}  # keys that no row has, by their type


SHARES = samples.shares(0.1)


def chosen(catalog: Catalog, share: float) -> list[Operation]:
    """Choose a share of the operations of each kind."""
    return samples.sample(discovery.build(catalog), samples.kind_of_operation, share)


class Statements:
    """Counts the statements that run for the API's role on a test's database.

    Not counted are what says for whom a statement acts, as it is sent with it, and the transaction
    in which a connection prepares a statement, once.
    """

    def __init__(self, connection: psycopg.Connection[Any], name: str) -> None:
        """Count from now on."""
        self._connection = connection
        self._name = name
        # The statements of all tests before are thousands, which each count would read.
        connection.execute("SELECT pg_stat_statements_reset()")
        self.count()

    def count(self) -> int:
        """Give the number since the last call."""
        query = """
            SELECT coalesce(sum(s.calls), 0), min(pg_stat_statements_reset(r.oid, d.oid, 0))
            FROM pg_database AS d CROSS JOIN pg_roles AS r
            LEFT JOIN pg_stat_statements AS s ON s.dbid = d.oid AND s.userid = r.oid
                AND s.query !~ 'request.tenant|^SET LOCAL ROLE|^COMMIT'
            WHERE d.datname = %s AND r.rolname = 'superbill_api'
        """
        row = self._connection.execute(query, [self._name]).fetchone()
        assert row is not None
        return int(row[0])


@pytest.fixture(params=["billing", "menagerie"])
def made(request: pytest.FixtureRequest) -> TestDatabase:
    """Give a database of each schema, with rows."""
    found: TestDatabase = request.getfixturevalue(
        "database" if request.param == "billing" else "menagerie"
    )
    if request.param == "billing":
        found.execute(INSERT_VISITS + SEVERAL_PRACTICES + REVERSIBLE)
    return found


@pytest.fixture
def counted(made: TestDatabase) -> Iterator[Statements]:
    """Count the statements on it."""
    postgres = made.server.postgres
    with psycopg.connect(
        postgres.url("postgres", postgres.database), autocommit=True
    ) as connection:
        yield Statements(connection, made.name)


def body(operation: Operation, number: int) -> dict[str, Any] | None:
    """Give what creates a row, another each time, or what changes one."""
    if not operation.kind.body:
        return None
    names = {column.name for column in operation.body}
    values = {
        **SAMPLE_BODIES.get(operation.relation.name, {}),
        **SEEN.get(operation.relation.name, {}),
    }
    found = {name: several[0] for name, several in values.items() if name in names}
    if operation.kind is kinds.REPLACE:
        found = {name: v for name, v in found.items() if name not in operation.relation.key}
    if operation.kind in (kinds.UPDATE, kinds.UPDATE_MANY):
        found = dict([item for item in found.items() if item[0] not in operation.relation.key][-1:])
    made: dict[str, Any] = json.loads(
        json.dumps(found).replace('"{n}"', str(number)).replace("{n}", str(number))
    )
    return made


class Asking:
    """Asks for each operation once, of rows that it has made itself where rows can be made."""

    def __init__(self, client: httpx.AsyncClient, made: TestDatabase) -> None:
        """Ask a server."""
        self._client = client
        self._made = made
        self._places: dict[str, str] = {}  # of each relation the last row that was made

    async def ask(
        self, operation: Operation, number: int, missing: int | None = None
    ) -> httpx.Response:
        """Send one request; where a parent is to be missing, its key is nobody's."""
        keys = [
            {**KNOWN_KEYS, **code(operation), **LONE.get(operation.id, {})}[n]
            for p in operation.parents
            for n in p.parameters
        ]
        if missing is not None:
            keys[missing] = (
                "77"
                if keys[missing].isdigit()
                else (str(uuid4()) if "-" in keys[missing] else "Nowhere")
            )
        path = (
            self._places.get(operation.relation.name, "")
            if operation.parameters or operation.kind.by_filters
            else fill_path(operation, keys)
        )
        path = path or fill_path(
            operation, self._stored(operation) if operation.parameters else keys
        )
        if operation.kind.by_filters:
            place = self._places.get(operation.relation.name, "")
            keys = [unquote(text) for text in place.rpartition("/")[2].split(",")]
            keys = keys if place else self._stored(operation)
            path = operation.path + key_query(operation.relation, keys)
        path = path or fill_path(operation, self._stored(operation))
        answer = await self._client.request(operation.method, path, json=body(operation, number))
        if answer.is_success and operation.kind is kinds.CREATE and "location" in answer.headers:
            self._places[operation.relation.name] = answer.headers["location"]
        return answer

    def _stored(self, operation: Operation) -> list[str]:
        columns = ", ".join(
            f"to_json({quoted(name)}) #>> '{{}}'" for name in operation.relation.key
        )
        if operation.relation.key[0] == "at":  # the owner sees more than the client
            return [KNOWN_KEYS[name] for name in operation.relation.key]
        query = f"SELECT {columns} FROM api.{quoted(operation.relation.name)} LIMIT 1"
        return [str(key) for key in self._made.execute(query)[0]]


@SHARES
async def test_each_success_is_one_statement(
    serve: Serve, made: TestDatabase, counted: Statements, share: float
) -> None:
    service = await serve(Config(database_url=made.api_url, connections=2))
    asking = Asking(service.client, made)
    some = {operation.id for operation in chosen(service.catalog, share)}
    found = [
        operation
        for operation in discovery.build(service.catalog)
        if operation.id in some or (operation.kind is kinds.CREATE and not operation.parents)
    ]
    for number, operation in enumerate(sorted(found, key=lambda o: ORDER.index(o.kind.name)), 100):
        counted.count()
        answer = await asking.ask(operation, number)
        assert (operation.id, answer.status_code // 100, counted.count()) == (
            operation.id,
            2,
            1,
        ), answer.text
    assert {*ORDER} - {o.kind.name for o in found} <= {"replace"}


@SHARES
async def test_missing_parent_is_at_most_one_more_statement(
    serve: Serve, made: TestDatabase, counted: Statements, share: float
) -> None:
    """It has to be said which parent it is; of a list with one there is nothing to ask."""
    service = await serve(Config(database_url=made.api_url, connections=2))
    asking, seen = Asking(service.client, made), 0
    for operation in chosen(service.catalog, share):
        # A create that inserts nothing may be a trigger's doing, so it asks even for a single
        # parent.
        most = 2 if len(operation.parents) > (operation.kind is not kinds.CREATE) else 1
        for missing in range(sum(len(parent.parameters) for parent in operation.parents)):
            counted.count()
            answer = await asking.ask(operation, 100, missing)
            position = operation.parent_of(missing)
            assert position is not None
            table = operation.parents[position].relation.table
            assert table is not None
            assert answer.status_code == 404, (operation.id, answer.text)
            assert (
                answer.json()["detail"].lower() == f"{table[1].replace('_', ' ')} not found".lower()
            )
            assert 1 <= counted.count() <= most, (operation.id, missing)
            seen += 1
    assert seen > 8


@SHARES
async def test_missing_row_is_one_statement(
    serve: Serve, made: TestDatabase, counted: Statements, share: float
) -> None:
    service = await serve(Config(database_url=made.api_url, connections=2))
    for operation in chosen(service.catalog, share):
        if operation.parameters and operation.kind is not kinds.REPLACE:
            types = [
                operation.relation.column(name).type.base.name for name in operation.relation.key
            ]
            path = fill_path(operation, [NOBODY.get(name, "00000") for name in types])
            counted.count()
            answer = await service.client.request(operation.method, path, json=body(operation, 100))
            # After a failure an answer is looked for that was kept for the key.
            statements = 2 if needs_key(operation) else 1
            assert (operation.id, answer.status_code, counted.count()) == (
                operation.id,
                404,
                statements,
            ), answer.text
