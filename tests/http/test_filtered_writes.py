"""PATCH and DELETE of the rows that filters find, up to `Prefer: max-affected`."""

import asyncio
from typing import Any

import httpx

from tests.support.databases import TestDatabase
from tests.support.entity_tags import ask
from tests.support.fingerprints import unchanged
from tests.support.menagerie import ID
from tests.support.outages import locked, superuser_url, wait_for_locks
from tests.support.problems import UNFIT_BODY, UNFIT_QUERY, assert_problem
from tests.support.serving import Serve, Serving
from tests.support.visits import UNKNOWN_ID, bill_visit, config

NEEDED = (
    "Send `Prefer: max-affected=…`, the most rows that this may change: if the filters find more, "
    "it changes nothing."
)
BOUND = "max-affected must be a whole number from 1 to 10000"


async def write(
    client: httpx.AsyncClient, method: str, path: str, prefer: str, body: Any = None
) -> httpx.Response:
    """Send a write that may change as many rows as `prefer` says."""
    return await ask(client, method, path, {"prefer": prefer}, json=body)


async def test_rows_that_filters_find_are_changed_and_deleted(
    client: httpx.AsyncClient, database: TestDatabase
) -> None:
    v, other = await bill_visit(client), await bill_visit(client)
    await client.post(v.line_items, json=[{"cpt_code": "G0438"}, {"cpt_code": "J1885"}])
    path, kept = f"/line_items/?encounter_id={v.encounter}", f"/line_items/{other.line_item}"
    before = (await client.get(kept)).content
    changed = await write(client, "PATCH", path, "max-affected=3", {"units": 7})
    assert (changed.status_code, changed.json()) == (200, {"changed": 3})
    assert changed.headers["preference-applied"] == "max-affected=3"
    prefer = 'return=representation, max-affected="3"'
    shown = await write(client, "PATCH", path, prefer, {"units": 8})
    assert shown.json() == (await client.get(path)).json()
    assert {row["units"] for row in shown.json()} == {8}
    assert shown.headers["preference-applied"] == "max-affected=3, return=representation"
    with unchanged(database):
        for method, body in (("PATCH", {"units": 9}), ("DELETE", None)):
            answer = await write(client, method, path, "max-affected=2", body)
            fault = ("/headers/prefer", "allows 2 rows, and the filters find more")
            sentence = "The filters find more than 2 rows: nothing was changed."
            assert_problem(answer, "precondition-failed", sentence, fault)
            nobody = f"/line_items/?encounter_id={UNKNOWN_ID}"
            answer = await write(client, method, nobody, "max-affected=1", body)
            assert answer.json() == {"deleted" if body is None else "changed": 0}
            answer = await write(
                client, method, nobody, "max-affected=1, return=representation", body
            )
            assert answer.content == b"[]"
    gone = await write(client, "DELETE", path, "max-affected=3, return=representation")
    assert gone.json() == shown.json()
    assert (await client.get(path)).json() == []
    assert (await client.get(kept)).content == before
    left = await write(client, "DELETE", f"/line_items/?id.lte={other.line_item}", "max-affected=9")
    assert left.json() == {"deleted": 1}


ALL = "must have a filter: without one, all rows would be meant"
# Path, header field, body; kind, detail and faults of the answer, to PATCH.
REFUSED: list[tuple[str, dict[str, str], Any, str, str, list[tuple[str, str]] | None]] = [
    ("?code=R-001&season=winter", {}, {"title": "Soup"}, "precondition-required", NEEDED,
     [("/headers/prefer", "needs max-affected")]),
    *(
        ("?code=R-001&season=winter", {"prefer": f"max-affected={bad}"}, {"title": "Soup"},
         "invalid-header", f"In `Prefer`, {BOUND}.", [("/headers/prefer", BOUND)])
        for bad in ("0", "-1", "x", "10001", "1.5", "99999999999999999999")
    ),
    ("", {}, {"title": "Soup"}, "invalid-query", UNFIT_QUERY, [("", ALL)]),
    ("?title=Soup", {}, {"title": "Soup"}, "invalid-query", UNFIT_QUERY, None),
    ("?season=winter&limit=1", {}, {"title": "Soup"}, "invalid-query", UNFIT_QUERY, None),
    ("?code=R-001&servings=1", {}, {"title": "Soup"}, "invalid-query", UNFIT_QUERY,
     [("/servings", "no index serves these filters together")]),
    ("?id=x", {}, {"title": "Soup"}, "invalid-query", UNFIT_QUERY, None),
    ("?season=winter", {"if-match": "*"}, {"title": "Soup"}, "invalid-header",
     "`If-Match` is only for one row that is there.",
     [("/headers/if-match", "is only for one row that is there")]),
    ("?season=winter", {}, {}, "invalid-content", UNFIT_BODY, [("", "must have at least 1 field")]),
    ("?season=winter", {}, {"servings": 21}, "invalid-content", UNFIT_BODY, None),
    ("?season.gte=a&season.lt=x", {}, {"title": "   "}, "invalid-query", UNFIT_QUERY, None),
    ("?id.gte=00000000-0000-7000-8000-000000000000", {}, {"slug": "SOUP"}, "invalid-content",
     "A slug has no capitals.", [("/slug", "A slug has no capitals.")]),
    ("?id.gte=00000000-0000-7000-8000-000000000000", {}, {"code": "R-777", "season": "winter"},
     "conflict", "Another ration has this code in this season.", None),
]  # fmt: skip


