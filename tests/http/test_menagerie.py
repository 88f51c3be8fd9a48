"""The second schema over HTTP: its operations, paths and keys, and what it refuses."""

import json
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from api.operations import discovery, kinds
from api.operations.notes import notes
from tests.support.catalogs import read_catalog
from tests.support.databases import TestDatabase
from tests.support.expected_operations import Derivation
from tests.support.menagerie import ANIMAL, ID, INMATE, config
from tests.support.serving import Serve, serving

pytestmark = pytest.mark.unmeasured

NOT_SMALL = "This donation would not be one of the small donations."
HOUSES = [
    "Savanna",
    "Katzen, groß/klein",
    '100% "dry" house?',
    "a..b%2Fc\\",
    "..",
    "a,b,1",
    "%",
    "+",
    "極地 & ice; a=b+c",
]


async def test_operations_follow_from_privileges_keys_and_foreign_keys(
    menagerie: TestDatabase,
) -> None:
    catalog = await read_catalog(menagerie.api_url)
    offered = [o for o in discovery.build(catalog) if o.kind is not kinds.REPORT]
    found = {(o.method, o.path, frozenset(c.name for c in o.body)) for o in offered}
    expected = set(Derivation(menagerie.owner_url).offers())
    assert len(found) == len(offered) == len({o.id for o in offered})
    assert found - expected == set()
    assert expected - found == set()
    assert {
        ("GET", "/species/", frozenset()),
        ("POST", "/keepers/{keeper_id}/feedings.served_by/"),
    } <= {
        (method, path, names) if method == "GET" else (method, path)
        for method, path, names in found
    }


async def test_notes_say_why_something_is_not_served(menagerie: TestDatabase) -> None:
    found = list(notes(await read_catalog(menagerie.api_url)))
    said = [f"{note.about}: {note.sentence}" for note in found]
    assert (
        "api.feeding_sheets: not served: its rows are not those of one table: it has several"
        " relations in FROM; show one table in FROM, and look others up in scalar subqueries."
    ) in said
    assert "api.footfalls: not served: zoo.footfall has no primary key." in said
    assert "api.animals: no collection under species: no index begins with species_code." in said
    assert any(
        sentence.startswith("api.specimens: index specimen_traits_idx serves no filter")
        for sentence in said
    )
    assert not any(note.about == "api.enclosures" for note in found)


async def test_composite_key_of_any_characters_works(menagerie_client: httpx.AsyncClient) -> None:
    """The key goes from the body to `Location`, and from there to each method and nested path."""
    for house in HOUSES:
        body = {"house": house, "number": 32767, "length_m": "12.50", "width_m": "3.00"}
        made = await menagerie_client.post("/enclosures/", json=body)
        path = made.headers["location"]
        assert (made.status_code, path) == (201, f"/enclosures/{quote(house, safe='')},32767")
        assert {name: made.json()[name] for name in body} == body
        assert (await menagerie_client.get(path)).json() == made.json()
        born = await menagerie_client.post(f"{path}/animals/", json=INMATE)
        assert (born.status_code, born.json()["house"], born.json()["enclosure_number"]) == (
            201,
            house,
            32767,
        )
        assert (await menagerie_client.get(f"{path}/animals")).json() == [born.json()]
        assert (
            await menagerie_client.get(f"{path}{born.headers['location']}/feedings/")
        ).json() == []
        changed = await menagerie_client.patch(
            path, json={"cleaned_on": "2024-02-29", "climate": "polar"}
        )
        assert changed.json() == {**made.json(), "cleaned_on": "2024-02-29", "climate": "polar"}
        refused = await menagerie_client.delete(path)
        assert (
            refused.json()["detail"] == "This enclosure can't be deleted: an animal refers to it."
        )
        assert (await menagerie_client.delete(born.headers["location"])).status_code == 204
        assert [
            (await menagerie_client.delete(path)).status_code,
            (await menagerie_client.get(path)).status_code,
        ] == [204, 404]


