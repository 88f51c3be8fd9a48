"""Query strings and cursors, without HTTP or a database."""

import json
from typing import Any

import pytest

from api.problem import Fault, Problem
from api.request.cursor import CursorError, Cursors
from api.request.query import MAX_IN, ListQuery
from api.request.query_string import MAX_PARAMETERS, next_page, parameters, refuse_parameters
from tests.support.sample_catalog import OPERATIONS, problem_of

TOGETHER = "must have three consecutive letters (A to Z) or digits"


def paging() -> ListQuery:
    return ListQuery(OPERATIONS["list"], Cursors("secret"))


def test_query_string_is_split_into_decoded_parameters() -> None:
    assert parameters("a=1&b=&a=%C3%A9+x&c&d==&&") == [
        ("a", "1"),
        ("b", ""),
        ("a", "é x"),
        ("c", ""),
        ("d", "="),
    ]
    assert parameters("a=1;b=2") == [("a", "1;b=2")]
    assert len(parameters("&".join(["a"] * MAX_PARAMETERS))) == MAX_PARAMETERS
    too_many = problem_of(parameters, "&".join(["a"] * (MAX_PARAMETERS + 1)))
    assert too_many == Problem("invalid-query", "The query string has too many parameters.")
    assert problem_of(parameters, "a=%ff") == Problem(
        "invalid-query", "The query string is not UTF-8."
    )
    assert refuse_parameters("") is None  # type: ignore[func-returns-value]  # that is what it says
    fault = Fault("/a~1", "is not a parameter of this operation")
    assert problem_of(refuse_parameters, "a/=1&a/=2").errors == (fault,)


@pytest.mark.parametrize(
    ("prefix", "successor"),
    [
        ("a", "b"),
        ("az", "a{"),
        ("é", "ê"),
        ("a\ud7ff", "a\ue000"),
        ("a\U0010ffff", "b"),
        ("\U0010ffff", "\U0010ffff" * 2),
        ("%_\\", "%_]"),
    ],
)
def test_prefix_filter_becomes_a_range(prefix: str, successor: str) -> None:
    query = "shelf.prefix=" + "".join(f"%{byte:02x}" for byte in prefix.encode())
    assert paging().page((), query).values == (prefix, successor)
    assert prefix < successor
    assert not successor.startswith(prefix) or set(prefix) == {"\U0010ffff"}


def test_filter_values_are_parsed_and_wrong_ones_are_faults() -> None:
    def values(query: str) -> tuple[Any, ...]:
        return paging().page((), query).values

    assert values("shelf=a,b") == ("a,b",)
    assert values("shelf.in=a,%22b,%20%22%22c%22%22%22,") == (["a", 'b, "c"', ""],)
    assert values("note.contains=150%25_\\") == ("%150\\%\\_\\\\%",)
    assert values("note.contains=-+R2D+-") == ("%- R2D -%",)
    assert values("place.lt=7&shelf=a&place.gte=2") == ("a", "2", "7")
    assert len(values("shelf.in=" + ",".join("a" * MAX_IN))[0]) == MAX_IN
    wrong = {
        "place=1&shelf=a&place=1": ("/place", "is given twice"),
        "shelf.in=": (
            "/shelf.in",
            f"must be 1 to {MAX_IN} values separated by commas, quoted as in CSV",
        ),
        "shelf.in=a%0Ab": (
            "/shelf.in",
            f"must be 1 to {MAX_IN} values separated by commas, quoted as in CSV",
        ),
        **{
            f"note.contains={text}": ("/note.contains", TOGETHER)
            for text in ("", "ab", "---", "+++", "a-b-c", "ab%25c")
        },
        "shelf.prefix=": ("/shelf.prefix", "must have at least 1 character"),
        "shelf=a&place.gte=x": (
            "/place.gte",
            "must be a whole number from -2147483648 to 2147483647",
        ),
        "place.gte=1": ("/place.gte", "no index serves these filters and this order together"),
        "note.contains=abc&shelf=a": (
            "/note.contains",
            "no index serves these filters and this order together",
        ),
    }
    for query, fault in wrong.items():
        assert problem_of(paging().page, (), query).errors == (Fault(*fault),), query


def test_cursor_of_another_query_is_refused() -> None:
    def scope(keys: tuple[str, ...], query: str) -> str:
        return paging().scope(keys, paging().page(keys, query))

    scopes = [
        scope(keys, query)
        for keys in ((), ("a",))
        for query in (
            "",
            "shelf=a",
            "shelf=b",
            "shelf.gte=a",
            "shelf.in=a",
            "shelf.in=a,b",
            "order=-shelf",
            "shelf=a&order=-place",
        )
    ]
    assert len(set(scopes)) == len(scopes)
    assert scope((), "limit=7") == scope((), "order=shelf&limit=9")


def test_cursor_opens_only_with_its_secret_and_scope() -> None:
    cursors, row = Cursors("secret"), json.dumps(["Wetherby", "é😀", None])
    token = cursors.seal(row, "here")
    assert cursors.open(token, "here") == Cursors("secret").open(token, "here") == json.loads(row)
    assert token.isascii()
    assert not set("+/=%&") & set(token)
    for other, scope in ((Cursors("other"), "here"), (cursors, "there"), (cursors, "")):
        with pytest.raises(CursorError):
            other.open(token, scope)
    for wrong in (
        "",
        "é",
        "\0",
        token[:-2],
        f"{token}AA",
        f"{token}=",
        f" {token}",
        token.swapcase(),
        "A" * 10**6,
    ):
        with pytest.raises(CursorError):
            cursors.open(wrong, "here")


def test_link_to_the_next_page_escapes_angle_brackets() -> None:
    """RFC 8288 ends it at the first `>`."""
    found = next_page("/patients/", 'last_name.gte=<">&after=1&limit=2&', "x")
    assert found == "/patients/?last_name.gte=%3C%22%3E&limit=2&after=x"
