"""The media types of bodies and answers, and which of several a client wants (RFC 9110, section 12.5.1)."""

import re
from collections.abc import Sequence

from api.document.media_types import JSON

# What stands between commas, or semicolons, that are not quoted; what is never closed is quoted to
# its end.
_BETWEEN = {mark: re.compile(rf'(?:[^{mark}"]+|"(?:[^"\\]|\\.)*(?:"|\\?\Z))+') for mark in ",;"}
_PAIR = re.compile(r"\\(.)")
_QUALITY = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")


def among(names: Sequence[str]) -> str:
    """Say which media types there are to choose from."""
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last


def split(text: str) -> tuple[str, dict[str, str]]:
    """Part a media type, in lower case, from its parameters, whose values may be quoted (RFC 9110, section 5.6.6)."""
    name, _, rest = text.lower().partition(";")
    pairs = (part.partition("=") for part in _BETWEEN[";"].findall(rest))
    return name.strip(" \t"), {
        key.strip(" \t"): _bare(value.strip(" \t")) for key, _, value in pairs
    }


def _bare(value: str) -> str:
    return _PAIR.sub(r"\1", value[1:-1]) if value.startswith('"') else value


def chosen(accept: str, offered: Sequence[str] = (JSON,)) -> str | None:
    """Choose what an `Accept` wants most of what is offered, the first of equals; None where it wants none of it."""
    if accept in ("", "*/*", JSON):
        return offered[0]
    ranges = [split(one) for one in _BETWEEN[","].findall(accept)]
    wanted = {
        media: max((_rank(*one, media) for one in ranges), default=(0, 0.0))[1] for media in offered
    }
    best = max(offered, key=lambda media: wanted[media])
    return best if wanted[best] > 0 else None


def _rank(name: str, parameters: dict[str, str], media: str) -> tuple[int, float]:
    """Tell how exactly a range means a media type, and how much it wants it: the most exact one decides.

    One whose weight is none (RFC 9110, section 12.4.2) means nothing.
    """
    mime, _, parameter = media.partition("; ")
    formulas, quality = parameters.get("formulas"), parameters.get("q", "1")
    exactness = {"*/*": 1, f"{mime.partition('/')[0]}/*": 2, mime: 3}.get(name, 0)
    if (
        not exactness
        or (formulas and f"formulas={formulas}" != parameter)
        or not _QUALITY.fullmatch(quality)
    ):
        return 0, 0.0
    return exactness + bool(formulas), float(quality)
