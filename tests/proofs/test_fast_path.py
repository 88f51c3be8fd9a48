"""The fast path accepts nothing that the validator refuses, and nearly all that it accepts."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from api.document import fast_path, validators
from tests.support.catalogs import read_catalog
from tests.support.databases import TestDatabase
from tests.support.documents import make
from tests.support.menagerie import SPECIMEN, WRONG_VALUES

VALUES: list[Any] = [
    None, True, False, 0, 1, -1, 32768, 2**31, 2**63, -(2**63) - 1, 1.0, 1.5, 3.5e38, 1e308,
    float("inf"), "", " ", "x", "x" * 21, "x" * 300, "1", "1.5", "1e3", "-0", "2024-02-29",
    "2023-02-29", "2024-02-29T12:00:00Z", "24:00:00", "2024-02-29T12:00:00", "vulnerable", "\x00",
    "\ud800", "日本語", "a@b", "AB", "AB\n", "\\x00ff", [], [1], ["x"], {},
    "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa", "AAAAAAAA-aaaa-4aaa-8aaa-aaaaaaaaaaaa",
]  # fmt: skip


def of(schema: validators.Schema) -> fast_path.Accepts:
    """Compile the schema of an object."""
    fits, parts = fast_path.of(schema), fast_path.parts_of(schema)
    return lambda value: fits(value) and all(parts[name](one) for name, one in value.items())


def bodies(schema: validators.Schema) -> Iterator[Any]:
    """Give bodies: each property with each value, the others valid; and values that are no body."""
    properties = schema["properties"]
    good = {name: part["examples"][0] for name, part in properties.items() if "examples" in part}
    yield from (good, {}, {**good, "no such": 1}, *VALUES)
    for name in properties:
        yield {key: value for key, value in good.items() if key != name}
        yield from ({**good, name: value} for value in VALUES)


@pytest.mark.parametrize("schema", ["database", "menagerie"])
async def test_fast_path_accepts_only_what_the_validator_accepts(
    schema: str, request: pytest.FixtureRequest
) -> None:
    database: TestDatabase = request.getfixturevalue(schema)
    made = make(await read_catalog(database.api_url), database.api_url)
    quick = 0
    for operation in made.operations:
        if operation.kind.body:
            body = made.body(operation)
            accepts, valid = of(body), validators.validator(body).is_valid
            for value in bodies(body):
                if accepts(value):
                    assert valid(value), (operation.id, value)
                    assert not validators.UNSTORABLE.search(
                        json.dumps(value, ensure_ascii=False)
                    ), operation.id
                    quick += 1
    assert quick > 50


async def test_fast_path_accepts_each_example_body_of_billing(database: TestDatabase) -> None:
    made = make(await read_catalog(database.api_url), database.api_url)
    for operation in made.operations:
        if operation.kind.body:
            body = made.body(operation)
            # Arrays are the validator's business, and so is a body that has to have one.
            plain = {n: p for n, p in body["properties"].items() if p.get("type") != "array"}
            if not plain.keys() >= {*body.get("required", ())}:
                continue
            example = {name: part["examples"][0] for name, part in plain.items()}
            # As the body of a request is read: a number with a fraction is a Decimal.
            read = json.loads(json.dumps(example), parse_float=Decimal)
            assert of(body)(read), operation.id


def test_fast_path_accepts_what_one_of_several_rules_accepts() -> None:
    rules: list[validators.Schema] = [{"enum": [""]}, {"pattern": "^[a-z]+$"}]
    part = {"type": "string", "anyOf": rules}
    accepts = fast_path.parts_of({"properties": {"a": part}})["a"]
    assert [accepts(value) for value in ("", "a", "A", 1, None)] == [
        True,
        True,
        False,
        False,
        False,
    ]
    rules.append({"not": {}})
    assert fast_path.parts_of({"properties": {"a": part}})["a"]("a")


async def test_fast_path_refuses_values_of_other_types(menagerie: TestDatabase) -> None:
    made = make(await read_catalog(menagerie.api_url), menagerie.api_url)
    operation = next(
        operation for operation in made.operations if operation.id == "specimens.create"
    )
    body = made.body(operation)
    accepts, valid = of(body), validators.validator(body).is_valid
    for name, value, _ in WRONG_VALUES:
        assert not accepts({"label": "x", name: value}) or valid({"label": "x", name: value}), name
    assert not accepts(SPECIMEN)  # arrays, composites and json are the validator's business


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "properties": {}, "additionalProperties": True},
        {"type": "object", "properties": {}, "additionalProperties": False, "maxProperties": 1},
        {
            "type": "object",
            "properties": {"a": {"type": "string", "not": {}}},
            "additionalProperties": False,
        },
        {"type": "object", "properties": {"a": {}}, "additionalProperties": False},
    ],
)
def test_fast_path_accepts_nothing_for_an_unknown_keyword(schema: validators.Schema) -> None:
    assert not of(schema)({"a": "x"})
