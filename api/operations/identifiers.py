"""Names of Postgres in the API: in paths, in operation ids and in the names of components."""

import re

_OTHERS = re.compile("[^A-Za-z0-9_]")


def identifier(name: str) -> str:
    """Write a name in letters, digits, `_` and `-`; different names become different identifiers.

    A dot becomes `--`, and any other character its code point, as in `a-20-b` for `a b`. OpenAPI
    allows dots as well: they separate identifiers.
    """
    return _OTHERS.sub(lambda found: "--" if found[0] == "." else f"-{ord(found[0]):X}-", name)


def in_path(name: str) -> str:
    """Write a name as a part of one segment of a path: a slash as `~1`, and a tilde as `~~`.

    Routers take `%2F` for a slash.
    """
    return name.replace("~", "~~").replace("/", "~1")
