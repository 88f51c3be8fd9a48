"""Regular expressions and LIKE patterns in words: what a text must be, begin with or contain.

No sentence for a client quotes a pattern. What cannot be said in few words has an example of the
form instead, or else no details.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from api.catalog.relations import listed

_MAX_WORDS = 110  # characters; a longer description says less than an example
_SEVERAL = 10**6  # stands for "no limit" of a repetition
_UNKNOWN = "have the form that is asked for"
_CLASSES = {
    "[:digit:]": "0-9",
    "[:upper:]": "A-Z",
    "[:lower:]": "a-z",
    "[:alpha:]": "A-Za-z",
    "[:alnum:]": "0-9A-Za-z",
    "[:space:]": " ",
}
_ESCAPES = {"d": "0-9", "w": "0-9A-Za-z_", "s": " "}
_PIECE = re.compile(
    r"\[\^?\]?(?:\[:[a-z]+:\]|\\.|[^\]\\])*\]|\\u[0-9a-fA-F]{4}|\\.|\(\?:|\(|\)|\||\^|\$|"
    r"[*+?]|\{\d+(?:,\d*)?\}|[^*+?{}\\\[\]()|^$]",
    re.DOTALL,
)


class _UnclearError(Exception):
    """A pattern uses syntax that has no words here."""


@dataclass(frozen=True, slots=True)
class _Class:
    """A class of characters: its noun in singular and plural, and a character of it."""

    one: str
    several: str
    sample: str


@dataclass(frozen=True, slots=True)
class _Part:
    """An atom, which is a class, a text or a group of alternatives, and how often it stands."""

    atom: "_Class | str | tuple[tuple[_Part, ...], ...]"
    least: int = 1
    most: int = 1


_ANY = _Class("character", "characters", "a")
_NOUNS = {
    "0-9": _Class("digit", "digits", "1"),
    "A-Z": _Class("capital letter", "capital letters", "A"),
    "a-z": _Class("small letter", "small letters", "a"),
    "A-Za-z": _Class("letter", "letters", "A"),
    " ": _Class("blank", "blanks", " "),
}


def of_regex(pattern: str, *, any_case: bool = False) -> str:
    """Return what follows "must" for a text that matches a regular expression of Postgres."""
    if pattern in (r"\S", "[^ ]", r"[^\s]", "[^[:space:]]"):
        return "not be blank"
    body, begins, ends = pattern, pattern.startswith("^"), pattern.endswith("$")
    body = body.removeprefix("^")
    body = body[:-1] if ends else body
    try:
        options = _parsed(body)
    except _UnclearError:
        return _UNKNOWN
    if len(options) > 1 and (begins or ends):
        return _UNKNOWN  # an anchor belongs to one of the alternatives only
    said = _said(options, begins, ends)
    aside = ", in capital or small letters" if any_case else ""
    return said if said == _UNKNOWN else said + aside


def of_like(pattern: str, *, any_case: bool = False) -> str:
    """Return what follows "must" for a text that matches a pattern of LIKE."""
    parts = re.findall(r"\\.|[^\\]", pattern, re.DOTALL)
    text = "".join(
        {"%": ".*", "_": "."}.get(part) or re.sub(r"\W", r"\\\g<0>", part[-1]) for part in parts
    )
    trimmed = f"^{text}$".removeprefix("^.*").removesuffix(".*$")
    return of_regex(trimmed, any_case=any_case)


def _said(options: Sequence[tuple[_Part, ...]], begins: bool, ends: bool) -> str:  # noqa: FBT001
    verb = {(True, True): "be", (True, False): "begin with", (False, True): "end with"}.get(
        (begins, ends), "contain"
    )
    if begins and ends and len(options) == 1 and _is_address(options[0]):
        return "be an e-mail address, as in name@example.org"
    words = _described(options, ", then ")
    if len(words) <= _MAX_WORDS and words:
        return f"{verb} {words}"
    if not (begins and ends):
        return _UNKNOWN
    return f'have a form as in "{"".join(_sample(options[0]))}"'


def _is_address(parts: Sequence[_Part]) -> bool:
    """Return whether it is one @ with other characters on both sides."""
    signs = [n for n, part in enumerate(parts) if part.atom == "@"]
    return len(signs) == 1 and 0 < signs[0] < len(parts) - 1


def _parsed(pattern: str) -> list[tuple[_Part, ...]]:
    pieces = _PIECE.findall(pattern)
    if "".join(pieces) != pattern or not pieces:
        raise _UnclearError
    options, rest = _options(pieces)
    if rest:
        raise _UnclearError
    return options


def _options(pieces: list[str]) -> tuple[list[tuple[_Part, ...]], list[str]]:
    """Parse alternatives up to a closing parenthesis; return them, and the rest behind them."""
    options: list[tuple[_Part, ...]] = []
    parts: list[_Part] = []
    while pieces and pieces[0] != ")":
        piece, *pieces = pieces
        if piece == "|":
            options.append(tuple(parts))
            parts = []
        elif piece in ("(", "(?:"):
            inner, pieces = _options(pieces)
            if not pieces:
                raise _UnclearError
            parts.append(_Part(tuple(inner)))
            pieces = pieces[1:]
        elif piece in "*+?" or (piece[0] == "{" and len(piece) > 1):
            if not parts or (parts[-1].least, parts[-1].most) != (1, 1):
                raise _UnclearError
            parts.append(_Part(parts.pop().atom, *_repeats(piece)))
        else:
            parts.append(_Part(_atom(piece)))
    return [*options, tuple(parts)], pieces


def _repeats(piece: str) -> tuple[int, int]:
    if piece in "*+?":
        return {"*": (0, _SEVERAL), "+": (1, _SEVERAL), "?": (0, 1)}[piece]
    least, comma, most = piece.strip("{}").partition(",")
    repeats = int(least), int(most or _SEVERAL) if comma else int(least)
    if repeats == (1, 1):
        raise _UnclearError  # a further quantifier could not be told from a first one
    return repeats


def _atom(piece: str) -> _Class | str:
    if piece in ("^", "$"):
        raise _UnclearError
    if piece == ".":
        return _ANY
    if piece[0] == "[":
        return _class(piece[1:-1])
    if piece[0] != "\\" or len(piece) == 1:
        return piece
    if piece[1] in _ESCAPES:
        return _class(_ESCAPES[piece[1]])
    if piece[1] == "S":
        return _class("^ ")
    if piece[1].isalnum():
        raise _UnclearError
    return piece[1]


def _class(text: str) -> _Class:
    """Return the nouns of a class, and a character of it."""
    negated, text = text.startswith("^"), text.removeprefix("^")
    for name, members in {**_CLASSES, r"\d": "0-9", r"\s": " ", r"\w": "0-9A-Za-z_"}.items():
        text = text.replace(name, members)
    text = re.sub(r"\\(\W)", r"\1", text)
    if "\\" in text or "[" in text:
        raise _UnclearError
    ranges = re.findall(r"(?:[^-]-[^-])|.", text, re.DOTALL)
    if {"A-Z", "a-z"} <= set(ranges):
        ranges = ["A-Za-z", *(r for r in ranges if r not in ("A-Z", "a-z"))]
    ranges.sort(key=lambda r: len(r) == 1)
    nouns = [_NOUNS.get(r) or _range(r) for r in dict.fromkeys(ranges)]
    if not nouns:
        raise _UnclearError
    several = listed([noun.several for noun in nouns], "or")
    if negated:
        sample = next((c for c in "a1A-_" if not _holds(ranges, c)), "")
        return _Class(f"character other than {several}", f"characters other than {several}", sample)
    return _Class(listed([noun.one for noun in nouns], "or"), several, nouns[0].sample)


def _holds(ranges: Sequence[str], character: str) -> bool:
    limits = [(r[0], r[2] if len(r) > 1 else r) for r in ranges if r != "A-Za-z"]
    is_letter = "A-Za-z" in ranges and character.isalpha()
    return is_letter or any(low <= character <= high for low, high in limits)


def _range(text: str) -> _Class:
    if len(text) == 1:
        return _Class(f'"{text}"', f'"{text}"', text)
    name = (
        f"from {text[0]} to {text[-1]}"
        if text[::2].isalnum()
        else f'from "{text[0]}" to "{text[-1]}"'
    )
    noun = "digit" if text[::2].isdigit() else "letter" if text[::2].isalpha() else "character"
    return _Class(f"{noun} {name}", f"{noun}s {name}", text[0])


def _described(options: Sequence[tuple[_Part, ...]], joint: str) -> str:
    return " or ".join(joint.join(_pieces(_merged(parts))) for parts in options)


def _merged(parts: Sequence[_Part]) -> Iterator[_Part]:
    """Join texts that follow each other."""
    text = ""
    for part in parts:
        if isinstance(part.atom, str) and (part.least, part.most) == (1, 1):
            text += part.atom
            continue
        if text:
            yield _Part(text)
        text = ""
        yield part
    if text:
        yield _Part(text)


def _pieces(parts: Iterator[_Part]) -> Iterator[str]:
    for part in parts:
        if isinstance(part.atom, str):
            noun = f'"{part.atom}"'
            yield _counted(part, noun, noun) if part.most > 1 or part.least != 1 else noun
        elif isinstance(part.atom, _Class):
            yield _counted(part, part.atom.one, part.atom.several)
        else:
            words = _described(part.atom, " and ")
            match (part.least, part.most):
                case (1, 1):
                    yield words
                case (0, 1):
                    yield f"optionally {words}"
                case _:
                    yield f"{_times(part)} {words}"


def _counted(part: _Part, one: str, several: str) -> str:
    match (part.least, part.most):
        case (1, 1):
            return one if one[0] == '"' else f"{'an' if one[0] in 'aeiou' else 'a'} {one}"
        case (0, 1):
            return f"optionally {_counted(_Part(part.atom), one, several)}"
    return f"{_times(part)} {several}"


def _times(part: _Part) -> str:
    least, most = part.least, part.most
    if least == most:
        return str(least)
    if most == _SEVERAL:
        return {0: "any number of", 1: "one or more"}.get(least, f"at least {least}")
    return f"{least} to {most}" if least else f"at most {most}"


def _sample(parts: Sequence[_Part]) -> Iterator[str]:
    """Yield the pieces of a text that matches."""
    for part in parts:
        if isinstance(part.atom, str):
            one = part.atom
        elif isinstance(part.atom, _Class):
            one = part.atom.sample
        else:
            one = "".join(_sample(part.atom[0]))
        yield one * part.least
