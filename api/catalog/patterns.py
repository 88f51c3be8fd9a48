"""A regular expression, a LIKE pattern or a prefix of Postgres's → a pattern that JSON Schema's readers agree on."""

import re

_MOST_REPEATS = 255
_ESCAPED = r"\\u(?![dD][89a-fA-F])[0-9a-fA-F]{4}|\\[ntr]|\\[\^\\.*+?()\[\]{}|/]"
_IN_CLASS = rf"(?:{_ESCAPED}|\\-|[^\\\[\]$&~|-]|[&~|](?![&~|]))"
_RANGES = rf"(?:{_IN_CLASS}(?:-{_IN_CLASS})?)+"
_REGEX_PART = re.compile(
    rf"{_ESCAPED}|[^\\\[\]{{}}(*+?]|\[\^?(?:-?{_RANGES}|{_RANGES}-)\]|\((?:\?:)?(?!\?)"
    r"|(?:[*+?]|\{\d+(?:,\d*)?\})(?![*+?{])"
)


class UnsayableError(Exception):
    """JSON Schema has no words for it."""


def portable(regex: str) -> str:
    """Give a regular expression as Postgres's ARE, ECMA 262 and Python all read it.

    Raises UnsayableError where they don't agree.
    """
    parts = _REGEX_PART.findall(regex)
    counts = [int(count) for part in parts if part[0] == "{" for count in re.findall(r"\d+", part)]
    if "".join(parts) != regex or max(counts, default=0) > _MOST_REPEATS:
        raise UnsayableError
    said = "".join(r"[\s\S]" if part == "." else part for part in parts)
    try:
        re.compile(said)
    except re.error as error:
        raise UnsayableError from error
    return said


def like(pattern: str) -> str:
    """Give the pattern of a LIKE.

    Raises UnsayableError where an escape stands at its end.
    """
    parts = re.findall(r"\\.|[^\\]", pattern, re.DOTALL)
    if "".join(parts) != pattern:
        raise UnsayableError
    said = "".join(
        {"%": r"[\s\S]*", "_": r"[\s\S]"}.get(part) or literal(part[-1]) for part in parts
    )
    return f"^{said}$".removeprefix(r"^[\s\S]*").removesuffix(r"[\s\S]*$")


def literal(text: str) -> str:
    """Give the pattern of just this text."""
    return re.sub(r"[\\^.*+?()\[\]{}|]", r"\\\g<0>", text).replace("$", r"\u0024")
