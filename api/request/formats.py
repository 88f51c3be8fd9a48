"""The parameter `format`: the form of the answer, for a link, which has no `Accept`."""

from collections.abc import Mapping

from api.catalog.relations import listed
from api.operations.filters import FORMAT
from api.problem import Fault, pointer


def chosen(given: Mapping[str, str], formats: Mapping[str, str], faults: list[Fault]) -> str:
    """Return the media type that a query string asks for; empty where it does not say.

    `given`: its parameters; `formats`: the media types of the answer, by what they are called. Adds
    a fault for any other format.
    """
    if FORMAT not in given:
        return ""
    if given[FORMAT] not in formats:
        faults.append(Fault(pointer(FORMAT), f"must be {listed([*formats], 'or')}"))
    return formats.get(given[FORMAT], "")
