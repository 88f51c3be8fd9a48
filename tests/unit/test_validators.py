"""Validators: values in URLs, the end of patterns, numbers, sentences."""

import struct
from typing import Any
from uuid import uuid4

import pytest

from api.document import fast_path, validators
from tests.support.sample_catalog import DIGITS


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ({"type": "string"}, ["", "a", "1", "😀", "\x01"], ["\0", "a\0", "\ud800"]),
        ({"type": "string", "minLength": 2}, ["ab"], ["a", ""]),
        ({"type": "string", "enum": ["a", "b"]}, ["a"], ["A", "", "a "]),
        (
            {"type": "integer", "format": "int32", "minimum": -5, "maximum": 5},
            ["0", "-5", "5"],
            [
                "6",
                "-6",
                "1.0",
                "1e0",
                "+1",
                "01",
                " 1",
                "1 ",
                "",
                "x",
                "0x1",
                "1_0",
                "٣",
                "--1",
                DIGITS,
                f"-{DIGITS}",
            ],
        ),
        ({"type": "integer"}, ["9" * 31, "-0"], ["9" * 32]),
        (
            {"type": "number", "format": "double"},
            ["1", "-1.5", "1e3", "2E-3", "007"],
            [
                "1e999",
                "-1e999",
                "NaN",
                "inf",
                "Infinity",
                ".5",
                "5.",
                "1e9999",
                "",
                "1,5",
                DIGITS,
                "1_0",
            ],
        ),
        ({"type": "number", "format": "float"}, ["3.4e38"], ["3.5e38", "-1e39"]),
        ({"type": "boolean"}, ["true", "false"], ["True", "1", "t", "", "yes", "null"]),
        (
            {"type": "string", "format": "uuid"},
            [str(uuid4()), str(uuid4()).upper()],
            [
                "",
                uuid4().hex,
                f"{{{uuid4()}}}",
                uuid4().urn,
                f"{uuid4()}\n",
                f" {uuid4()}",
                str(uuid4())[:-1],
            ],
        ),
        (
            {"type": "string", "format": "date"},
            ["2024-02-29", "0001-01-01", "9999-12-31"],
            [
                "2023-02-29",
                "0000-01-01",
                "10000-01-01",
                "20240229",
                "2024-2-29",
                "2024-02-29\n",
                "2024-W09-4",
                "now",
            ],
        ),
        (
            {"type": "string", "format": "date-time"},
            [
                "2024-03-01T09:30:00Z",
                "2024-03-01t09:30:00.123456+01:00",
                "2024-02-29T23:59:59-12:00",
                "2024-02-29T23:59:59+15:59",
            ],
            [
                "2024-03-01",
                "2024-03-01 09:30:00Z",
                "2024-03-01T09:30:00",
                "2024-03-01T24:30:00Z",
                "2024-03-01T09:30:00+16:00",
                "2024-03-01T09:30:00-18:33",
                "2024-03-01T09:30:00.1234567Z",
                "9999-12-31T23:59:59.9999999Z",
                "9999-12-31T23:59:59-00:01",
                "0001-01-01T00:00:00+00:01",
                "2024-03-01T09:30:00z ",
            ],
        ),
    ],
)
def test_url_value_accepts_good_texts_and_refuses_bad_ones(
    schema: dict[str, Any], good: list[str], bad: list[str]
) -> None:
    value = fast_path.Value(schema)
    assert [text for text in good if not value.accepts(text)] == []
    assert [text for text in bad if value.accepts(text)] == []
    assert value.requirement.startswith("must ")


@pytest.mark.parametrize(
    ("pattern", "good", "bad"),
    [
        ("^a$", ["a"], ["a\n", "\na", "ab"]),
        ("^[$]$", ["$"], ["$\n", "a"]),
        (r"^\$$", ["$"], ["$\n", ""]),
        (r"^[\]$]$", ["]", "$"], ["]\n"]),
        ("a$|b$", ["xa", "xb"], ["a\n", "b\n"]),
        ("[^ ]", [" a"], ["  ", ""]),
    ],
)
def test_dollar_matches_at_the_very_end_only(pattern: str, good: list[str], bad: list[str]) -> None:
    validator = validators.validator({"pattern": pattern})
    assert [text for text in good if not validator.is_valid(text)] == []
    assert [text for text in bad if validator.is_valid(text)] == []
    assert validator.is_valid(1)


def test_integer_with_point_or_exponent_is_refused() -> None:
    integer = validators.validator({"type": "integer", "minimum": 1, "maximum": 9999})
    for value in (0, 10_000, 10**400, -(10**400), 1.0, True, "1", None):
        assert not integer.is_valid(value), value
    number = validators.validator({"type": "number", "format": "double"})
    assert [value for value in (1, 1.5, -0.0, 1e308, 10**308) if not number.is_valid(value)] == []
    assert [
        value
        for value in (float("inf"), float("-inf"), 10**400, True, "1")
        if number.is_valid(value)
    ] == []


def test_each_keyword_has_a_sentence() -> None:
    said = {
        ("type", "integer"): "must be a whole number, written without point or exponent",
        ("type", ("string", "null")): "must be a string or null",
        ("format", "int32"): "must be a whole number from -2147483648 to 2147483647",
        ("format", "uuid"): "must be a UUID",
        ("enum", ("red", None)): "must be one of red, null",
        ("minimum", 2): "must be at least 2",
        ("minProperties", 1): "must have at least 1 field",
        ("minLength", 1): "must have at least 1 character",
        ("maxItems", 1): "must have at most 1 item",
        ("maximum", 1): "must be at most 1",
        ("maxLength", 5): "must have at most 5 characters",
        ("pattern", "^{}$"): "must have the form that is asked for",
        ("unevaluatedItems", False): "is not valid",
    }
    for (keyword, limit), sentence in said.items():
        assert (
            validators.sentence(keyword, list(limit) if isinstance(limit, tuple) else limit)
            == sentence
        )


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ({"a": "a", "-a": "a_down", "é b": "one thing"}, ["A", "A_DOWN", "ONE_THING"]),
        ({"a": "a b", "b": "a_b"}, None),
        ({"a": "1st"}, None),
    ],
)
def test_choice_has_client_names_if_all_values_can_have_one(
    names: dict[str, str], words: list[str] | None
) -> None:
    named = {} if words is None else {"x-enum-varnames": words}
    assert validators.choice(names) == {"type": "string", "enum": list(names), **named}


def test_float_format_ends_where_binary32_does() -> None:
    fits = validators.validator({"type": "number", "format": "float"}).is_valid
    for number, stored in (
        (3.4028235e38, True),
        (3.40282356e38, True),
        (3.4028236e38, False),
        (-3.4028236e38, False),
    ):
        assert fits(number) is stored
        if not stored:
            with pytest.raises(OverflowError):
                struct.pack("<f", number)
