"""Each type that a btree can order: created, found, filtered, ordered page by page, with NULLs."""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import quote

import httpx
import psycopg
import pytest
from psycopg.sql import SQL, Composed, Identifier, Literal

from api.catalog.relations import Relation
from api.catalog.text_settings import TEXT_SETTINGS
from api.config import Config
from api.operations import discovery, index_access, kinds
from api.operations.filters import RANGES
from api.sql import lists, statements
from tests.support.catalogs import read_catalog
from tests.support.databases import Server, TestDatabase
from tests.support.every_type import CASES, EXTENSIONS, SETUP, Case
from tests.support.generic_plans import MILLION, SETTINGS, faults, whole_reads
from tests.support.outages import configure_login
from tests.support.plain_http import PlainTransport
from tests.support.query_plans import list_shapes
from tests.support.row_texts import unlike
from tests.support.serving import Serve, Serving

# What a login may have; each would make other texts, and other results, of some type.
LOGIN = {
    "bytea_output": "escape",
    "datestyle": "German, DMY",
    "extra_float_digits": "-15",
    "intervalstyle": "sql_standard",
    "timezone": "America/St_Johns",
}
PINNED = "; ".join(f"SET {name} = '{value}'" for name, value in TEXT_SETTINGS.items())
ORDERED = """
SELECT DISTINCT t.typname FROM pg_opclass AS c
JOIN pg_am AS m ON m.oid = c.opcmethod JOIN pg_type AS t ON t.oid = c.opcintype
WHERE m.amname = 'btree' AND c.opcdefault
"""


@pytest.fixture(scope="module")
def lab(server: Server) -> Iterator[TestDatabase]:
    """Make a table and a view for each type; the extensions have a schema that is in no path."""
    made = server.create("lab")
    extensions = "".join(f"CREATE EXTENSION {name} SCHEMA ext;" for name in EXTENSIONS)
    tables = "".join(_table(case).as_string() for case in CASES)
    made.execute(f"CREATE SCHEMA ext; {extensions} {SETUP} {tables}")
    for name, value in LOGIN.items():
        configure_login(made, name, value)
    yield made
    server.drop(made.name)


def _table(case: Case) -> Composed:
    """Make a table whose key has the type, and a nullable column in an index of its own."""
    return SQL(
        "CREATE TABLE lab.{table} (k {type} PRIMARY KEY, v {type}, n int NOT NULL);"
        "CREATE INDEX ON lab.{table} (v, k);"
        "CREATE VIEW api.{table} WITH (security_invoker = true) AS SELECT k, v, n FROM lab.{table};"
        "GRANT ALL ON lab.{table}, api.{table} TO superbill_api;"
    ).format(table=Identifier(case.name), type=SQL(case.sql))


@pytest.fixture
async def service(serve: Serve, lab: TestDatabase) -> Serving:
    return await serve(Config(database_url=lab.api_url, connections=2))


@pytest.fixture
async def client(service: Serving) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client that does not compare answers with the document, as extremes do not fit it."""
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{service.port}", timeout=100, transport=PlainTransport()
    ) as made:
        yield made


def test_table_has_each_type_with_a_btree_operator_class(lab: TestDatabase) -> None:
    known = {case.of or case.name.strip('"').removesuffix("[]") for case in CASES}
    aliases = {"bigint": "int8", "double precision": "float8", "integer": "int4", "real": "float4",
               "smallint": "int2"}  # fmt: skip
    assert {str(name) for (name,) in lab.execute(ORDERED)} <= {aliases.get(n, n) for n in known}


@pytest.mark.costly
async def test_each_type_is_created_found_filtered_and_ordered(
    service: Serving, client: httpx.AsyncClient, lab: TestDatabase
) -> None:
    for case in CASES:
        path = f"/{quote(case.name)}/"
        await _create(client, service.client, path, case)
        _insert(lab, case)
        rows = await _get(client, path)
        assert len(rows) == len(case.values) + len(case.more), case
        await _find_each_by_its_path(client, path, rows)
        with psycopg.connect(lab.owner_url) as connection:
            await _order(client, path, connection, case)
            relation = next(r for r in service.catalog.relations if r.name == case.name)
            await _filter(client, path, connection, relation, rows)
    with psycopg.connect(lab.sql_url) as connection:
        connection.execute(PINNED.encode())
        assert not [fault for r in service.catalog.relations for fault in unlike(connection, r)]


@pytest.mark.costly
async def test_index_of_each_type_serves_its_lists_and_its_path(lab: TestDatabase) -> None:
    """The operators of a statement are the index's: no plan reads a table or discards rows."""
    lab.execute(MILLION.format("lab"))
    wrong = []
    with psycopg.connect(lab.sql_url, autocommit=True) as connection:
        connection.execute(SETTINGS.encode())

        def plan(text: str) -> dict[str, Any]:
            explain = f"EXPLAIN (GENERIC_PLAN, FORMAT JSON) {text}"
            (row,) = connection.execute(explain.encode()).fetchall()
            found: dict[str, Any] = row[0][0]["Plan"]
            return found

        for operation in discovery.build(await read_catalog(lab.api_url)):
            if operation.kind is kinds.READ:
                for text in (statements.item(operation), statements.items(operation)):
                    wrong += [(text, fault) for fault in whole_reads(plan(text))]
            for shape in list_shapes(operation) if operation.kind is kinds.LIST else ():
                if len(shape.filters) > 1:
                    continue
                text = lists.listing(operation, shape)
                wrong += [(text, fault) for fault in faults(plan(text), operation, shape)]
    assert wrong == []


