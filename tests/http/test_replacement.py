"""PUT: a row is created or replaced, by a key that the client has chosen."""

import asyncio
from collections import Counter
from typing import Any

import httpx
import pytest

from api.config import Config
from api.operations import kinds
from api.operations.discovery import build
from tests.support.batches import Answer, clients
from tests.support.catalogs import read_catalog
from tests.support.databases import TestDatabase
from tests.support.entity_tags import CHANGED, NEVER, NO_TAG, ask, tag, tag_of
from tests.support.fingerprints import unchanged
from tests.support.menagerie import ID, config
from tests.support.outages import locked, superuser_url, wait_for_locks
from tests.support.problems import UNFIT_BODY, assert_problem
from tests.support.serving import Serve

NEW = {"wording": "mind the gap"}
NO_ROW = "There is no row that could have what `If-Match` names."
THERE = "`If-None-Match: *` asks for a new row, and this one is there."
NEEDED = (
    "This row is there. To replace it, send `If-Match` with the `ETag` that you have read, or `*`."
)
ONLY_ANY = "`If-None-Match` must be `*` here: tags are for GET and HEAD."
NO_TAGS = "`If-Match` must be `*`, or tags as `ETag` has them, separated by commas."
NO_KEY = "`Idempotency-Key` is not supported: a request that is repeated is done again."
# What the answers to unfit conditions say of the header field.
FAULTS = {
    NO_ROW: NO_TAG,
    CHANGED: NO_TAG,
    THERE: ("/headers/if-none-match", "allows no row that is there"),
    ONLY_ANY: ("/headers/if-none-match", "must be `*` here: tags are for GET and HEAD"),
    NO_TAGS: (
        "/headers/if-match",
        "must be `*`, or tags as `ETag` has them, separated by commas",
    ),
    NO_KEY: (
        "/headers/idempotency-key",
        "is not supported: a request that is repeated is done again",
    ),
}
SEVEN = {"house": "Savanna", "number": 7, "length_m": "9.50", "width_m": "3.00"}


async def test_put_creates_a_row_and_then_replaces_it(menagerie_client: httpx.AsyncClient) -> None:
    client, path = menagerie_client, "/enclosures/Savanna,7"
    made = await client.put(f"{path}/", json={**SEVEN, "climate": "polar"})
    assert (made.status_code, made.headers["location"]) == (201, path)
    assert made.headers["etag"] == tag_of(made.content) == await tag(client, path)
    assert (await client.patch(path, json={"cleaned_on": "2024-03-01"})).status_code == 200
    # What a body could give and does not has its default again; what none can give stays.
    again = await client.put(path, json={"length_m": "8.00", "width_m": "2.00"})
    assert (again.status_code, "location" in again.headers) == (200, False)
    assert again.headers["etag"] == tag_of(again.content) == await tag(client, path)
    kept = {"house": "Savanna", "number": 7, "climate": "temperate", "cleaned_on": "2024-03-01"}
    changed = {"length_m": "8.00", "width_m": "2.00", "area_m2": "16.0000", "label": "Savanna 7"}
    assert again.json() == {**kept, **changed}
    assert (await client.put(path, json={**again.json()})).status_code == 422  # area_m2
    listed = await client.get("/enclosures/", params={"house": "Savanna", "order": "number"})
    assert [row["number"] for row in listed.json()] == [1, 2, 7]


# Path, body, status, detail, pointers with sentences.
REFUSED: list[tuple[str, Any, str, str, list[tuple[str, str]]]] = [
    ("/signs/77", {**NEW, "sign_number": 78}, "invalid-content", UNFIT_BODY,
     [("/sign_number", "differs from the key in the path")]),
    ("/signs/77", {**NEW, "sign_number": None}, "invalid-content", UNFIT_BODY,
     [("/sign_number", "must not be null")]),
    ("/signs/0", {"wording": "x" * 31}, "invalid-content", UNFIT_BODY,
     [("/sign_number", "Signs are numbered from 1."),
      ("/wording", "A sign has room for 30 characters.")]),
    ("/signs/77", {"wording": "LOUD"}, "invalid-content", "A sign does not shout.",
     [("/wording", "A sign does not shout.")]),
    ("/signs/77", {}, "invalid-content", UNFIT_BODY, [("/wording", "is missing")]),
    ("/signs/77", [NEW], "invalid-content", UNFIT_BODY, [("", "must be an object")]),
    ("/signs/77", {"wording": "exit"}, "conflict", "Another sign says this.",
     [("/wording", "Another sign says this.")]),
    ("/signs/2", {**NEW, "former_number": 99}, "invalid-content", "A sign replaces a sign.",
     [("/former_number", "A sign replaces a sign.")]),
    ("/signs/x", NEW, "not-found", "sign not found", []),
    ("/enclosures/Savanna", SEVEN, "not-found", "enclosure not found", []),
    ("/enclosures/Savanna,7", {**SEVEN, "house": "savanna", "number": 8}, "invalid-content",
     UNFIT_BODY, [("/house", "differs from the key in the path")]),
    ("/enclosures/%20,7", {"length_m": "1", "width_m": "2"}, "invalid-content",
     "A house has a name.", [("/house", "A house has a name.")]),
    ("/doses/10000", {"drug": "x"}, "invalid-content", UNFIT_BODY,
     [("/strength", "A dose is less than 10 g.")]),
]  # fmt: skip


