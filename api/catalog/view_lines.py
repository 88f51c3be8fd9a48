"""Lines in the comment of a view that are no text for readers, but say what the API asks for.

`If-Match: required` makes PATCH and DELETE of a row ask for that header field, and PUT where it
replaces one; `Idempotency-Key: required` each POST, PATCH and DELETE.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

MATCH, KEY = "If-Match", "Idempotency-Key"
REQUIRED = "required"


@dataclass(frozen=True, slots=True)
class ViewLines:
    """What such lines say, by the name of the header field."""

    said: Mapping[str, str] = field(default_factory=dict)

    def require(self, name: str) -> bool:
        """Return whether writes need a header field."""
        return self.said.get(name) == REQUIRED


def read(comment: str | None) -> tuple[str | None, ViewLines]:
    """Split a comment into its text and what its lines say."""
    others, said = [], {}
    for line in (comment or "").splitlines():
        name, colon, value = line.partition(":")
        if colon and name in (MATCH, KEY):
            said[name] = value.strip()
        else:
            others.append(line)
    text = "\n".join(others).strip() or None
    return (text if said else comment), ViewLines(said)
