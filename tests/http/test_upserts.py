"""Many rows of which some are there already: merged, ignored, or refused (`Prefer: resolution`)."""

import asyncio
import json
from typing import Any

import httpx

from api.config import Config
from tests.support.csv_text import CSV, NDJSON
from tests.support.databases import TestDatabase
from tests.support.fingerprints import unchanged
from tests.support.menagerie import RATION
from tests.support.outages import locked, superuser_url, wait_for_locks
from tests.support.problems import UNFIT_QUERY, assert_problem
from tests.support.serving import Serve

JSON = "application/json"
MERGE, IGNORE = "resolution=merge-duplicates", "resolution=ignore-duplicates"
UNFIT_HEADER = "A header field does not fit; `errors` says where and why."
TWICE = "has the same key as a row before it"
SIGNS: list[dict[str, Any]] = [
    {"sign_number": 77, "wording": "new"},
    {"sign_number": 3, "wording": "way out"},
    {"sign_number": 2, "wording": "do feed"},
]


def _values(row: dict[str, Any]) -> list[Any]:
    return [*row.values()]


async def send(
    client: httpx.AsyncClient,
    path: str,
    rows: Any,
    prefer: str,
    media: str = JSON,
    **query: str,
) -> httpx.Response:
    """Send rows."""
    content = {
        JSON: lambda: json.dumps(rows),
        NDJSON: lambda: "\n".join(map(json.dumps, rows)),
        CSV: lambda: "\n".join(
            [",".join(rows[0]), *(",".join(map(str, r.values())) for r in rows)]
        ),
    }[media]()
    headers = {"content-type": media, "prefer": prefer}
    return await client.post(path, content=content, headers=headers, params=query)


async def test_rows_that_are_there_are_merged(serve: Serve, menagerie: TestDatabase) -> None:
    service = await serve(Config(database_url=menagerie.api_url, connections=1))
    for number, media in enumerate((JSON, NDJSON, CSV)):
        rows = [{**SIGNS[0], "sign_number": 77 + number, "wording": f"{number}"}, *SIGNS[1:]]
        answer = await send(service.client, "/signs/", rows, MERGE, media)
        assert (answer.status_code, answer.json()) == (201, {"created": 1, "changed": 2})
        assert answer.headers["preference-applied"] == MERGE
        again = await send(service.client, "/signs/", rows, f"{MERGE}, return=minimal", media)
        assert (again.status_code, again.json()) == (200, {"created": 0, "changed": 3})
    # What a row does not name stays: sign 2 replaces sign 1.
    changed = await send(
        service.client, "/signs/", [SIGNS[2], {"sign_number": 99, "wording": "b"}, SIGNS[1]],
        f"return=representation,{MERGE}",
    )  # fmt: skip
    assert [row["sign_number"] for row in changed.json()] == [2, 99, 3]
    assert changed.json()[0] == {"wording": "do feed", "sign_number": 2, "former_number": 1}
    assert changed.headers["preference-applied"] == f"{MERGE}, return=representation"
    one = await send(service.client, "/signs/", SIGNS[2], MERGE)
    assert (one.status_code, one.json()) == (200, {"created": 0, "changed": 1})
    assert menagerie.execute("SELECT no, txt, replaces FROM zoo.sign ORDER BY no") == [
        (1, "do not feed", None), (2, "do feed", 1), (3, "way out", None), (77, "0", None),
        (78, "1", None), (79, "2", None), (99, "b", None),
    ]  # fmt: skip


async def test_rows_that_are_there_are_ignored(
    menagerie: TestDatabase, menagerie_client: httpx.AsyncClient
) -> None:
    """Also a second row with the key of one before."""
    client = menagerie_client
    rows = [*SIGNS, {"sign_number": 77, "wording": "second"}]
    answer = await send(client, "/signs/", rows, IGNORE)
    assert (answer.status_code, answer.json()) == (201, {"created": 1, "ignored": 3})
    with unchanged(menagerie):
        again = await send(client, "/signs/", rows, IGNORE)
        assert (again.status_code, again.json()) == (200, {"created": 0, "ignored": 4})
        shown = await send(client, "/signs/", rows, f"{IGNORE}, return=representation")
        assert (shown.status_code, shown.content) == (200, b"[]")
    assert (await client.get("/signs/77")).json()["wording"] == "new"
    by_text = [{"sign_number": 5, "wording": "exit"}, {"sign_number": 6, "wording": "c"}]
    answer = await send(client, "/signs/", by_text, IGNORE, on_conflict="wording")
    assert answer.json() == {"created": 1, "ignored": 1}