async def test_unknown_key_answers_404(menagerie_client: httpx.AsyncClient) -> None:
    for key in (
        "Savanna",
        "Savanna,1,1",
        "Savanna,",
        "Savanna,x",
        "Savanna,1.0",
        "Savanna,99999",
        "%ff,1",
        "%00,1",
    ):
        for path in (f"/enclosures/{key}", f"/enclosures/{key}/animals/"):
            answer = await menagerie_client.get(path)
            assert (answer.status_code, answer.json()["detail"]) == (
                404,
                "enclosure not found",
            ), path
    for path in (
        "/species/LEO/animals/",
        "/footfalls/",
        "/feeding_sheets/",
        "/tours/x/keepers/",
        "/sightings/1",
    ):
        assert (await menagerie_client.get(path)).json()[
            "detail"
        ] == "There is nothing at this path."
    assert (await menagerie_client.get("/keepers/9223372036854775808")).json()[
        "detail"
    ] == "keeper not found"


async def test_path_with_unrelated_parents_answers_404(
    menagerie_client: httpx.AsyncClient, menagerie: TestDatabase
) -> None:
    path = f"/enclosures/{{}}/animals/{ID}{{}}/feedings/"
    assert [
        f["food"] for f in (await menagerie_client.get(path.format("Savanna,1", "001"))).json()
    ] == ["beef", "beef"]
    feeding = {"prepared_by": 1, "food": "beef", "amount": "1.00"}
    for keys, missing in (
        (("Savanna,2", "001"), "animal not found"),
        (("Savanna,1", "999"), "animal not found"),
        (("Savanna,9", "001"), "enclosure not found"),
    ):
        for answer in (
            await menagerie_client.get(path.format(*keys)),
            await menagerie_client.post(path.format(*keys), json=feeding),
        ):
            assert (answer.status_code, answer.json()["detail"]) == (404, missing)
    assert menagerie.execute("SELECT count(*) FROM zoo.feeding") == [(4,)]


async def test_self_references_two_references_and_one_to_one_have_collections(
    menagerie: TestDatabase,
) -> None:
    async def ids(path: str, name: str = "id") -> list[Any]:
        return [row[name] for row in (await s.client.get(path)).json()]

    async with serving(config(menagerie)) as s:
        assert await ids("/keepers/1/keepers.chief_id/") == [2, 3]
        assert await ids(f"/animals/{ID}001/animals.mother_id/") == [f"{ID}002", f"{ID}003"]
        assert await ids("/signs/1/signs.former_number/", "sign_number") == [2]
        assert await ids("/keepers/2/feedings.prepared_by/") == [f"{ID}102", f"{ID}103"]
        assert await ids("/keepers/2/feedings.served_by/") == [f"{ID}101", f"{ID}103"]
        assert await ids("/keepers/2/lockers/") == [2]
        assert await ids("/Odd%20Things/plain/Odd%20Children.of%20what%3F/", "ID") == [2]
        assert (await s.client.get("/keepers/1/feedings/")).status_code == 404
        made = await s.client.post("/keepers/1/feedings.served_by/", json={
            "animal_id": f"{ID}002", "prepared_by": 3, "food": "beef", "amount": "1.00"
        })  # fmt: skip
        assert (made.json()["prepared_by"], made.json()["served_by"]) == (3, 1)
        made = await s.client.post("/keepers/3/lockers/", json={})
        assert (made.headers["location"], made.json()) == (
            "/lockers/100",
            {"id": 100, "keeper_id": 3, "corridor": 1},
        )
        sign = {"sign_number": 9, "wording": "really"}
        child = await s.client.post("/signs/2/signs.former_number/", json=sign)
        assert child.json() == {"wording": "really", "sign_number": 9, "former_number": 2}


