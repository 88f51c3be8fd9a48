"""The base of all writes: with an `Idempotency-Key`, one that is sent again is done once."""

from collections.abc import Sequence
from typing import NamedTuple

from asyncpg import PostgresError

from api.catalog.view_lines import KEY
from api.database import sqlstate
from api.document import parameters
from api.endpoints.endpoint import Endpoint
from api.endpoints.service import Service
from api.identity import Identity
from api.operations.operation import Operation
from api.problem import ProblemError
from api.request import repeats
from api.request.incoming import Incoming
from api.request.repeats import Repeat
from api.sql import kept_answers

# After these it is not known whether the answer is kept, or the database can't tell.
_UNANSWERED = ("unavailable", "outcome-unknown")


class Kept(NamedTuple):
    """An answer that is kept. `location`: the new row's key, a JSON array of texts, or None."""

    fingerprint: str
    body: str | None
    location: str | None


class Write(Endpoint):
    """Changes rows."""

    def __init__(self, operation: Operation, service: Service) -> None:
        """Find out whether a key is required."""
        super().__init__(operation, service)
        self._needs_key = parameters.needs_key(operation)

    def _repeat(
        self,
        request: Incoming,
        keys: Sequence[str],
        media: str | None = None,
        tags: Sequence[str] | None = None,
    ) -> Repeat | None:
        """Return the request as one that may be sent again, None where it has no key.

        Raises ProblemError `precondition-required` where it needs one, and what `repeats.key` does.
        """
        if KEY not in request.headers:
            if self._needs_key:
                raise ProblemError(repeats.REQUIRED)
            return None
        operation = self.operation
        key = repeats.key(request.headers, kept=operation.keeps_answers)
        return Repeat(key, operation.id, request.identity.role, [*keys], media, tags)

    async def _kept(self, repeat: Repeat, identity: Identity, error: ProblemError) -> Kept:
        """Return the answer to a request that failed because it had been done before.

        Another request with the key may have been done while this one waited for it. Raises the
        error where no answer is kept, and ProblemError `key-reused`.
        """
        if error.problem.kind in _UNANSWERED:
            raise error
        try:
            row = await self._service.connections.run(kept_answers.FIND, (repeat.key,), identity)
        except PostgresError as failure:
            raise ProblemError(self._plain_problem(failure)) from failure
        if row is None:
            # What the primary key of the answers refuses is not about the client's content.
            cause = error.__cause__
            table = getattr(cause, "schema_name", None), getattr(cause, "table_name", None)
            raise ProblemError(sqlstate.UNAVAILABLE) if table == kept_answers.TABLE else error
        repeat.check(row[0])
        return Kept(*row)
