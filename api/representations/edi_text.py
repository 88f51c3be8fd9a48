"""Values as elements of X12: of its characters alone, so that no value can end an element.

Source: ASC X12.6, basic and extended character set.
"""

import re
from typing import Any

from anyascii import anyascii
from jinja2 import Undefined

SEPARATORS = "*:~^"  # between elements and components, behind a segment, between repetitions
# Everything but letters, digits and the marks of the character set, without the separators.
_OUTSIDE = re.compile(r"[^A-Z0-9 !\"&'()+,\-./;?=%@\[\]_{}\\|<>#$]")


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
