"""Invalid values, and SQL in every place: a clear problem document, and no change."""

import json
from typing import Any

import httpx
import pytest

from tests.support.databases import TestDatabase
from tests.support.fingerprints import unchanged
from tests.support.problems import UNFIT_BODY, assert_problem
from tests.support.rejections import JSON, Faults, check, post
from tests.support.visits import UNKNOWN_ID, add, bill_visit

pytestmark = pytest.mark.unmeasured

NOT_NULL = "must not be null"
A_DATE = "must be a date that exists, as in 2024-03-01"
MOST_UNITS = "A line item must have at most 9999 units."
LEAST_UNITS = "A line item must have at least 1 unit."
INVISIBLE = "must have at least one visible character."
UNSTORABLE = "has a character that can't be stored: U+0000, or half of a surrogate pair"
UNLISTED = "A line item's procedure code must be one of the listed procedure codes."


async def test_invalid_names_answer_422(client: httpx.AsyncClient, database: TestDatabase) -> None:
    visible = f"A patient's first name {INVISIBLE[:-1]}, or be empty on purpose."
    short = "A patient's first name must have at most 35 characters, which is what a claim holds."
    controls = "A patient's first name must have no tabs, line breaks or other control characters."
    edges = "A patient's first name must neither begin nor end with a blank."
    text = "must be a string"
    values: dict[str, Faults] = {
        '"\\u200b"': (("/first_name", visible),),
        '"\\t\\n"': (("/first_name", visible), ("/first_name", controls)),
        **dict.fromkeys(
            ('" "', '"\\u00a0\\u200b\\u3000"', f'"{" " * 35}"'),
            (("/first_name", visible), ("/first_name", edges)),
        ),
        **dict.fromkeys(
            ('"John\\n"', '"Jo\\thn"', '"a\\u0085b"', '"a\\u2028b"', '"a\\u007fb"'),
            (("/first_name", controls),),
        ),
        **dict.fromkeys(
            ('" John"', '"John "', '"\\u00a0J"', '"J\\u3000"'), (("/first_name", edges),)
        ),
        **dict.fromkeys(
            ("1", "true", "[]", "{}", '["John"]', "1.5", "1e999"), (("/first_name", text),)
        ),
        "null": (("/first_name", NOT_NULL),),
        **dict.fromkeys(('"' + "é" * 36 + '"', '"' + "😀" * 36 + '"'), (("/first_name", short),)),
        **dict.fromkeys(
            ('"\\u0000"', '"a\\u0000"', '"\\ud800"', '"\\udc00\\ud800"', '"\\uDBFFx"'),
            (("/first_name", UNSTORABLE),),
        ),
    }
    v = await bill_visit(client)
    with unchanged(database):
        for value, faults in values.items():
            content = f'{{"first_name":{value},"last_name":"x"}}'
            response = await post(client, "/patients/", content)
            assert_problem(response, "invalid-content", UNFIT_BODY, *faults)
            patch = {"content": f'{{"first_name":{value}}}', "headers": {"content-type": JSON}}
            response = await client.patch(f"/patients/{v.patient}", **patch)  # type: ignore[arg-type]
            assert_problem(response, "invalid-content", UNFIT_BODY, *faults)
        faults = [("/\0", UNSTORABLE), ("/\0", "is not a field of this body")]
        await check(
            client, "/patients/", {'{"first_name":"a","last_name":"b","\\u0000":1}': faults}
        )
    for good in (
        "é" * 35,
        "😀" * 35,
        "a b",
        "a\u00a0\u200db",
        "\u200bx",
        "Robert'); DROP TABLE patient; --",
        "null",
    ):
        made = await add(client, "/patients/", first_name=good, last_name=good)
        assert made["first_name"] == made["last_name"] == good
        assert (await client.get(f"/patients/{made['id']}")).json() == made


