"""Pages behind different cursors are the same in one statement as in a statement for each."""

import json
from collections import defaultdict
from collections.abc import AsyncIterator
from itertools import product
from typing import Any

import asyncpg

from api.operations import discovery, index_access, kinds
from api.operations.index_order import Order
from api.operations.operation import Operation
from api.sql import lists
from api.sql.clauses import Shape
from tests.support.catalogs import read_catalog
from tests.support.databases import TestDatabase
from tests.support.sample_requests import KNOWN_KEYS

Row = tuple[Any, ...]


async def pages(
    connection: "asyncpg.Connection[Any]", operation: Operation, order: Order, limit: int
) -> AsyncIterator[tuple[Shape, list[Any], Row]]:
    """Give the shape, the values and the row of each page, from the first to the last."""
    keys = [KNOWN_KEYS[name] for parent in operation.parents for name in parent.parameters]
    shape = Shape((), order)
    after: list[str] = []
    while True:
        values = [*keys, *after, limit]
        row = await connection.fetchrow(lists.listing(operation, shape), *values, 0)
        assert row is not None
        assert row[-1] == 1
        yield shape, values, tuple(row)[:-1]
        if row[1] is None:
            return
        cursor = json.loads(row[1])
        shape = Shape((), order, after=True, after_null=cursor[0] is None)
        after = [text for text in cursor if text is not None]


async def test_each_page_is_the_same_in_a_statement_for_many(menagerie: TestDatabase) -> None:
    """In each order of each list, with NULL in the cursor and without it."""
    catalog = await read_catalog(menagerie.api_url)
    seen = set()
    connection = await asyncpg.connect(menagerie.sql_url)
    try:
        for operation in discovery.build(catalog):
            names = [sign + c.name for c in operation.relation.columns for sign in ("", "-")]
            served = (
                index_access.serve(operation.relation, operation.fixed, (), name)
                for name in (names if operation.kind is kinds.LIST else ())
            )
            for order, limit in product(filter(None, served), (1, 3)):
                found: dict[str, list[tuple[list[Any], Row]]] = defaultdict(list)
                async for shape, values, row in pages(connection, operation, order, limit):
                    found[lists.listings(operation, shape)].append((values, row))
                    seen.add((shape.after, shape.after_null, row[1] is None))
                for many, calls in found.items():
                    columns = [*zip(*(values for values, _ in calls), strict=True), 0]
                    rows = await connection.fetch(many, *columns)
                    together = {row[-1]: tuple(row)[:-1] for row in rows}
                    assert together == dict(enumerate((row for _, row in calls), 1)), many
    finally:
        await connection.close()
    assert seen >= {(True, after_null, last) for after_null in (0, 1) for last in (0, 1)}
