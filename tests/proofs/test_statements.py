"""Statements → plans: an index serves each offered list; no name and no value is read as SQL."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import psycopg
import pytest

from api.operations import discovery, index_access, kinds, notes
from api.operations.filters import UNORDERED
from api.operations.unique_keys import merged, unique_keys
from api.request import query
from api.sql import binding, filtered_writes, lists, upserts
from tests.support.catalogs import read_catalog
from tests.support.databases import TestDatabase
from tests.support.generic_plans import MILLION, SETTINGS, faults
from tests.support.menagerie import config
from tests.support.query_plans import list_shapes
from tests.support.serving import Serve

# Postgres could use none of these for a page in order, but for `first` being equal.
ODD_INDEXES = """
CREATE COLLATION zoo.mine FROM "C";
CREATE TABLE zoo.task (
    id int PRIMARY KEY, alike int NOT NULL, first int NOT NULL, last int NOT NULL,
    word text NOT NULL
);
INSERT INTO zoo.task SELECT n, n % 9, n % 99, n % 999, n::text FROM generate_series(1, 1000) AS n;
CREATE INDEX ON zoo.task (alike);
CREATE INDEX task_covering_idx ON zoo.task (alike) INCLUDE (id);
CREATE INDEX ON zoo.task (first NULLS FIRST, id);
CREATE INDEX ON zoo.task (last DESC NULLS LAST, id DESC NULLS LAST);
CREATE INDEX ON zoo.task (word COLLATE zoo.mine, id);
CREATE VIEW api.tasks WITH (security_invoker = true) AS
SELECT id, alike, first, last, word FROM zoo.task;
GRANT ALL ON zoo.task, api.tasks TO superbill_api;
"""


async def test_odd_indexes_offer_only_what_they_serve(menagerie: TestDatabase) -> None:
    menagerie.execute(ODD_INDEXES)
    with pytest.raises(psycopg.errors.UniqueViolation):  # it is there all the same, but not valid
        menagerie.execute("CREATE UNIQUE INDEX CONCURRENTLY ON zoo.task (alike)")
    catalog = await read_catalog(menagerie.api_url)
    tasks = next(relation for relation in catalog.relations if relation.name == "tasks")
    assert index_access.orders(tasks) == ("id",)
    assert {f.name for f in index_access.filters(tasks) if f.column.name != "id"} == {"first"}
    assert [
        str(note).partition(" serves no filter: ")[::2]
        for note in notes.notes(catalog)
        if note.about == "api.tasks" and "is invalid" not in note.sentence
    ] == [
        ("api.tasks: index task_alike_idx", "it lacks id at its end."),
        ("api.tasks: index task_covering_idx", "it lacks id at its end."),
        (
            "api.tasks: index task_last_id_idx",
            "its columns are not in an order that a page can have.",
        ),
        ("api.tasks: index task_word_id_idx", "it begins with word, in a collation of its own."),
    ]


@pytest.mark.parametrize("every", [11, pytest.param(1, marks=pytest.mark.long)])
async def test_each_list_is_served_by_an_index(menagerie: TestDatabase, every: int) -> None:
    """No plan sorts, reads a table or discards rows; `contains` and `on` sort what they found."""
    menagerie.execute(ODD_INDEXES)
    menagerie.execute(MILLION.format("zoo"))
    catalog = await read_catalog(menagerie.api_url)
    wrong: list[tuple[str, ...]] = []
    seen: set[str] = set()
    with psycopg.connect(menagerie.sql_url, autocommit=True) as connection:
        connection.execute(SETTINGS)
        for operation in discovery.build(catalog):
            for shape in list_shapes(operation, every) if operation.kind is kinds.LIST else ():
                for text in (
                    {lists.listing(operation, shape), lists.listings(operation, shape)}
                    - seen
                    - {""}
                ):
                    seen.add(text)
                    (row,) = connection.execute(
                        f"EXPLAIN (GENERIC_PLAN, FORMAT JSON) {text}".encode()
                    ).fetchall()
                    wrong += [
                        (operation.id, text, fault)
                        for fault in faults(row[0][0]["Plan"], operation, shape)
                    ]
    assert wrong == []
    assert len(seen) > 500 / every


async def test_each_upsert_finds_rows_by_an_index(menagerie: TestDatabase) -> None:
    """Also by a key that a policy completes: no plan reads a table."""
    menagerie.execute(
        "GRANT INSERT (id), UPDATE (opened, rate) ON zoo.lodge, api.lodges TO superbill_api"
    )
    menagerie.execute(MILLION.format("zoo"))
    found = set()
    with psycopg.connect(menagerie.sql_url, autocommit=True) as connection:
        connection.execute(SETTINGS)
        for operation in discovery.build(await read_catalog(menagerie.api_url)):
            names = frozenset(column.name for column in operation.body)
            texts = [
                upserts.upsert(operation, given, key, merges=merges, returning=True)
                for key in unique_keys(operation)
                for merges, given in ((True, merged(operation) | {*key}), (False, names))
            ]
            if operation.kind is kinds.REPLACE:
                texts.append(upserts.replace(operation, names))
            for text in texts:
                row = connection.execute(f"EXPLAIN (GENERIC_PLAN, FORMAT JSON) {text}".encode())
                ((plans,),) = row.fetchall()
                scans = [*_scans(plans[0]["Plan"], operation.relation.table)]
                assert scans, (operation.id, text)
                assert {kind for kind, _ in scans} == {"Index Scan"}, (operation.id, text, scans)
                assert all("Index Cond" in node for _, node in scans), (operation.id, text)
                found.add((operation.relation.name, operation.kind.name))
    assert {("lodges", "replace"), ("lodges", "create"), ("rations", "create")} <= found


@pytest.mark.parametrize("every", [11, pytest.param(1, marks=pytest.mark.long)])
async def test_each_write_by_filters_reads_by_an_index(menagerie: TestDatabase, every: int) -> None:
    """What it finds, and what it writes of that."""
    menagerie.execute(MILLION.format("zoo"))
    seen: set[str] = set()
    with psycopg.connect(menagerie.sql_url, autocommit=True) as connection:
        connection.execute(SETTINGS)
        for operation in discovery.build(await read_catalog(menagerie.api_url)):
            names = frozenset(column.name for column in operation.body)
            shapes = list_shapes(operation, every) if operation.kind.by_filters else ()
            for shape in shapes:
                if not shape.filters or shape.after:
                    continue
                if any(filter_.operator in UNORDERED for filter_ in shape.filters):
                    continue  # their indexes have no order, so Postgres sorts what they find
                text = (
                    filtered_writes.change(operation, shape, names)
                    if operation.kind is kinds.UPDATE_MANY
                    else filtered_writes.delete(operation, shape)
                )
                if text in seen:
                    continue
                seen.add(text)
                row = connection.execute(f"EXPLAIN (GENERIC_PLAN, FORMAT JSON) {text}".encode())
                ((plans,),) = row.fetchall()
                scans = [*_scans(plans[0]["Plan"], operation.relation.table)]
                assert len(scans) > 1, (operation.id, text)
                assert all("Index Cond" in node for _, node in scans), (operation.id, text, scans)
    assert len(seen) > 200 / every


def _scans(plan: Any, table: tuple[str, str] | None) -> Iterator[tuple[str, Any]]:
    """Give the nodes of a plan that read a table."""
    named = plan.get("Relation Name") if plan["Node Type"] != "ModifyTable" else None
    if table and named == table[1]:
        yield plan["Node Type"], plan
    for below in plan.get("Plans", ()):
        yield from _scans(below, table)


HOSTILE = [
    "'; DROP TABLE zoo.exhibit; --",
    '"; DROP TABLE zoo.exhibit; --',
    "$1",
    "%s",
    ":x",
    "\\'",
    "') OR true --",
    "{0}",
]
NAMES = (
    'x"; DROP TABLE zoo.exhibit; --',
    'k") OR (true',
    "$1 %s :x {0} %(a)s '",
)  # a view, its key and a column


async def test_value_is_never_read_as_sql(
    menagerie_client: httpx.AsyncClient, menagerie: TestDatabase
) -> None:
    for text in HOSTILE:
        for path, name in (
            ("animals", "name"), ("animals", "name.gte"), ("species", "code.prefix"),
            ("species", "common_name.in"), ("species", "latin_name.contains"),
            ("specimens", "label.lt"), ("specimens", "duration"), ("loans", "during.on"),
            ("animals", "order"), ("animals", "after"), ("animals", text),
        ):  # fmt: skip
            answer = await menagerie_client.get(f"/{path}/", params={name: text, "limit": "1"})
            assert answer.status_code in (200, 400), (name, text)
        assert (
            await menagerie_client.get("/Odd%20Things/" + quote(text, safe=""))
        ).status_code == 404
        made = await menagerie_client.post("/exhibits/", json={"title": text})
        assert made.json()["title"] == text
        assert (await menagerie_client.post("/exhibits/", json={text: 1})).status_code == 422
        changed = await menagerie_client.patch(made.headers["location"], json={"title": text * 2})
        assert changed.json()["title"] == text * 2
    assert menagerie.execute("SELECT count(*) FROM zoo.exhibit") == [(2 + len(HOSTILE),)]


async def test_name_is_never_read_as_sql(serve: Serve, menagerie: TestDatabase) -> None:
    view, key, text = NAMES
    table, one, other = map(binding.quoted, NAMES)
    menagerie.execute(
        f"CREATE TABLE zoo.{table} ({one} int PRIMARY KEY, {other} numeric[] NOT NULL);"
        f"CREATE INDEX ON zoo.{table} ({other}, {one});"
        f"CREATE VIEW api.{table} WITH (security_invoker = true) AS "
        f"SELECT {one}, {other} FROM zoo.{table};"
        f"GRANT ALL ON api.{table}, zoo.{table} TO superbill_api"
    )
    service = await serve(config(menagerie))
    path = f"/{quote(view)}/"
    made = await service.client.post(path, json={key: 1, text: ["1.0"]})
    assert (made.status_code, made.json()) == (201, {key: 1, text: ["1.0"]})
    assert (
        await service.client.get(path, params={f"{key}.gte": 1, "order": f"-{key}"})
    ).json() == [made.json()]
    changed = await service.client.patch(f"{path}1", json={key: 2, text: []})
    assert changed.json() == {key: 2, text: []}
    assert [(await service.client.delete(f"{path}{number}")).status_code for number in (1, 2)] == [
        404,
        204,
    ]
    assert menagerie.execute("SELECT count(*) FROM zoo.exhibit") == [(2,)]


DECIMALS = """
CREATE TYPE zoo.price AS (net numeric, vat numeric[]);
CREATE TYPE zoo.line AS (what text, price zoo.price, more zoo.price[]);
CREATE DOMAIN zoo.lines AS zoo.line[];
CREATE TABLE zoo.bill (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, lines zoo.lines, one zoo.line
);
CREATE VIEW api.bills WITH (security_invoker = true) AS SELECT id, lines, one FROM zoo.bill;
GRANT ALL ON zoo.bill, api.bills TO superbill_api;
"""


async def test_nested_decimal_is_a_string(serve: Serve, menagerie: TestDatabase) -> None:
    menagerie.execute(DECIMALS)
    line = {
        "what": "x",
        "price": {"net": "0.10", "vat": ["19.00", None]},
        "more": [{"net": "12345678901234567890.123", "vat": []}, None, {"net": None, "vat": None}],
    }
    bare = {"what": None, "price": None, "more": None}
    service = await serve(config(menagerie))
    bodies: list[dict[str, Any]] = [
        {"lines": [line, None, bare], "one": line},
        {"lines": [], "one": bare},
        {"lines": None, "one": None},
    ]
    for number, body in enumerate(bodies, 1):
        made = await service.client.post("/bills/", json=body)
        assert (made.status_code, made.json()) == (201, {"id": number, **body})
        assert (await service.client.get(f"/bills/{number}")).json() == made.json()
    assert (await service.client.post("/bills/", json={})).json() == {
        "id": 4,
        "lines": None,
        "one": None,
    }
    assert (await service.client.patch("/bills/4", json={"lines": [line]})).json()["lines"] == [
        line
    ]


ALIASES = """
CREATE TYPE zoo.measure AS (f numeric, i numeric, v numeric[], r text);
CREATE TABLE zoo.alias (
    r int PRIMARY KEY, i text, f zoo.measure, b numeric, p numeric[], q int, n int,
    v zoo.measure[], item text, k0 int NOT NULL, a0 zoo.measure
);
CREATE INDEX ON zoo.alias (k0, r);
CREATE VIEW api.i WITH (security_invoker = true) AS
SELECT r, i, f, b, p, q, n, v, item, k0, a0 FROM zoo.alias;
CREATE VIEW reporting.i WITH (security_invoker = true) AS SELECT i, f, v FROM zoo.alias;
GRANT ALL ON zoo.alias, api.i, reporting.i TO superbill_api;
"""


async def test_column_may_have_the_name_of_an_alias(serve: Serve, menagerie: TestDatabase) -> None:
    menagerie.execute(ALIASES)
    f = {"f": "1.50", "i": "2.0", "v": ["0.10"], "r": "x"}
    row: dict[str, Any] = {
        "r": 1,
        "i": "i",
        "f": f,
        "b": "1.0",
        "p": ["2.0"],
        "q": 3,
        "n": 4,
        "v": [f, None],
    }
    row |= {"item": "item", "k0": 5, "a0": f}
    service = await serve(config(menagerie))
    made = await service.client.post("/i/", json=row)
    assert (made.status_code, made.json(), made.headers["location"]) == (201, row, "/i/1")
    assert (await service.client.get("/i/1")).json() == row
    assert (await service.client.patch("/i/1", json=row)).json() == row
    for options in ("", "?order=-k0", "?k0=5", "?k0.gte=5"):
        assert (await service.client.get(f"/i/{options}")).json() == [row], options
    assert (await service.client.get("/reporting/i/")).json() == [
        {"i": "i", "f": f, "v": [f, None]}
    ]
    assert (await service.client.delete("/i/1")).status_code == 204


@pytest.mark.parametrize(
    ("text", "successor"),
    [
        ("a", "b"),
        ("az", "a{"),
        ("a\U0010ffff", "b"),
        ("\ud7ff", "\ue000"),
        ("a\ud7ff\U0010ffff\U0010ffff", "a\ue000"),
        ("\U0010ffff", "\U0010ffff\U0010ffff"),
        ("\uffff", "\U00010000"),
    ],
)
def test_successor_is_the_least_text_after_all_with_the_prefix(text: str, successor: str) -> None:
    # what it does shows only in its bound
    assert query._successor(text) == successor  # noqa: SLF001


async def test_view_that_cannot_be_read_accepts_rows(serve: Serve, menagerie: TestDatabase) -> None:
    """The view names a column that the role may not read, so that each SELECT of it fails."""
    menagerie.execute(
        "CREATE TABLE zoo.wish (id int PRIMARY KEY, text text, granted boolean);"
        "CREATE VIEW api.wishes WITH (security_invoker = true) AS"
        " SELECT id, text FROM zoo.wish WHERE granted IS NULL;"
        "GRANT SELECT (id, text), INSERT (id, text), UPDATE (text), DELETE ON zoo.wish"
        " TO superbill_api;"
        "GRANT SELECT, INSERT, UPDATE, DELETE ON api.wishes TO superbill_api"
    )
    service = await serve(config(menagerie))
    made = await service.client.post("/wishes/", json={"id": 1, "text": "Fish."})
    assert (made.status_code, made.text, made.headers.get("location")) == (201, "{}", None)
    assert [o.id for o in discovery.build(service.catalog) if o.relation.name == "wishes"] == [
        "wishes.create"
    ]
    assert (await service.client.get("/wishes/")).status_code == 405
    assert (await service.client.get("/wishes/1")).status_code == 404
    note = next(n for n in notes.notes(service.catalog) if n.about == "api.wishes")
    assert note.sentence == (
        "served for POST only: superbill_api lacks SELECT on zoo.wish.granted, which it uses."
    )
    assert note.sql == "GRANT SELECT (granted) ON zoo.wish TO superbill_api;"
    assert menagerie.execute("SELECT text FROM zoo.wish") == [("Fish.",)]
