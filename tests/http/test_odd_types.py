"""Types and keys that need care: citext elsewhere, temporal keys, xml, char(n), grown enums."""

import httpx
import pytest

from api.catalog.relations import Relation
from api.operations import discovery, notes
from tests.support.databases import TestDatabase
from tests.support.documents import followed
from tests.support.menagerie import config
from tests.support.plain_http import NO_CERTIFICATES
from tests.support.serving import LONG, Serve, Serving

SCHEMA = """
CREATE EXTENSION citext SCHEMA zoo;
CREATE TABLE zoo.o_cit (k zoo.citext PRIMARY KEY, v text);
CREATE TABLE zoo.word (t text PRIMARY KEY);
CREATE TABLE zoo.o_cit_child (
    id int PRIMARY KEY,
    o_cit_k zoo.citext NOT NULL REFERENCES zoo.o_cit (k),
    word_t zoo.citext REFERENCES zoo.word (t)
);
CREATE INDEX ON zoo.o_cit_child (o_cit_k, id);
CREATE INDEX ON zoo.o_cit_child (word_t, id);
CREATE TABLE zoo.stay (
    room int, during daterange, guest text, PRIMARY KEY (room, during WITHOUT OVERLAPS)
);
CREATE TABLE zoo.lease (
    room int, during daterange, PRIMARY KEY (room, during WITHOUT OVERLAPS)
);
CREATE INDEX ON zoo.lease (room, during);
CREATE TYPE zoo.size AS ENUM ('small', 'large');
CREATE TABLE zoo.cup (size zoo.size PRIMARY KEY);
CREATE TABLE zoo.odd (
    id int PRIMARY KEY,
    side char(1) CHECK (side IN ('l', 'r')),
    currency char(3) CHECK (currency IN ('EUR', 'USD')),
    code char(3) CHECK (code IN ('a', 'abc')),
    paper xml
);
"""
VIEWS = ("o_cit", "word", "o_cit_child", "stay", "lease", "cup", "odd")


@pytest.fixture
async def service(serve: Serve, menagerie: TestDatabase) -> Serving:
    views = "".join(
        f"CREATE VIEW api.{name}s WITH (security_invoker = true) AS SELECT * FROM zoo.{name};"
        f"GRANT ALL ON api.{name}s, zoo.{name} TO superbill_api;"
        for name in VIEWS
    )
    menagerie.execute(SCHEMA + views)
    return await serve(config(menagerie))


def relation(service: Serving, name: str) -> Relation:
    return next(found for found in service.catalog.relations if found.name == name)


async def test_each_odd_type_and_key_is_served_or_refused(
    service: Serving, menagerie: TestDatabase
) -> None:
    client = service.client
    await _citext_is_compared_as_its_index_does(client, service)
    await _temporal_key_has_a_path_and_a_list_if_an_index_has_its_order(client, service)
    # The document of this process lacks the new label.
    async with httpx.AsyncClient(
        base_url=client.base_url, timeout=LONG, verify=NO_CERTIFICATES
    ) as plain:
        await _label_that_an_enum_got_since_the_start_is_found(plain, menagerie)
    await _char_has_the_values_of_its_check(client)
    await _xml_is_refused_where_postgres_lacks_it(client)


async def _citext_is_compared_as_its_index_does(
    client: httpx.AsyncClient, service: Serving
) -> None:
    made = await client.post("/o_cits/", json={"k": "Bob", "v": "x"})
    assert (made.status_code, made.headers["location"]) == (201, "/o_cits/Bob")
    assert (await client.post("/o_cits/", json={"k": "bob"})).status_code == 409
    for path in ("/o_cits/bob", "/o_cits/BOB"):
        assert (await client.get(path)).text == made.text
    assert (await client.get("/o_cits/?k=BOB")).json() == [made.json()]
    child = await client.post("/o_cits/bOB/o_cit_childs/", json={"id": 1})
    assert (child.status_code, child.json()["o_cit_k"]) == (201, "bOB")
    assert [row["id"] for row in (await client.get("/o_cits/boB/o_cit_childs/")).json()] == [1]
    (said,) = [note for note in map(str, notes.notes(service.catalog)) if "o_cit_childs" in note]
    reason = "word_t is not compared as the key that it refers to"
    assert said == f"api.o_cit_childs: no collection under word: {reason}."


async def _temporal_key_has_a_path_and_a_list_if_an_index_has_its_order(
    client: httpx.AsyncClient, service: Serving
) -> None:
    stay = {"room": 1, "during": "[2024-03-01,2024-03-08)"}
    for name in ("stays", "leases"):
        made = await client.post(f"/{name}/", json=stay)
        assert made.status_code == 201, made.text
        assert (await client.get(made.headers["location"])).json() == made.json()
        assert (await client.post(f"/{name}/", json=stay)).status_code == 409
    assert (await client.get("/stays/")).status_code == 405
    assert [row["room"] for row in (await client.get("/leases/?order=-room")).json()] == [1]
    said = [note for note in notes.notes(service.catalog) if note.about == "api.stays"]
    assert (str(said[0]), said[0].sql) == (
        "api.stays: no list: no btree index has its key (room, during) in order.",
        "CREATE INDEX ON zoo.stay (room, during);",
    )
    assert {o.id for o in discovery.build(service.catalog) if o.relation.name == "stays"} == {
        "stays.create", "stays.read", "stays.update", "stays.replace", "stays.delete",
    }  # fmt: skip


async def _label_that_an_enum_got_since_the_start_is_found(
    client: httpx.AsyncClient, menagerie: TestDatabase
) -> None:
    menagerie.execute("ALTER TYPE zoo.size ADD VALUE 'huge'")
    menagerie.execute("INSERT INTO zoo.cup VALUES ('small'), ('huge')")
    rows = [{"size": "small"}, {"size": "huge"}]
    assert (await client.get("/cups/")).json() == rows
    assert (await client.get("/cups/huge")).json() == rows[1]
    for query in ("size=huge", "size.gt=small", "size.in=huge,large"):
        assert (await client.get(f"/cups/?{query}")).json() == rows[1:], query
    assert (await client.get("/cups/tiny")).status_code == 404
    for query in ("size=tiny", "size.lte=tiny", "size.in=huge,tiny"):
        answer = await client.get(f"/cups/?{query}")
        assert answer.status_code == 400
        pointer = "/" + query.partition("=")[0]
        assert answer.json()["errors"] == [
            {"pointer": pointer, "detail": "must be one of small, large"}
        ]


async def _char_has_the_values_of_its_check(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    parts = document["components"]["schemas"]["odds"]["properties"]
    columns = {name: followed(document, part) for name, part in parts.items()}
    assert columns["side"]["enum"] == ["l", "r", None]
    assert columns["currency"]["enum"] == ["EUR", "USD", None]
    # A shorter text is answered with spaces after it.
    assert "enum" not in columns["code"]
    assert columns["code"]["x-database-checked"]
    row = {"id": 1, "side": "l", "currency": "EUR", "code": "a"}
    made = await client.post("/odds/", json=row)
    assert made.json() == {**row, "code": "a  ", "paper": None}
    answer = await client.post("/odds/", json={"id": 2, "side": "x", "code": "b"})
    assert {fault["pointer"] for fault in answer.json()["errors"]} == {"/side"}


async def _xml_is_refused_where_postgres_lacks_it(client: httpx.AsyncClient) -> None:
    answer = await client.post("/odds/", json={"id": 3, "paper": "<a/>"})
    if answer.status_code != 201:
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/paper")
    assert (await client.get("/odds/1")).status_code == 200
