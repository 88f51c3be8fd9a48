"""Fixtures of the tests of HTTP."""

import pytest

from api.config import Config
from tests.support.sample_requests import INSERT_VISITS
from tests.support.serving import Serve, Serving


@pytest.fixture(params=["database", "menagerie"], ids=["billing", "menagerie"])
async def both(request: pytest.FixtureRequest, serve: Serve) -> Serving:
    """Serve each schema, with rows."""
    database = request.getfixturevalue(request.param)
    if request.param == "database":
        database.execute(INSERT_VISITS)
    return await serve(Config(database_url=database.api_url, connections=3))
