"""What a client prefers of an answer: the header `Prefer` (RFC 7240)."""

import re

from sanic.compat import Header

PREFER = "Prefer"
RETURN = "return"
MINIMAL, REPRESENTATION = "minimal", "representation"

# A preference, its value, and parameters, which those here do not have.
_PREFERENCE = re.compile(
    r"""\s*(?P<name>[!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*(?:=\s*(?P<value>[^\s;,"]+|"[^"]*"))?\s*(?:;.*)?""",
    re.DOTALL,
)
_BETWEEN = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*")+', re.DOTALL)


def preferred_return(headers: Header) -> str | None:
    """Return `minimal` or `representation`, or None where the client states neither.

    The first `return` counts. What is unknown or malformed is ignored, as section 2 says.
    """
    value = stated(headers, RETURN)
    return value if value in (MINIMAL, REPRESENTATION) else None


def stated(headers: Header, name: str) -> str | None:
    """Return the value of a preference, an empty text if it has none; None if it is not stated."""
    for text in _BETWEEN.findall(",".join(headers.getall(PREFER, []))):
        found = _PREFERENCE.fullmatch(text)
        if found and found["name"].lower() == name:
            return (found["value"] or "").strip('"')
    return None


def applied(*preferences: str, returns: str | None = None) -> dict[str, str]:
    """Return the header that confirms preferences (section 3), each as it was stated.

    `returns`: what `preferred_return` has found. No header where nothing was stated.
    """
    stated_all = [*preferences, *([f"{RETURN}={returns}"] if returns else [])]
    return {"preference-applied": ", ".join(stated_all)} if stated_all else {}