async def test_unique_key_can_be_named(
    menagerie: TestDatabase, menagerie_client: httpx.AsyncClient
) -> None:
    """Under a policy, too: the name of another estate's lodge is free."""
    client, key = menagerie_client, "code,season"
    row = {name: value for name, value in RATION.items() if name != "id"}
    for new_title, status in (("Soup", 201), ("Stew", 200)):
        body = [{**row, "title": new_title, "code": "R-555"}]
        answer = await send(client, "/rations/", body, MERGE, on_conflict=key)
        assert answer.status_code == status, answer.text
    ((title, number),) = menagerie.execute(
        "SELECT max(title), count(*) FROM zoo.ration WHERE code = 'R-555'"
    )
    assert (title, number) == ("Stew", 1)
    menagerie.execute("INSERT INTO zoo.lodge (estate, name, beds) VALUES ('away', 'Den', 9)")
    for status, numbers in (
        (201, {"created": 1, "changed": 0}),
        (200, {"created": 0, "changed": 1}),
    ):
        rows = [{"name": "Den", "beds": 2}]
        answer = await send(client, "/lodges/", rows, MERGE, on_conflict="name")
        assert (answer.status_code, answer.json()) == (status, numbers)
    found = menagerie.execute("SELECT estate, beds FROM zoo.lodge WHERE name = 'Den' ORDER BY beds")
    assert found == [("home", 2), ("away", 9)]


NO_KEY = (
    "/headers/prefer",
    "no unique key of these rows can be given, so none can be there already",
)
# Path, rows, Prefer, on_conflict; kind, detail and faults of the answer.
REFUSED: list[tuple[str, Any, str, str | None, str, str, list[tuple[str, str]]]] = [
    ("/signs/", SIGNS, "resolution=merge", None, "invalid-header", UNFIT_HEADER,
     [("/headers/prefer", f"must be {MERGE} or {IGNORE}")]),
    ("/signs/", SIGNS, "resolution", None, "invalid-header", UNFIT_HEADER,
     [("/headers/prefer", f"must be {MERGE} or {IGNORE}")]),
    ("/loans/", [], MERGE, None, "invalid-header", UNFIT_HEADER,
     [NO_KEY]),
    ("/keepers/1/shifts/", [], MERGE, None, "invalid-header", UNFIT_HEADER,
     [NO_KEY]),
    ("/signs/", SIGNS, MERGE, "former_number", "invalid-query", UNFIT_QUERY,
     [("/on_conflict", "must be sign_number or wording")]),
    ("/signs/", SIGNS, MERGE, "", "invalid-query", UNFIT_QUERY,
     [("/on_conflict", "must be sign_number or wording")]),
    ("/rations/", [], MERGE, None, "invalid-query", UNFIT_QUERY,
     [("/on_conflict", "is missing; it must be code,season")]),
    ("/signs/", SIGNS, "return=minimal", "wording", "invalid-query", UNFIT_QUERY,
     [("/on_conflict", "means nothing without `Prefer: resolution=…`")]),
    ("/loans/", SIGNS, "return=minimal", "id", "invalid-query", UNFIT_QUERY,
     [("/on_conflict", "is not a parameter of this operation")]),
    ("/signs/", SIGNS, MERGE, "wording", "invalid-content",
     "Nothing was created or changed, as 3 of 3 rows can't be; `errors` says which and why.",
     [(f"/{n}/sign_number", "can't be changed, so a row that is there can't be merged with it")
      for n in range(3)]),
    ("/signs/", [*SIGNS, SIGNS[0]], MERGE, None, "invalid-content",
     "Nothing was created or changed, as 1 of 4 rows can't be; `errors` says which and why.",
     [("/3", TWICE)]),
    ("/signs/", [*SIGNS, SIGNS[1], {"sign_number": 5, "wording": "LOUD"}], MERGE, None,
     "invalid-content",
     "Nothing was created or changed, as 2 of 5 rows can't be; `errors` says which and why.",
     [("/3", TWICE), ("/4/wording", "A sign does not shout.")]),
    ("/signs/", [*SIGNS, {"sign_number": 5, "wording": "do not feed"}], MERGE, None, "conflict",
     "Nothing was created or changed, as 1 of 4 rows can't be; `errors` says which and why.",
     [("/3/wording", "Another sign says this.")]),
]  # fmt: skip


