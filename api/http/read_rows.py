"""Reads as they are noted → the rows that are written of them.

What one caller reads several times, before it is written, is one row: so a client that asks for the
same again and again does not fill the database.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, groupby, islice
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import uuid4

from api.identity import Identity
from api.request.reading import Reading

FIELDS = 7  # of a read that is noted: see `ReadLog.noted`
_ROWS = 1_000  # of a statement
_REPEATS = 100  # requests of a row
_URN = len("urn:uuid:")


class Row(NamedTuple):
    """A row. `filters`: their names; `line`: its part of RECORD_READS; `reads`: how many it is."""

    identity: Identity
    operation: str
    filters: str
    status: int
    line: str
    reads: int


@dataclass(slots=True, eq=False)
class _Group:
    """Reads that differ in nothing but time and path.

    `requests`: by path, the time of the first one, and the ids of all; `full`: more of these, which
    take no more ids.
    """

    identity: Identity
    reading: Reading
    query: bytes | None
    status: int
    requests: dict[bytes, list[str]] = field(default_factory=dict)
    full: list[tuple[bytes, list[str]]] = field(default_factory=list)

    def add(self, path: bytes, when: float, request: str) -> None:
        found = self.requests.get(path)
        if found and len(found) <= _REPEATS:
            found.append(request)
            return
        if found:
            self.full.append((path, found))
        self.requests[path] = [f"{when:.6f}", request]

    def rows(self) -> Iterator[Row]:
        operation, query = self.reading.operation, (self.query or b"").decode()
        filters = ",".join(self.reading.names(query))
        for path, (when, request, *repeats) in chain(self.full, self.requests.items()):
            record = self.reading.record(path.decode(), self.status)
            line = f"{when}\t{request}\t{','.join(repeats)}\t{record}"
            yield Row(self.identity, operation, filters, self.status, line, 1 + len(repeats))


class ReadRows:
    """Gathers reads."""

    def __init__(self, origin: float) -> None:
        """Begin; `origin`: what is added to a read's time, so that it is seconds since 1970."""
        self._origin = origin
        self._groups: dict[object, _Group] = {}

    def add(self, noted: Sequence[Any]) -> None:
        """Add reads, as `ReadLog.noted` has them."""
        origin, groups = self._origin, self._groups
        for began, identity, reading, path, query, status, instance in zip(
            *[iter(noted)] * FIELDS, strict=True
        ):
            # A token's identity is one object, and the group keeps it.
            key = (id(identity), reading, query, status)
            group = groups.get(key)
            if group is None:
                group = groups[key] = _Group(identity, reading, query, status)
            # Without an access log nothing else has the id of a request that was answered.
            group.add(path, origin + began, instance[_URN:] or str(uuid4()))

    def statements(self) -> Iterator[list[Row]]:
        """Yield the rows of each statement that is to be run."""
        rows = (row for group in self._groups.values() for row in group.rows())
        while several := list(islice(rows, _ROWS)):
            yield several


def columns(rows: Iterable[Row]) -> list[Sequence[Any]]:
    """Return the values of RECORD_READS: what neighbours have in common is sent once."""
    shared, lines = [], []
    for (identity, *what), same in groupby(rows, key=itemgetter(0, 1, 2, 3)):
        shared.append((identity.tenant, identity.actor, identity.role, *what))
        lines.append("\n".join(row.line for row in same))
    return [*zip(*shared, strict=True), lines]
