"""The types of the second schema over HTTP: values are read back, and the document is true."""

import json
from typing import Any

import httpx
import psycopg
import pytest

from api.document import validators
from tests.support.databases import TestDatabase
from tests.support.documents import schemas_of
from tests.support.menagerie import ID, RATION, SPECIMEN, WRONG_VALUES

pytestmark = pytest.mark.unmeasured


async def test_each_type_is_read_back_unchanged(menagerie_client: httpx.AsyncClient) -> None:
    """Whole at first, then column by column: set to null and back."""
    made = await menagerie_client.post("/specimens/", json=SPECIMEN)
    assert (made.status_code, made.json()) == (201, SPECIMEN)
    path = made.headers["location"]
    assert path == f"/specimens/{SPECIMEN['id']}"
    assert (await menagerie_client.get(path)).text == made.text
    for name, value in SPECIMEN.items():
        if name not in ("id", "label"):
            changed = await menagerie_client.patch(path, json={name: None})
            assert (changed.status_code, changed.json()) == (200, {**SPECIMEN, name: None}), name
            changed = await menagerie_client.patch(path, json={name: value})
            assert (changed.status_code, changed.json()) == (200, SPECIMEN), name
    page = await menagerie_client.get("/specimens/", params={"label": "new"})
    assert page.text == f"[{made.text}]"
    least = await menagerie_client.post("/specimens/", json={"label": "least"})
    assert {name for name, value in least.json().items() if value is not None} == {
        "id",
        "label",
    }
    assert (await menagerie_client.patch(path, json={"label": None})).json()["errors"] == [
        {"pointer": "/label", "detail": "must not be null"}
    ]


async def test_time_24_00_is_read_back_and_fits_its_schema(
    menagerie_client: httpx.AsyncClient,
) -> None:
    body = {"label": "late", "clock": "24:00:00", "clock_to_the_second": "24:00:00"}
    made = await menagerie_client.post("/specimens/", json=body)
    assert made.status_code == 201, made.text
    assert body.items() <= made.json().items()
    document = (await menagerie_client.get("/openapi.json")).json()
    assert validators.validator(schemas_of(document)["specimens"]).is_valid(made.json())


async def test_each_row_is_read_as_postgres_writes_it(
    menagerie_client: httpx.AsyncClient, menagerie: TestDatabase
) -> None:
    """The extremes too; but a decimal is a text, wherever it stands."""
    for number in (401, 402, 403):
        answer = await menagerie_client.get(f"/specimens/{ID}{number}")
        with psycopg.connect(menagerie.sql_url) as connection:
            query = f"SELECT row_to_json(s)::text FROM api.specimens AS s WHERE id = '{ID}{number}'"
            ((stored,),) = connection.execute(query.encode()).fetchall()
        decimals = ("fixed", "coarse", "free", "mass", "masses", "readings", "keeper")
        found, expected = (
            json.loads(str(text), parse_float=str, parse_int=str) for text in (answer.text, stored)
        )
        assert found == expected
        for name in decimals:
            assert not _numbers(answer.json()[name]), name
    assert (await menagerie_client.get(f"/animals/{ID}004")).json()[
        "mass"
    ] == "210.0000000000000000001"
    assert (
        '"paper":{"b": 1,  "a": 1.0, "a": 2}'
        in (await menagerie_client.get(f"/specimens/{ID}401")).text
    )
    doors = (await menagerie_client.get("/door_lists/")).json()
    masses = {
        resident["name"]: resident["mass"] for door in doors for resident in door["residents"]
    }
    assert masses == {
        "Kiara": "90",
        "Kovu": "150.125",
        "Nala": "131.25",
        "Kala": "5400",
        "Rajah": "210.0000000000000000001",
        'Ťardi/6, the "small"': "0.0000000001",
    }
    assert [door["residents"] for door in doors if door["house"].startswith("a..b")] == [[]]


def _numbers(value: Any) -> bool:
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return isinstance(value, float | int) or any(map(_numbers, parts))


async def test_value_of_a_wrong_type_is_a_fault_at_its_pointer(
    menagerie_client: httpx.AsyncClient, menagerie: TestDatabase
) -> None:
    for name, value, pointer in WRONG_VALUES:
        answer = await menagerie_client.post("/specimens/", json={"label": "x", name: value})
        assert answer.status_code == 422, (name, value, answer.text)
        assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer], (
            name,
            value,
        )
    for name, value in (
        ("duration", "long"),
        ("sensor", "::x"),
        ("layers", "[2,1]"),
        ("picture", "\\x" + "00" * 1025),
    ):
        answer = await menagerie_client.post("/specimens/", json={"label": "x", name: value})
        assert (answer.status_code, answer.json()["type"]) == (
            422,
            "urn:problem-type:invalid-content",
        ), name
    assert menagerie.execute("SELECT count(*) FROM zoo.specimen") == [(3,)]


