"""A proxy between the API and Postgres that stalls, and breaks connections in an answer."""

import asyncio
from contextlib import suppress
from typing import Self

from tests.support.databases import TestDatabase

_EXECUTED = b"BQ"  # Bind, with Execute behind it, or a simple query (PostgreSQL, "Message Formats")


class Network:
    """A TCP proxy before a database's server."""

    def __init__(self, database: TestDatabase) -> None:
        """Lead to the database's server."""
        self.cuts = 0  # how many answers are still to be cut off in their middle
        self.url = ""
        self._name = database.name
        self._server = str(database.server.postgres.socket / ".s.PGSQL.5432")
        self._flows = asyncio.Event()
        self._flows.set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        """Listen."""
        self._listener = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        port = self._listener.sockets[0].getsockname()[1]
        self.url = f"postgresql://superbill_server@127.0.0.1:{port}/{self._name}"
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close everything."""
        self._listener.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def stall(self) -> None:
        """Pass nothing on, either way, and answer no new connection, but keep all of them open."""
        self._flows.clear()

    def flow(self) -> None:
        """Go on."""
        self._flows.set()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._lead(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _lead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ends, copies = [writer], list[asyncio.Task[None]]()
        try:
            await self._flows.wait()
            there, back = await asyncio.open_unix_connection(self._server)
            ends.append(back)
            to_cut = asyncio.Event()
            copies.append(asyncio.create_task(self._ask(reader, back, to_cut)))
            copies.append(asyncio.create_task(self._answer(there, writer, to_cut)))
            await asyncio.wait(copies, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for copy in copies:
                copy.cancel()
            await asyncio.gather(*copies, return_exceptions=True)
            for end in ends:
                end.close()
            for end in ends:
                with suppress(OSError):
                    await end.wait_closed()

    async def _ask(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, to_cut: asyncio.Event
    ) -> None:
        while received := await reader.read(65536):
            await self._flows.wait()
            if self.cuts and received[0] in _EXECUTED:
                self.cuts -= 1
                to_cut.set()
            writer.write(received)

    async def _answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, to_cut: asyncio.Event
    ) -> None:
        while received := await reader.read(65536):
            await self._flows.wait()
            if to_cut.is_set():
                writer.write(received[: len(received) // 2])
                return
            writer.write(received)
