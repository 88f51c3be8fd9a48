"""The second schema's types, over HTTP: what is sent is read back, and what a column says is in the document."""

import json
from asyncio import AbstractEventLoop
from typing import Any

import httpx
import psycopg

from api.document import validators
from tests.http.test_menagerie import ID, config
from tests.support.databases import TestDatabase
from tests.support.serving import serving

# A value of each type that comes back letter by letter.
SPECIMEN: dict[str, Any] = {
    "id": "11111111-1111-4111-8111-111111111111",
    "label": "new",
    "origin": "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa",
    "flag": False,
    "small": -32768,
    "medium": 2147483647,
    "large": -9007199254740993,
    "fixed": "-123456.70",
    "coarse": "99900",
    "free": "3.14159265358979323846264338327950288419716939937510",
    "single": 1.5,
    "double": -0.1,
    "day": "2024-02-29",
    "clock": "23:59:59.999999",
    "clock_to_the_second": "12:00:00",
    "local_moment": "2024-02-29T12:00:00.000001",
    "moment": "2024-02-29T12:00:00.000001+00:00",
    "moment_to_the_second": "2024-02-29T12:00:00+00:00",
    "duration": "P1Y2M3DT4H5M6.5S",
    "picture": "\\x00ff",
    "sensor": "10.0.0.1",
    "grade": "abc",
    "status": "unknown, not assessed",
    "statuses": ["vulnerable", "unknown, not assessed", None],
    "mass": "25.00",
    "masses": ["0.01", "999999.99"],
    "words": ["a", "b, c", '"', "\\", "", None, "NULL", "{}", "日本語"],
    "counts": [2147483647, None, -1],
    "readings": ["-999.999", "0.001", None],
    "grid": [],
    "moments": ["2024-02-29T12:00:00+00:00", None],
    "paper": {"b": 1, "a": [1.5, None, "x", {"y": True}]},
    "traits": [{"deep": {"deeper": [1, "2", None]}}],
    "papers": [[], [1], "x", {"a": None}, [[]], None],
    "layers": "[1,4)",
    "span": "(,2024-03-01)",
    "heights": "(0.50,1.500]",
    "keeper": {
        "id": None,
        "name": 'N"a,(la)',
        "born_on": "2012-05-01",
        "mass": "131.2500000000000000000001",
    },
}
RATION: dict[str, Any] = {
    "title": "Soup", "code": "R-777", "slug": "soup", "season": "summer", "mood": "bad", "supplier": "Z-Soups",
    "servings": 20, "grams": 5, "energy": "9999.99", "fat": "1.0000", "price": "0.1", "spice": 0.999, "warmth": 0.5,
    "ingredients": ["water"], "allergens": ["fish"], "minutes": [1, 2, 3], "method": {"stir": [True]}, "raw": False,
    "cooked_at_c": 100, "valid_from": "2000-01-01", "valid_until": "2000-01-01",
}  # fmt: skip


async def test_every_type_goes_in_and_out_unchanged(
    loop: AbstractEventLoop, menagerie: TestDatabase
) -> None:
    """Whole at first, then column by column: set to null and back."""
    async with serving(config(menagerie)) as s:
        made = await s.client.post("/specimens/", json=SPECIMEN)
        assert (made.status_code, made.json()) == (201, SPECIMEN)
        path = made.headers["location"]
        assert path == f"/specimens/{SPECIMEN['id']}"
        assert (await s.client.get(path)).text == made.text
        for name, value in SPECIMEN.items():
            if name not in ("id", "label"):
                changed = await s.client.patch(path, json={name: None})
                assert (changed.status_code, changed.json()) == (200, {**SPECIMEN, name: None}), (
                    name
                )
                changed = await s.client.patch(path, json={name: value})
                assert (changed.status_code, changed.json()) == (200, SPECIMEN), name
        page = await s.client.get("/specimens/", params={"label": "new"})
        assert page.text == f"[{made.text}]"
        least = await s.client.post("/specimens/", json={"label": "least"})
        assert {name for name, value in least.json().items() if value is not None} == {
            "id",
            "label",
        }
        assert (await s.client.patch(path, json={"label": None})).json()["errors"] == [
            {"pointer": "/label", "detail": "must be a text"}
        ]


async def test_the_end_of_a_day_is_read_back_and_fits_its_schema(
    loop: AbstractEventLoop, menagerie: TestDatabase
) -> None:
    async with serving(config(menagerie)) as s:
        body = {"label": "late", "clock": "24:00:00", "clock_to_the_second": "24:00:00"}
        made = await s.client.post("/specimens/", json=body)
        assert made.status_code == 201, made.text
        assert body.items() <= made.json().items()
        document = (await s.client.get("/openapi.json")).json()
        assert validators.validator(document["components"]["schemas"]["specimens"]).is_valid(
            made.json()
        )


async def test_every_row_reads_as_postgres_writes_it(
    loop: AbstractEventLoop, menagerie: TestDatabase
) -> None:
    """The extremes too; but a decimal is a text, wherever it stands."""
    async with serving(config(menagerie)) as s:
        for number in (401, 402, 403):
            answer = await s.client.get(f"/specimens/{ID}{number}")
            with psycopg.connect(menagerie.api_url) as connection:
                query = (
                    f"SELECT row_to_json(s)::text FROM api.specimens AS s WHERE id = '{ID}{number}'"
                )
                ((stored,),) = connection.execute(query.encode()).fetchall()
            decimals = ("fixed", "coarse", "free", "mass", "masses", "readings", "keeper")
            found, expected = (
                json.loads(str(text), parse_float=str, parse_int=str)
                for text in (answer.text, stored)
            )
            assert found == expected
            for name in decimals:
                assert not _numbers(answer.json()[name]), name
        assert (await s.client.get(f"/animals/{ID}004")).json()["mass"] == "210.0000000000000000001"
        assert (
            '"paper":{"b": 1,  "a": 1.0, "a": 2}'
            in (await s.client.get(f"/specimens/{ID}401")).text
        )
        doors = (await s.client.get("/door_lists/")).json()
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