async def test_defaults_identities_and_generated_columns_are_filled_in(
    menagerie_client: httpx.AsyncClient, menagerie: TestDatabase
) -> None:

    async def made(path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = await menagerie_client.post(path, json=body)
        assert answer.status_code == 201, answer.text
        row: dict[str, Any] = answer.json()
        assert (await menagerie_client.get(answer.headers["location"])).json() == row
        assert (
            body.items() <= row.items()
            if not any(isinstance(v, (list, dict)) for v in body.values())
            else True
        )
        return row

    den = await made(
        "/enclosures/", {"house": "Den", "number": 1, "length_m": "3.10", "width_m": "2.00"}
    )
    assert (den["climate"], den["area_m2"], den["label"], den["cleaned_on"]) == (
        "temperate",
        "6.2000",
        "Den 1",
        None,
    )
    keeper = await made(
        "/keepers/", {"name": "Ed Emu", "initials": "EE", "email": "ed@zoo.example"}
    )
    assert (keeper["id"], keeper["languages"], keeper["active"], keeper["chief_id"]) == (
        100,
        [],
        True,
        None,
    )
    assert menagerie.execute(f"SELECT current_date - date '{keeper['hired_on']}' IN (0, 1)") == [
        (True,)
    ]
    assert (await made("/lockers/", {"id": 7, "keeper_id": 100}))["corridor"] == 1
    assert (await made("/lockers/", {"keeper_id": 4}))["id"] == 100
    ration = {k: RATION[k] for k in ("title", "code", "grams", "energy", "ingredients")}
    row = await made("/rations/", {**ration, "raw": True})
    assert (row["slug"], row["season"], row["servings"], row["method"]) == (
        "a-ration",
        "all year",
        4,
        {},
    )
    assert (await made("/Odd%20Things/", {"Key Part": "k", "order": 0}))[
        "with space"
    ] == "a 'quoted' default"
    assert (await made("/small_donations/", {"amount": "0.01"}))["currency"] == "EUR"
    whole = await made("/rations/", RATION)
    assert {name: whole[name] for name in RATION} == RATION
    changed = await menagerie_client.patch(
        f"/rations/{whole['id']}", json={"servings": 1, "mood": None}
    )
    assert changed.json() == {**whole, "servings": 1, "mood": None}


async def test_document_has_the_keywords_of_each_column(
    menagerie_client: httpx.AsyncClient,
) -> None:
    schemas = schemas_of((await menagerie_client.get("/openapi.json")).json())
    read, new, change = (schemas[f"enclosures{end}"] for end in ("", ".create", ".change"))
    assert set(new["required"]) == {"house", "number", "length_m", "width_m"}
    assert "required" not in change
    assert set(new["properties"]) == {
        *("house", "number", "climate", "length_m", "width_m"),
        *("animals", "sightings"),  # rows below the new one
    }
    assert set(change["properties"]) == {"climate", "length_m", "width_m", "cleaned_on"}
    assert {name for name, part in read["properties"].items() if part.get("readOnly")} == {
        "area_m2",
        "label",
    }
    assert (
        new["properties"]["climate"]["default"],
        "default" in change["properties"]["climate"],
    ) == (
        "temperate",
        False,
    )
    assert new["properties"]["climate"]["enum"] == ["temperate", "tropical", "desert", "polar"]
    assert (
        read["properties"]["label"]["description"]
        == "The text on the door: the view's own comment."
    )
    assert read["properties"]["cleaned_on"]["type"] == ["string", "null"]
    assert schemas["keepers"]["properties"]["id"]["readOnly"]
    assert "readOnly" not in schemas["lockers"]["properties"]["id"]
    assert schemas["keepers"]["properties"]["name"]["maxLength"] == 40
    assert schemas["signs.create"]["properties"]["wording"]["maxLength"] == 30
    assert schemas["species"]["properties"]["status"]["enum"][-1] == "unknown, not assessed"
    assert schemas["reporting.feeding_sheet"]["properties"]["keeper"]["type"] == [
        "string",
        "null",
    ]
    assert schemas["reporting.feeding_sheet"]["properties"]["animal"]["type"] == "string"
    assert schemas["door_lists"]["properties"]["residents"]["items"]["properties"]["mass"][
        "type"
    ] == [
        "string",
        "null",
    ]


async def test_each_served_value_fits_its_schema(menagerie_client: httpx.AsyncClient) -> None:
    """Each column of each row has a JSON type that its schema names."""
    kinds = {
        str: "string",
        bool: "boolean",
        int: "integer",
        float: "number",
        list: "array",
        dict: "object",
        type(None): "null",
    }
    document = (await menagerie_client.get("/openapi.json")).json()
    for path, item in document["paths"].items():
        if "{" in path or not (operation := item.get("get")) or operation["tags"] == ["service"]:
            continue
        schema = schemas_of(document)[operation["tags"][0]]
        for row in await _get(menagerie_client, path):
            assert list(row) == list(schema["properties"]) == schema["required"]
            for name, value in row.items():
                allowed = schema["properties"][name].get("type", list(kinds.values()))
                allowed = [allowed] if isinstance(allowed, str) else allowed
                fits = kinds[type(value)] in allowed or (
                    isinstance(value, int) and "number" in allowed
                )
                assert fits or value in ("NaN", "Infinity"), (path, name)


async def _get(client: httpx.AsyncClient, path: str) -> list[dict[str, Any]]:
    answer = await client.get(path)
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.json()
    assert found
    return found