async def test_invalid_units_answer_422(client: httpx.AsyncClient, database: TestDatabase) -> None:
    at = "/units"
    cases: dict[str, Faults] = {
        **dict.fromkeys(("0", "-1", "-0", "-" + "9" * 30, "-" + "9" * 5000), ((at, LEAST_UNITS),)),
        **dict.fromkeys(('"1"', "true", "[1]", "{}"), ((at, "must be a number"),)),
        "null": ((at, NOT_NULL),),
        **dict.fromkeys(("0.0", "-0.5", "-1e-400", "0e5"), ((at, LEAST_UNITS),)),
        **dict.fromkeys(
            (
                "10000",
                "9999.001",
                "1e400",
                "1e999999999999999999999",
                "2147483648",
                "1" + "0" * 12,
                "9" * 30,
                "9" * 400,
                "9" * 5000,
            ),
            ((at, MOST_UNITS),),
        ),
    }
    v = await bill_visit(client)
    with unchanged(database):
        await check(client, v.line_items, cases, '{"cpt_code":"G0438","units":{}}')
        await check(
            client,
            f"/encounters/{v.encounter}/line_items/",
            cases,
            '{"cpt_code":"G0438","units":{}}',
        )
        for value, faults in cases.items():
            path = f"/line_items/{v.line_item}"
            response = await client.patch(
                path, content=f'{{"units":{value}}}', headers={"content-type": JSON}
            )
            assert_problem(response, "invalid-content", UNFIT_BODY, *faults)


async def test_unknown_codes_and_parents_answer_422(
    client: httpx.AsyncClient, database: TestDatabase
) -> None:
    no_encounter = "A line item must belong to an encounter that is on record."
    no_patient = "An encounter must belong to a patient who is on record."
    v = await bill_visit(client)
    with unchanged(database):
        for code in ("99999", "g0438", "G0438 ", "G0438\n", "", "'", "x" * 10_000):
            for path in (v.line_items, f"/encounters/{v.encounter}/line_items/"):
                response = await client.post(path, json={"cpt_code": code})
                assert_problem(response, "invalid-content", UNLISTED, ("/cpt_code", UNLISTED))
            response = await client.patch(f"/line_items/{v.line_item}", json={"cpt_code": code})
            assert_problem(response, "invalid-content", UNLISTED, ("/cpt_code", UNLISTED))
        for wrong in (UNKNOWN_ID, v.patient):
            response = await client.post(
                "/line_items/", json={"cpt_code": "G0438", "encounter_id": wrong}
            )
            assert_problem(
                response, "invalid-content", no_encounter, ("/encounter_id", no_encounter)
            )
        response = await client.post(
            "/encounters/", json={"date": "2024-03-01", "patient_id": UNKNOWN_ID}
        )
        assert_problem(response, "invalid-content", no_patient, ("/patient_id", no_patient))
        dashless = v.patient.replace("-", "")
        cases = {
            value: [("/patient_id", "must be a UUID")]
            for value in ('"x"', f'"{dashless}"', f'"{{{UNKNOWN_ID}}}"')
        }
        await check(client, "/encounters/", cases, '{"date":"2024-03-01","patient_id":{}}')


async def test_invalid_dates_answer_422(client: httpx.AsyncClient, database: TestDatabase) -> None:
    unreal = [
        "2023-02-29",
        "2024-02-30",
        "2024-13-01",
        "2024-00-01",
        "2024-3-1",
        "20240301",
        "2024-W09-5",
        "0000-01-01",
    ]
    unreal += [
        "99999-01-01",
        "-2024-01-01",
        "today",
        "infinity",
        "epoch",
        "2024-03-01T00:00:00",
        " 2024-03-01",
        "",
        "1",
    ]
    unreal += ["2024-03-01\n", "٢٠٢٤-03-01", "01/03/2024", "2024-03-01 BC"]
    cases: dict[str, Faults] = {json.dumps(value): [("/date", A_DATE)] for value in unreal}
    cases |= dict.fromkeys(("20240301", "true", "[]", "{}"), (("/date", "must be a string"),))
    cases["null"] = (("/date", NOT_NULL),)
    early = "An encounter's date must be 1900-01-01 or later."
    late = "An encounter's date must not be later than today is anywhere on Earth."
    v = await bill_visit(client)
    with unchanged(database):
        await check(client, v.encounters, cases, '{"date":{}}')
        for value, sentence in (
            ("1899-12-31", early),
            ("0001-01-01", early),
            ("2999-01-01", late),
        ):
            for response in (
                await client.post(v.encounters, json={"date": value}),
                await client.patch(f"/encounters/{v.encounter}", json={"date": value}),
            ):
                assert_problem(response, "invalid-content", sentence, ("/date", sentence))


