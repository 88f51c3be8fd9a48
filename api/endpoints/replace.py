"""PUT of one row, by a key that the client has chosen."""

import json
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any

from asyncpg import PostgresError, UniqueViolationError
from sanic import HTTPResponse

from api.catalog.view_lines import KEY, MATCH
from api.database import kept_rows
from api.document.media_types import JSON
from api.endpoints.endpoint import Endpoint
from api.endpoints.location import Location
from api.endpoints.service import Service
from api.endpoints.tagged import entity_tag
from api.identity import Identity
from api.operations.operation import Operation
from api.problem import INVALID_BODY, Fault, Problem, ProblemError, pointer
from api.request import preconditions, repeats
from api.request.incoming import Incoming
from api.request.json_text import parse
from api.request.media_types import body_media_type
from api.request.preconditions import Replacement
from api.request.query_string import refuse_parameters
from api.request.rows import cell_type, read_cell
from api.sql import request_faults, upserts

_DIFFERS = "differs from the key in the path"


class Replace(Endpoint):
    """Creates the row with the path's key, or replaces the one that is there."""

    def __init__(self, operation: Operation, service: Service) -> None:
        """Prepare to read bodies of at most BODY_LIMIT bytes."""
        super().__init__(operation, service)
        relation = operation.relation
        self._body = service.body
        self._location = Location(operation).header
        self._key = {name: cell_type(relation.column(name).type) for name in relation.key}
        self._required = relation.lines.require(MATCH)

    async def answer(self, request: Incoming, segments: Collection[str]) -> HTTPResponse:
        """Answer with the row; 201 and its path if it is new."""
        keys = self._input.keys(segments)
        request.accepted((JSON,))
        body_media_type(request.headers, (JSON,))
        if KEY in request.headers:
            repeats.key(request.headers, kept=False)
        may = preconditions.of_replace(request.headers, required=self._required)
        content = await self._body.read(request)
        refuse_parameters(request.query_string)
        text, value = parse(content)
        names = await self._checked(value, keys, request.identity)
        row = await self._write(text, names, keys, may, request.identity)
        shown = row[0].encode()
        headers = {"etag": entity_tag(shown)}
        if not row[2]:
            return HTTPResponse(shown, content_type=JSON, headers=headers)
        headers |= self._location(request.prefix, row[1])
        return HTTPResponse(shown, status=201, content_type=JSON, headers=headers)

    async def _checked(self, value: Any, keys: Sequence[str], identity: Identity) -> frozenset[str]:
        """Check a body together with the path's key; return the names of the other fields.

        Raises ProblemError `malformed-json` or `invalid-content`.
        """
        if not isinstance(value, dict):
            return self._input.names(value)
        texts = zip(keys, self._key.items(), strict=True)
        path = {name: read_cell(text, type_)[1] for text, (name, type_) in texts}
        # What the path's key must not be has the sentence that a body's field has.
        names = self._input.names(path | value)
        sent = {name: value.get(name, key) for name, key in path.items()}
        if sent != path:
            await self._check_key(sent, keys, identity)
            self._input.names(value | path)
        return names.difference(path)

    async def _check_key(
        self, sent: Mapping[str, Any], keys: Sequence[str], identity: Identity
    ) -> None:
        """Check that the key in a body is the path's, perhaps in other letters.

        Raises ProblemError `invalid-content`.
        """
        sql = request_faults.differing_key(self.operation)
        texts = [_text(value) for value in sent.values()]
        (number,) = await self._row(sql, [*keys, *texts], identity, keys)
        if number is not None:
            fault = Fault(pointer([*sent][number]), _DIFFERS)
            raise ProblemError(Problem("invalid-content", INVALID_BODY, (fault,)))

    async def _write(
        self,
        text: str,
        names: frozenset[str],
        keys: Sequence[str],
        may: Replacement,
        identity: Identity,
    ) -> Any:
        conditional = may.tags is not None
        sql = upserts.replace(
            self.operation,
            names,
            inserts=may.inserts,
            replaces=may.replaces,
            conditional=conditional,
        )
        values: list[Any] = [*keys, text] if names else [*keys]
        values += [may.tags] if conditional else []
        try:
            row = await self._twice(sql, values, identity)
        except PostgresError as error:
            problem = await self._problem(error, identity, keys, fields=names)
            raise ProblemError(problem) from error
        if row is None:
            raise ProblemError(await self._unwritten(keys, may, identity))
        return row

    async def _twice(self, sql: str, values: Sequence[Any], identity: Identity) -> Any:
        """Run a statement; once more if another one has inserted the key meanwhile."""
        run = self._service.connections.run
        try:
            return await run(sql, values, identity, write=True)
        except UniqueViolationError:
            return await run(sql, values, identity, write=True)

    async def _unwritten(
        self, keys: Sequence[str], may: Replacement, identity: Identity
    ) -> Problem:
        """Find out why neither a new row nor a changed one came back.

        Raises ProblemError where the database can't tell.
        """
        conditional = may.tags is not None
        make = request_faults.row_matches if conditional else request_faults.row_exists
        values = [*keys, may.tags] if conditional else keys
        found = await self._row(make(self.operation), values, identity, keys)
        is_there = found is not None and (conditional or found[0])
        if not may.inserts and not is_there:
            return preconditions.NO_ROW
        if conditional and not found[0]:
            return preconditions.FAILED
        triggers = self.operation.relation.row_triggers
        if not may.replaces and (is_there or "insert" not in triggers):
            return may.there
        if not is_there:
            return kept_rows.left_out(self.operation)
        # Without a trigger, another statement came between.
        return kept_rows.kept(self.operation) if "update" in triggers else preconditions.FAILED


def _text(value: Any) -> str:
    """Write a field's value as a path has it."""
    if isinstance(value, str):
        return value
    if isinstance(value, Decimal):
        return format(value, "f")
    return json.dumps(value)
