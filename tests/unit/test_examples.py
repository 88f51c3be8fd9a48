"""Examples of columns: made of patterns, and left out where only Postgres can judge a text."""

import re

import pytest

from api.catalog.relations import Column, Constraint, Relation, Type
from api.document import schemas
from api.document.pattern_examples import of_pattern
from api.operations import kinds
from api.operations.operation import Operation


@pytest.mark.parametrize(
    ("pattern", "shortest", "whole"),
    [
        ("^[0-9]{5}(-[0-9]{4})?$", "12345", "12345-1234"),
        ("^[A-Z]{3}$", "ABC", "ABC"),
        (r"^\(?[0-9]{3}\)? [0-9]{4}$", "123 1234", "(123) 1234"),
        ("^(GB|FR)[0-9]{2,4}$", "GB12", "GB12"),
        ("^[^@]+@[a-z.]+$", "A@a", "A@a"),
        (r"^#[0-9a-f]*\u0021$", "#!", "#1!"),
        (r"^-?[0-9]{1,8}(\.[0-9]{1,2})?$", "1", "-1.1"),
        ("x", "x", "x"),
        (r"^[\s\S]{2}-(?:a|b(c|d))+$", "AB-a", "AB-a"),
        ("^[é-ü]{2}$", "éé", "éé"),
    ],
)
def test_examples_of_a_pattern_match_it(pattern: str, shortest: str, whole: str) -> None:
    assert list(of_pattern(pattern)) == [shortest, whole]
    assert all(re.search(pattern, text) for text in (shortest, whole))


@pytest.mark.parametrize("pattern", ["[", "^[0-9]{200}$", r"\q", r"[^\s\S]", "+"])
def test_pattern_that_nothing_short_matches_has_no_example(pattern: str) -> None:
    assert list(of_pattern(pattern)) == []


def body(*columns: Column, checks: tuple[str, ...] = ()) -> Operation:
    names = tuple(column.name for column in columns)
    constraints = tuple(
        Constraint(
            f"c{number}",
            "c",
            ("s", "thing"),
            tuple(name for name in names if name in expression),
            expression,
        )
        for number, expression in enumerate(checks)
    )
    relation = Relation("api", "things", None, columns, ("s", "thing"), (), constraints=constraints)
    return Operation(kinds.CREATE, relation, "things")


def text(name: str, default: str | None = None) -> Column:
    type_, writable = Type("text", "text", "b"), frozenset({"select", "insert"})
    return Column(name, type_, nullable=False, default=default, source=name, privileges=writable)


@pytest.mark.parametrize(
    ("check", "default", "example"),
    [
        ("zip ~ '^[0-9]{5}(-[0-9]{4})?$'", None, ["12345"]),
        ("zip ~ '^[A-Z]{2}$' AND length(zip) = 2", None, ["AB"]),
        ("zip = ANY (ARRAY['a'::text, 'b'::text])", None, ["a"]),
        ("zip <> ''", None, ["text"]),
        (r"zip ~ '^\\d{5}$'", None, None),
        ("s.is_zip(zip)", None, None),
        ("s.is_zip(zip)", "'12345'::text", ["12345"]),
    ],
)
def test_text_under_a_check_has_an_example_that_it_allows_or_none(
    check: str, default: str | None, example: list[str] | None
) -> None:
    schema = schemas.created(body(text("zip", default), checks=(check,)))
    assert schema["properties"]["zip"].get("examples") == example


def test_body_that_only_postgres_can_judge_as_a_whole_has_no_example() -> None:
    alone = body(text("a"), text("b"), checks=("a <> ''", "b <> ''"))
    assert not schemas.judged_as_a_whole(alone)
    assert schemas.judged_as_a_whole(body(text("a"), text("b"), checks=("a < b",)))
    # The body holds no column of the CHECK.
    assert not schemas.judged_as_a_whole(body(text("a"), checks=("c < d",)))
