"""Lines in the comment of a view that are no text for readers, but say what the API asks for.

`If-Match: required` makes PATCH and DELETE of a row ask for that header field.
"""

_MATCH = "If-Match:"
REQUIRED = "required"


def read(comment: str | None) -> tuple[str | None, str | None]:
    """Split a comment into its text and what its line `If-Match: …` says, None without one."""
    lines = (comment or "").splitlines()
    said = [line.removeprefix(_MATCH).strip() for line in lines if line.startswith(_MATCH)]
    if not said:
        return comment, None
    text = "\n".join(line for line in lines if not line.startswith(_MATCH)).strip()
    return text or None, said[-1]
