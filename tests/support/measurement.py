"""Coverage is measured where it says something new: it doubles the CPU time."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from coverage import Coverage


def is_on() -> bool:
    """Tell whether coverage is measured now."""
    return Coverage.current() is not None


@contextmanager
def unmeasured() -> Iterator[None]:
    """Measure no coverage, also in the processes that are started meanwhile.

    The marker of pytest-cov is not used: in a worker it stops one of two measurements, and it fails
    where none is made.
    """
    stopped = []
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
        while running := Coverage.current():
            running.stop()
            stopped.append(running)
        try:
            yield
        finally:
            for measurement in reversed(stopped):
                measurement.start()