# A body that is a fault, and where: what is not a value of the type, or would not come back as it
# was sent.
WRONG: list[tuple[str, Any, str]] = [
    ("label", "x" * 21, "/label"),
    ("origin", "aaaaaaaa", "/origin"),
    ("flag", "true", "/flag"),
    ("small", 32768, "/small"),
    ("medium", 1.5, "/medium"),
    ("large", 9223372036854775808, "/large"),
    ("fixed", 1.5, "/fixed"),
    ("fixed", "1.005", "/fixed"),
    ("fixed", "1000000", "/fixed"),
    ("fixed", "1e3", "/fixed"),
    ("fixed", "NaN", "/fixed"),
    ("coarse", "1234", "/coarse"),
    ("coarse", "100000", "/coarse"),
    ("free", "", "/free"),
    ("double", "NaN", "/double"),
    ("day", "2023-02-29", "/day"),
    ("clock", "25:00:00", "/clock"),
    ("clock", "23:59:59.9999999", "/clock"),
    ("clock_to_the_second", "23:59:59.9", "/clock_to_the_second"),
    ("local_moment", "2024-02-29 12:00", "/local_moment"),
    ("moment", "2024-02-29T12:00:00", "/moment"),
    ("moment", "9999-12-31T23:59:59.9999999Z", "/moment"),
    ("moment_to_the_second", "2024-02-29T12:00:00.6Z", "/moment_to_the_second"),
    ("moments", ["2024-02-29T12:00:00.1234567Z"], "/moments/0"),
    ("picture", "\\x0", "/picture"),
    ("grade", "abcd", "/grade"),
    ("status", "extinct", "/status"),
    ("statuses", ["extinct"], "/statuses/0"),
    ("mass", "0.00", "/mass"),
    ("mass", "1.005", "/mass"),
    ("mass", "25.01", "/mass"),
    ("masses", ["1.00", "-1"], "/masses/1"),
    ("masses", ["1.005"], "/masses/0"),
    ("words", "a", "/words"),
    ("words", [1], "/words/0"),
    ("counts", ["1"], "/counts/0"),
    ("readings", [0.5], "/readings/0"),
    ("readings", ["1.0005"], "/readings/0"),
    ("moments", ["soon"], "/moments/0"),
    ("keeper", {"id": None, "name": "x", "born_on": None, "mass": 1}, "/keeper/mass"),
    ("keeper", {"id": None, "name": "x", "born_on": None}, "/keeper/mass"),
    ("keeper", {"id": None, "name": "x", "born_on": None, "mass": None, "age": 1}, "/keeper/age"),
]


async def test_what_is_no_value_of_its_type_is_a_fault_where_it_stands(
    loop: AbstractEventLoop, menagerie: TestDatabase
) -> None:
    async with serving(config(menagerie)) as s:
        for name, value, pointer in WRONG:
            answer = await s.client.post("/specimens/", json={"label": "x", name: value})
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
            answer = await s.client.post("/specimens/", json={"label": "x", name: value})
            assert (answer.status_code, answer.json()["type"]) == (
                422,
                "urn:problem-type:invalid-content",
            ), name
    assert menagerie.execute("SELECT count(*) FROM zoo.specimen") == [(3,)]


async def test_defaults_identities_and_generated_columns(
    loop: AbstractEventLoop, menagerie: TestDatabase
) -> None:
    async with serving(config(menagerie)) as s:

        async def made(path: str, body: dict[str, Any]) -> dict[str, Any]:
            answer = await s.client.post(path, json=body)
            assert answer.status_code == 201, answer.text
            row: dict[str, Any] = answer.json()
            assert (await s.client.get(answer.headers["location"])).json() == row
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
        assert menagerie.execute(
            f"SELECT current_date - date '{keeper['hired_on']}' IN (0, 1)"
        ) == [(True,)]
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
        changed = await s.client.patch(
            f"/rations/{whole['id']}", json={"servings": 1, "mood": None}
        )
        assert changed.json() == {**whole, "servings": 1, "mood": None}


async def test_what_the_document_says_of_a_column(
    loop: AbstractEventLoop, menagerie: TestDatabase
) -> None:
    async with serving(config(menagerie)) as s:
        schemas = (await s.client.get("/openapi.json")).json()["components"]["schemas"]
        read, new, change = (schemas[f"enclosures{end}"] for end in ("", ".create", ".change"))
        assert set(new["required"]) == {"house", "number", "length_m", "width_m"}
        assert "required" not in change
        assert set(new["properties"]) == {"house", "number", "climate", "length_m", "width_m"}
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


async def test_what_is_served_fits_the_document(
    loop: AbstractEventLoop, menagerie: TestDatabase
) -> None:
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
    async with serving(config(menagerie)) as s:
        document = (await s.client.get("/openapi.json")).json()
        for path, item in document["paths"].items():
            if (
                "{" in path
                or not (operation := item.get("get"))
                or operation["tags"] == ["service"]
            ):
                continue
            schema = document["components"]["schemas"][operation["tags"][0]]
            for row in await _get(s.client, path):
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
