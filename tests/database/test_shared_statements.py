"""Calls of several callers in one statement: each row is its own caller's, in the trail too."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import psycopg
import pytest
from asyncpg import PostgresError

from api.config import ROOT
from api.database.batching import Batches
from api.database.connections import Connections
from api.database.train import Car
from api.identity import DEVELOPMENT_ROLE, Identity
from api.operations import discovery
from api.operations.operation import Operation
from api.sql import statements
from tests.support.audit_trail import verify
from tests.support.catalogs import read_catalog
from tests.support.databases import TestDatabase
from tests.support.outages import superuser_url

CLINICS = [f"00000000-0000-7000-8000-00000000000{n}" for n in (1, 2, 3)]
# Names that would break what is written carelessly.
NAMES = ["ada", "o'neil", '"', "\\", "{}", "[]", "null", "é\u2028𝄞", "a,b", " ", "\t\n", "1"]
CALLERS = [
    Identity(DEVELOPMENT_ROLE, clinic, f"{name}{clinic[-1]}")
    for clinic in CLINICS
    for name in NAMES
]
OTHER_CLINICS = "INSERT INTO identity.clinic (id, name) VALUES " + ", ".join(
    f"('{clinic}', 'x')" for clinic in CLINICS[1:]
)
ROLLBACK = ROOT / "schema" / "0055.shared_statements.rollback.sql"
GRANTS = "GRANT SELECT, INSERT ON billing.{0}, api.{0}s TO superbill_api"
# A table whose rows say who made them.
OWNED = """
    CREATE TABLE billing.note (
        clinic_id uuid DEFAULT identity.clinic() NOT NULL,
        id uuid DEFAULT uuidv7() NOT NULL,
        writer text DEFAULT identity.actor() NOT NULL,
        words text NOT NULL,
        PRIMARY KEY ({key})
    );
    CREATE POLICY own ON billing.note
    USING (clinic_id = (SELECT identity.clinic()) AND {policy});
    ALTER TABLE billing.note ENABLE ROW LEVEL SECURITY;
    CREATE VIEW api.notes WITH (security_invoker = true) AS
    SELECT n.id, n.words FROM billing.note AS n;
    """ + GRANTS.format("note")


@dataclass(slots=True)
class Sent:
    """Batches whose calls share statements, and the cars that they sent."""

    batches: Batches
    cars: list[list[Car]] = field(default_factory=list)

    async def create(
        self, operation: Operation, calls: Sequence[tuple[str, Identity]], *, once: bool = False
    ) -> list[Any]:
        """Create rows at once: the first call runs alone, and the others wait for it."""
        names = frozenset(column.name for column in operation.body if column.name in calls[0][0])
        one, many = (
            make(operation, names, once=once) for make in (statements.create, statements.creates)
        )
        keys = count()
        running = (
            self.batches.run(
                one, many, [text, *([f"key {next(keys)}", "f"] if once else [])], who, write=True
            )
            for text, who in calls
        )
        return await asyncio.gather(*running, return_exceptions=True)

    async def read(self, operation: Operation, calls: Sequence[tuple[str, Identity]]) -> list[Any]:
        """Read rows at once."""
        one, many = statements.item(operation), statements.items(operation)
        return await asyncio.gather(*(self.batches.run(one, many, [k], who) for k, who in calls))


@asynccontextmanager
async def sending(
    database: TestDatabase, monkeypatch: pytest.MonkeyPatch, *, tells_actors: bool = True
) -> AsyncIterator[Sent]:
    """Send calls over one lane, so that those wait that come while a statement runs."""
    connections = Connections(database.api_url, 2, wait=100, timeout=100)
    await connections.open()
    batches = Batches(connections, 1, 64, tells_actors=tells_actors, quick=0, patience=1000)
    sent = Sent(batches)
    run_many = connections.run_many

    async def record(cars: Sequence[Car], *, write: bool = False) -> Any:
        sent.cars.append(list(cars))
        return await run_many(cars, write=write)

    monkeypatch.setattr(connections, "run_many", record)
    try:
        yield sent
    finally:
        await connections.close()


async def operation(database: TestDatabase, name: str) -> Operation:
    """Give an operation by its id."""
    catalog = await read_catalog(database.api_url)
    assert catalog.tells_actors
    return next(each for each in discovery.build(catalog) if each.id == name)


def patient(who: Identity, first_name: str = "x") -> str:
    """Write the body of a patient whose last name tells who adds it."""
    actor = who.actor.encode().hex()
    return f'{{"first_name": "{first_name}", "last_name": "{actor}"}}'


def told(database: TestDatabase, relation: str, column: str) -> list[tuple[Any, ...]]:
    """Give from the trail of a table: clinic, actor, and a column of each new row."""
    return database.execute(
        f"SELECT clinic_id::text, actor, after ->> '{column}' FROM audit.change"
        f" WHERE relation = '{relation}' AND action = 'insert' AND login = 'superbill_server'"
    )


def check_trail(database: TestDatabase, relation: str, column: str, rows: int) -> None:
    """Check that the trail has so many new rows of a table, each of the actor in its column."""
    found = told(database, relation, column)
    assert len(found) == rows
    assert all(actor.encode().hex() == made_by for _, actor, made_by in found)


async def test_each_row_of_a_shared_statement_is_its_callers_in_the_trail(
    database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.execute(OTHER_CLINICS)
    create = await operation(database, "patients.create")
    calls = [(patient(who), who) for who in CALLERS + CALLERS[::-1]][:65]
    async with sending(database, monkeypatch) as sent:
        rows = await sent.create(create, calls)
    assert [len(cars) for cars in sent.cars] == [3]  # one for each clinic
    for row, (_, who) in zip(rows, calls, strict=True):
        assert who.actor.encode().hex() in row[0]
    found = told(database, "billing.patient", "last_name")
    expected = Counter((who.tenant, who.actor, who.actor.encode().hex()) for _, who in calls)
    assert Counter(found) == expected
    assert verify(database) == ""


async def test_refused_row_of_a_shared_statement_leaves_the_others_to_their_callers(
    database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = await operation(database, "patients.create")
    own = CALLERS[: len(NAMES)]
    calls = [(patient(who, " " if n == 5 else "x"), who) for n, who in enumerate(own)]
    async with sending(database, monkeypatch) as sent:
        rows = await sent.create(create, calls)
        assert isinstance(rows[5], PostgresError)
        assert rows[5].sqlstate == "23514"
        again = await sent.create(create, calls[:5])
    assert [len(cars) for cars in sent.cars] == [1, 1]  # they share statements after it too
    assert not any(isinstance(row, Exception) for row in again)
    for clinic, actor, name in told(database, "billing.patient", "last_name"):
        assert (clinic, actor.encode().hex()) == (CLINICS[0], name)
    assert len(told(database, "billing.patient", "last_name")) == len(calls) - 1 + 5


KEYED = f"""
    CREATE TABLE billing.stay (
        clinic_id uuid DEFAULT identity.clinic() NOT NULL,
        at timestamptz, price numeric(10, 2), "the ""name" text, n bigint, made_by text,
        PRIMARY KEY (clinic_id, n, "the ""name", at, price)
    );
    CREATE POLICY own ON billing.stay USING (clinic_id = (SELECT identity.clinic()));
    ALTER TABLE billing.stay ENABLE ROW LEVEL SECURITY;
    CREATE VIEW api.stays WITH (security_invoker = true) AS
    SELECT s.made_by, s.n AS id, s.price, s."the ""name" AS label, s.at FROM billing.stay AS s;
    {GRANTS.format("stay")};
    SELECT audit.watch('billing.stay')"""


async def test_rows_with_keys_of_several_columns_and_types_are_their_callers(
    database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Clinics have rows with the same keys, and go in one train."""
    database.execute(f"{OTHER_CLINICS}; {KEYED}")
    create = await operation(database, "stays.create")
    body = (
        '{{"made_by": "{}", "id": {}, "price": 7.50, "label": "\\"{{é}},%",'
        ' "at": "2026-03-01T12:00:00Z"}}'
    )
    calls = [
        (body.format(who.actor.encode().hex(), n % len(NAMES)), who)
        for n, who in enumerate(CALLERS)
    ]
    async with sending(database, monkeypatch) as sent:
        await sent.create(create, calls)
    assert [len(cars) for cars in sent.cars] == [3]
    check_trail(database, "billing.stay", "made_by", len(CALLERS))


