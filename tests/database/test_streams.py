"""Streams that wait for a place: which client is cut off for them, and when."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from api.database.slow_clients import Pace
from api.database.streams import Streams
from api.problem import ProblemError
from tests.support.batches import CALLER
from tests.support.databases import TestDatabase


class StalledStream:
    """A stream whose client does nothing. Its clock stands still until the test moves it."""

    def __init__(self, streams: Streams) -> None:
        """Start to wait for a place."""
        self.seconds = 0.0
        self.pace = Pace(1000, 1000, lambda: self.seconds)
        self.has_place = asyncio.Event()
        self.task = asyncio.create_task(self._run(streams))

    async def _run(self, streams: Streams) -> None:
        async with streams.writing(self.pace, CALLER):
            self.has_place.set()
            await self.pace.wait(asyncio.Event().wait())


@asynccontextmanager
async def opened(url: str, wait: float = 100) -> AsyncIterator[Streams]:
    """Open streams with two places."""
    streams = Streams(url, 2, wait, 1000, 1000)
    await streams.open()
    try:
        yield streams
    finally:
        await streams.close()


async def start(streams: Streams, *clocks: float) -> list[StalledStream]:
    """Start a stream for each clock; give them when they wait for their clients."""
    found = []
    for seconds in clocks:
        stream = StalledStream(streams)
        await stream.has_place.wait()
        await asyncio.sleep(0)
        stream.seconds = seconds
        found.append(stream)
    return found


async def end(*streams: StalledStream) -> None:
    """Cancel streams, and wait until they have ended."""
    for stream in streams:
        stream.task.cancel()
    await asyncio.gather(*(stream.task for stream in streams), return_exceptions=True)


async def test_latest_client_is_cut_off_for_a_stream_that_waits(database: TestDatabase) -> None:
    async with opened(database.api_url) as streams:
        late, latest = await start(streams, 10, 20)
        async with streams.reading(streams.pace(), CALLER):
            assert isinstance(latest.task.exception(), TimeoutError)
            assert not late.task.done()
        await end(late)


async def test_clients_are_cut_off_one_after_the_other_for_several_streams(
    database: TestDatabase,
) -> None:
    async with opened(database.api_url) as streams:
        slow = await start(streams, 20, 10)
        third, fourth = StalledStream(streams), StalledStream(streams)
        await third.has_place.wait()
        assert slow[0].task.done()
        await fourth.has_place.wait()
        assert slow[1].task.done()
        await end(*slow, third, fourth)


async def test_late_client_keeps_its_place_while_no_stream_waits(database: TestDatabase) -> None:
    async with opened(database.api_url) as streams:
        (late,) = await start(streams, 1000)
        async with streams.reading(streams.pace(), CALLER):
            pass
        assert not late.task.done()
        await end(late)


async def test_stream_is_unavailable_where_no_client_is_late(database: TestDatabase) -> None:
    async with opened(database.api_url, wait=2) as streams:
        slow = await start(streams, 0, 0)
        with pytest.raises(ProblemError) as caught:
            async with streams.reading(streams.pace(), CALLER):
                pass
        assert caught.value.problem.kind == "unavailable"
        assert not any(stream.task.done() for stream in slow)
        await end(*slow)
