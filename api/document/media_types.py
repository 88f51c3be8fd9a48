"""The media types that bodies and answers can have."""

JSON = "application/json"
NDJSON = "application/x-ndjson"
CSV = "text/csv"
CSV_FOR_SPREADSHEETS = "text/csv; formulas=escaped"

# What rows can be had as, in the order in which whoever takes several gets one, and what each is.
STREAMED = {
    NDJSON: "All rows, one JSON object a line.",
    CSV: "All rows, with a header (RFC 4180; lines end in LF). Cells are as JSON has them, arrays and objects as JSON "
    'text; an empty cell is null, and `""` the empty text.',
    CSV_FOR_SPREADSHEETS: "The same, but a text that a spreadsheet would take for a formula, as it begins with `=`, `+`"
    ", `-`, `@`, a tab or a line break, has a `'` before it.",
}
ROWS = (JSON, *STREAMED)
# What rows can be sent as.
SENT = (JSON, NDJSON, CSV)
