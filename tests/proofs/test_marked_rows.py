"""Pages whose texts are escaped together are those whose values are escaped one by one."""

import json
from collections.abc import AsyncIterator
from random import Random
from typing import Any, TypeAlias

import asyncpg
import pytest

from api.operations import discovery, index_access, kinds
from api.operations.operation import Operation
from api.sql import lists
from api.sql.clauses import Shape
from api.sql.marked_rows import marked_row
from tests.support.catalogs import read_catalog
from tests.support.databases import TestDatabase
from tests.support.menagerie import config
from tests.support.serving import Serve

Owner: TypeAlias = "asyncpg.Connection[Any]"
# Two columns that may hold anything and NULL, and one of each other type that a mark stands beside.
TABLE = """
CREATE TYPE zoo.mood AS ENUM ('a"\\b', ',{');
CREATE TABLE zoo.note (
    id bigint PRIMARY KEY, text text NOT NULL, more varchar(99), mood zoo.mood, seen timestamptz,
    day date, owner uuid, weight real, amount api.number, yes boolean NOT NULL
);
CREATE VIEW api.notes WITH (security_invoker = true) AS TABLE zoo.note;
GRANT SELECT ON zoo.note, api.notes TO superbill_api;
"""
ROWS = """
INSERT INTO zoo.note SELECT n, 'x', 'null', 'a"\\b', 'infinity', '0044-03-15 BC', uuidv7(), 0.1,
    1.50, true FROM generate_series(1, 7) AS n;
UPDATE zoo.note SET more = NULL, mood = NULL, seen = NULL, day = NULL, owner = NULL, weight = NULL,
    amount = NULL WHERE id IN (3, 7);
"""
# What the text of a page is made of, and what JSON escapes.
PIECES = ('"', "\\", "null", ",{", "},{", "id", ":", "}", "\x1e", "\n", "\x01", "é", "\U0001f600")


def text(random: Random) -> str:
    """Make a text of up to five pieces."""
    return "".join(random.choices(PIECES, k=random.randrange(6)))


async def forms_of_first_page(owner: Owner, operation: Operation, limit: int) -> list[str | None]:
    """Give the first page in each form of its rows."""
    order = index_access.serve(operation.relation, operation.fixed, ())
    assert order
    found = []
    for form in lists.row_forms(operation.relation):
        row = await owner.fetchrow(lists.listing(operation, Shape((), order), form), limit, 0)
        assert row
        rows, last, _, count, _ = row
        found.append(form.array(rows, count, is_last=last is None))
    return found


@pytest.fixture
async def owner(menagerie: TestDatabase) -> AsyncIterator[Owner]:
    """Give a connection of the owner of the tables."""
    connection = await asyncpg.connect(menagerie.owner_url)
    yield connection
    await connection.close()


@pytest.fixture
async def notes(menagerie: TestDatabase) -> Operation:
    """Give the list of a table with texts, NULL and each other type that marks can stand beside."""
    menagerie.execute(TABLE + ROWS)
    operations = discovery.build(await read_catalog(menagerie.api_url))
    (found,) = (o for o in operations if o.kind is kinds.LIST and o.relation.name == "notes")
    assert marked_row(found.relation)
    return found


async def test_page_has_the_same_bytes_where_values_are_escaped_one_by_one(
    owner: Owner, notes: Operation
) -> None:
    random = Random(1)
    for _ in range(40):
        await owner.executemany(
            "UPDATE zoo.note SET text = $2, more = $3 WHERE id = $1",
            [(n, text(random), random.choice([None, text(random)])) for n in range(1, 8)],
        )
        for limit in (1, 4, 7, 100):
            together, one_by_one = await forms_of_first_page(owner, notes, limit)
            assert together == one_by_one
            assert len(json.loads(together or "")) == min(limit, 7)


@pytest.mark.parametrize(
    "change",
    [
        "text = chr(127)",
        "more = 'a' || chr(127) || chr(127)",
        "weight = 'NaN'",
        "amount = 'Infinity'",
    ],
)
async def test_value_that_marks_cannot_stand_beside_is_noticed_in_any_row(
    owner: Owner, notes: Operation, change: str
) -> None:
    for n in (1, 3, 7):
        await owner.execute(f"UPDATE zoo.note SET {change} WHERE id = {n}")
        together, one_by_one = await forms_of_first_page(owner, notes, 7)
        assert together is None
        assert len(json.loads(one_by_one or "")) == 7
        await owner.execute("DELETE FROM zoo.note; " + ROWS)


@pytest.mark.usefixtures("notes")
async def test_page_with_the_character_of_a_mark_is_answered(
    menagerie: TestDatabase, serve: Serve
) -> None:
    menagerie.execute(
        "UPDATE zoo.note SET seen = '2026-01-02', day = '2026-01-02';"
        "UPDATE zoo.note SET text = chr(127) || ',{' WHERE id = 5"
    )
    server = await serve(config(menagerie))
    items = [(await server.client.get(f"/notes/{n}")).json() for n in range(1, 8)]
    assert items[4]["text"] == "\x7f,{"
    found, path = [], "/notes/?limit=2"
    while path:
        page = await server.client.get(path)
        found += page.json()
        path = page.links.get("next", {}).get("url", "")
    assert found == items
    assert (await server.client.get("/notes/")).json() == items
