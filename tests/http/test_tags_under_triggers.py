"""Writes under `If-Match` where a trigger or a policy decides too."""

import asyncio
from collections import Counter
from collections.abc import Callable

import pytest

from api.config import Config
from tests.support import strangers
from tests.support.batches import clients
from tests.support.databases import TestDatabase
from tests.support.entity_tags import CHANGED, NEVER, NO_TAG, tag
from tests.support.outages import locked, superuser_url, wait_for_locks
from tests.support.problems import assert_problem
from tests.support.serving import Serve, Serving

pytestmark = pytest.mark.unmeasured

KEPT = "This {} is still there: a trigger kept or changed it instead of deleting it."
# It writes only over the row that the statement has seen.
CAREFUL = """
CREATE OR REPLACE FUNCTION shop.stand_in() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE shop.person SET name = initcap(new.loud) WHERE id = old.id AND name = old.name
    RETURNING name, upper(name) INTO new.name, new.loud;
    RETURN CASE WHEN found THEN new END;
END
$$;
GRANT UPDATE ON shop.person TO superbill_api;
"""


@pytest.fixture
def triggered(databases: Callable[[str], TestDatabase], templates: dict[str, str]) -> TestDatabase:
    """Give a database with triggers of all kinds; `templates` has made the roles."""
    assert templates
    made = databases("template1")
    made.execute(strangers.TRIGGERS)
    return made


@pytest.fixture
async def shop(serve: Serve, triggered: TestDatabase) -> Serving:
    """Serve it."""
    return await serve(Config(database_url=triggered.api_url, connections=8))


async def test_row_that_a_trigger_keeps_is_409_if_its_tag_is_right(shop: Serving) -> None:
    client, places = shop.client, {}
    for name in ("soft", "kept", "deleted"):
        places[name] = (await client.post("/things/", json={"name": name})).headers["location"]
    for place in places.values():
        for method, body in (("DELETE", None), ("PATCH", {"name": "still"})):
            answer = await client.request(method, place, json=body, headers={"if-match": NEVER})
            assert_problem(answer, "precondition-failed", CHANGED, NO_TAG)
    own = {"if-match": await tag(client, places["kept"])}
    assert_problem(
        await client.delete(places["kept"], headers=own), "conflict", KEPT.format("thing")
    )
    still = await client.patch(places["kept"], json={"name": "still"}, headers=own)
    assert_problem(still, "conflict", "A thing does not become still.")
    everything = places["soft"].replace("things", "all_things")
    changed = await client.delete(everything, headers={"if-match": await tag(client, everything)})
    assert_problem(changed, "precondition-failed", CHANGED, NO_TAG)  # by the trigger
    assert (await client.patch(everything, json={"gone": False})).status_code == 200
    for name in ("soft", "deleted"):
        own = {"if-match": await tag(client, places[name])}
        assert (await client.delete(places[name], headers=own)).status_code == 204
        gone = await client.delete(places[name], headers=own)
        assert_problem(gone, "not-found", "thing not found")


async def test_trigger_of_a_view_runs_only_for_a_row_with_the_tag(shop: Serving) -> None:
    client = shop.client
    made = await client.post("/people/", json={"name": "Kept"})
    place, own = made.headers["location"], {"if-match": made.headers["etag"]}
    for method, body in (("PATCH", {"loud": "ANN"}), ("DELETE", None)):
        answer = await client.request(method, place, json=body, headers={"if-match": NEVER})
        assert_problem(answer, "precondition-failed", CHANGED, NO_TAG)
    assert_problem(await client.delete(place, headers=own), "conflict", KEPT.format("person"))
    changed = await client.patch(place, json={"loud": "ANN"}, headers=own)
    assert (changed.status_code, changed.json()["name"]) == (200, "Ann")
    stale = await client.patch(place, json={"loud": "BOB"}, headers=own)
    assert_problem(stale, "precondition-failed", CHANGED, NO_TAG)
    own = {"if-match": await tag(client, place)}
    assert (await client.delete(place, headers=own)).status_code == 204
    assert_problem(await client.delete(place, headers=own), "not-found", "person not found")


async def test_trigger_of_a_view_that_compares_the_old_row_loses_no_change(
    serve: Serve, triggered: TestDatabase
) -> None:
    triggered.execute(CAREFUL)
    ((key,),) = triggered.execute("INSERT INTO shop.person (name) VALUES ('Al') RETURNING id")
    shop = await serve(Config(database_url=triggered.api_url, connections=8))
    place = f"/people/{key}"
    more = f"If-Match: {await tag(shop.client, place)}\r\n"
    async with clients(shop.port, 6) as made:
        with locked(triggered.owner_url, "SELECT FROM shop.person FOR UPDATE"):
            sent = [
                asyncio.create_task(client.ask("PATCH", place, {"loud": f"B{n}"}, more=more))
                for n, client in enumerate(made)
            ]
            await wait_for_locks(superuser_url(triggered), 6)
        answers = await asyncio.gather(*sent)
    assert Counter(answer.status for answer in answers) == {200: 1, 412: 5}


async def test_row_that_a_policy_shows_but_keeps_is_404_under_any_tag(
    serve: Serve, triggered: TestDatabase
) -> None:
    triggered.execute("""
        ALTER TABLE shop.thing ENABLE ROW LEVEL SECURITY;
        CREATE POLICY shown ON shop.thing FOR SELECT USING (true);
        CREATE POLICY kept ON shop.thing FOR UPDATE USING (false);
        ALTER TABLE shop.thing DISABLE TRIGGER ALL
    """)
    ((key,),) = triggered.execute("INSERT INTO shop.thing (name) VALUES ('x') RETURNING id")
    client = (await serve(Config(database_url=triggered.api_url, connections=2))).client
    place = f"/things/{key}"
    own = await tag(client, place)
    for headers in ({}, {"if-match": "*"}, {"if-match": own}):
        for method, body in (("PATCH", {"name": "y"}), ("DELETE", None)):
            answer = await client.request(method, place, json=body, headers=headers)
            assert_problem(answer, "not-found", "thing not found")
    answer = await client.patch(place, json={"name": "y"}, headers={"if-match": NEVER})
    assert_problem(answer, "precondition-failed", CHANGED, NO_TAG)
