"""What a page may load: nothing but its own style sheets (Content Security Policy, level 3)."""

import base64
import hashlib
import re
from collections.abc import Iterator

_FIXED = re.compile(r"<(style|title)\b[^>]*>(.*?)</\1\s*>", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"\{[{%#]")
_POLICY = (
    "default-src 'none'; style-src {}; img-src data:; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)


def headers(page: str) -> dict[str, str]:
    """Return the header fields of a page, which allow its style sheets by their hashes.

    `page`: its text, or the template of it; `varying` finds what must not depend on a row.
    """
    styles = (found[2] for found in _FIXED.finditer(page) if found[1].lower() == "style")
    hashes = (base64.b64encode(hashlib.sha256(style.encode()).digest()) for style in styles)
    sources = " ".join(f"'sha256-{digest.decode()}'" for digest in hashes) or "'none'"
    return {
        "content-security-policy": _POLICY.format(sources),
        "referrer-policy": "no-referrer",
    }


def varying(template: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the name of each element that depends on the row and must not.

    The policy has the hash of each style sheet; and a browser keeps titles in its history, where
    nobody's name belongs.
    """
    for found in _FIXED.finditer(template):
        if _TAG.search(found[2]):
            yield template.count("\n", 0, found.start()) + 1, found[1].lower()