async def _create(
    client: httpx.AsyncClient, strict: httpx.AsyncClient, path: str, case: Case
) -> None:
    """Post each value as a key; beside it stands the next one, or NULL in the first half."""
    for n, value in enumerate(case.values):
        other = case.values[(n + 1) % len(case.values)] if n >= len(case.values) // 2 else None
        body = {"k": value, "v": other, "n": n}
        made = await strict.post(path, json=body)
        assert made.status_code == 201, (case, value, made.text)
        if case.name == "char(3)":
            body = {**body, "k": value.ljust(3), "v": other and other.ljust(3)}
        assert made.json() == body, (case, made.text)
        if "location" in made.headers:
            found = await client.get(made.headers["location"])
            assert (found.status_code, found.text) == (200, made.text), case


def _insert(lab: TestDatabase, case: Case) -> None:
    for n, literal in enumerate(case.more, 100):
        query = SQL("INSERT INTO lab.{} VALUES ({text}::{type}, {text}::{type}, {n})").format(
            Identifier(case.name), text=Literal(literal), type=SQL(case.sql), n=n
        )
        lab.execute(f"SET timezone = 'UTC'; {query.as_string()}")


async def _get(client: httpx.AsyncClient, url: str, **query: str) -> list[dict[str, Any]]:
    answer = await client.get(url, params=query or None)
    assert answer.status_code == 200, (url, query, answer.text)
    found: list[dict[str, Any]] = json.loads(answer.text, parse_float=str)
    return found


def _text(value: Any, column: str, relation: str) -> str:
    """Write a value as a URL has it: a string as it is, anything else as JSON."""
    if isinstance(value, str) and not relation.startswith("jsonb"):
        return value
    return json.dumps(value)


async def _find_each_by_its_path(
    client: httpx.AsyncClient, path: str, rows: list[dict[str, Any]]
) -> None:
    for row in rows:
        key = _text(row["k"], "k", path[1:])
        if key:
            answer = await client.get(path + quote(key, safe=""))
            assert answer.status_code == 200, (path, key, answer.text)
            assert json.loads(answer.text, parse_float=str) == row


async def _order(
    client: httpx.AsyncClient, path: str, connection: psycopg.Connection[Any], case: Case
) -> None:
    # Postgres finds no NULL of a composite type by an index.
    for order in ("k", "-k") if case.of == "record" else ("k", "-k", "v", "-v"):
        name, sign = order.removeprefix("-"), " DESC" if order.startswith("-") else ""
        query = SQL("SELECT n FROM lab.{} ORDER BY {}{s}, k{s}").format(
            Identifier(case.name), Identifier(name), s=SQL(sign)
        )
        expected = [n for (n,) in connection.execute(query)]
        found, url = [], f"{path}?order={order}&limit=1"
        while url:
            answer = await client.get(url)
            assert answer.status_code == 200, (url, answer.text)
            found += [row["n"] for row in answer.json()]
            assert len(found) <= len(expected), (case, order, found)
            url = answer.links.get("next", {}).get("url", "")
        assert found == expected, (case, order)


async def _filter(
    client: httpx.AsyncClient,
    path: str,
    connection: psycopg.Connection[Any],
    relation: Relation,
    rows: list[dict[str, Any]],
) -> None:
    value, n = next((row["v"], row["n"]) for row in reversed(rows) if row["v"] is not None)
    text = _text(value, "v", relation.name)
    same = f"(SELECT v FROM lab.{Identifier(relation.name).as_string()} WHERE n = {n})"
    compared = {"eq": "=", "in": "=", **RANGES}
    offered = [f for f in index_access.filters(relation) if f.column.name == "v"]
    nulls = set() if relation.column("v").type.base.kind == "c" else {"is=null", "is=notnull"}
    assert {"eq", *nulls, *RANGES} <= {f.operator for f in offered}
    for filter_ in offered:
        if filter_.operator == "prefix":
            continue
        if filter_.choice:
            condition, given = f"v IS {filter_.choice.replace('not', 'not ')}", filter_.choice
        else:
            operator = relation.column("v").type.operator(compared[filter_.operator])
            condition = f"v {operator} {same}"
            given = '"' + text.replace('"', '""') + '"' if filter_.operator == "in" else text
        query = f"SELECT n FROM lab.{Identifier(relation.name).as_string()} WHERE {condition}"
        expected = sorted(n for (n,) in connection.execute(query.encode()))
        found = await _get(client, path, **{filter_.name: given})
        assert sorted(row["n"] for row in found) == expected, (path, filter_.name, given)