async def test_faults_of_body_and_key_have_their_places(
    menagerie: TestDatabase, menagerie_client: httpx.AsyncClient
) -> None:
    with unchanged(menagerie):
        for path, body, kind, detail, faults in REFUSED:
            answer = await ask(menagerie_client, "PUT", path, {}, json=body)
            assert_problem(answer, kind, detail, *faults)
        unfit = await menagerie_client.put("/signs/77?no=1", json=NEW)
        assert [fault["pointer"] for fault in unfit.json()["errors"]] == ["/no"]
        for media in ("text/csv", "application/x-ndjson"):
            sent = await menagerie_client.put(
                "/signs/77", content="wording\na\n", headers={"content-type": media}
            )
            assert sent.status_code == 415


async def test_key_in_the_body_may_be_written_in_another_way(
    menagerie_client: httpx.AsyncClient,
) -> None:
    for path, body in (
        ("/doses/7.50", {"strength": 7.5, "drug": "x"}),
        (f"/specimens/{ID}4AA", {"id": f"{ID}4aa", "label": "x"}),
    ):
        made = await ask(menagerie_client, "PUT", path, {}, json=body)
        assert made.status_code == 201, made.text
        assert (await menagerie_client.get(made.headers["location"])).content == made.content


async def test_conditions_say_whether_a_row_is_created_or_replaced(
    menagerie: TestDatabase, menagerie_client: httpx.AsyncClient
) -> None:
    client = menagerie_client
    own = await tag(client, "/signs/3")
    refused: list[tuple[str, dict[str, str], str, str]] = [
        ("/signs/77", {"if-match": "*"}, "precondition-failed", NO_ROW),
        ("/signs/77", {"if-match": own}, "precondition-failed", NO_ROW),
        ("/signs/3", {"if-match": NEVER}, "precondition-failed", CHANGED),
        ("/signs/3", {"if-match": f"W/{own}"}, "precondition-failed", CHANGED),
        ("/signs/3", {"if-none-match": "*"}, "precondition-failed", THERE),
        ("/signs/3", {"if-none-match": "*", "if-match": own}, "precondition-failed", CHANGED),
        ("/signs/3", {"if-none-match": own}, "invalid-header", ONLY_ANY),
        ("/signs/3", {"if-match": "x"}, "invalid-header", NO_TAGS),
        ("/signs/3", {"idempotency-key": '"a"'}, "invalid-header", NO_KEY),
    ]  # fmt: skip
    with unchanged(menagerie):
        for path, headers, kind, detail in refused:
            answer = await client.put(path, json=NEW, headers=headers)
            assert_problem(answer, kind, detail, FAULTS[detail])
    for headers, status in (({"if-match": f'"x", {own}'}, 200), ({"if-match": "*"}, 200)):
        assert (await client.put("/signs/3", json=NEW, headers=headers)).status_code == status
    body = {"wording": "new"}
    made = await client.put("/signs/77", json=body, headers={"if-none-match": "*"})
    assert made.status_code == 201


async def test_view_that_requires_if_match_replaces_nothing_without_it(
    menagerie: TestDatabase, menagerie_client: httpx.AsyncClient
) -> None:
    client, body = menagerie_client, {"drug": "Aspirin"}
    with unchanged(menagerie):
        answer = await ask(client, "PUT", "/doses/4", {}, json=body)
        fault = ("/headers/if-match", "is required")
        assert_problem(answer, "precondition-required", NEEDED, fault)
    assert (await ask(client, "PUT", "/doses/77", {}, json=body)).status_code == 201
    own = await tag(client, "/doses/77")
    assert (await client.put("/doses/77", json=body, headers={"if-match": own})).status_code == 200


async def _six(port: int, path: str, lock: str, database: TestDatabase, more: str) -> list[Answer]:
    """Send six PUTs that have all begun before the first one can end."""
    async with clients(port, 6) as made:
        asked = (
            client.ask("PUT", path, {"wording": f"sign {n}"}, more=more)
            for n, client in enumerate(made)
        )
        with locked(database.owner_url, lock) as held:
            sent = asyncio.gather(*asked)
            await wait_for_locks(superuser_url(database), 6)
            held.rollback()
        return await sent


