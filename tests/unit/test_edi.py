"""Elements and segments of X12: characters, widths, numbers, and what is left out."""

import sys
import unicodedata

import pytest

from api.representations import edi_segments, edi_text

# What billing.count_written counts: of each of these something is left in an element.
WRITTEN = (
    *(
        (0x30, 0x39),
        (0x41, 0x5A),
        (0x61, 0x7A),
        (0xC0, 0xD6),
        (0xD8, 0x1B7),
        (0x1BA, 0x24F),
        (0x391, 0x3C9),
    ),
    *((0x400, 0x45F), (0x5D0, 0x5E1), (0x5E3, 0x5EA), (0x628, 0x638), (0x63A, 0x63A)),
    *((0x641, 0x64A), (0x905, 0x939), (0xE01, 0xE2C), (0x3041, 0x3096), (0x30A1, 0x30FA)),
    *((0x4E00, 0x9FA5), (0xAC00, 0xD7A3)),
)


def test_letters_that_count_as_written_are_never_empty() -> None:
    empty = [
        chr(code)
        for first, last in WRITTEN
        for code in range(first, last + 1)
        if unicodedata.category(chr(code)) != "Cn" and not edi_text.element(chr(code))
    ]
    assert empty == []


def test_no_character_ends_an_element_or_a_line() -> None:
    text = "".join(chr(code) for code in range(sys.maxunicode) if not 0xD800 <= code < 0xE000)
    assert not set("*:~^\n\r") & set(edi_text.element(text))


@pytest.mark.parametrize(
    ("filter_", "value", "more", "expected"),
    [
        ("cut", "Ångström*Straße", (9,), "ANGSTROM"),
        ("cut", "Straße", (60,), "STRASSE"),
        ("cut", None, (60,), ""),
        ("fixed", "ab", (4,), "AB  "),
        ("fixed", "abcdef", (4,), "ABCD"),
        ("exact", "a1 -B", (), "a1 -B"),
        ("exact", None, (), ""),
        ("digits", 42, (9,), "000000042"),
        ("plain", "125.00", (), "125"),
        ("plain", "0.10", (), "0.1"),
        ("plain", "100", (), "100"),
        ("plain", "1E+2", (), "100"),
        ("plain", None, (), ""),
        ("date8", "2024-03-01T09:30:00", (), "20240301"),
        ("date6", "2024-03-01", (), "240301"),
        ("time4", "2024-03-01T09:30:00", (), "0930"),
        ("time4", None, (), ""),
    ],
)
def test_filter_gives_the_element(
    filter_: str, value: object, more: tuple[int, ...], expected: str
) -> None:
    assert edi_text.FILTERS[filter_](value, *more) == expected


@pytest.mark.parametrize(
    ("filter_", "value", "more"), [("exact", "a*b", ()), ("exact", "é", ()), ("digits", 1234, (3,))]
)
def test_identifier_that_would_change_is_refused(
    filter_: str, value: object, more: tuple[int, ...]
) -> None:
    with pytest.raises(ValueError, match=r"^(an identifier has|a number is)"):
        edi_text.FILTERS[filter_](value, *more)


def test_segments_lose_what_is_empty_at_their_ends_and_are_counted() -> None:
    lines = "ISA*  *:\n\nST*837*1\n  N3*A*\nCLM*1*AA:::*\nN4***\nSV1*HC:1:*1:2:\nSE*0*1\n"
    assert edi_segments.finished(lines).splitlines() == [
        "ISA*  *:~",
        "ST*837*1~",
        "N3*A~",
        "CLM*1*AA~",
        "SV1*HC:1*1:2~",
        "SE*5*1~",
    ]
