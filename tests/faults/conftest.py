"""Fixtures of the tests in which something fails."""

import pytest

from tests.support.databases import TestDatabase
from tests.support.exports import large_reports


@pytest.fixture
def large_report(database: TestDatabase) -> TestDatabase:
    """Return a database with `large_reports`."""
    large_reports(database)
    return database
