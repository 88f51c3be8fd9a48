"""Fixtures of the tests in which something fails."""

import pytest

from tests.support.databases import TestDatabase
from tests.support.exports import large_reports


@pytest.fixture
def database(one_role: TestDatabase) -> TestDatabase:
    """Give a database on which a server starts in little CPU time."""
    return one_role


@pytest.fixture
def large_report(database: TestDatabase) -> TestDatabase:
    """Return a database with `large_reports`."""
    large_reports(database)
    return database
