"""Two documents → what is added, what has changed, and what breaks clients."""

import json
from typing import Any

import pytest

from api.config import ROOT
from api.document.changes import changes
from tests.support.documents import unfolded

ITEM = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "maxLength": 9, "enum": ["a", "b"]},
        "size": {"type": ["integer", "null"], "minimum": 1},
        "day": {"type": "string", "format": "date"},
    },
    "required": ["name"],
    "additionalProperties": False,
}
OLD: dict[str, Any] = {
    "openapi": "3.1.0",
    "paths": {
        "/items/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {}}],
            "post": {
                "operationId": "items.create",
                "parameters": [{"$ref": "#/components/parameters/limit"}],
                "requestBody": {
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/new"}}
                    }
                },
                "responses": {
                    "200": {
                        "description": "",
                        "headers": {"Link": {}},
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/item"}}
                        },
                    },
                    "404": {"description": ""},
                },
            },
        }
    },
    "components": {
        "schemas": {"new": ITEM, "item": ITEM},
        "parameters": {"limit": {"name": "limit", "in": "query", "schema": {"maximum": 9}}},
    },
}
POST = "POST /items/{id}"
NEW, ROW = "components schemas new", "components schemas item"
SAID = "paths /items/{id} post"
# Where, what instead (None: nothing), and the lines that this gives.
CASES: list[tuple[str, Any, list[str]]] = [
    ("paths /items/{id}", None, [f"broken   {POST}: is gone"]),
    ("paths /more", {"get": {"summary": "More"}}, ["added    GET /more: More"]),
    (
        f"{SAID} operationId",
        "x",
        [f"broken   {POST}: the operation id is x instead of items.create"],
    ),
    (f"{SAID} security", [{"token": []}], [f"broken   {POST}: who may use it has changed"]),
    (f"{SAID} parameters", [], [f"broken   {POST}, query limit: is gone"]),
    (
        f"{SAID} parameters",
        [{"name": name, "in": "query", "required": name == "x"} for name in ("limit", "x", "y")],
        [
            f"changed  {POST}, query limit: no limit instead of maximum 9",
            f"broken   {POST}, query x: is required",
            f"added    {POST}, query y: is new",
        ],
    ),
    ("components parameters limit required", True, [f"broken   {POST}, query limit: is required"]),
    (
        "components parameters limit schema maximum",
        8,
        [f"broken   {POST}, query limit: maximum 8 instead of maximum 9"],
    ),
    (f"{SAID} requestBody required", True, [f"broken   {POST}, body: is required"]),
    (
        f"{SAID} requestBody content",
        {"text/csv": {}},
        [f"broken   {POST}, body: application/json is gone", f"added    {POST}, body: text/csv"],
    ),
    (f"{SAID} responses 404", None, [f"changed  {POST}, 404: is gone"]),
    (f"{SAID} responses 200", None, [f"broken   {POST}, 200: is gone"]),
    (f"{SAID} responses 503", {}, [f"changed  {POST}, 503: is possible"]),
    (f"{SAID} responses 200 headers", {}, [f"broken   {POST}, 200: the header Link is gone"]),
    ("components schemas more", {}, []),
    (f"{NEW} properties more", {}, ["added    new in bodies: the field more"]),
    (f"{NEW} properties day", None, ["broken   new in bodies: the field day is gone"]),
    (f"{ROW} properties day", None, ["broken   item in answers: the field day is gone"]),
    (f"{NEW} required", ["name", "day"], ["broken   new in bodies: the field day is required"]),
    (f"{NEW} required", [], ["changed  new in bodies: the field name may be absent"]),
    (f"{ROW} required", [], ["broken   item in answers: the field name may be absent"]),
    (
        f"{ROW} required",
        ["name", "day"],
        ["changed  item in answers: the field day is always there"],
    ),
    (f"{NEW} additionalProperties", True, ["changed  new in bodies: other fields are possible"]),
    (
        f"{NEW} properties size type",
        ["integer"],
        ["broken   new in bodies, size: may be integer instead of integer or null"],
    ),
    (
        f"{ROW} properties size type",
        ["integer"],
        ["changed  item in answers, size: may be integer instead of integer or null"],
    ),
    (
        f"{ROW} properties size type",
        ["number", "null"],
        ["broken   item in answers, size: may be null or number instead of integer or null"],
    ),
    (
        f"{NEW} properties name enum",
        ["a"],
        ['broken   new in bodies, name: may not be "b" any more'],
    ),
    (
        f"{NEW} properties name enum",
        ["a", "b", "c"],
        ['changed  new in bodies, name: may be "c" too'],
    ),
    (
        f"{ROW} properties name enum",
        ["a", "b", "c"],
        ['broken   item in answers, name: may be "c" too'],
    ),
    (f"{ROW} properties name enum", None, ["broken   item in answers, name: may be any other too"]),
    (
        f"{NEW} properties size exclusiveMinimum",
        5,
        [
            "broken   new in bodies, size: minimum 1 and exclusiveMinimum 5 instead of minimum 1",
        ],
    ),
    (
        f"{NEW} properties name maxLength",
        8,
        ["broken   new in bodies, name: maxLength 8 instead of maxLength 9"],
    ),
    (
        f"{ROW} properties name maxLength",
        10,
        ["changed  item in answers, name: maxLength 10 instead of maxLength 9"],
    ),
    (
        f"{NEW} properties name pattern",
        "^a",
        ['broken   new in bodies, name: a rule is new: {"pattern": "^a"}'],
    ),
    (
        f"{NEW} properties name allOf",
        [{"pattern": "^a", "x-sentences": {"pattern": "Begins with a."}}],
        ["broken   new in bodies, name: a rule is new: Begins with a."],
    ),
    (
        f"{ROW} properties day format",
        "date-time",
        ["broken   item in answers, day: the format is date-time instead of date"],
    ),
    (
        f"{NEW} properties day format",
        None,
        ["changed  new in bodies, day: the format is any instead of date"],
    ),
    (
        f"{NEW} x-database-checked",
        ["A rule."],
        ["broken   new in bodies: the database checks more: A rule."],
    ),
    (
        f"{NEW} properties day default",
        "2024-03-01",
        ['changed  new in bodies, day: the default is "2024-03-01"'],
    ),
    (f"{NEW} properties day description", "A day.", []),
]


