"""The pace of a stream's client, by a clock that the test sets."""

import asyncio
from dataclasses import dataclass

import pytest

from api.database.slow_clients import LEAST_RATE, MOST_CREDIT, Pace


@dataclass(slots=True)
class Clock:
    """A clock that moves only when the test moves it."""

    seconds: float = 0.0

    def __call__(self) -> float:
        """Read the clock."""
        return self.seconds


async def waiting(pace: Pace) -> tuple["asyncio.Task[bool]", asyncio.Event]:
    """Let a stream wait for its client; the event ends that."""
    moved = asyncio.Event()
    task = asyncio.create_task(pace.wait(moved.wait()))
    await asyncio.sleep(0)
    return task, moved


async def transfer(pace: Pace, clock: Clock, size: int, seconds: float) -> float:
    """Wait so long for so many bytes; give how late the client was just before they came."""
    task, moved = await waiting(pace)
    clock.seconds += seconds
    late = pace.seconds_late
    moved.set()
    await task
    pace.moved(size)
    return late


async def test_client_is_late_when_its_time_in_advance_is_used_up() -> None:
    clock = Clock()
    pace = Pace(1000, 1000, clock)
    assert pace.seconds_late == 0
    task, moved = await waiting(pace)
    assert pace.seconds_late == -MOST_CREDIT
    clock.seconds = MOST_CREDIT + 3
    assert pace.seconds_late == 3
    moved.set()
    await task
    assert pace.seconds_late == 0  # the stream does not wait for its client


async def test_client_at_the_least_rate_is_never_late() -> None:
    clock = Clock()
    pace = Pace(1000, 1000, clock)
    late = [await transfer(pace, clock, LEAST_RATE, 1) for _ in range(100)]
    assert max(late) == 1 - MOST_CREDIT


async def test_client_at_half_the_least_rate_gets_later_and_later() -> None:
    clock = Clock()
    pace = Pace(1000, 1000, clock)
    late = [await transfer(pace, clock, LEAST_RATE // 2, 1) for _ in range(20)]
    assert late == sorted(late)
    assert late[0] < 0 < late[-1] == 1 - MOST_CREDIT + 19 / 2


async def test_time_that_a_fast_client_earns_is_bounded() -> None:
    clock = Clock()
    pace = Pace(1000, 1000, clock)
    await transfer(pace, clock, 1000 * LEAST_RATE, 1)
    assert await transfer(pace, clock, 0, 10) == 10 - MOST_CREDIT


async def test_cut_off_ends_the_waiting() -> None:
    pace = Pace(1000, 1000)
    task, _ = await waiting(pace)
    pace.cut_off()
    assert pace.is_cut_off
    with pytest.raises(TimeoutError):
        await task
    task, moved = await waiting(pace)
    assert not pace.is_cut_off
    moved.set()
    await task


@pytest.mark.parametrize(("patience", "seconds"), [(0, 1000), (1000, 0)])
async def test_waiting_ends_with_patience_and_with_the_stream(
    patience: float, seconds: float
) -> None:
    pace = Pace(patience, seconds)
    with pytest.raises(TimeoutError):
        await pace.wait(asyncio.Event().wait())
