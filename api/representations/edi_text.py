"""Values as elements of X12: of its characters alone, so that no value can end an element.

Source: ASC X12.6, basic and extended character set.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from anyascii import anyascii
from jinja2 import Undefined

SEPARATORS = "*:~^"  # between elements and components, behind a segment, between repetitions
# Everything but letters, digits and the marks of the character set, without the separators.
_OUTSIDE = re.compile(r"[^A-Z0-9 !\"&'()+,\-./;?=%@\[\]_{}\\|<>#$]")
_EXACT = re.compile(r"[A-Za-z0-9 !\"&'()+,\-./;?=%@\[\]_{}\\<>#$`]*")


class Element(str):
    """A text that can stand in an element as it is: what a filter has escaped, or padded."""

    __slots__ = ()


def element(value: Any) -> Any:
    """Make what a template prints safe, as autoescape does for HTML.

    Letters of other scripts become Latin ones, small ones capitals, and other characters, line
    breaks and separators blanks; null becomes an empty element. What is undefined is left as it is,
    so that to print it fails.
    """
    if isinstance(value, Element | Undefined):
        return value
    if value is None:
        return Element()
    text = _OUTSIDE.sub(" ", anyascii(str(value)).upper())
    return Element(" ".join(text.split()))


def cut(value: Any, most: int) -> Element:
    """Return a text of at most so many characters, cut after it was made of Latin letters."""
    return Element(element(value)[:most].rstrip())


def fixed(value: Any, width: int) -> Element:
    """Return a text of exactly so many characters, with blanks at its end, as in ISA."""
    return Element(element(value)[:width].ljust(width))


def exact(value: Any) -> Element:
    """Return an identifier as it is; raises ValueError if that would change what is sent."""
    text = "" if value is None else str(value)
    if not _EXACT.fullmatch(text):
        message = "an identifier has characters that X12 does not have"
        raise ValueError(message)
    return Element(text)


def digits(value: Any, width: int) -> Element:
    """Return a whole number with zeros before it; raises ValueError if it is longer."""
    text = "" if value is None else str(value).zfill(width)
    if len(text) > width:
        message = "a number is longer than its element"
        raise ValueError(message)
    return Element(text)


def plain(value: Any) -> Element:
    """Return a decimal number without an exponent, and without zeros at its end."""
    if value is None:
        return Element()
    text = format(Decimal(str(value)), "f")
    return Element(text.rstrip("0").rstrip(".") if "." in text else text)


def date8(value: Any) -> Element:
    """Return the day of a date or time in ISO 8601 as eight digits (D8)."""
    return Element(element(value)[:10].replace("-", ""))


def date6(value: Any) -> Element:
    """Return the day without its century, as ISA has it."""
    return Element(date8(value)[2:])


def time4(value: Any) -> Element:
    """Return hours and minutes of a time in ISO 8601 (TM)."""
    return Element((value or "")[11:16].replace(":", ""))


FILTERS: Mapping[str, Callable[..., Any]] = {
    each.__name__: each for each in (cut, fixed, exact, digits, plain, date8, date6, time4)
}
