"""The media types of bodies and answers."""

JSON = "application/json"
NDJSON = "application/x-ndjson"
CSV = "text/csv"
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
