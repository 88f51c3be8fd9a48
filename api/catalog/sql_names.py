"""Names of the database as SQL that a person can run."""

import re
from collections.abc import Iterable

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")
# Those of pg_get_keywords() that can't be a column's name without quotes; a test compares them.
_RESERVED = """
    all analyse analyze and any array as asc asymmetric authorization binary both case cast
    check collate collation column concurrently constraint create cross current_catalog
    current_date current_role current_schema current_time current_timestamp current_user
    default deferrable desc distinct do else end except false fetch for foreign freeze from
    full grant group having ilike in initially inner intersect into is isnull join lateral
    leading left like limit localtime localtimestamp natural not notnull null offset on only
    or order outer overlaps placing primary references returning right select session_user
    similar some symmetric system_user table tablesample then to trailing true union unique
    user using variadic verbose when where window with
"""
RESERVED_WORDS = frozenset(_RESERVED.split())


def name(*parts: str) -> str:
    """Write a name, with its schema before it, and with quotes where it needs them."""
    return ".".join(_quoted(part) for part in parts)


def names(of: Iterable[str]) -> str:
    """Write a list of names."""
    return ", ".join(map(_quoted, of))


def _quoted(part: str) -> str:
    if _PLAIN.fullmatch(part) and part not in RESERVED_WORDS:
        return part
    return '"' + part.replace('"', '""') + '"'
