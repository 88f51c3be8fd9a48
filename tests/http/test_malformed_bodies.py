"""Bodies that are not JSON, nested too deeply, or without the right members are refused."""

import json

import httpx
import pytest

from tests.support.databases import TestDatabase
from tests.support.fingerprints import unchanged
from tests.support.problems import MARK, UNFIT_BODY, assert_problem
from tests.support.rejections import JSON, Faults, check, post
from tests.support.visits import UNKNOWN_ID, bill_visit

pytestmark = pytest.mark.unmeasured

TWICE = "An object in the body has the same key twice."
DEEP = "The body is nested too deeply."
LEAST_UNITS = "A line item must have at least 1 unit."


def _at(column: int, line: int = 1) -> str:
    return f"The body is not well-formed JSON at line {line}, column {column}."


GOOD = f'{{"first_name":"John","last_name":"{MARK}"}}'
CASES: dict[str | bytes, str] = {
    "": _at(1),
    " ": _at(2),
    "{": _at(2),
    GOOD[:-1]: _at(len(GOOD)),
    GOOD[:-3]: _at(GOOD.index(f'"{MARK}') + 1),
    f"{GOOD}{GOOD}": _at(len(GOOD) + 1),
    f"{GOOD},": _at(len(GOOD) + 1),
    f"{{\n'first_name': '{MARK}'}}": _at(1, 2),
    f"\ufeff{GOOD}": _at(1),
    GOOD.replace("John", "Jo\nhn"): _at(18),
    GOOD.replace("John", "\\x41"): _at(16),
    '{"units": 01}': _at(12),
    '{"units": +1}': _at(11),
    '{"units": .5}': _at(11),
    '{"units": 0x1}': _at(12),
    "first_name=John": _at(1),
    "<patient/>": _at(1),
    '{"units": NaN}': "NaN is not JSON.",
    '{"units": Infinity}': "Infinity is not JSON.",
    '{"units": [-Infinity]}': "-Infinity is not JSON.",
    GOOD.replace("}", ',"last_name":"Other"}'): TWICE,
    GOOD.replace('"last_name"', '"first\\u005fname"'): TWICE,
    GOOD.replace('"John"', '{"a": 1, "a": 1}'): TWICE,
    "[" * 100_000: DEEP,
    '{"a":' * 100_000: DEEP,
    GOOD.replace('"John"', "[" * 50_000 + "]" * 50_000): DEEP,
    GOOD.replace("John", "J\x00hn").encode("utf-16"): "The body is not UTF-8.",
    GOOD.encode().replace(b"John", b"J\xffhn"): "The body is not UTF-8.",
    GOOD.encode().replace(b"John", b"\xed\xa0\x80"): "The body is not UTF-8.",
    GOOD.encode().replace(b"John", b"\xc0\xaf"): "The body is not UTF-8.",
}


async def test_body_that_is_not_json_answers_400(
    client: httpx.AsyncClient, database: TestDatabase
) -> None:
    v = await bill_visit(client)
    with unchanged(database):
        for content, sentence in CASES.items():
            assert_problem(await post(client, "/patients/", content), "malformed-json", sentence)
            patched = await client.patch(
                f"/patients/{v.patient}", content=content, headers={"content-type": JSON}
            )
            assert_problem(patched, "malformed-json", sentence)


async def test_deep_nesting_is_refused_at_any_depth(
    client: httpx.AsyncClient, database: TestDatabase
) -> None:
    with unchanged(database):
        for depth in (1, 10, 100, *range(880, 1010, 3), 2_000, 5_000, 20_000):
            for opening, closing in (("[", "]"), ('{"a":', "}")):
                value = opening * depth + ("1" if closing == "}" else "") + closing * depth
                body = f'{{"first_name":{value},"last_name":"x"}}'
                response = await post(client, "/patients/", body)
                if response.status_code == 400:
                    assert_problem(response, "malformed-json", DEEP)
                else:
                    fault = ("/first_name", "must be a string")
                    assert_problem(response, "invalid-content", UNFIT_BODY, fault)


async def test_body_without_the_right_members_answers_422(
    client: httpx.AsyncClient, database: TestDatabase
) -> None:
    missing = [("/first_name", "is missing"), ("/last_name", "is missing")]
    an_object = [("", "must be an object")]
    name = f'"first_name":"John","last_name":"{MARK}"'
    cases: dict[str, Faults] = {
        **dict.fromkeys(("null", "1", '"x"', "true"), an_object),
        "{}": missing,
        '{"first_name":"John"}': missing[1:],
        f'{{{name},"id":"{UNKNOWN_ID}"}}': [("/id", "is not a field of this body")],
        f'{{{name},"first name":1,"":2,"a/b~c":3}}': [
            (pointer, "is not a field of this body") for pointer in ("/", "/a~1b~0c", "/first name")
        ],
        f'{{"First_Name":"{MARK}","last_name":"x"}}': [
            ("/First_Name", "is not a field of this body"),
            missing[0],
        ],
        '{"last_name":null}': [missing[0], ("/last_name", "must not be null")],
    }
    v = await bill_visit(client)
    with unchanged(database):
        await check(client, "/patients/", cases)
        await check(
            client,
            v.encounters,
            {
                f'{{"patient_id":"{v.patient}","date":"2024-03-01"}}': [
                    ("/patient_id", "is given by the path")
                ]
            },
        )
        everything = {
            "encounter_id": v.encounter,
            "cpt_code_description": MARK,
            "id": 1,
            "units": 0,
            "bogus": [],
        }
        await check(
            client,
            v.line_items,
            {
                json.dumps(everything): [
                    ("/bogus", "is not a field of this body"),
                    ("/cpt_code", "is missing"),
                    ("/cpt_code_description", "is not a field of this body"),
                    ("/encounter_id", "is given by the path"),
                    ("/id", "is not a field of this body"),
                    ("/units", LEAST_UNITS),
                ]
            },
        )
