"""Fixtures of the tests in which something fails."""

import pytest

from tests.support.databases import TestDatabase
from tests.support.exports import MANY


@pytest.fixture
def large_report(database: TestDatabase) -> TestDatabase:
    """Return a database with a report larger than socket buffers; the last row of `odd` fails."""
    rows = f"SELECT n, repeat('x', 1000) AS name FROM generate_series(1, {MANY}) AS n"
    # The text of this error quotes the row.
    odd = (
        f"SELECT CAST(CASE c.n WHEN {MANY} THEN c.name ELSE '1' END AS integer) AS odd, c.name"
        f" FROM ({rows}) AS c"
    )
    for name, query in {"crowd": rows, "odd": odd}.items():
        database.execute(f"CREATE VIEW reporting.{name} AS {query}")
        database.execute(f"GRANT SELECT ON reporting.{name} TO superbill_api")
    return database
