"""What the document says of the whole API: from the comment on the schema that it serves."""

import re
from typing import Any

from api import __version__

# Last lines of the comment, in any order.
_LINE = re.compile(r"(License|Contact): (.+)")
_URL = re.compile(r"https?://\S+")
_MAIL = re.compile(r"[^\s@]+@[^\s@]+")
_NAMED = re.compile(r"(?:(.*\S) )?<(.+)>")  # as in `Ada Byron <ada@example.org>`
# An SPDX expression, such as `MIT` or `Apache-2.0 OR MIT`.
_SPDX = re.compile(r"[A-Za-z0-9.+-]+( (AND|OR|WITH) [A-Za-z0-9.+-]+)*")


def info(comment: str | None, warning: str = "") -> dict[str, Any]:
    """Return the Info Object; `warning` ends its description.

    The comment's first line is the title; what follows is the description, up to lines `License: …`
    and `Contact: …` at its end.
    """
    lines = (comment or "API").rstrip().split("\n")
    said: dict[str, str] = {}
    while len(lines) > 1 and (found := _LINE.fullmatch(lines[-1])):
        said[found[1].lower()] = found[2].strip()
        lines.pop()
    title, *text = lines
    return {
        "title": title.rstrip("."),
        "description": ("\n".join(text) + warning).strip(),
        "version": __version__,
        **({"license": _license(said["license"])} if "license" in said else {}),
        **({"contact": _contact(said["contact"])} if "contact" in said else {}),
    }


def _license(text: str) -> dict[str, str]:
    """Read `MIT`, an SPDX expression, or `Our terms <https://example.org/terms>`."""
    found = _NAMED.fullmatch(text)
    if found and _URL.fullmatch(found[2]):
        return {"name": found[1] or found[2], "url": found[2]}
    return {"name": text, **({"identifier": text} if _SPDX.fullmatch(text) else {})}


def _contact(text: str) -> dict[str, str]:
    """Read a name, an address of mail or the web, or `Ada Byron <ada@example.org>`."""
    found = _NAMED.fullmatch(text)
    name, address = (found[1], found[2]) if found else (None, text)
    made = {"name": name} if name else {}
    if _URL.fullmatch(address):
        return {**made, "url": address}
    if _MAIL.fullmatch(address):
        return {**made, "email": address}
    return {"name": text}
