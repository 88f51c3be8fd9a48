"""The media types of bodies and answers."""

from collections.abc import Mapping
from dataclasses import dataclass

from api.operations.operation import Operation

JSON = "application/json"
NDJSON = "application/x-ndjson"
CSV = "text/csv"
HTML = "text/html"
CSV_FOR_SPREADSHEETS = "text/csv; formulas=escaped"

# The media types that rows are streamed in, in order of preference, each with its description.
STREAMED = {
    NDJSON: "All rows, one JSON object a line.",
    CSV: "All rows, with a header (RFC 4180; lines end in LF). Cells are written as in JSON, "
    'arrays and objects as JSON text; an empty cell is null, and `""` is the empty string.',
    CSV_FOR_SPREADSHEETS: "The same, but with a `'` before each text that begins with `=`, `+`, "
    "`-`, `@`, a tab or a line break: a spreadsheet would read it as a formula.",
}
ROWS = (JSON, *STREAMED)  # of answers with many rows
SENT = (JSON, NDJSON, CSV)  # of bodies that create rows
_FORMATS = {"json": JSON, "ndjson": NDJSON, "csv": CSV}


def formats(operation: Operation) -> Mapping[str, str]:
    """Return the names of the usual media types of an answer, as the parameter `format` has them.

    They are nothing of an operation that does not read.
    """
    if not operation.kind.safe:
        return {}
    return _FORMATS if operation.kind.many_rows else {"json": JSON}


@dataclass(frozen=True, slots=True)
class Form:
    """A form of an answer beside JSON, CSV and NDJSON.

    `name`: what the parameter `format` calls it; `description`: a sentence for the document.
    """

    name: str
    media_type: str
    description: str