async def test_what_can_t_be_done_changes_nothing(
    menagerie: TestDatabase, menagerie_client: httpx.AsyncClient
) -> None:
    with unchanged(menagerie):
        for query, more, body, kind, detail, faults in REFUSED:
            headers = {"prefer": "max-affected=9"} if kind != "precondition-required" else {}
            answer = await ask(
                menagerie_client, "PATCH", f"/rations/{query}", headers | more, json=body
            )
            if faults is None:
                assert (answer.status_code, answer.json()["detail"]) == (
                    {"invalid-query": 400, "conflict": 409, "invalid-content": 422}[kind],
                    detail,
                ), (query, answer.text)
            else:
                assert_problem(answer, kind, detail, *faults)
        wrong = await write(menagerie_client, "PATCH", "/specimens/?sensor=::x", "max-affected=1",
                            {"label": "x"})  # fmt: skip
        assert wrong.json()["errors"][0]["pointer"] == "/sensor"
        used = await write(
            menagerie_client, "DELETE", "/enclosures/?house.gte=A", "max-affected=99"
        )
        assert (used.status_code, used.json()["detail"]) == (
            409,
            "This enclosure can't be deleted: an animal refers to it.",
        )


async def test_row_of_another_tenant_is_not_found(
    menagerie: TestDatabase, menagerie_client: httpx.AsyncClient
) -> None:
    hidden = "SELECT * FROM zoo.lodge WHERE estate <> 'home'"
    before = menagerie.execute(hidden)
    path = f"/lodges/?id.gte={ID}000"
    own = len((await menagerie_client.get(path)).json())
    answer = await write(menagerie_client, "PATCH", path, "max-affected=99", {"beds": 3})
    assert answer.json() == {"changed": own}
    await menagerie_client.delete(f"/guests/{ID}b01")
    answer = await write(menagerie_client, "DELETE", path, "max-affected=99")
    assert answer.json() == {"deleted": own}
    assert menagerie.execute(hidden) == before != []


async def test_row_that_ceases_to_match_meanwhile_stays(
    serve: Serve, database: TestDatabase
) -> None:
    service: Serving = await serve(config(database))
    v = await bill_visit(service.client)
    path = "/encounters/?date=2024-03-01"
    with locked(database.owner_url, "UPDATE billing.encounter SET date = '2024-03-09'") as held:
        asked = write(service.client, "PATCH", path, "max-affected=9", {"date": "2024-03-02"})
        sent = asyncio.create_task(asked)
        await wait_for_locks(superuser_url(database))
        held.commit()
    assert (await sent).json() == {"changed": 0}
    row = (await service.client.get(f"/encounters/{v.encounter}")).json()
    assert row["date"] == "2024-03-09"


async def test_view_that_asks_for_a_tag_or_a_key_is_not_written_by_filters(
    menagerie_client: httpx.AsyncClient,
) -> None:
    document = (await menagerie_client.get("/openapi.json")).json()
    assert "patch" in document["paths"]["/rations/"]
    assert {"patch", "delete"}.isdisjoint(document["paths"]["/doses/"])


async def test_trail_has_each_row_that_is_written(database: TestDatabase, serve: Serve) -> None:
    """By filters; and by PUT and by a merge, where the schema lets clients choose the key."""
    for relation in ("billing.line_item", "api.line_items"):
        database.execute(f"GRANT INSERT (id), UPDATE (encounter_id) ON {relation} TO superbill_api")
    service: Serving = await serve(config(database))
    client = service.client
    v = await bill_visit(client)
    await client.post(v.line_items, json=[{"cpt_code": "G0438"}])
    ((last,),) = database.execute("SELECT max(n) FROM audit.change")
    path = f"/line_items/?encounter_id={v.encounter}"
    await write(client, "PATCH", path, "max-affected=2", {"units": 7})
    await write(client, "DELETE", path, "max-affected=2")
    item = {"encounter_id": v.encounter, "cpt_code": "G0438"}
    for status, units in ((201, 2), (200, 3)):
        answer = await client.put(f"/line_items/{ID}001", json={**item, "units": units})
        assert answer.status_code == status, answer.text
    rows = [{**item, "id": f"{ID}00{n}", "units": 4} for n in (1, 2)]
    merged = await client.post(
        "/line_items/", json=rows, headers={"prefer": "resolution=merge-duplicates"}
    )
    assert merged.json() == {"created": 1, "changed": 1}
    found = database.execute(
        "SELECT relation, action, count(*) FROM audit.change"
        f" WHERE n > {last} AND actor = 'development' GROUP BY 1, 2 ORDER BY 1, 2"
    )
    assert found == [
        ("billing.line_item", "delete", 2),
        ("billing.line_item", "insert", 2),
        ("billing.line_item", "update", 4),
    ]
