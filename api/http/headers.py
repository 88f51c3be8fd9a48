"""The header fields of every answer for browsers and caches, unless the answer has its own."""

import re
from collections.abc import Mapping

# Answers may be about persons, so no cache keeps them (RFC 9111, section 5.2.2.5). They are data:
# they must not load or run anything, nor be a script, a picture or a frame of another origin. HSTS
# is for the proxy that ends TLS. The same path gives JSON to one client and a page to another.
DEFAULTS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "vary": "accept",
    "x-content-type-options": "nosniff",
}
_BREAKS = re.compile("[\r\n\0]")
_LINES = {name: f"{name}: {value}\r\n" for name, value in DEFAULTS.items()}
ALL = "".join(_LINES.values())


def lines(own: Mapping[str, str]) -> str:
    """Return the lines of an answer that has header fields of its own, and those lines.

    `own`: names in lower case.
    """
    text, defaults = "", ALL
    for name, value in own.items():
        # Most values need no search for breaks, which takes longer.
        text += f"{name}: {value if value.isprintable() else _BREAKS.sub('', value)}\r\n"
        if name in _LINES:
            defaults = "".join(line for other, line in _LINES.items() if other not in own)
    return defaults + text