async def test_rows_with_keys_that_are_json_are_their_callers(
    database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a path has them, 1 and "1" are two texts; without quotes they are one."""
    keyed = KEYED.replace("n bigint", "n jsonb").replace(', "the ""name", at, price)', ")")
    database.execute(keyed)
    create = await operation(database, "stays.create")
    body = '{{"made_by": "{}", "id": {}}}'
    calls = [
        (body.format(who.actor.encode().hex(), key), who)
        for key, who in zip(("2", "1", '"1"', "true", '"true"'), CALLERS, strict=False)
    ]
    async with sending(database, monkeypatch) as sent:
        await sent.create(create, calls)
    check_trail(database, "billing.stay", "made_by", len(calls))


ASKING = {
    "a default": "ALTER TABLE billing.patient ADD COLUMN made_by text DEFAULT identity.actor()",
    "a row trigger": """
        CREATE TABLE billing.made (id uuid PRIMARY KEY, made_by text);
        CREATE FUNCTION billing.add_made() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
        BEGIN
            INSERT INTO billing.made VALUES (new.id, new.last_name);
            RETURN new;
        END $$;
        CREATE TRIGGER x {} INSERT ON billing.patient
        FOR EACH ROW EXECUTE FUNCTION billing.add_made();
        SELECT audit.watch('billing.made')""",
}


@pytest.mark.parametrize("when", ["BEFORE", "AFTER"])
async def test_row_that_a_trigger_adds_to_another_table_is_its_callers(
    database: TestDatabase, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    """It has the same key as the row that the statement adds."""
    database.execute(ASKING["a row trigger"].format(when))
    create = await operation(database, "patients.create")
    own = CALLERS[: len(NAMES)]
    async with sending(database, monkeypatch) as sent:
        for _ in range(2):
            await sent.create(create, [(patient(who), who) for who in own])
    # The first time in vain; then each has a car.
    assert [len(cars) for cars in sent.cars] == [1, len(own)]
    for relation, column in (("billing.made", "made_by"), ("billing.patient", "last_name")):
        check_trail(database, relation, column, 2 * len(own))


async def test_default_that_asks_for_the_actor_gets_the_rows_own(
    database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.execute(ASKING["a default"])
    database.execute("SELECT audit.watch('billing.patient')")
    create = await operation(database, "patients.create")
    own = CALLERS[: len(NAMES)]
    async with sending(database, monkeypatch) as sent:
        for _ in range(2):
            await sent.create(create, [(patient(who), who) for who in own])
    assert [len(cars) for cars in sent.cars] == [1, len(own)]
    found = database.execute("SELECT made_by, last_name FROM billing.patient WHERE made_by <> ''")
    assert all(str(made_by).encode().hex() == name for made_by, name in found)
    assert len(found) == 2 * len(own)


async def test_callers_are_kept_apart_after_the_migration_was_rolled_back(
    database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that runs meanwhile does not know of it."""
    create = await operation(database, "patients.create")
    own = CALLERS[: len(NAMES)]
    async with sending(database, monkeypatch) as sent:
        await sent.create(create, [(patient(who), who) for who in own])
        database.execute(ROLLBACK.read_text())
        await sent.create(create, [(patient(who), who) for who in own])
    check_trail(database, "billing.patient", "last_name", 2 * len(own))


async def test_answers_with_a_key_are_kept_for_their_callers(
    database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = await operation(database, "patients.create")
    own = CALLERS[: len(NAMES)]
    async with sending(database, monkeypatch) as sent:
        await sent.create(create, [(patient(who), who) for who in own], once=True)
    found = database.execute(
        "SELECT actor, CAST(body AS json) ->> 'last_name' FROM identity.answer"
    )
    assert all(str(actor).encode().hex() == name for actor, name in found)
    assert len(found) == len(own)


@pytest.mark.parametrize("tells_actors", [True, False])
@pytest.mark.parametrize(
    ("key", "policy"),
    [
        ("clinic_id, writer, id", "writer = (SELECT identity.actor())"),
        ("clinic_id, id", "(SELECT writer = identity.actor())"),
    ],
)
async def test_rows_of_one_caller_are_read_by_no_other_of_the_clinic(
    database: TestDatabase,
    monkeypatch: pytest.MonkeyPatch,
    key: str,
    policy: str,
    tells_actors: bool,  # noqa: FBT001 - of the table above
) -> None:
    database.execute(OWNED.format(key=key, policy=policy))
    own = CALLERS[: len(NAMES)]
    create = await operation(database, "notes.create")
    read = await operation(database, "notes.read")
    async with sending(database, monkeypatch, tells_actors=tells_actors) as sent:
        made = await sent.create(create, [('{"words": "x"}', who) for who in own])
        keys = [row[1].strip('[]"') for row in made]
        for _ in range(2):
            rows = await sent.read(read, [(each, who) for each in keys for who in own[:5]])
            seen = [row is not None for row in rows]
            assert seen == [a == b for a in range(len(own)) for b in range(5)]


@pytest.mark.parametrize("actors", ["[]", '["ada"]', '{"billing.patient": {}}', "x", "{}"])
def test_statement_for_several_callers_names_no_actor(database: TestDatabase, actors: str) -> None:
    with psycopg.connect(database.sql_url) as connection:
        connection.execute("SELECT set_config('request.actor', 'ada', true)")
        connection.execute("SELECT set_config('request.actors', %s, true)", [actors])
        with pytest.raises(psycopg.Error) as caught:
            connection.execute("SELECT identity.actor()")
        assert caught.value.sqlstate == "ID001"
        connection.rollback()
        connection.execute("SELECT set_config('request.actors', %s, true)", [actors])
        with pytest.raises(psycopg.Error):
            connection.execute("INSERT INTO api.patients (first_name, last_name) VALUES ('a', 'b')")


def test_person_acts_for_herself_whatever_actors_she_sets(database: TestDatabase) -> None:
    """So does the owner, by whose rights the triggers of the trail run."""
    with psycopg.connect(database.owner_url, autocommit=True) as connection:
        connection.execute("SET request.actors = '{\"billing.patient\": {}}'")
        connection.execute("SET request.actor = 'grace'")
        assert connection.execute("SELECT identity.actor()").fetchone() == ("superbill_owner",)
        connection.execute("INSERT INTO billing.patient (first_name, last_name) VALUES ('a', 'b')")
    with psycopg.connect(superuser_url(database)) as connection:
        query = "SELECT actor FROM audit.change WHERE after ->> 'last_name' = 'b'"
        assert connection.execute(query).fetchall() == [("superbill_owner",)]


async def test_schema_that_does_not_tell_actors_apart_has_a_car_for_each_caller(
    menagerie: TestDatabase,
) -> None:
    assert not (await read_catalog(menagerie.api_url)).tells_actors


def test_only_the_function_that_refuses_reads_the_setting(database: TestDatabase) -> None:
    """Whoever else read request.actor would find nothing in a statement for several callers."""
    found = database.execute(
        "SELECT CAST(p.oid AS regprocedure)::text FROM pg_proc AS p"
        " JOIN pg_namespace AS n ON n.oid = p.pronamespace"
        " WHERE p.prokind = 'f' AND NOT n.nspname ~ '^(pg_|information_schema)'"
        " AND pg_get_functiondef(p.oid) ~ 'request\\.actor\\M'"
        " UNION ALL SELECT tableoid::regclass || ' ' || x::text FROM ("
        " SELECT tableoid, pg_get_expr(adbin, adrelid) AS x FROM pg_attrdef"
        " UNION ALL SELECT tableoid, pg_get_expr(polqual, polrelid) FROM pg_policy"
        " UNION ALL SELECT tableoid, pg_get_constraintdef(oid) FROM pg_constraint"
        " UNION ALL SELECT tableoid, pg_get_viewdef(ev_class) FROM pg_rewrite"
        ") AS e WHERE x ~ 'request\\.actor\\M'"
    )
    assert found == [("identity.actor()",)]
