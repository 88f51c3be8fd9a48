"""What becomes of rows that are there already, when many are sent: `Prefer: resolution=…`.

The words are PostgREST's; `on_conflict` in the query string names the unique key.
"""

from collections.abc import Collection
from dataclasses import dataclass

from sanic.compat import Header

from api.operations.operation import Operation
from api.operations.unique_keys import merged, unique_keys
from api.problem import Fault, Problem, ProblemError, header_fault, pointer
from api.request.preferences import PREFER, stated
from api.request.query_string import invalid, parameters, refuse_parameters

RESOLUTION = "resolution"
MERGE, IGNORE = "merge-duplicates", "ignore-duplicates"
ON_CONFLICT = "on_conflict"
_DETAIL = "A header field does not fit; `errors` says where and why."
_UNKNOWN, _UNRESOLVED = (
    Problem("invalid-header", _DETAIL, (header_fault(PREFER, sentence),))
    for sentence in (
        f"must be {RESOLUTION}={MERGE} or {RESOLUTION}={IGNORE}",
        "no unique key of these rows can be given, so none can be there already",
    )
)


@dataclass(frozen=True, slots=True)
class Resolution:
    """How rows with the unique key `target` are resolved: merged, or ignored.

    `columns`: those that a merge may change.
    """

    target: tuple[str, ...]
    merges: bool
    columns: frozenset[str]

    @property
    def preference(self) -> str:
        """The preference as it is applied."""
        return f"{RESOLUTION}={MERGE if self.merges else IGNORE}"


class Resolutions:
    """The resolutions that a create offers, compiled once."""

    def __init__(self, operation: Operation) -> None:
        """Find the unique keys."""
        self._targets = {target_text(names): names for names in unique_keys(operation)}
        self._default = operation.relation.key
        self._columns = merged(operation)

    def of(self, headers: Header, query: str) -> Resolution | None:
        """Return what a request asks for; None where a row that is there is a conflict.

        Raises ProblemError `invalid-header` or `invalid-query`.
        """
        found = stated(headers, RESOLUTION)
        if found is None:
            self._refuse(query)
            return None
        if not self._targets:
            raise ProblemError(_UNRESOLVED)
        if found not in (MERGE, IGNORE):
            raise ProblemError(_UNKNOWN)
        return Resolution(self._target(query), found == MERGE, self._columns)

    def _refuse(self, query: str) -> None:
        """Refuse all parameters where no resolution is asked for."""
        if self._targets and any(name == ON_CONFLICT for name, _ in parameters(query)):
            sentence = f"means nothing without `Prefer: {RESOLUTION}=…`"
            raise invalid([Fault(pointer(ON_CONFLICT), sentence)])
        refuse_parameters(query)

    def _target(self, query: str) -> tuple[str, ...]:
        given = parameters(query)
        sentence = "is not a parameter of this operation"
        faults = [Fault(pointer(name), sentence) for name, _ in given if name != ON_CONFLICT]
        texts = [text for name, text in given if name == ON_CONFLICT]
        if len(texts) > 1:
            faults.append(Fault(pointer(ON_CONFLICT), "is given twice"))
        if not texts and self._default not in self._targets.values():
            faults.append(Fault(pointer(ON_CONFLICT), f"is missing; it must be {self._choice()}"))
        if texts and texts[0] not in self._targets:
            faults.append(Fault(pointer(ON_CONFLICT), f"must be {self._choice()}"))
        if faults:
            raise invalid(faults)
        return self._targets[texts[0]] if texts else self._default

    def _choice(self) -> str:
        return " or ".join(self._targets)


def target_text(names: Collection[str]) -> str:
    """Write a unique key as `on_conflict` names it."""
    return ",".join(names)
