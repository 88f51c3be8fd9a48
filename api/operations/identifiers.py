"""Names of Postgres as identifiers: for operation ids and for the names of components."""

import re

_OTHERS = re.compile("[^A-Za-z0-9_]")


def identifier(name: str) -> str:
    """Write a name in letters, digits, `_` and `-`; different names become different identifiers.

    A dot becomes `--`, and any other character its code point, as in `a-20-b` for `a b`. OpenAPI
    allows dots as well: they separate identifiers.
    """
    return _OTHERS.sub(lambda found: "--" if found[0] == "." else f"-{ord(found[0]):X}-", name)
