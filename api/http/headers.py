"""What the head of every answer tells browsers and caches, unless the answer says otherwise."""

from collections.abc import MutableMapping

# An answer may be about somebody, so no cache keeps it (RFC 9111, section 5.2.2.5). It is data:
# neither a page that may load or run anything, nor a script, a picture or a frame of another
# origin's. HSTS is for whatever ends TLS to say.
SAID = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "x-content-type-options": "nosniff",
}
_LINES = {name: f"{name}: {value}\r\n" for name, value in SAID.items()}
_ALL = "".join(_LINES.values())


def lines(headers: MutableMapping[str, str]) -> str:
    """Give the lines for an answer that has these headers of its own."""
    return (
        "".join(line for name, line in _LINES.items() if name not in headers) if headers else _ALL
    )
