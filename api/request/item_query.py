"""An item's query string: in which form it is wanted, and for which time."""

from collections.abc import Mapping
from dataclasses import dataclass

from api.document.fast_path import Value
from api.document.parameters import AS_OF, TIME
from api.operations.filters import FORMAT
from api.operations.operation import Operation
from api.problem import Fault, pointer
from api.request import as_of
from api.request.formats import chosen
from api.request.query import PLUS
from api.request.query_string import invalid, parameters, unknown

_TIME = Value(TIME)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a query string asks for.

    `media`: a media type, or empty where `Accept` decides; `time`: or empty for the present.
    """

    media: str = ""
    time: str = ""


NOTHING = Asked()


class ItemQuery:
    """The parameters of one item."""

    def __init__(self, operation: Operation, formats: Mapping[str, str]) -> None:
        """Compile them; `formats`: the media types of the answer, by what they are called."""
        self._formats = formats
        self._names = [AS_OF, FORMAT] if operation.relation.has_history else [FORMAT]

    def read(self, query: str) -> Asked:
        """Read a query string.

        Raises ProblemError `invalid-query`, with all faults.
        """
        faults, given = list[Fault](), dict[str, str]()
        for name, text in parameters(query):
            if name not in self._names:
                faults.append(unknown(name, self._names))
            elif name in given:
                faults.append(Fault(pointer(name), "is given twice"))
            else:
                given[name] = text
        media = chosen(given, self._formats, faults)
        time = given.get(AS_OF, "")
        if AS_OF in given and not _TIME.accepts(time):
            is_escaped = not _TIME.accepts(time.replace(" ", "+"))
            faults.append(Fault(pointer(AS_OF), as_of.SENTENCE + ("" if is_escaped else PLUS)))
        if faults:
            raise invalid(faults)
        return Asked(media, time)