async def test_names_that_need_quoting_are_served(menagerie_client: httpx.AsyncClient) -> None:
    body = {
        "Key Part": '../x%2F,"é',
        "order": 1,
        "select": "x",
        "with space": "'",
        "100%": "1.25",
        "a.b": "",
        "a/b~c": "~",
        "it's": "it's",
        'say "x"': '"x"',
        "Größe": -3,
        "camelCase": True,
        "$1:x": "$1",
    }
    made = await menagerie_client.post("/Odd%20Things/", json=body)
    path = made.headers["location"]
    assert (made.json(), path) == (body, "/Odd%20Things/..%2Fx%252F%2C%22%C3%A9")
    assert (await menagerie_client.get(path)).json() == body
    changed = {**body, "Key Part": "another", "a.b": None, "Größe": 4, "$1:x": "%s :x"}
    assert (await menagerie_client.patch(path, json=changed)).json() == changed
    assert (await menagerie_client.get("/Odd%20Things/another")).json() == changed
    below = "/Odd%20Children.of%20what%3F/"
    child = await menagerie_client.post(f"/Odd%20Things/another{below}", json={})
    assert child.json() == {"ID": 3, "of what?": "another"}
    assert (await menagerie_client.get(child.headers["location"])).json() == child.json()
    wrong = {**body, "order": -1, 'say "x"': "toolong", "a/b~c": "x", "no~/": 1}
    refused = await menagerie_client.post("/Odd%20Things/", json=wrong)
    pointers = [error["pointer"] for error in refused.json()["errors"]]
    assert pointers == ["/a~1b~0c", "/no~0~1", "/order", '/say "x"']


