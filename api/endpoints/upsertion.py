"""Inserts the rows of a body, and merges or ignores those that are there already."""

import asyncio
import json
from typing import Any

from asyncpg import CardinalityViolationError, DeadlockDetectedError, UniqueViolationError

from api.database import kept_rows
from api.endpoints.insertion import Insertion
from api.problem import INVALID_BODY, Fault, Problem, ProblemError, pointer
from api.request.resolution import Resolution
from api.request.rows import Row
from api.sql import upserts
from api.sql.nested_shapes import Shape

_ATTEMPTS = 3
_TWICE = "has the same key as a row before it"
_WITHOUT_ROWS = "can't be sent with a row that may be there already"
_KEPT = "can't be changed, so a row that is there can't be merged with it"


class Upsertion(Insertion):
    """The insertion of rows some of which may be there already.

    `new`: how many were created; `changed`: how many were merged with the one that is there.
    """

    _nothing = "Nothing was created or changed"

    def __init__(self, resolution: Resolution, *parts: Any) -> None:
        """Begin to resolve rows in this way; `parts`: what an insertion has."""
        super().__init__(*parts)
        self._resolution = resolution
        self.new = self.changed = 0
        self._seen: set[int] = set()  # hashes of the keys of the rows that are written

    @property
    def status(self) -> int:  # type: ignore[override]
        """201 if any row is new, otherwise 200."""
        return 201 if json.loads(self.summary)["created"] else 200

    def _numbers(self) -> str:
        """Write how many rows were created, and what became of the others."""
        if self._resolution.merges:
            return f'{{"created":{self.new},"changed":{self.changed}}}'
        return f'{{"created":{self.new},"ignored":{self.count - self.new}}}'

    def _check(self, row: Row, *, fits: bool) -> Problem | None:
        problem = super()._check(row, fits=fits)
        if not problem and (nested := self._nested.intersection(row.value)):
            faults = [Fault(pointer(n), _WITHOUT_ROWS) for n in sorted(nested)]
            problem = Problem("invalid-content", INVALID_BODY, tuple(faults))
        if problem or not self._resolution.merges or not self._finds(row.value):
            return problem
        given = set(row.value).difference(self._resolution.target)
        faults = [Fault(pointer(n), _KEPT) for n in sorted(given - self._resolution.columns)]
        return Problem("invalid-content", INVALID_BODY, tuple(faults)) if faults else None

    def _finds(self, names: Any) -> bool:
        """Return whether a row with these fields can be there: it has the whole key."""
        return set(names).issuperset(self._resolution.target)

    async def _run(self, names: frozenset[str] | Shape, texts: list[str]) -> None:
        assert isinstance(names, frozenset)
        if not self._finds(names):
            await super()._run(names, texts)
            self.new += len(texts)
            return None
        for _ in range(_ATTEMPTS - 1):
            try:
                return await self._merge(names, texts)
            except (UniqueViolationError, DeadlockDetectedError):
                # Another transaction has inserted some of them meanwhile: now they are there.
                await asyncio.sleep(0)
        return await self._merge(names, texts)

    async def _merge(self, names: frozenset[str], texts: list[str]) -> None:
        wanted = self._resolution
        sql = upserts.upsert(
            self._operation,
            names,
            wanted.target,
            merges=wanted.merges,
            returning=self._spool is not None,
        )
        async with self._connection.transaction():
            try:
                rows = await self._connection.fetch(sql, f"[{','.join(texts)}]")
            except CardinalityViolationError as error:
                raise ProblemError(_twice()) from error
            keys = {hash(row[1]) for row in rows}
            if wanted.merges and not keys.isdisjoint(self._seen):
                raise ProblemError(_twice())
            changes = bool(names.difference(wanted.target))
            if wanted.merges and changes and len(rows) < len(texts):  # a trigger has kept one
                raise ProblemError(kept_rows.unmerged(self._operation))
        if wanted.merges:
            self._seen |= keys
        new = sum(row[0] for row in rows)
        self.new += new
        self.changed += len(rows) - new
        if self._spool is not None:
            self._spool.add([row[2] for row in rows])


def _twice() -> Problem:
    return Problem("invalid-content", INVALID_BODY, (Fault("", _TWICE),))
