"""Triggers: what they refuse, keep, fill, and do in place of a view's own write."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from api.config import Config
from api.document import schemas
from api.operations import discovery, kinds
from api.operations.notes import notes
from tests.support import strangers
from tests.support.databases import Server, TestDatabase
from tests.support.problems import UNFIT_BODY, assert_problem, nothing_created
from tests.support.serving import Serve, Serving

GENERIC = "The database rejected a value."
BUG = "An internal error occurred. The server's log has details for `instance`."
CONFLICT = "This conflicts with what is stored."


@pytest.fixture(scope="module")
def triggered(server: Server, templates: dict[str, str]) -> Iterator[TestDatabase]:
    """Give a database with triggers of all kinds; `templates` has made the roles."""
    assert templates
    made = strangers.make(server, "triggered", strangers.TRIGGERS)
    yield made
    server.drop(made.name)


@pytest.fixture
async def shop(serve: Serve, triggered: TestDatabase) -> Serving:
    """Serve it."""
    return await serve(Config(database_url=triggered.api_url, connections=2))


def body(shop: Serving, operation: str) -> Any:
    found = next(o for o in discovery.build(shop.catalog) if o.id == operation)
    return (schemas.created if found.kind is kinds.CREATE else schemas.changed)(found)


# What is refused → kind of problem, sentence, pointer, and the trigger that the log names.
REFUSED: dict[str, tuple[str, str, str, str]] = {
    "plain": (
        "invalid-content",
        GENERIC,
        "",
        "trigger shop.refusal.a_refuse raised SQLSTATE P0001",
    ),
    "state": ("conflict", CONFLICT, "", "trigger shop.refusal.a_refuse raised SQLSTATE 55000"),
    "unique": ("conflict", CONFLICT, "", "trigger shop.refusal.a_refuse raised SQLSTATE 23505"),
    "helper": ("invalid-content", GENERIC, "", "trigger shop.refusal.a_refuse raised"),
    "bug": ("internal-error", BUG, "", "trigger shop.refusal.a_refuse raised SQLSTATE 42703"),
    "broken": (
        "invalid-content",
        GENERIC,
        "",
        "trigger shop.refusal.a_refuse raised SQLSTATE 22012",
    ),
    "odd": ("invalid-content", GENERIC, "", "a function raised SQLSTATE P0001"),
    "unset": ("internal-error", BUG, "", "SQLSTATE 55000"),
    "many": ("invalid-content", "They are too many.", "", ""),
    "named": ("invalid-content", "It is refused by name.", "/what", ""),
    "elsewhere": ("invalid-content", "It is refused elsewhere.", "", ""),
    "late": ("invalid-content", "It is too late.", "/what", ""),
}


async def test_refusal_of_a_trigger_has_its_comment_or_its_name_in_the_log(
    shop: Serving, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await shop.client.post("/memos/", json={"body": "x", "day": "2024-03-03"})
    sentence = "Memos are not written on Sundays."
    assert_problem(answer, "invalid-content", sentence, ("/day", sentence))
    assert (await shop.client.post("/memos/", json={"day": "2024-03-04"})).status_code == 422
    caplog.set_level(logging.WARNING, "api")
    for what, (kind, sentence, pointer, logged) in REFUSED.items():
        caplog.clear()
        answer = await shop.client.post("/refusals/", json={"what": what})
        errors = [(pointer, sentence)] if pointer else []
        assert_problem(answer, kind, sentence, *errors)
        assert (what, bool(caplog.messages)) == (what, bool(logged))
        assert all(message.startswith(logged) for message in caplog.messages[-1:])
        answer = await shop.client.post("/refusals/", json=[{"what": "fine"}, {"what": what}])
        if kind != "internal-error" and what != "late":
            assert_problem(answer, kind, nothing_created("1 of 2"), (f"/1{pointer}", sentence))
    assert "row" not in " ".join(caplog.messages)


PAYER, PLACE = ("/payer", "An order has a payer."), ("/place", "An order has a place.")
STATE = ("/state", "An order has a payer.")  # the other column of that CHECK
LINE, WAITS = ("", "An order has a line."), ("", "An order waits.")
SEVERAL = "This conflicts with what is stored; `errors` says where and why."
# What a trigger raises: SQLSTATE, CONSTRAINT, COLUMN → kind of problem, detail, faults.
LISTED: list[tuple[str, str, str, list[tuple[str, str]]]] = [
    ("23514|order_has_a_place,order_has_a_line|", "invalid-content", UNFIT_BODY, [PLACE, LINE]),
    ("55000|order_has_a_line order_has_a_place|", "conflict", SEVERAL, [LINE, PLACE]),
    ("P0001|order_has_a_payer, order_waits|", "invalid-content", UNFIT_BODY, [PAYER, STATE, WAITS]),
    (
        "23514|order_has_a_line,line_has_a_fee,order_has_a_line|state",
        "invalid-content",
        UNFIT_BODY,
        [("/state", LINE[1]), ("/state", "Each line has a fee.")],
    ),
    (
        "23514|order_has_a_payer,order_has_a_place,order_has_a_line|payer,,nothing",
        "invalid-content",
        UNFIT_BODY,
        [PAYER, PLACE, LINE],
    ),
    ("55000|order_has_a_line|tags[1]", "conflict", LINE[1], [("/tags/0", LINE[1])]),
    (
        "23514|order_has_a_line,order_has_a_line,order_has_a_place|tags[2],payer[0],",
        "invalid-content",
        UNFIT_BODY,
        [("/tags/1", LINE[1]), LINE, PLACE],
    ),
    ("23514|order_has_a_place,unknown|", "invalid-content", PLACE[1], [PLACE]),
    (
        "23503|order_has_a_line,order_has_a_place|a,b,c",
        "invalid-content",
        UNFIT_BODY,
        [LINE, PLACE],
    ),
    (
        "23514|order_place_is_short,order_waits|",
        "invalid-content",
        UNFIT_BODY,
        [("/place", "must have at most 8 characters"), WAITS],
    ),
    ("55000|unknown,unheard|", "conflict", "An order is sent.", []),
    ("55000|order_has_a_line|", "conflict", LINE[1], []),
]


async def test_each_rule_that_a_trigger_lists_is_a_fault_of_its_own(
    shop: Serving, caplog: pytest.LogCaptureFixture
) -> None:
    client = shop.client
    place = (await client.post("/orders/", json={"payer": "x"})).headers["location"]
    for state, kind, detail, faults in LISTED:
        content = {"state": state}
        assert_problem(await client.post("/orders/", json=content), kind, detail, *faults)
        assert_problem(await client.patch(place, json=content), kind, detail, *faults)
        answer = await client.patch(
            "/orders/?id=1", json=content, headers={"Prefer": "max-affected=1"}
        )
        assert_problem(answer, kind, detail, *faults)
        told = [(f"/1{pointer}", said) for pointer, said in faults or [("", detail)]]
        answer = await client.post("/orders/", json=[{}, content])
        assert_problem(answer, kind, nothing_created("1 of 2"), *told)
    written = body(shop, "orders.create")
    assert written["x-database-checked"] == [LINE[1], PAYER[1], "An order is sent."]
    assert written["properties"]["place"]["x-database-checked"] == [PLACE[1]]
    assert any("nothing is called unknown," in message for message in caplog.messages)
    assert "row" not in " ".join(caplog.messages)


async def test_row_that_a_trigger_leaves_out_is_422_with_its_name_in_the_log(
    shop: Serving, caplog: pytest.LogCaptureFixture
) -> None:
    sentence = "A trigger left this row out, or stored it elsewhere."
    answer = await shop.client.post("/refusals/", json={"what": "gone"})
    assert_problem(answer, "invalid-content", sentence)
    assert caplog.messages[-1].startswith("trigger shop.refusal.a_refuse returned no row in urn:")
    answer = await shop.client.post("/refusals/", json=[{"what": "fine"}, {"what": "gone"}])
    assert_problem(answer, "invalid-content", nothing_created("1 of 2"), ("/1", sentence))


async def test_columns_that_a_trigger_fills_are_not_judged_before_it(shop: Serving) -> None:
    client, item = shop.client, {"name": "ab", "label": ""}
    answer = await client.post("/items/", json={**item, "code": "abc"})
    made = answer.json()
    assert (answer.status_code, made["code"], made["total"]) == (201, "ABC", 1)
    place = answer.headers["location"]
    assert (await client.patch(place, json={"code": None})).json()["code"] == "NEW"
    capitals = "A code has three capitals."
    answer = await client.post("/items/", json={**item, "code": "abcd"})
    assert_problem(answer, "invalid-content", capitals, ("/code", capitals))
    answer = await client.patch(place, json={"code": "x", "name": "a"})
    fault = ("/name", "name is long")
    assert answer.json()["detail"] == UNFIT_BODY
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/name"], fault
    for table, required in {"items": ["name", "label"], "open_items": ["label"]}.items():
        schema = body(shop, f"{table}.create")
        code = schema["properties"]["code"]
        assert (schema["required"], code["type"]) == (required, ["string", "null"])
        assert ("pattern" in code, code["x-database-checked"]) == (False, [capitals])
        assert schema["properties"]["total"]["examples"] == [1]
        text = "any field" if table == "open_items" else "code, total"
        assert schema["description"] == (
            f"A trigger may fill or change {text}; the database judges the result."
        )
    assert (await client.post("/open_items/", json={"label": "x", "name": None})).json()[
        "errors"
    ] == [{"pointer": "/name", "detail": "must not be null"}]
    assert "pattern" in body(shop, "open_items.update")["properties"]["code"]
    said = {str(note) for note in notes(shop.catalog)}
    assert (
        "api.items: trigger shop.item.fill has no column nonsense, which its line `Fills:` lists."
        in said
    )
    assert any(
        note.startswith("api.open_items: trigger shop.open_item.fill may fill") for note in said
    )
    relation = next(each for each in shop.catalog.relations if each.name == "items")
    assert "pattern" in schemas.read(relation)["properties"]["code"]


async def test_row_that_a_trigger_keeps_is_409_and_a_soft_delete_is_204(shop: Serving) -> None:
    client = shop.client
    places = {}
    for name in ("soft", "kept", "deleted"):
        answer = await client.post("/things/", json={"name": name})
        places[name] = answer.headers["location"]
    still = "A thing does not become still."
    answer = await client.patch(places["kept"], json={"name": "still"})
    assert_problem(answer, "conflict", still)
    assert (await client.patch(places["kept"], json={"gone": False})).status_code == 200
    kept = "This thing is still there: a trigger kept or changed it instead of deleting it."
    assert_problem(await client.delete(places["kept"]), "conflict", kept)
    everything = places["soft"].replace("things", "all_things")
    assert_problem(await client.delete(everything), "conflict", kept)
    assert (await client.patch(everything, json={"gone": False})).status_code == 200
    for name in ("soft", "deleted"):
        assert (await client.delete(places[name])).status_code == 204
        assert_problem(await client.get(places[name]), "not-found", "thing not found")
        assert_problem(await client.delete(places[name]), "not-found", "thing not found")
        answer = await client.patch(places[name], json={"name": "x"})
        assert_problem(answer, "not-found", "thing not found")
    assert (await client.get(everything)).json()["gone"] is True


async def test_view_with_instead_of_triggers_takes_the_columns_that_are_granted(
    shop: Serving,
) -> None:
    client = shop.client
    answer = await client.post("/people/", json={"loud": "BOB"})
    assert (answer.status_code, answer.json()["name"]) == (201, "Bob")
    place = answer.headers["location"]
    answer = await client.patch(place, json={"loud": "ANN"})
    assert (answer.status_code, answer.json()["name"]) == (200, "Ann")
    assert (await client.patch(place, json={"name": "x"})).status_code == 422
    assert (await client.delete(place)).status_code == 204
    assert_problem(await client.delete(place), "not-found", "person not found")
    kept = (await client.post("/people/", json={"name": "Kept"})).headers["location"]
    sentence = "This person is still there: a trigger kept or changed it instead of deleting it."
    assert_problem(await client.delete(kept), "conflict", sentence)
    left_out = "A trigger left this row out, or stored it elsewhere."
    assert_problem(await client.post("/people/", json={}), "invalid-content", left_out)
    answer = await client.post("/people/", json={"name": "Nobody"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/name")
    answer = await client.post("/people/", json=[{"name": "A"}, {"loud": "B"}])
    assert answer.text == '{"created":2}'
    answer = await client.post("/pairs/", json={"thing": "x"})
    assert (answer.status_code, answer.json()) == (201, {"name": None, "thing": "x"})
    assert "location" not in answer.headers
    assert body(shop, "people.create")["required"] == []
    assert body(shop, "memos.create")["x-database-checked"] == ["Memos are not written on Sundays."]
    assert list(body(shop, "people.update")["properties"]) == ["loud"]
