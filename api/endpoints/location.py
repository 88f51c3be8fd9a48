"""The path of a new row, for the header field `Location`."""

import json
from urllib.parse import quote

from api.operations.identifiers import in_path
from api.operations.operation import Operation

# A row whose key is one of these texts has no path of its own (RFC 3986, section 5.2.4).
NO_SEGMENTS = ("", ".", "..")


class Location:
    """Where the rows of an operation's relation are."""

    def __init__(self, operation: Operation) -> None:
        """Write the beginning of the paths."""
        self._items = f"/{quote(in_path(operation.relation.name), safe='')}/"

    def header(self, prefix: str, key: str | None) -> dict[str, str]:
        """Return the header of a new row's path; `key` is a JSON array of texts.

        A trigger that stands in for the insert may leave the key null.
        """
        parts = json.loads(key or "[null]")
        if None in parts:
            return {}
        segment = ",".join(quote(part, safe="") for part in parts)
        return {} if segment in NO_SEGMENTS else {"location": f"{prefix}{self._items}{segment}"}
