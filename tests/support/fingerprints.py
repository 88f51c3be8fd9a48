"""Whether the tables of a database have changed."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from tests.support.databases import TestDatabase

_TABLES = (
    "SELECT format('%I.%I', n.nspname, c.relname)"
    " FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace"
    " WHERE n.nspname IN ('billing', 'zoo') AND c.relkind = 'r' ORDER BY 1"
)
_ROWS = (
    "SELECT count(*), md5(string_agg(CAST(t AS text), '' ORDER BY CAST(t AS text))) FROM {} AS t"
)


def fingerprint(database: TestDatabase) -> dict[str, object]:
    """Count the rows of each table and sum them up in a hash; the tables themselves count too."""
    with psycopg.connect(database.owner_url, autocommit=True) as connection:
        names = [str(name) for (name,) in connection.execute(_TABLES).fetchall()]
        rows = "; ".join(_ROWS.format(name) for name in names)  # in one message
        cursor = connection.execute(rows.encode())
        return dict(zip(names, (found.fetchone() for found in cursor.results()), strict=True))


@contextmanager
def unchanged(database: TestDatabase) -> Iterator[None]:
    """Check that nothing has changed in the tables."""
    before = fingerprint(database)
    yield
    assert fingerprint(database) == before
