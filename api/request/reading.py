"""What is recorded of a read: the record that its path names, and by which filters it asked.

The values of filters are not recorded: they may name a person.
"""

from collections.abc import Iterable, Sequence
from functools import cached_property
from urllib.parse import quote, unquote

from api.document.parameters import AS_OF, filters
from api.operations.operation import Operation
from api.problem import ProblemError
from api.request.input import Input
from api.request.query_string import parameters

_SERVED = (200, 304)  # then the keys of the path were values of their types
_LONGEST = 500  # characters of a record's name: an entry of an index has at most 2,700 bytes


class Reading:
    """The reads of one path. `operation`: their operation's id."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        """Take the same operation as each role has it; the rest is prepared at the first read."""
        self._operations = tuple(operations)
        self.operation = self._operations[0].id

    @cached_property
    def _path(self) -> Input:
        return Input(self._operations[0], {})

    @cached_property
    def _places(self) -> list[int]:
        """Of keys, counted from the end: a proxy's prefix may stand before the path."""
        steps = self._operations[0].path.strip("/").split("/")
        return [n - len(steps) for n, step in enumerate(steps) if step.startswith("{")]

    @cached_property
    def _are_uuids(self) -> list[bool]:
        first = self._operations[0]
        key, names = first.relation, first.parameters
        if first.parents and not names:
            key, names = first.parents[-1].relation, first.parents[-1].parameters
        columns = [key.column(name) for name in key.key[: len(names)]]
        return [column.type.base.sql == "uuid" for column in columns]

    @cached_property
    def _filters(self) -> frozenset[str]:
        """The names of all filters that a role has; made at the first query string."""
        first = self._operations[0]
        names = {filter_.name for each in self._operations for filter_ in filters(each)}
        has_times = first.kind.by_key and first.relation.has_history
        return frozenset(names | {AS_OF} if has_times else names)

    def record(self, path: str, status: int) -> str:
        """Name the record whose key stands last in the path; empty where there is none.

        Of a composite key it has the values with commas between them, and %2C for a comma in one.
        What is no key is not recorded, because it may be anything. `path`: as it was sent.
        """
        if not self._places:
            return ""
        steps = path.rstrip("/").split("/")
        if status not in _SERVED and not self._are_keys(steps):
            return ""
        last = steps[self._places[-1]]
        if len(self._are_uuids) == 1:
            name = _written(last, is_uuid=self._are_uuids[0])
        else:
            parts = zip(last.split(","), self._are_uuids, strict=True)
            texts = [_written(part, is_uuid=uuid) for part, uuid in parts]
            name = ",".join(text.replace("%", "%25").replace(",", "%2C") for text in texts)
        return (name if name.isprintable() else quote(name))[:_LONGEST]

    def names(self, query: str) -> tuple[str, ...]:
        """Return the names of the filters in a query string."""
        if not query:
            return ()
        try:
            given = {name for name, _ in parameters(query)}
        except ProblemError:
            return ()
        return tuple(sorted(given & self._filters))

    def _are_keys(self, steps: Sequence[str]) -> bool:
        try:
            self._path.keys(steps[place] for place in self._places)
        except ProblemError:
            return False
        return True


def _written(part: str, *, is_uuid: bool) -> str:
    """Write a key in one way: clients may write it in several."""
    text = unquote(part) if "%" in part else part
    return text.lower() if is_uuid else text