@pytest.mark.parametrize(("place", "value", "expected"), CASES)
def test_each_change_has_its_line(place: str, value: Any, expected: list[str]) -> None:
    new = json.loads(json.dumps(OLD))
    part: Any = new
    *steps, last = place.split()
    for step in steps:
        part = part[step]
    if value is None:
        del part[last]
    else:
        part[last] = value
    assert [str(change) for change in changes(OLD, new)] == expected


def test_component_that_goes_is_broken_and_an_unused_one_too() -> None:
    new = json.loads(json.dumps(OLD))
    new["components"]["schemas"]["unused"] = {}
    assert [str(change) for change in changes(new, OLD)] == ["broken   schema unused: is gone"]


def test_path_parameter_with_another_name_is_broken() -> None:
    new = json.loads(json.dumps(OLD).replace("{id}", "{key}").replace('"id"', '"key"'))
    assert [str(change) for change in changes(OLD, new)] == [
        f"broken   {POST}: the path is /items/{{key}}",
        f"broken   {POST}, path id: is gone",
        f"broken   {POST}, path key: is required",
    ]


def test_alternatives_are_compared_with_those_that_are_like_them() -> None:
    one, many = {"type": "object", "required": ["a"]}, {"type": "array"}
    new = {"type": "object", "required": ["a", "b"]}

    def with_body(*alternatives: object) -> dict[str, Any]:
        body = {"content": {"application/json": {"schema": {"anyOf": alternatives}}}}
        return {"paths": {"/a": {"post": {"requestBody": body}}}}

    assert list(changes(with_body(one, many), with_body(many, one))) == []
    assert [str(c) for c in changes(with_body(one, many), with_body(many, new))] == [
        "broken   POST /a, body: the field b is required"
    ]
    assert list(changes(with_body(one), with_body(one, many))) == []
    assert [c.kind for c in changes(with_body(one, many), with_body(one))] != []


def test_what_a_reference_leads_to_is_compared() -> None:
    document = json.loads((ROOT / "openapi" / "openapi.json").read_text(encoding="utf-8"))
    whole = {**document, "paths": unfolded(document)}
    assert whole["paths"] != document["paths"]
    for old, new in ((document, whole), (whole, document), (document, document)):
        assert changes(old, new) == []
