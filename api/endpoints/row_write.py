"""The base of PATCH and DELETE: a write to one row, if it has one of the tags in `If-Match`."""

from collections.abc import Collection, Sequence
from typing import Any

from sanic.compat import Header

from api.catalog.view_lines import MATCH
from api.database import kept_rows, sqlstate
from api.endpoints.write import Write
from api.identity import Identity
from api.problem import ProblemError
from api.request import preconditions
from api.request.repeats import Repeat
from api.sql import kept_answers, request_faults, statements

Tags = Sequence[str] | None
"""The tags of which a row must have one to be written; None where there is no such condition."""


class RowWrite(Write):
    """Changes or deletes one row by its key."""

    def _tags(self, headers: Header) -> Tags:
        """Return the tags of `If-Match`; raises what `preconditions.of_write` does."""
        required = self.operation.relation.lines.require(MATCH)
        return preconditions.of_write(headers, required=required)

    async def _write(  # noqa: PLR0913 - the last two are PATCH's
        self,
        sql: str,
        identity: Identity,
        keys: Sequence[str],
        tags: Tags,
        *,
        content: Sequence[str] = (),
        repeat: Repeat | None = None,
        fields: Collection[str] = (),
    ) -> tuple[Any, bool]:
        """Run the statement of a write; return its result, None if a trigger let the row go.

        And whether it is of an answer that was kept before, to the same request: `repeat`.
        `fields`: those of the body, `content`. Raises ProblemError.
        """
        values = [*keys, *content, *(() if tags is None else (tags,))]
        values += repeat.values if repeat else ()
        try:
            row = await self._row(sql, values, identity, keys, write=True, fields=fields)
            result = await self._result(row, identity, keys, tags)
            if result is None and repeat:  # the statement has returned nothing to keep
                await self._row(
                    kept_answers.KEEP, (*repeat.values, None), identity, keys, write=True
                )
        except ProblemError as error:
            if repeat is None:
                raise
            return (await self._kept(repeat, identity, error)).body, True
        return result, False

    async def _result(self, row: Any, identity: Identity, keys: Sequence[str], tags: Tags) -> Any:
        """Return the result in a statement's row, None if a trigger let the row go.

        Raises ProblemError.
        """
        if row is not None and row[0] is not None:
            return row[0]
        if tags is None:
            await self._check_gone(identity, keys, was_there=row is not None and row[1])
        else:
            await self._check_tag(identity, keys, tags, matched=row[1])
        return None

    async def _check_gone(
        self, identity: Identity, keys: Sequence[str], *, was_there: bool
    ) -> None:
        """Check that a trigger let a row go, which the statement did not write itself.

        Raises ProblemError: `not-found` if there was no such row, and that of `kept_rows` if it is
        still there.
        """
        if not was_there:
            raise ProblemError(sqlstate.missing(self.operation))
        sql = request_faults.row_exists(self.operation)
        (is_there,) = await self._row(sql, keys, identity, keys)
        if is_there:
            raise ProblemError(kept_rows.kept(self.operation))

    async def _check_tag(
        self, identity: Identity, keys: Sequence[str], tags: Sequence[str], *, matched: bool | None
    ) -> None:
        """Find out why a conditional statement did not write the row.

        `matched`: whether the row had one of the tags when the statement began; None where there
        was no row. If it had, then it was changed before the statement could lock it, or a trigger
        or a policy kept it. Raises ProblemError.
        """
        if matched is None:
            raise ProblemError(sqlstate.missing(self.operation))
        if not matched:
            raise ProblemError(preconditions.FAILED)
        sql = request_faults.row_matches(self.operation)
        now = await self._row(sql, [*keys, tags], identity, keys)
        if now is not None and not now[0]:
            raise ProblemError(preconditions.FAILED)
        if not statements.is_watched(self.operation):
            raise ProblemError(sqlstate.missing(self.operation))
        if now is not None:
            raise ProblemError(kept_rows.kept(self.operation))
