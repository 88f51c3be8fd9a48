"""Inserts the rows of a body into one relation, all or none, in chunks.

It inserts one chunk while it reads the next. If Postgres refuses a chunk, its rows are tried one by
one. After the first fault no further row is inserted, but all rows are checked, so that the answer
has all faults at once, or the first ones and the number of rows that have some.
"""

import asyncio
import json
from collections.abc import Collection, Sequence
from typing import Any

from asyncpg import Connection, PostgresError, UniqueViolationError

from api.catalog.relations import Catalog
from api.database import kept_rows, sqlstate
from api.database.connections import FAILURES
from api.endpoints.nested_rows import NestedRows
from api.endpoints.spool import Spool
from api.identity import Identity
from api.operations.operation import Operation
from api.problem import INVALID_BODY, MOST_FAULTS, Fault, Problem, ProblemError
from api.request import repeats
from api.request.input import Input
from api.request.json_text import decoder
from api.request.repeats import Repeat
from api.request.rows import Row
from api.sql import kept_answers, nested_creates, statements
from api.sql.nested_shapes import Shape, shape

_ROWS, _CHARACTERS = 1000, 2**18  # the limits of a chunk
_ABOUT_ROWS = ("conflict", "invalid-content", "not-permitted")  # kinds of problem
_MOST_COUNTED = 10_000  # rows with faults: a body could have millions, and each takes time


