"""Regular expressions, LIKE patterns and prefixes of Postgres → patterns for JSON Schema.

A pattern has to mean the same to Postgres, to ECMA 262 (which JSON Schema names) and to Python.
"""

import re

from api.catalog.keywords import InexpressibleError

_MAX_REPEATS = 255  # DUPMAX in src/include/regex/regguts.h: Postgres refuses more
_ESCAPED = r"\\u(?![dD][89a-fA-F])[0-9a-fA-F]{4}|\\[ntr]|\\[\^\\.*+?()\[\]{}|/]"
_IN_CLASS = rf"(?:{_ESCAPED}|\\-|[^\\\[\]$&~|-]|[&~|](?![&~|]))"
_RANGES = rf"(?:{_IN_CLASS}(?:-{_IN_CLASS})?)+"
# One part of a regular expression in the syntax that the three have in common.
_PART = re.compile(
    rf"{_ESCAPED}|[^\\\[\]{{}}(*+?]|\[\^?(?:-?{_RANGES}|{_RANGES}-)\]|\((?:\?:)?(?!\?)"
    r"|(?:[*+?]|\{\d+(?:,\d*)?\})(?![*+?{])"
)


def portable(regex: str) -> str:
    """Translate a regular expression of Postgres (ARE, manual section 9.7.3).

    Raises InexpressibleError where it uses syntax that the three do not have in common.
    """
    parts = _PART.findall(regex)
    counts = [int(count) for part in parts if part[0] == "{" for count in re.findall(r"\d+", part)]
    if "".join(parts) != regex or max(counts, default=0) > _MAX_REPEATS:
        raise InexpressibleError
    pattern = "".join(r"[\s\S]" if part == "." else part for part in parts)
    try:
        re.compile(pattern)
    except re.error as error:
        raise InexpressibleError from error
    return pattern


def like(pattern: str) -> str:
    """Translate a pattern of LIKE (manual section 9.7.1).

    Raises InexpressibleError where it ends in an unfinished escape.
    """
    parts = re.findall(r"\\.|[^\\]", pattern, re.DOTALL)
    if "".join(parts) != pattern:
        raise InexpressibleError
    translated = "".join(
        {"%": r"[\s\S]*", "_": r"[\s\S]"}.get(part) or literal(part[-1]) for part in parts
    )
    return f"^{translated}$".removeprefix(r"^[\s\S]*").removesuffix(r"[\s\S]*$")


def literal(text: str) -> str:
    """Return the pattern that this text alone matches; it is not anchored."""
    return re.sub(r"[\\^.*+?()\[\]{}|]", r"\\\g<0>", text).replace("$", r"\u0024")
