"""The tests."""

import pytest

pytest.register_assert_rewrite("tests.support", "tests.cluster.conftest")
