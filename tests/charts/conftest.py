"""The charts, rendered once for all tests of a session that ask for the same scenario."""

import os

import pytest

from tests.charts.rendering import Charts, Rendered
from tests.charts.scenarios import SCENARIOS


@pytest.fixture(scope="session")
def charts(tmp_path_factory: pytest.TempPathFactory) -> Charts:
    """Give the charts as a fresh clone has them."""
    own = tmp_path_factory.getbasetemp()
    shared = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "rendered"
    shared.mkdir(exist_ok=True)
    return Charts(tmp_path_factory.mktemp("charts"), shared)


@pytest.fixture(params=SCENARIOS)
def rendered(request: pytest.FixtureRequest, charts: Charts) -> Rendered:
    """Give the objects of each scenario in turn."""
    return charts.scenario(request.param)


@pytest.fixture
def default(charts: Charts) -> Rendered:
    """Give the objects of `helmfile apply`."""
    return charts.scenario("default")


@pytest.fixture
def production(charts: Charts) -> Rendered:
    """Give the objects of `helmfile -e production apply`."""
    return charts.scenario("production")
