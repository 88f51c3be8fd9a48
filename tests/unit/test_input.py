"""Paths, bodies and problem documents, without HTTP or a database."""

import json

import pytest

from api.problem import KINDS, MOST_FAULTS, Fault, Problem, ProblemError, pointer
from api.request.input import Input
from tests.support.sample_catalog import DIGITS, DOCUMENT, OPERATIONS, problem_of


def test_composite_key_is_one_path_segment() -> None:
    read = Input(OPERATIONS["read"], DOCUMENT)
    assert read.keys(["top,7"]) == ["top", "7"]
    assert read.keys(["a%2Cb%2F%20%C3%A9,7"]) == ["a,b/ é", "7"]
    assert read.keys([",7"]) == ["", "7"]
    for wrong in (
        "top",
        "top,7,8",
        "top,",
        "top,x",
        "top,1.0",
        "top%2C7",
        "%00,7",
        "%ff,7",
        "%ED%A0%80,7",
        f"a,{DIGITS}",
    ):
        assert problem_of(read.keys, [wrong]) == Problem("not-found", "thing not found"), wrong


def test_body_reaches_the_statement_unchanged() -> None:
    create = Input(OPERATIONS["create"], DOCUMENT)
    text = ' {"shelf" : "é\\u00e9😀", "place":2 , "more": [1.50, {"a": null}], "weight": 1e2}\n'
    assert create.body(text.encode()) == (text, frozenset({"shelf", "place", "more", "weight"}))


@pytest.mark.parametrize(
    ("members", "faults"),
    [
        ('"place": 1', [("/place", "A place is 2 or more.")]),
        (f'"place": {DIGITS}', [("/place", "A place is 9 or less.")]),
        (f'"place": -{DIGITS}', [("/place", "A place is 2 or more.")]),
        (f'"weight": {DIGITS}, "size": 1e39', [
            ("/size", "must be a number of at most 3.4e38"),
            ("/weight", "must be a number of at most 1.7e308"),
        ]),
        ('"weight": 1e999', [("/weight", "must be a number of at most 1.7e308")]),
        ('"tags": ["a", 1, null, "\\u0000"]', [
            ("/tags/1", "must be a string or null"),
            (
                "/tags/3",
                "has a character that can't be stored: U+0000, or half of a surrogate pair",
            ),
        ]),
        ('"more": {"a": [{"b~/": "\\ud800"}], "\\udfff": 1}', [
            ("/more/a/0/b~0~1", ("has a character that can't be stored: U+0000, or half of a"
                " surrogate pair")),
            ("/more/\udfff", ("has a character that can't be stored: U+0000, or half of a"
                " surrogate pair")),
        ]),
        ('"ready": 1, "note": [], "other": 1', [
            ("/note", "must be a string or null"),
            ("/other", "is not a field of this body"),
            ("/ready", "must be true or false or null"),
        ]),
    ],
)  # fmt: skip
def test_all_faults_of_a_body_are_found_at_once(
    members: str, faults: list[tuple[str, str]]
) -> None:
    create = Input(OPERATIONS["create"], DOCUMENT)
    rest = '"shelf": "a"' if '"place"' in members else '"shelf": "a", "place": 2'
    found = problem_of(create.body, f"{{{rest}, {members}}}".encode())
    errors = tuple(Fault(*fault) for fault in faults)
    assert found == Problem(
        "invalid-content", "The body does not fit; `errors` says where and why.", errors
    )


MANY = ",".join(['"\\u0000"'] * 5000)


@pytest.mark.parametrize(
    ("members", "first"),
    [
        (",".join(f'"n{n}": 0' for n in range(5000)), "/n0"),
        (f'"more": [{MANY}]', "/more/0"),
        (f'"more": {"[" * 400}{MANY}{"]" * 400}', f"/more{'/0' * 400}"),
        (f'"more": {{"{"k" * 20_000}": [{MANY}]}}', "/more"),
        (f'"tags": [{MANY}]', "/tags/0"),
    ],
)
def test_at_most_100_faults_are_listed_and_pointers_are_shortened(members: str, first: str) -> None:
    create = Input(OPERATIONS["create"], DOCUMENT)
    found = problem_of(create.body, f'{{"shelf": "a", "place": 2, {members}}}'.encode())
    assert found.errors[0].pointer == first
    assert len(found.errors) == (1 if first == "/more" else MOST_FAULTS)
    assert len(found.document("")) < 200_000


def test_deeply_nested_body_is_accepted_or_refused_without_a_crash() -> None:
    create = Input(OPERATIONS["create"], DOCUMENT)
    for depth in (10, 100, 500, *range(800, 1000, 7), 3_000, 9_000, 100_000):
        content = f'{{"shelf": "a", "place": 2, "more": {"[" * depth}{"]" * depth}}}'.encode()
        try:
            assert create.body(content)[1] == {"shelf", "place", "more"}
        except ProblemError as error:
            assert error.problem == Problem("malformed-json", "The body is nested too deeply.")  # noqa: PT017  # either


def test_problem_renders_as_its_document() -> None:
    problem = Problem("conflict", "Zoë “x”", (Fault(pointer("a/b", 0, "~"), "y"),))
    assert problem.document("urn:uuid:1").decode() == (
        '{"type":"urn:problem-type:conflict","title":"Conflict with stored data","status":409,'
        '"detail":"Zo\\u00eb'
        ' \\u201cx\\u201d","instance":"urn:uuid:1",'
        '"errors":[{"pointer":"/a~1b/0/~0","detail":"y"}]}'
    )
    assert "errors" not in json.loads(Problem("not-found", "").document(""))
    assert str(ProblemError(problem)) == "conflict"
    assert (pointer(), pointer("")) == ("", "/")
    for kind, (status, title) in KINDS.items():
        assert Problem(kind, "").status == status in range(400, 600)
        assert title[0].isupper()


def test_operation_without_parameters_has_no_keys() -> None:
    assert Input(OPERATIONS["list"], DOCUMENT).keys([]) == []
