"""Media types as clients write them: their parameters, and what an `Accept` prefers.

Source: RFC 9110, section 12.5.1; what many clients send beside its grammar is read too.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from sanic.compat import Header

from api.catalog.relations import listed
from api.document.media_types import JSON
from api.problem import Problem, ProblemError

# The text between commas, or between semicolons, that are not in quotes. A quote that is never
# closed ends with the text.
_BETWEEN = {mark: re.compile(rf'(?:[^{mark}"]+|"(?:[^"\\]|\\.)*(?:"|\\?\Z))+') for mark in ",;"}
_ESCAPED = re.compile(r"\\(.)")
# What programs send that have no wish. The last two are of Java's own client, which is no browser.
_ANY = frozenset(
    [
        "",
        "*/*",
        JSON,
        "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2",
        "text/html, image/gif, image/jpeg, */*; q=0.2",
    ]
)
# A weight (RFC 9110, section 12.4.2), or one as clients write it: `.2`, or with more digits.
_WEIGHT = re.compile(r"0?\.[0-9]+|0\.?|1(?:\.0*)?")


def parse(text: str) -> tuple[str, dict[str, str]]:
    """Split a media type into its name and its parameters, both in lower case.

    Values may be quoted strings (RFC 9110, section 5.6.6).
    """
    name, _, rest = text.lower().partition(";")
    pairs = (part.partition("=") for part in _BETWEEN[";"].findall(rest))
    return name.strip(" \t"), {
        key.strip(" \t"): _unquoted(value.strip(" \t")) for key, _, value in pairs
    }


def _unquoted(value: str) -> str:
    return _ESCAPED.sub(r"\1", value[1:-1]) if value.startswith('"') else value


def body_media_type(headers: Header, accepted: Sequence[str]) -> str:
    """Read the media type of a body: one of `accepted`, in UTF-8, not compressed.

    Raises ProblemError `unsupported-media-type`.
    """
    given = headers.getall("content-type", [])
    if given == [JSON] and "content-encoding" not in headers:
        return JSON
    name, parameters = parse(",".join(given))
    encoding = headers.get("content-encoding", "identity").lower()
    is_utf8 = parameters.get("charset", "utf-8") == "utf-8"
    has_header = parameters.get("header", "present") == "present"
    if name not in accepted or not is_utf8 or not has_header or encoding != "identity":
        sentence = f"Send the body as {listed(accepted, 'or')}, in UTF-8, not compressed."
        raise ProblemError(Problem("unsupported-media-type", sentence))
    return name


@lru_cache(64)
def accepted(accept: str, offered: Sequence[str] = (JSON,)) -> str:
    """Return which of the offered media types an `Accept` prefers, the first one of equals.

    Raises ProblemError `not-acceptable`.
    """
    if accept in _ANY:
        return offered[0]
    ranges = [parse(text) for text in _BETWEEN[","].findall(accept)]
    weights = {
        media: max((_match(*range_, media) for range_ in ranges), default=(0, 0.0))[1]
        for media in offered
    }
    best = max(offered, key=lambda media: weights[media])
    if weights[best] > 0:
        return best
    only = "" if len(offered) > 1 else " only"
    sentence = f"The answer is available as {listed(offered, 'or')}{only}."
    raise ProblemError(Problem("not-acceptable", sentence))


def _match(name: str, parameters: dict[str, str], media: str) -> tuple[int, float]:
    """Return how exactly a media range matches (0: not at all), and its weight.

    The most exact range decides. A weight that is malformed makes the range match nothing.
    """
    mime, _, parameter = media.partition("; ")
    formulas, weight = parameters.get("formulas"), parameters.get("q", "1")
    # Java's own client sends `*`.
    exactness = {"*": 1, "*/*": 1, f"{mime.partition('/')[0]}/*": 2, mime: 3}.get(name, 0)
    if (
        not exactness
        or (formulas and f"formulas={formulas}" != parameter)
        or not _WEIGHT.fullmatch(weight)
    ):
        return 0, 0.0
    return exactness + bool(formulas), float(weight)
