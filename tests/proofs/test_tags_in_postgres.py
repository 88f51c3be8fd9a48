"""Postgres makes the same entity tag of each row as the answer that shows it."""

import json
from typing import Any

import asyncpg
import psycopg
import pytest

from api.endpoints.tagged import entity_tag
from api.operations import discovery, kinds
from api.sql import request_faults
from api.sql.fragments import key, table
from api.sql.row_text import row
from tests.support.catalogs import read_catalog
from tests.support.sample_requests import INSERT_VISITS

# Letters of two, three and four bytes, what JSON escapes, and what looks like an escape.
AWKWARD = """
INSERT INTO billing.patient (first_name, last_name) VALUES
    ('é', 'Ñandú'), ('日本', '🦤'), ('"', '\\'), ('\\u0041', '\\"'), ('/', '<&>'),
    ('e' || chr(769), '½')
"""


@pytest.mark.parametrize("schema", ["database", "menagerie"], ids=["billing", "menagerie"])
async def test_each_row_has_one_tag_in_python_and_postgres(
    schema: str, request: pytest.FixtureRequest
) -> None:
    database = request.getfixturevalue(schema)
    if schema == "database":
        database.execute(INSERT_VISITS)
        database.execute(AWKWARD)
    catalog = await read_catalog(database.api_url)
    reads = [o for o in discovery.build(catalog) if o.kind is kinds.READ]
    seen = 0
    with psycopg.connect(database.sql_url) as connection:
        found = {o: _rows(connection, o) for o in reads}
    asking = await asyncpg.connect(database.sql_url)
    try:
        for operation, rows in found.items():
            for keys, text in rows:
                tag = entity_tag(text.encode())
                sql = request_faults.row_matches(operation)
                for tags, matches in (([tag], True), (['"x"', tag], True), ([f"W/{tag}"], False)):
                    assert await asking.fetchval(sql, *keys, tags) is matches, (text, tags)
                seen += 1
    finally:
        await asking.close()
    assert seen > (20 if schema == "database" else 50)


def _rows(connection: psycopg.Connection[Any], operation: Any) -> list[tuple[list[str], str]]:
    relation = operation.relation
    query = f"SELECT {key(relation)}, {row(relation)} FROM {table(relation)} AS r"
    return [(json.loads(keys), text) for keys, text in connection.execute(query.encode())]