async def test_empty_or_forbidden_change_answers_422(
    client: httpx.AsyncClient, database: TestDatabase
) -> None:
    v, other = await bill_visit(client), await bill_visit(client)
    nothing = ("", "must have at least 1 field")
    cases: list[tuple[str, Any, tuple[str, str]]] = [
        (f"/patients/{v.patient}", {}, nothing),
        (f"/encounters/{v.encounter}", {}, nothing),
        (f"/line_items/{v.line_item}", {}, nothing),
        (f"/patients/{v.patient}", {"id": UNKNOWN_ID}, ("/id", "is not a field of this body")),
        (
            f"/encounters/{v.encounter}",
            {"patient_id": other.patient},
            ("/patient_id", "is not a field of this body"),
        ),
        (
            f"/line_items/{v.line_item}",
            {"units": 3, "encounter_id": other.encounter},
            ("/encounter_id", "is not a field of this body"),
        ),
    ]
    with unchanged(database):
        for path, body, fault in cases:
            response = await client.patch(path, json=body)
            assert_problem(response, "invalid-content", UNFIT_BODY, fault)


async def test_sql_in_a_value_is_stored_as_text(
    client: httpx.AsyncClient, database: TestDatabase
) -> None:
    attacks = [
        "'",
        "''",
        "\\'",
        '"',
        "1; DROP TABLE billing.line_item; --",
        "' OR '1'='1",
        "$1",
        "%s",
        "{0}",
        ":x",
    ]
    attacks += [
        "1) UNION SELECT * FROM pg_user --",
        "*/ SELECT pg_sleep(9) /*",
        "E'\\x41'",
        "$$",
        "COALESCE(id)",
    ]
    v = await bill_visit(client)
    with unchanged(database):
        for attack in attacks:
            query = {"last_name": attack}
            assert (await client.get("/patients/", params=query)).text == "[]"
            assert (await client.get("/cpt_codes/", params={"code.prefix": attack})).text == "[]"
            for name in ("id", "order", "limit", "after", attack):
                response = await client.get("/patients/", params={name: attack})
                assert response.status_code == 400, (name, attack)
            for name in ("date.gte", "date", "patient_id"):
                assert (await client.get("/encounters/", params={name: attack})).status_code == 400
            for path in (
                "/patients/{}",
                "/patients/{}/encounters/",
                "/cpt_codes/{}",
                "/superbills/{}",
            ):
                url = httpx.URL(path.replace("{}", "x")).copy_with(
                    raw_path=path.replace(
                        "{}", "".join(f"%{byte:02x}" for byte in attack.encode())
                    ).encode()
                )
                assert (await client.get(url)).status_code == 404
            response = await client.post(
                "/patients/", json={attack: 1, "first_name": "a", "last_name": "b"}
            )
            assert response.json()["errors"][0]["detail"] == "is not a field of this body"
            response = await client.post(v.encounters, json={"date": attack})
            assert_problem(response, "invalid-content", UNFIT_BODY, ("/date", A_DATE))
    for attack in attacks:
        made = await add(client, "/patients/", first_name=attack, last_name=attack)
        found = await client.get("/patients/", params={"last_name": attack})
        assert found.json() == [made]
        changed = await client.patch(f"/patients/{v.patient}", json={"last_name": attack})
        assert changed.json()["last_name"] == attack