async def test_what_can_t_be_resolved_changes_nothing(
    menagerie: TestDatabase, menagerie_client: httpx.AsyncClient
) -> None:
    with unchanged(menagerie):
        for path, rows, prefer, key, kind, detail, faults in REFUSED:
            query = {} if key is None else {"on_conflict": key}
            answer = await send(menagerie_client, path, rows, prefer, **query)
            assert_problem(answer, kind, detail, *faults)
        twice = await menagerie_client.post(
            "/signs/?on_conflict=wording&on_conflict=wording", json=SIGNS, headers={"prefer": MERGE}
        )
        assert_problem(twice, "invalid-query", UNFIT_QUERY, ("/on_conflict", "is given twice"))


async def test_key_that_comes_twice_is_found_in_a_body_of_any_size(
    menagerie: TestDatabase, menagerie_client: httpx.AsyncClient
) -> None:
    rows = [{"sign_number": 1000 + n, "wording": f"sign {n}"} for n in range(2500)]
    with unchanged(menagerie):
        for again in (0, 999, 1000, 2499):
            body = [*rows, {"sign_number": 1000 + again, "wording": "x"}]
            answer = await send(menagerie_client, "/signs/", body, MERGE, NDJSON)
            detail = "Nothing was created or changed, as 1 of 2501 rows can't be; "
            detail += "`errors` says which and why."
            assert_problem(answer, "invalid-content", detail, ("/2500", TWICE))
    answer = await send(menagerie_client, "/signs/", rows, MERGE, NDJSON)
    assert answer.json() == {"created": 2500, "changed": 0}
    answer = await send(menagerie_client, "/signs/", rows, IGNORE, NDJSON)
    assert answer.json() == {"created": 0, "ignored": 2500}


async def test_of_two_imports_at_once_one_creates_each_row(
    serve: Serve, menagerie: TestDatabase
) -> None:
    service = await serve(Config(database_url=menagerie.api_url, connections=2, streams=2))
    rows = [{"sign_number": 100 + n, "wording": f"sign {n}"} for n in range(50)]
    lock = "INSERT INTO zoo.sign (no, txt) VALUES (100, 'held')"
    with locked(menagerie.owner_url, lock) as held:
        sent = [
            asyncio.create_task(send(service.client, "/signs/", rows, p)) for p in (MERGE, IGNORE)
        ]
        await wait_for_locks(superuser_url(menagerie), 2)
        held.rollback()
    answers = await asyncio.gather(*sent)
    merged, ignored = [answer.json() for answer in answers]
    assert merged["created"] + ignored["created"] == 50
    assert merged["created"] + merged["changed"] == 50 == sum(ignored.values())


async def test_trigger_that_keeps_a_row_refuses_all(serve: Serve, menagerie: TestDatabase) -> None:
    menagerie.execute("""
        CREATE FUNCTION zoo.carve() RETURNS trigger LANGUAGE plpgsql
        AS 'BEGIN RETURN CASE WHEN new.no = 3 THEN NULL ELSE new END; END';
        CREATE TRIGGER carve BEFORE UPDATE ON zoo.sign FOR EACH ROW EXECUTE FUNCTION zoo.carve()
    """)
    service = await serve(Config(database_url=menagerie.api_url, connections=1))
    with unchanged(menagerie):
        answer = await send(service.client, "/signs/", SIGNS, MERGE)
        assert answer.status_code == 409, answer.text
        assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/1"]


async def test_import_with_a_key_is_done_once(
    menagerie: TestDatabase, menagerie_client: httpx.AsyncClient
) -> None:
    """Its answer is kept, and what it asks for of rows that are there belongs to it."""
    client, answers = menagerie_client, []
    headers = {"idempotency-key": "k", "prefer": MERGE}
    for _ in range(2):
        answers.append(await client.post("/signs/", json=SIGNS, headers=headers))
        menagerie.execute("UPDATE zoo.sign SET txt = 'since' WHERE no = 3")
    assert [(answer.status_code, answer.content) for answer in answers] == [
        (201, b'{"created":1,"changed":2}')
    ] * 2
    assert answers[1].headers["idempotency-replayed"] == "true"
    with unchanged(menagerie):
        for prefer, path in ((IGNORE, "/signs/"), (MERGE, "/signs/?on_conflict=wording")):
            headers["prefer"] = prefer
            answer = await client.post(path, json=SIGNS, headers=headers)
            assert answer.json()["type"] == "urn:problem-type:key-reused"
    headers = {"idempotency-key": "other", "prefer": MERGE}
    statuses = [
        (await client.post("/signs/", json=SIGNS, headers=headers)).status_code for _ in range(2)
    ]
    assert statuses == [200, 200]