# fmt: off
# Method, path, body; status and detail; where the fault is. None of them may change anything.
REFUSED: list[tuple[str, str, Any, int, str, list[str]]] = [
    ("POST", "/animals/", ANIMAL | {"species_code": "NO"}, 422,
     "An animal belongs to a species of the list.", ["species_code"]),
    ("POST", "/animals/", ANIMAL | {"chip": "276000000000001"}, 409,
     "Another animal has this microchip.", ["chip"]),
    ("POST", "/animals/", ANIMAL | {"name": "Basilisk"}, 422, "A basilisk is not kept.", []),
    ("PATCH", f"/animals/{ID}005", {"house": "極地 & ice; a=b+c", "enclosure_number": 3}, 422,
     "An animal of more than 1000 kg stays in its house.", ["house"]),
    ("PATCH", f"/animals/{ID}001", {"enclosure_number": 9}, 422,
     "An animal lives in an enclosure.", ["house", "enclosure_number"]),
    ("PATCH", f"/animals/{ID}001", {"died_on": "1999-01-01"}, 422,
     "An animal dies on the day of its birth or later.", ["died_on", "born_on"]),
    ("POST", "/enclosures/Savanna,9/animals/", INMATE,
     404, "enclosure not found", []),
    ("DELETE", f"/animals/{ID}001", None, 409,
     "This animal can't be deleted: an animal refers to it.", []),
    ("DELETE", "/signs/1", None, 409, "This sign can't be deleted: a sign refers to it.", []),
    ("DELETE", f"/exhibits/{ID}702", None, 404, "exhibit not found", []),
    ("PATCH", f"/exhibits/{ID}702", {"hidden": False}, 404, "exhibit not found", []),
    ("GET", f"/exhibits/{ID}702", None, 404, "exhibit not found", []),
    ("PATCH", f"/small_donations/{ID}802", {"amount": "1.00"}, 404, "donation not found", []),
    ("POST", "/small_donations/", {"amount": "1000.01"}, 422, NOT_SMALL, ["amount"]),
    ("PATCH", f"/small_donations/{ID}801", {"amount": "1000.01"}, 422, NOT_SMALL, ["amount"]),
    ("POST", "/shifts/", {"keeper_id": 1, "period": "[2024-03-01 07:00Z,2024-03-01 08:00Z)"}, 409,
     "This keeper is at work at that time already.", ["keeper_id", "period"]),
    ("POST", "/keepers/1/shifts/", {"period": "empty"}, 422, "A shift takes some time.",
     ["period"]),
    ("POST", "/loans/", {"animal_id": f"{ID}004", "during": "[2024-01-10,2024-01-11)",
                         "partner": "x"}, 409,
     "This animal is on loan at that time already.", ["animal_id", "during"]),
    ("POST", "/loans/", {"animal_id": f"{ID}004", "during": "empty", "partner": "x"}, 422,
     "This must not be an empty range.", ["during"]),
    ("POST", "/tours/", {"guide_id": 999, "place": 9, "title": "x"}, 422, "A keeper leads a tour.",
     ["guide_id"]),
    ("POST", "/tours/", {"guide_id": 1, "place": 1, "title": "x"}, 409,
     "Another tour has this place in the day.", ["place"]),
    ("PATCH", f"/tours/{ID}502", {"place": 1}, 409, "Another tour has this place in the day.",
     ["place"]),
    ("POST", "/keepers/9/tours.guide_id/", {"place": 9, "title": "x"}, 404, "keeper not found", []),
    ("POST", "/signs/", {"sign_number": 1, "wording": "new"}, 409, "Another sign has this number.",
     ["sign_number"]),
    ("POST", "/signs/", {"sign_number": 4, "wording": "LOUD"}, 422, "A sign does not shout.",
     ["wording"]),
    ("POST", "/signs/", {"sign_number": 4, "wording": "x", "former_number": 77}, 422,
     "A sign replaces a sign.", ["former_number"]),
    ("POST", "/signs/99/signs.former_number/", {"sign_number": 4, "wording": "x"}, 404,
     "sign not found", []),
    ("POST", "/lockers/", {"id": 2, "keeper_id": 3}, 409, "Another locker has this number.",
     ["id"]),
    ("POST", "/keepers/1/lockers/", {}, 409, "This keeper has a locker already.", []),
    ("POST", "/feedings/", {"animal_id": f"{ID}001", "prepared_by": 77, "food": "x", "amount": "1"},
     422, "A keeper prepares a meal.", ["prepared_by"]),
    ("POST", "/Odd%20Children/", {"of what?": "none"}, 422, "A child belongs to an odd thing.",
     ["of what?"]),
    ("POST", "/sightings/", {"house": "Savanna", "enclosure_number": 9, "what": "x"}, 422,
     "Something is seen in an enclosure.", ["house", "enclosure_number"]),
]
# fmt: on


async def test_refusal_of_the_database_has_the_sentence_of_the_schema(
    serve: Serve, menagerie: TestDatabase
) -> None:
    tables = (
        "animal",
        "exhibit",
        "donation",
        "shift",
        "loan",
        "tour",
        "sign",
        "locker",
        "feeding",
        "sighting",
    )
    every = " UNION ALL ".join(
        f"SELECT to_jsonb(t)::text FROM zoo.{table} AS t" for table in tables
    )
    before = sorted(menagerie.execute(every))
    service = await serve(config(menagerie))
    for method, path, body, status, detail, columns in REFUSED:
        answer = await service.client.request(method, path, json=body)
        problem = answer.json()
        assert (answer.status_code, problem["detail"]) == (status, detail), (path, body)
        faults = [{"pointer": f"/{name}", "detail": detail} for name in columns]
        assert sorted(problem.get("errors", []), key=str) == sorted(faults, key=str), (
            path,
            body,
        )
    assert sorted(menagerie.execute(every)) == before


