"""Example texts of patterns: what a person would write, as short as the pattern allows.

The patterns are those of `api.catalog.patterns` and of the types: groups, classes, repetitions.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from string import ascii_lowercase, ascii_uppercase, digits

_PARTS = re.compile(
    r"\\u[0-9a-fA-F]{4}|\\.|\[\^?(?:\\.|[^\\\]])+\]|\((?:\?:)?|\{\d+(?:,\d*)?\}|.", re.DOTALL
)
_REPETITIONS = {"*": (0, 1), "+": (1, 1), "?": (0, 1)}
_COMMON = (ascii_uppercase, digits[1:] + "0", ascii_lowercase, "-_ .,:;/@#%&+!?()*=~")
_MOST = 100  # characters of an example


def of_pattern(pattern: str) -> Iterator[str]:
    """Yield texts that may match a pattern: the shortest one, and one with its optional parts.

    They come from the first of each group's alternatives. Each has to be checked.
    """
    for optional in (False, True):
        try:
            text = _Reader(pattern, optional=optional).alternatives()
        except (re.error, IndexError, ValueError):
            continue
        if len(text) <= _MOST:
            yield text


class _Reader:
    """Reads a pattern from left to right, and writes a text that matches it."""

    def __init__(self, pattern: str, *, optional: bool) -> None:
        """Split the pattern; `optional`: whether to write what may be left out."""
        self._parts = _PARTS.findall(pattern)
        self._optional = optional

    def alternatives(self) -> str:
        """Read up to the end of the group; return the text of its first alternative."""
        first = self._sequence()
        while self._parts and self._parts.pop(0) == "|":
            self._sequence()
        return first

    def _sequence(self) -> str:
        text = ""
        while self._parts and self._parts[0] not in ("|", ")"):
            part = self._parts.pop(0)
            if part in ("^", "$"):
                continue
            group = self.alternatives() if part.startswith("(") else None
            for place in range(self._count()):
                text += _character(part, place) if group is None else group
        return text

    def _count(self) -> int:
        """Read how often the part before is repeated."""
        if not self._parts:
            return 1
        least, usual = _REPETITIONS.get(self._parts[0], (1, 1))
        if self._parts[0].startswith("{"):
            least = int(re.findall(r"\d+", self._parts[0])[0])
            usual = max(least, 1)
        elif self._parts[0] not in _REPETITIONS:
            return 1
        self._parts.pop(0)
        return usual if self._optional else least


def _character(part: str, place: int) -> str:
    """Return the character of a part; a repeated class counts on, as in `12345`."""
    fitting = _fitting(part)
    return fitting[place % len(fitting)]


@lru_cache(maxsize=256)  # the same few occur in most patterns
def _fitting(part: str) -> str:
    """Return the usual characters that a part matches, or the first one there is."""
    one = re.compile(part)
    for some in _COMMON:
        if fitting := "".join(filter(one.fullmatch, some)):
            return fitting
    for code in range(0x80, 0x10000):
        if one.fullmatch(chr(code)):
            return chr(code)
    raise ValueError
