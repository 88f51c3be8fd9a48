"""W3C Trace Context: a well-formed `traceparent` names the client's span, any other begins anew."""

import pytest
from sanic.compat import Header

from api.http.trace_context import Parent, parent, trace

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@pytest.mark.parametrize(
    ("field", "is_sampled"),
    [
        (f"00-{TRACE}-{SPAN}-01", True),
        (f"00-{TRACE}-{SPAN}-00", False),
        (f"00-{TRACE}-{SPAN}-03", True),
        (f"00-{TRACE}-{SPAN}-fe", False),
        (f"cc-{TRACE}-{SPAN}-01", True),
        (f"cc-{TRACE}-{SPAN}-00-what-comes-later", False),
    ],
)
def test_well_formed_field_names_trace_span_and_flag(field: str, *, is_sampled: bool) -> None:
    headers = Header([("Traceparent", field)])
    assert parent(headers) == Parent(TRACE, SPAN, is_sampled)
    assert trace(headers) == TRACE


@pytest.mark.parametrize(
    "field",
    [
        "",
        "x",
        f"00-{TRACE}-{SPAN}",
        f"00-{TRACE}-{SPAN}-",
        f"00-{TRACE}-{SPAN}-1",
        f"00-{TRACE}-{SPAN}-001",
        f"00-{TRACE}-{SPAN}-01-more",
        f"00-{TRACE}-{SPAN}-01-",
        f"cc-{TRACE}-{SPAN}-01x",
        f"ff-{TRACE}-{SPAN}-01",
        f"0-{TRACE}-{SPAN}-01",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-0A",
        f"00-{TRACE[1:]}-{SPAN}-01",
        f"00-{TRACE}0-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE}-{SPAN}-01\n",
        f"00-{chr(0xFF14) * 32}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-01,00-{TRACE}-{SPAN}-01",
    ],
)
def test_malformed_field_is_as_good_as_none(field: str) -> None:
    headers = Header([("traceparent", field)])
    assert parent(headers) is None
    assert trace(headers) == ""


def test_two_fields_are_as_good_as_none() -> None:
    field = f"00-{TRACE}-{SPAN}-01"
    assert parent(Header([("traceparent", field), ("traceparent", field)])) is None
    assert parent(Header()) is None
