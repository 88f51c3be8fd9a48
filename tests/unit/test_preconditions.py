"""What `If-Match` and `If-None-Match` say."""

import pytest
from sanic.compat import Header

from api.problem import ProblemError
from api.request import preconditions

MOST = 2**16  # more characters than a head may have


def of_write(*values: str) -> tuple[str, ...] | None:
    return preconditions.of_write(Header([("If-Match", v) for v in values]), required=False)


@pytest.mark.parametrize(
    ("values", "tags"),
    [
        (('"a"',), ('"a"',)),
        (('"a","b"', 'W/"c"'), ('"a"', '"b"', 'W/"c"')),
        ((' , "a,b" ,, "*",', '"W/"'), ('"*"', '"W/"', '"a,b"')),
        (('""',), ('""',)),
        (('"é\\"',), ('"é\\"',)),
        (('"a"\t,\t"a"',), ('"a"',)),
        (("*",), None),
        ((" * ",), None),
        ((), None),
    ],
)
def test_tags_of_all_fields_count_once(values: tuple[str, ...], tags: tuple[str, ...]) -> None:
    assert of_write(*values) == tags


@pytest.mark.parametrize(
    "value",
    ["", ",", "a", '"a', '"a""b"', '"a" "b"', '* , "a"', "**", "W/", 'w/"a"', '"\x7f"', '"a";"b"'],
)
def test_malformed_field_is_refused(value: str) -> None:
    with pytest.raises(ProblemError) as caught:
        of_write(value)
    assert caught.value.problem.kind == "invalid-header"
    with pytest.raises(ProblemError):
        of_write('"a"', "*")


@pytest.mark.parametrize("part", ['"a",', ", ", '"a" ', "\t", " ,", '"', 'W/"', "W/", '"a"\t,\t'])
def test_long_field_is_read_in_time(part: str) -> None:
    """Or refused: no text makes the expression try again and again."""
    for end in ("", '"a"', "x", " x", ',"'):
        text = part * (MOST // len(part)) + end
        try:
            assert of_write(text)
        except ProblemError as error:
            assert error.problem.kind == "invalid-header"  # noqa: PT017 - either is right


def test_header_that_is_required_may_be_any_tag_but_not_missing() -> None:
    with pytest.raises(ProblemError) as caught:
        preconditions.of_write(Header(), required=True)
    assert caught.value.problem.kind == "precondition-required"
    assert preconditions.of_write(Header([("if-match", "*")]), required=True) is None