async def test_operation_without_a_grant_answers_405(menagerie_client: httpx.AsyncClient) -> None:
    notice, keeper = (
        f"/notices/{ID}901",
        {"name": "Ed Emu", "initials": "EE", "email": "ed@zoo.example"},
    )
    for path, body in (
        (notice, {"pinned": False}),
        ("/keepers/1", {"hired_on": "2024-01-01"}),
        ("/keepers/1", {"id": 7}),
        ("/enclosures/Savanna,1", {"house": "x"}),
        ("/enclosures/Savanna,1", {"area_m2": "1"}),
        ("/enclosures/Savanna,1", {"label": "x"}),
        (f"/animals/{ID}001", {"species_name": "x"}),
    ):
        answer = await menagerie_client.patch(path, json=body)
        (name,) = body
        assert answer.json()["errors"] == [
            {"pointer": f"/{name}", "detail": "is not a field of this body"}
        ]
    for name in ("id", "home_address"):
        answer = await menagerie_client.post("/keepers/", json={**keeper, name: 1})
        assert answer.json()["errors"] == [
            {"pointer": f"/{name}", "detail": "is not a field of this body"}
        ]
    for path, allowed in (
        (notice, "GET, HEAD, PATCH"),
        ("/keepers/1", "GET, HEAD, PATCH"),
        ("/species/", "GET, HEAD"),
    ):
        answer = await menagerie_client.delete(path)
        assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
    assert (await menagerie_client.get("/sightings/")).headers["allow"] == "POST"
    assert "home_address" not in (await menagerie_client.get("/keepers/1")).text


async def test_insert_only_view_answers_201_without_a_body(
    menagerie_client: httpx.AsyncClient, menagerie: TestDatabase
) -> None:
    for path, body in (
        ("/sightings/", {"house": "Savanna", "enclosure_number": 2, "what": "A nap."}),
        (
            "/enclosures/Savanna,2/sightings/",
            {"what": "A nap.", "seen_at": "2024-03-01T10:00:00+00:00"},
        ),
    ):
        answer = await menagerie_client.post(path, json=body)
        assert (answer.status_code, answer.text, answer.headers.get("location")) == (
            201,
            "{}",
            None,
        )
    hidden = await menagerie_client.post("/exhibits/", json={"title": "x", "hidden": True})
    assert (hidden.status_code, hidden.json()["hidden"]) == (201, True)
    assert (await menagerie_client.get(hidden.headers["location"])).status_code == 404
    assert (
        menagerie.execute("SELECT what FROM zoo.sighting WHERE enclosure_number = 2")
        == [("A nap.",)] * 2
    )


async def test_serialization_failure_is_retried_then_answers_503(
    serve: Serve, menagerie: TestDatabase
) -> None:
    ((before,),) = menagerie.execute(tried := "SELECT last_value FROM zoo.skirmish")
    assert isinstance(before, int)
    service = await serve(config(menagerie))
    answer = await service.client.patch(f"/feedings/{ID}101", json={"note": "stampede"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert answer.json()["type"] == "urn:problem-type:unavailable"
    answer = await service.client.patch(f"/feedings/{ID}101", json={"note": "skirmish"})
    assert (answer.status_code, answer.json()["note"]) == (200, "skirmish")
    assert menagerie.execute(tried) == [(before + 2,)]


async def test_reports_are_complete_and_in_their_own_order(
    menagerie_client: httpx.AsyncClient, menagerie: TestDatabase
) -> None:
    for path, view in (
        ("census", "census"),
        ("feeding_sheet", "feeding_sheet"),
        ("Houses%2C%20by%20room", '"Houses, by room"'),
    ):
        rows = json.loads((await menagerie_client.get(f"/reporting/{path}/")).text, parse_float=str)
        expected = menagerie.execute(f"SELECT to_json(r)::text FROM reporting.{view} AS r")
        assert [list(map(str, row.values())) for row in rows] == [
            [str(v) for v in json.loads(str(text), parse_float=str).values()]
            for (text,) in expected
        ]
        assert len(rows) > 2
        assert (await menagerie_client.get(f"/reporting/{path}/?limit=1")).status_code == 400