@pytest.mark.parametrize(
    ("path", "more", "expected"),
    [
        ("/signs/77", "", {201: 1, 200: 5}),
        ("/signs/77", "If-None-Match: *\r\n", {201: 1, 412: 5}),
        ("/signs/3", "", {200: 6}),
        ("/signs/3", "If-Match: {own}\r\n", {200: 1, 412: 5}),
    ],
    ids=["created by one", "created", "replaced", "replaced by one"],
)
async def test_of_six_puts_at_once_one_creates(
    serve: Serve, menagerie: TestDatabase, path: str, more: str, expected: dict[int, int]
) -> None:
    service = await serve(Config(database_url=menagerie.api_url, connections=8))
    own = await tag(service.client, "/signs/3")
    lock = "INSERT INTO zoo.sign (no, txt) VALUES (77, 'held')"
    lock = lock if path.endswith("77") else "SELECT FROM zoo.sign WHERE no = 3 FOR UPDATE"
    answers = await _six(service.port, path, lock, menagerie, more.format(own=own))
    assert Counter(answer.status for answer in answers) == expected
    rows = menagerie.execute("SELECT count(*) FROM zoo.sign")
    assert rows == [(4 if path.endswith("77") else 3,)]


async def test_row_of_another_tenant_is_as_none(menagerie: TestDatabase, serve: Serve) -> None:
    """Its key is taken by both: each has a row of its own."""
    menagerie.execute(
        "GRANT INSERT (id), UPDATE (opened, rate) ON zoo.lodge, api.lodges TO superbill_api"
    )
    service = await serve(config(menagerie))
    hidden = f"SELECT * FROM zoo.lodge WHERE estate <> 'home' AND id = '{ID}a03'"
    before = menagerie.execute(hidden)
    for status in (201, 200):
        answer = await service.client.put(f"/lodges/{ID}a03", json={"name": "Den", "beds": 2})
        assert answer.status_code == status, answer.text
    assert menagerie.execute(hidden) == before
    answer = await service.client.put(
        f"/lodges/{ID}a04", json={"name": "Den", "beds": 2}, headers={"if-match": "*"}
    )
    assert_problem(answer, "precondition-failed", NO_ROW, NO_TAG)


NUMBERED = """
CREATE SEQUENCE zoo.strengths;
ALTER TABLE zoo.dose ALTER strength SET DEFAULT nextval('zoo.strengths')
"""


async def _kinds(database: TestDatabase) -> set[tuple[str, str]]:
    catalog = await read_catalog(database.api_url)
    return {(o.relation.name, o.kind.name) for o in build(catalog)}


async def test_put_is_offered_where_the_client_chooses_the_key(menagerie: TestDatabase) -> None:
    offered = {name for name, kind in await _kinds(menagerie) if kind == kinds.REPLACE.name}
    assert offered == {"Odd Things", "doses", "enclosures", "signs", "specimens"}
    for change, gone in (
        ("REVOKE INSERT (no) ON zoo.sign FROM superbill_api", "signs"),
        ("REVOKE UPDATE (width_m) ON zoo.enclosure FROM superbill_api", "enclosures"),
        (NUMBERED, "doses"),
        ("CREATE RULE log AS ON INSERT TO zoo.specimen DO ALSO NOTHING", "specimens"),
    ):  # fmt: skip
        menagerie.execute(change)
        offered.remove(gone)
        found = {name for name, kind in await _kinds(menagerie) if kind == kinds.REPLACE.name}
        assert found == offered, change


TRIGGER = """
CREATE FUNCTION zoo.carve() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER carve BEFORE {} ON zoo.sign FOR EACH ROW EXECUTE FUNCTION zoo.carve();
COMMENT ON TRIGGER carve ON zoo.sign IS 'Signs are carved in stone.';
"""


@pytest.mark.parametrize(("event", "path"), [("UPDATE", "/signs/3"), ("INSERT", "/signs/77")])
async def test_trigger_that_keeps_the_row_is_told(
    serve: Serve, menagerie: TestDatabase, event: str, path: str
) -> None:
    menagerie.execute(TRIGGER.format(event))
    service = await serve(config(menagerie))
    kind = "conflict" if event == "UPDATE" else "invalid-content"
    with unchanged(menagerie):
        for headers in ({}, {"if-match": "*"} if event == "UPDATE" else {"if-none-match": "*"}):
            answer = await service.client.put(path, json=NEW, headers=headers)
            assert_problem(answer, kind, "Signs are carved in stone.")
