"""Codes that are valid from day to day: temporal keys, cascades, and keys of an array's items."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import psycopg
import pytest

from api.config import Config
from api.document import schemas
from api.operations import discovery, index_access, kinds
from api.operations.filters import Filter
from api.operations.notes import notes
from api.operations.operation import Operation
from api.sql import lists
from api.sql.clauses import Shape
from tests.support import strangers
from tests.support.catalogs import read_catalog
from tests.support.databases import Server, TestDatabase
from tests.support.dated_codes import DATED_CODES
from tests.support.problems import nothing_created
from tests.support.serving import Serve, Serving

COAT: dict[str, Any] = {"job_id": 1, "paint": "red"}
NO_FINISH, NO_STEP = "There is no such finish.", "The job has no such step."
SOLD, DONE = "A paint is sold on the day of its coat.", "A job that is done stays as it is."
USED = "This paint version's key can't be changed: a coat refers to it."
MANY = {"Prefer": "max-affected=9"}

# fmt: off
# Method, path, body; status, sentence, and the places of the faults.
ASKED: list[tuple[str, str, Any, int, str, list[str]]] = [
    ("POST", "/coats/", COAT | {"finishes": ["matt", "gloss"], "steps": [2, 1]}, 201, "", []),
    ("POST", "/coats/", COAT | {"finishes": ["wet", "satin"]}, 422, NO_FINISH, ["finishes/0"]),
    ("POST", "/coats/", COAT | {"finishes": ["matt", "wet"], "steps": [9]}, 422, NO_FINISH,
     ["finishes/1"]),
    ("POST", "/coats/", COAT | {"steps": [1, 4]}, 422, NO_STEP, ["job_id", "steps/1"]),
    ("POST", "/jobs/1/coats/", {"paint": "blue", "steps": [5]}, 422, NO_STEP, ["steps/0"]),
    ("POST", "/coats/", COAT | {"paint": "no"}, 422, "There is no such paint.", ["paint"]),
    ("POST", "/coats/", COAT | {"paint": "old", "own_day": "2024-07-01"}, 422, SOLD,
     ["paint", "own_day"]),
    ("POST", "/coats/", COAT | {"paint": "old"}, 201, "", []),
    ("PATCH", "/coats/1", {"finishes": ["gloss", "satin"]}, 422, NO_FINISH, ["finishes/1"]),
    ("PATCH", "/coats/1", {"own_day": "2023-07-01"}, 422, SOLD, ["paint", "own_day"]),
    ("PATCH", "/jobs/1", {"day": "2024-07-01"}, 422, SOLD, ["day"]),
    ("PATCH", "/jobs/1", {"day": "2024-07-01", "state": "x"}, 422, SOLD, ["day"]),
    ("PATCH", "/jobs/?id=1", {"day": "2024-07-01"}, 422, SOLD, ["day"]),
    ("PATCH", "/jobs/1", {"day": "2024-05-01"}, 200, "", []),
    ("PATCH", "/jobs/1", {"id": 7}, 409, "This job's key can't be changed: a step refers to it.",
     []),
    ("PATCH", "/paint_versions/1", {"valid_during": "[2024-01-01,2024-02-01)"}, 409, USED, []),
    ("PATCH", "/paint_versions/2", {"valid_during": "[2024-12-31,)"}, 409,
     "A paint has one label a day.", ["code", "valid_during"]),
    ("DELETE", "/paint_versions/1", None, 409,
     "This paint version can't be deleted: a coat refers to it.", []),
    ("PATCH", "/jobs/1", {"state": "done"}, 200, "", []),
    ("PATCH", "/coats/1", {"steps": [1]}, 409, DONE, []),
    ("PATCH", "/coats/?id.gte=1", {"steps": [1]}, 409, DONE, []),
    ("DELETE", "/coats/1", None, 409, DONE, []),
    ("DELETE", "/coats/?job_id=1", None, 409, DONE, []),
]
RED, RUBY, NOWHERE = ["Red"], ["Ruby"], "no index serves these filters and this order together"
# A list, and the labels of its rows.
LISTED = {
    "/paint_versions/?code=red": RED + RUBY,
    "/paint_versions/?code=red&order=-id": RUBY + RED,
    "/paint_versions/?code=red&valid_during.on=2024-12-31": RED,
    "/paint_versions/?code=blue&valid_during.on=1900-01-01": ["Blue"],
    "/paints/red/paint_versions.code/": RED + RUBY,
    "/paints/red/paint_versions.code/?valid_during.on=2025-01-01": RUBY,
    "/paints/old/paint_versions.code/?valid_during.on=2025-01-01": [],
}
# Filters that no index serves together, with the fault's place.
UNSERVED = {
    "/paint_versions/?valid_during.on=2024-12-31": "/valid_during.on",
    "/paint_versions/?code=red&id.gt=1": "/id.gt",
    "/paint_versions/?code=red&order=code": "/order",
}
# fmt: on


@pytest.fixture(scope="module")
def dated(server: Server, templates: dict[str, str]) -> Iterator[TestDatabase]:
    """Give a database with such codes; `templates` has made the roles."""
    assert templates
    made = strangers.make(server, "dated", DATED_CODES)
    yield made
    server.drop(made.name)


@pytest.fixture
async def shop(serve: Serve, dated: TestDatabase) -> Serving:
    """Serve it."""
    return await serve(Config(database_url=dated.api_url, connections=2))


async def test_violation_is_told_with_its_sentence_at_what_the_client_wrote(shop: Serving) -> None:
    for method, path, body, status, detail, places in ASKED:
        answer = await shop.client.request(method, path, json=body, headers=MANY)
        told = answer.json() if answer.content else {}
        assert answer.status_code == status, (path, body, answer.text)
        found = [fault["pointer"] for fault in told.get("errors", [])] if status > 400 else []
        assert found == [f"/{place}" for place in places], (path, body, told)
        if detail:
            assert told["detail"] == detail, (path, body)
        if method == "POST" and status != 201:
            good = {name: value for name, value in COAT.items() if name in body}
            answer = await shop.client.post(path, json=[good | {"paint": "red"}, body])
            many = answer.json()
            assert (answer.status_code, many["detail"]) == (status, nothing_created("1 of 2"))
            assert many["errors"] == [{"pointer": f"/1/{p}", "detail": detail} for p in places]


async def test_document_tells_a_generated_columns_rule_at_what_it_is_made_of(
    shop: Serving,
) -> None:
    create = next(o for o in discovery.build(shop.catalog) if o.id == "coats.create")
    schema = schemas.created(create)
    finishes = schema["properties"]["finishes"]
    assert finishes["x-database-checked"][0] == NO_FINISH
    assert (finishes["maxItems"], finishes["items"]["type"]) == (2, ["string", "null"])
    assert schema["x-database-checked"] == [SOLD, NO_STEP]
    said = [str(note) for note in notes(shop.catalog)]
    assert not [note for note in said if "under finish" in note or "under job" in note]


async def test_key_without_overlaps_serves_its_codes_on_a_day(shop: Serving) -> None:
    client = shop.client
    for url, labels in LISTED.items():
        answer = await client.get(url)
        assert [row["label"] for row in answer.json()] == labels, url
        answer = await client.get(url, params={**httpx.URL(url).params, "limit": 1})
        assert [row["label"] for row in answer.json()] == labels[:1], url
        if len(labels) > 1:
            answer = await client.get(answer.links["next"]["url"])
            assert [row["label"] for row in answer.json()] == labels[1:], url
    for url, place in UNSERVED.items():
        answer = await client.get(url)
        assert answer.json()["errors"] == [{"pointer": place, "detail": NOWHERE}], url
    answer = await client.get("/paints/red/paint_prices.code/?valid_during.on=2025-05-01")
    assert [row["amount"] for row in answer.json()] == ["2.00"]
    assert (await client.get("/paints/no/paint_versions.code/")).status_code == 404
    change = {"label": "Ruby"}
    path = "/paint_versions/?code=red&valid_during.on=2025-05-01"
    assert (await client.patch(path, json=change, headers=MANY)).json() == {"changed": 1}
    paths = {operation.path for operation in discovery.build(shop.catalog)}
    assert not [path for path in paths if path.startswith("/paint_versions/{") and "coats" in path]


async def test_plans_for_the_codes_of_a_day_read_only_these(dated: TestDatabase) -> None:
    dated.execute(
        "INSERT INTO shop.paint SELECT 'c' || n FROM generate_series(1, 5000) AS n;"
        "INSERT INTO shop.paint_version (code, valid_during, label) SELECT 'c' || n,"
        " daterange('2020-01-01', '2021-01-01'), 'x' FROM generate_series(1, 5000) AS n;"
        "ANALYZE shop.paint, shop.paint_version"
    )
    catalog = await read_catalog(dated.api_url)
    seen = 0
    with psycopg.connect(dated.sql_url) as connection:
        for operation in discovery.build(catalog):
            if operation.kind is kinds.LIST and operation.relation.name == "paint_versions":
                for shape in _shapes(operation):
                    seen += 1
                    text = lists.listing(operation, shape)
                    plan = _plan(connection, text)
                    assert "paint_version_code_valid_during_key" in plan, text
                    assert "Seq Scan" not in plan, text
    assert seen == 8
    dated.execute("DELETE FROM shop.paint_version WHERE label = 'x'")


def _shapes(operation: Operation) -> Iterator[Shape]:
    relation = operation.relation
    equal = [] if operation.fixed else [Filter(relation.column("code"), "eq")]
    for chosen in (equal, [*equal, Filter(relation.column("valid_during"), "on")]):
        order = index_access.serve(relation, operation.fixed, chosen)
        assert order
        yield from (Shape(tuple(chosen), order, after) for after in (False, True))


def _plan(connection: psycopg.Connection, text: str) -> str:
    connection.execute("SET plan_cache_mode = force_generic_plan")
    number = max(map(int, re.findall(r"\$(\d+)", text)))
    connection.execute(f"PREPARE listed AS {text}".encode())
    values = ", ".join(["NULL"] * number)
    rows = connection.execute(f"EXPLAIN EXECUTE listed ({values})".encode()).fetchall()
    connection.execute("DEALLOCATE listed")
    return "\n".join(line for (line,) in rows)