class Insertion:
    """The insertion of many rows in one transaction; `count` is the number of rows so far.

    `status`: of the answer.
    """

    status = 201
    _nothing = "Nothing was created"

    def __init__(
        self,
        operation: Operation,
        catalog: Catalog,
        input_: Input,
        keys: Sequence[str],
        connection: "Connection[Any]",
    ) -> None:
        """Begin; `keys` are the path's, `connection` has an open transaction."""
        self._operation, self._catalog, self._input = operation, catalog, input_
        self._connection = connection
        self._path_keys = keys
        self._keys = keys[-len(operation.parents[-1].relation.key) :] if operation.parents else ()
        self.count = 0
        self._repeat: Repeat | None = None
        self._answer: tuple[str, str] | None = None  # that is kept: fingerprint and body
        self._spool: Spool | None = None
        self._chunk: list[tuple[int, str]] = []  # a row's number, and its JSON text
        self._nested = frozenset(each.segment for each in operation.nested)
        self._kind: frozenset[str] | Shape = frozenset()  # the fields of the chunk's rows
        self._size = 0  # of the chunk, in characters
        self._running: asyncio.Task[None] | None = None
        self._problems: list[tuple[int, Problem]] = []  # by a row's number
        self._faults = 0
        self._bad = 0  # rows that are known to have faults
        self._tried: int | None = None  # the last row that was tried after Postgres refused one

    def keep(self, spool: Spool) -> None:
        """Keep the new rows, as JSON, for the answer."""
        self._spool = spool

    async def do_once(self, repeat: Repeat, identity: Identity) -> None:
        """Find out whether it was done before; wait for a request with the same key that runs."""
        self._repeat = repeat
        caller = json.dumps([identity.tenant, identity.actor, repeat.key])
        await self._connection.execute(kept_answers.WAIT, caller)
        row = await self._connection.fetchrow(kept_answers.FIND, repeat.key)
        if row:
            self._answer = row["fingerprint"], row["body"]

    @property
    def is_done(self) -> bool:
        """Whether it was done before, by a request with the same key."""
        return self._answer is not None

    @property
    def summary(self) -> str:
        """The body of the answer: the number of new rows."""
        return self._answer[1] if self._answer else self._numbers()

    def _numbers(self) -> str:
        return f'{{"created":{self.count}}}'

    async def add(self, rows: Sequence[Row]) -> None:
        """Check some rows and insert them, if no row before them has a fault.

        Raises ProblemError `unavailable`, `internal-error`, and the rows' faults once very many
        rows have some.
        """
        await asyncio.sleep(0)  # other requests get a turn
        for row, fits in zip(rows, [self._input.fits(row.value) for row in rows], strict=True):
            number, self.count = self.count, self.count + 1
            if self._faults >= MOST_FAULTS:
                self._bad += not (fits or self._input.accepts(row.value))
                if self._bad >= _MOST_COUNTED:
                    await self._wait()
                    raise self._refusal()
            elif problem := self._check(row, fits=fits):
                self._note(number, problem)
                await asyncio.sleep(0)  # to find all faults of a row takes as long as many rows
            elif not self._problems:
                await self._collect(number, row)

    async def end(self) -> None:
        """Insert the rest.

        Raises ProblemError with all faults; `key-reused` if it was done for another request.
        """
        if self._repeat and self._answer:
            self._repeat.check(self._answer[0])
            return
        await self._send()
        await self._wait()
        if not self._problems and not self.count:
            raise ProblemError(Problem("invalid-content", "The body has no rows."))
        if not self._problems:
            try:
                await self._connection.execute(statements.CHECK_CONSTRAINTS)
            except PostgresError as error:
                raise ProblemError(self._problem(error)) from error
            except FAILURES:
                raise ProblemError(sqlstate.UNAVAILABLE) from None
        if self._problems:
            raise self._refusal()
        if self._repeat:
            values = (*self._repeat.values, self.summary)
            try:
                await self._connection.execute(kept_answers.KEEP, *values)
            except UniqueViolationError:  # a request for one row, as those for many wait
                raise ProblemError(repeats.REUSED) from None

    async def stop(self) -> None:
        """Cancel the chunk that is running, so that the transaction can end."""
        if self._running:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    def _check(self, row: Row, *, fits: bool) -> Problem | None:
        """Return what is wrong with a row; `fits`: whether the fast path accepts it, as most."""
        if fits or row.problem:
            return row.problem
        try:
            faults = self._input.faults(row.value)
        except ProblemError as error:
            return error.problem
        return Problem("invalid-content", INVALID_BODY, faults) if faults else None

    async def _collect(self, number: int, row: Row) -> None:
        kind: frozenset[str] | Shape = frozenset(row.value)
        if not self._nested.isdisjoint(row.value):
            kind = shape(self._operation, [row.value])
        is_full = len(self._chunk) >= _ROWS or self._size >= _CHARACTERS
        if self._chunk and (kind != self._kind or is_full):
            await self._send()
        self._kind = kind
        self._chunk.append((number, row.text))
        self._size += len(row.text)

    async def _send(self) -> None:
        """Begin to insert the chunk, once the one before is done."""
        await self._wait()
        # No row is collected after a fault that the check finds. So a problem with a row before
        # this chunk can only come from Postgres.
        chunk, self._chunk, self._size = self._chunk, [], 0
        if chunk and not any(number < chunk[0][0] for number, _ in self._problems):
            self._running = asyncio.create_task(self._insert(self._kind, chunk))
            await asyncio.sleep(0)  # the task sends the chunk before the next rows are checked

    async def _wait(self) -> None:
        if self._running:
            await self._running
            self._running = None

    async def _insert(self, kind: frozenset[str] | Shape, chunk: list[tuple[int, str]]) -> None:
        try:
            await self._run(kind, [text for _, text in chunk])
        except (PostgresError, ProblemError) as error:
            problem = await self._refused(error, kind, chunk)
            if problem.kind not in _ABOUT_ROWS:
                raise ProblemError(problem) from error
        except FAILURES:
            raise ProblemError(sqlstate.UNAVAILABLE) from None
        else:
            return
        if len(chunk) == 1:
            self._tried = chunk[0][0]
            self._note(chunk[0][0], problem)
            return
        for row in chunk:
            if self._faults < MOST_FAULTS:
                await self._insert(kind, [row])
                self._tried = row[0]

    async def _run(self, kind: frozenset[str] | Shape, texts: list[str]) -> None:
        values = [*self._keys, f"[{','.join(texts)}]"]
        if isinstance(kind, Shape):
            sql = nested_creates.insert(self._operation, kind)
        else:
            sql = statements.insert(self._operation, kind, returning=self._spool is not None)
        async with self._connection.transaction():
            if self._spool is None and not isinstance(kind, Shape):
                tag = await self._connection.execute(sql, *values)
                created = int(tag.rpartition(" ")[2])
            else:
                rows = [text for (text,) in await self._connection.fetch(sql, *values)]
                created = len(rows)
            if created != len(texts):  # a trigger has left out a row
                raise ProblemError(kept_rows.left_out(self._operation))
        if self._spool is not None:
            self._spool.add(rows)

    async def _refused(
        self,
        error: PostgresError | ProblemError,
        kind: frozenset[str] | Shape,
        chunk: list[tuple[int, str]],
    ) -> Problem:
        """Return the problem of a chunk that was refused: of one with rows below it, theirs too."""
        if isinstance(error, ProblemError):
            return error.problem
        if isinstance(kind, frozenset):
            return self._problem(error, kind)
        if len(chunk) == 1:
            rows = NestedRows(self._operation, decoder.decode(chunk[0][1]))
            found = await rows.judged_within(
                error, self._path_keys, self._connection, self._catalog
            )
            if isinstance(found, Problem):
                return found
            error = found
        return self._problem(error, kind.variants[0])

    def _problem(self, error: PostgresError, names: Collection[str] = ()) -> Problem:
        # A connection that is lost before COMMIT has changed nothing.
        if sqlstate.kind(error.sqlstate) == "connection-lost":
            return sqlstate.UNAVAILABLE
        return sqlstate.problem(error, self._operation, self._catalog, fields=names)

    def _note(self, number: int, problem: Problem) -> None:
        """Keep the problem of a row, with pointers that begin with the row's number."""
        faults = problem.errors or (Fault("", problem.detail),)
        errors = tuple(Fault(f"/{number}{fault.pointer}", fault.detail) for fault in faults)
        noted = Problem(problem.kind, problem.detail, errors, note=problem.note)
        self._problems.append((number, noted))
        self._faults += len(errors)
        self._bad += 1

    def _refusal(self) -> ProblemError:
        """Return all faults in the rows' order, as a problem of the first one's kind."""
        ordered = sorted(self._problems, key=lambda entry: entry[0])
        errors = [fault for _, problem in ordered for fault in problem.errors]
        all_tried = self._tried in (None, self.count - 1)
        least = "" if all_tried and self._bad < _MOST_COUNTED else "at least "
        told = "says which and why"
        if len(errors) >= MOST_FAULTS and (least or self._bad > len(ordered)):
            told = f"has the first {MOST_FAULTS} faults"
        sentence = (
            f"{self._nothing}, as {least}{self._bad} of {self.count} rows can't be; "
            f"`errors` {told}."
        )
        note = next((problem.note for _, problem in ordered if problem.note), "")
        errors = errors[:MOST_FAULTS]
        return ProblemError(Problem(ordered[0][1].kind, sentence, tuple(errors), note=note))
