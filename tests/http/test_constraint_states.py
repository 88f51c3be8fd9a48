"""Constraints in every state: of partitions, not valid, not enforced, deferred, temporal."""

from collections.abc import Iterator
from typing import Any

import pytest

from api.config import Config
from api.document import schemas
from api.operations import discovery
from tests.support import strangers
from tests.support.databases import Server, TestDatabase
from tests.support.serving import Serve

YEAR = "[2024-01-01,2025-01-01)"
EVENT = {"id": 2, "day": "2024-02-02", "kind": "a", "size": 2, "title": "B"}
STATE = {"id": 2, "must": "", "was": ""}
NO_PARTITION = "No partition of the table takes this value."
OUTSIDE = "This state would not be one of the odd states."
DEFERRED = ("Another one is as late.", "It is of a kind.")  # no error of theirs names a row

# fmt: off
# Method, path, body; status, sentence, and the places of the faults.
ASKED: list[tuple[str, str, Any, int, str, list[str]]] = [
    ("POST", "/events/", EVENT | {"id": 1, "title": "A"}, 201, "", []),
    ("POST", "/events/", EVENT | {"id": 1}, 409, "Another event has this number.", ["id", "day"]),
    ("POST", "/events/", EVENT | {"title": "a"}, 409, "Another event has this title.",
     ["day", "title"]),
    ("POST", "/events/", EVENT | {"title": "C"}, 409,
     "Another event has this kind, size and day.", ["day", "kind", "size"]),
    ("POST", "/events/", EVENT | {"kind": "no"}, 422, "An event is of a kind.", ["kind"]),
    ("POST", "/events/", EVENT | {"size": -100}, 422, "An event has a size.", ["size"]),
    ("POST", "/events/", EVENT | {"size": 150}, 422, "In 2024 an event is small.", ["size"]),
    ("POST", "/events/", EVENT | {"day": "2026-01-01"}, 422, NO_PARTITION, ["day"]),
    ("POST", "/events_of_2024/", EVENT | {"day": "2026-01-01"}, 422, NO_PARTITION, ["day"]),
    ("POST", "/events_of_2024/", EVENT | {"kind": "no"}, 422, "An event is of a kind.", ["kind"]),
    ("POST", "/tickets/", {"id": 1, "event_id": 1, "day": "2024-02-02"}, 201, "", []),
    ("DELETE", "/events/1,2024-02-02", None, 409,
     "This event can't be deleted: a ticket refers to it.", []),
    ("DELETE", "/kinds/a", None, 409, "This kind can't be deleted: an event refers to it.", []),
    ("POST", "/states/", {"id": 2}, 422, "", ["must", "was"]),
    ("POST", "/states/", STATE | {"free": "no", "late": "x"}, 201, "", []),
    ("POST", "/states/", STATE | {"id": 3, "late": "x"}, 409, "Another one is as late.", ["late"]),
    ("POST", "/states/", STATE | {"id": 3, "kind": "no"}, 422, "It is of a kind.", ["kind"]),
    ("POST", "/states/", STATE | {"id": 3, "old": "long"}, 422, "", ["old"]),
    ("POST", "/states/", STATE | {"id": 3, "few": "long"}, 422, "", ["few"]),
    ("PATCH", "/states/1", {"old": "x"}, 422, "What it was must be told.", ["was"]),
    ("PATCH", "/states/1", {"was": "x"}, 422, "Old is short.", ["old"]),
    ("PATCH", "/states/1", {"was": "x", "old": "x"}, 200, "", []),
    ("POST", "/odd_states/", STATE | {"id": 4}, 422, OUTSIDE, ["id", "free"]),
    ("PATCH", "/odd_states/1", {"free": "x"}, 422, OUTSIDE, ["id", "free"]),
    ("POST", "/prices/", {"code": "x", "during": YEAR}, 409, "A code has one price a day.",
     ["code", "during"]),
    ("POST", "/prices/", {"code": "z", "during": "empty"}, 422,
     "This must not be an empty range.", ["during"]),
    ("POST", "/sales/", {"id": 1, "code": "x", "during": YEAR}, 201, "", []),
    ("POST", "/sales/", {"id": 2, "code": "y", "during": YEAR}, 422,
     "A sale has a price on all its days.", ["code", "during"]),
    ("PATCH", "/visits/1", {"day": "[2026-02-01,2026-02-02)"}, 422,
     "A line has a price on its day.", ["day"]),
    ("DELETE", "/visits/1", None, 409,
     "This visit can't be deleted: a payment refers to a line that would go with it.", []),
]
# fmt: on


@pytest.fixture(scope="module")
def stated(server: Server, templates: dict[str, str]) -> Iterator[TestDatabase]:
    """Give a database with constraints in every state; `templates` has made the roles."""
    assert templates
    made = strangers.make(server, "stated", strangers.CONSTRAINTS)
    yield made
    server.drop(made.name)


async def test_constraint_in_any_state_has_its_sentence_status_and_pointer(
    serve: Serve, stated: TestDatabase
) -> None:
    shop = await serve(Config(database_url=stated.api_url, connections=2))
    create = next(o for o in discovery.build(shop.catalog) if o.id == "states.create")
    row = schemas.read(create.relation)["properties"]
    created = schemas.created(create)["properties"]
    assert "maxLength" in created["old"]
    assert "maxLength" not in row["old"], "a row from before may be longer"
    assert (created["was"]["type"], row["was"]["type"]) == ("string", ["string", "null"])
    assert created["free"].keys() & {"not", "x-database-checked"} == set()
    assert (await shop.client.get("/states/")).json()[0]["was"] is None
    answer = await shop.client.post("/states/", json=STATE | {"was": None})
    assert answer.json()["errors"] == [{"pointer": "/was", "detail": "What it was must be told."}]
    for method, path, body, status, detail, places in ASKED:
        answer = await shop.client.request(method, path, json=body)
        told = answer.json() if answer.content else {}
        assert answer.status_code == status, (path, body, answer.text)
        if detail:
            assert told["detail"] == detail, (path, body)
        assert pointers(told) == sorted(f"/{place}" for place in places), (path, body, told)
        if method == "POST" and status != 201:
            told = (await shop.client.post(path, json=[body])).json()
            row = "" if detail in DEFERRED else "/0"
            assert pointers(told) == sorted(f"{row}/{place}" for place in places), (path, body)


def pointers(told: dict[str, Any]) -> list[str]:
    return sorted(fault["pointer"] for fault in told.get("errors", []))
