"""The rows of a body into one relation, all or nothing: judged and inserted in chunks, one while the next is read.

What Postgres refuses of a chunk is found row by row. After the first fault nothing more is
inserted, but everything is judged, so that a client hears of all faults at once.
"""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

from asyncpg import Connection, PostgresError

from api.catalog.relations import Catalog
from api.database import sqlstate
from api.database.connections import FAILURES
from api.operations.operation import Operation
from api.problem import MOST_FAULTS, Fault, Problem, ProblemError
from api.request.body import UNFIT
from api.request.input import Input
from api.request.rows import Row
from api.sql import statements

ROWS, SIZE = 1000, 2**18  # of a chunk: rows, and characters
TURN = 64  # rows that are judged before others may have a turn
_OF_ROWS = ("conflict", "invalid-content", "not-permitted")  # kinds that are about a row


class Upload:
    """Rows on their way into one relation, in one transaction."""

    def __init__(
        self,
        operation: Operation,
        catalog: Catalog,
        judge: Input,
        keys: Sequence[str],
        connection: "Connection[Any]",
    ) -> None:
        """Begin; `keys` are the path's."""
        self._operation, self._catalog, self._judge, self._connection = (
            operation,
            catalog,
            judge,
            connection,
        )
        self._keys = keys[-len(operation.parents[-1].relation.key) :] if operation.parents else ()
        self.count = 0  # of rows
        self._names: frozenset[str] = frozenset()
        self._chunk: list[tuple[int, str]] = []
        self._size = 0
        self._inserting: asyncio.Task[None] | None = None
        self._faults: list[tuple[int, Problem]] = []
        self._told = 0

    async def add(self, rows: Iterable[Row]) -> None:
        """Take some rows.

        Raises ProblemError `unavailable`, `internal-error`, and with all faults where there are too
        many to go on.
        """
        await asyncio.sleep(0)  # lines that are none take time, too
        for row in rows:
            number, self.count = self.count, self.count + 1
            if number % TURN == 0:
                await asyncio.sleep(0)
            problem = row.misread or self._judged(row)
            if problem:
                self._refuse(number, problem)
                if self._told >= MOST_FAULTS:
                    await self._settle()
                    raise self._refused()
            elif not self._faults:
                await self._put(number, row)

    async def end(self) -> None:
        """Insert the rest.

        Raises ProblemError with all faults.
        """
        await self._send()
        await self._settle()
        if not self._faults and not self.count:
            raise ProblemError(Problem("invalid-content", "The body has no rows."))
        if not self._faults:
            try:
                await self._connection.execute(statements.CHECK_NOW)
            except PostgresError as error:
                raise ProblemError(self._problem(error)) from error
            except FAILURES:
                raise ProblemError(sqlstate.UNAVAILABLE) from None
        if self._faults:
            raise self._refused()

    async def stop(self) -> None:
        """Leave what is under way, so that the transaction can be ended."""
        if self._inserting:
            self._inserting.cancel()
            await asyncio.gather(self._inserting, return_exceptions=True)

    def _judged(self, row: Row) -> Problem | None:
        try:
            faults = self._judge.faults(row.value)
        except ProblemError as error:
            return error.problem
        return Problem("invalid-content", UNFIT, faults) if faults else None

    async def _put(self, number: int, row: Row) -> None:
        names = frozenset(row.value)
        if self._chunk and (names != self._names or len(self._chunk) >= ROWS or self._size >= SIZE):
            await self._send()
        self._names = names
        self._chunk.append((number, row.text))
        self._size += len(row.text)

    async def _send(self) -> None:
        await self._settle()
        # All of it came before what is wrong with a row in itself; only Postgres can have refused
        # an earlier one.
        chunk, self._chunk, self._size = self._chunk, [], 0
        if chunk and not any(number < chunk[0][0] for number, _ in self._faults):
            self._inserting = asyncio.create_task(self._insert(self._names, chunk))
            await asyncio.sleep(0)  # so that Postgres has it while the next one is judged

    async def _settle(self) -> None:
        if self._inserting:
            await self._inserting
            self._inserting = None

    async def _insert(self, names: frozenset[str], chunk: list[tuple[int, str]]) -> None:
        try:
            await self._run(names, [text for _, text in chunk])
        except (PostgresError, ProblemError) as error:
            problem = error.problem if isinstance(error, ProblemError) else self._problem(error)
            if problem.kind not in _OF_ROWS:
                raise ProblemError(problem) from error
        except FAILURES:
            raise ProblemError(sqlstate.UNAVAILABLE) from None
        else:
            return
        if len(chunk) == 1:
            self._refuse(chunk[0][0], problem)
            return
        for one in chunk:
            if self._told < MOST_FAULTS:
                await self._insert(names, [one])

    async def _run(self, names: frozenset[str], texts: list[str]) -> None:
        sql = statements.insert(self._operation, names)
        async with self._connection.transaction():
            tag = await self._connection.execute(sql, *self._keys, f"[{','.join(texts)}]")
            if tag != f"INSERT 0 {len(texts)}":  # a trigger has left one out
                raise ProblemError(sqlstate.ROW_REJECTED)

    def _problem(self, error: PostgresError) -> Problem:
        if (
            sqlstate.kind(error.sqlstate) == "connection-lost"
        ):  # before COMMIT: nothing has been done
            return sqlstate.UNAVAILABLE
        return sqlstate.problem(error, self._operation, self._catalog)

    def _refuse(self, number: int, problem: Problem) -> None:
        faults = problem.errors or (Fault("", problem.detail),)
        told = tuple(Fault(f"/{number}{fault.pointer}", fault.detail) for fault in faults)
        self._faults.append((number, Problem(problem.kind, problem.detail, told)))
        self._told += len(told)

    def _refused(self) -> ProblemError:
        """Tell of all faults, by row, as the kind that the first one has."""
        ordered = sorted(self._faults, key=lambda found: found[0])
        errors = [fault for _, problem in ordered for fault in problem.errors][:MOST_FAULTS]
        return ProblemError(Problem(ordered[0][1].kind, _ALL_OR_NOTHING, tuple(errors)))


_ALL_OR_NOTHING = "Nothing was created, as some rows can't be; `errors` says which and why."
