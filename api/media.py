"""The media types of bodies and answers, and which of several a client wants (RFC 9110, section 12.5.1)."""

from collections.abc import Sequence

from sanic.headers import MediaType, parse_accept

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


def among(names: Sequence[str]) -> str:
    """Say which media types there are to choose from."""
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last


def chosen(accept: str, offered: Sequence[str] = (JSON,)) -> str | None:
    """Choose what an `Accept` wants most of what is offered, the first of equals; None where it wants none of it.

    Raises Sanic's InvalidHeader.
    """
    accept = accept.lower()
    if accept in ("", "*/*", JSON):
        return offered[0]
    ranges = parse_accept(accept)
    wanted = {media: max((_rank(one, media) for one in ranges), default=(False, 0, 0.0))[2] for media in offered}
    best = max(offered, key=lambda media: wanted[media])
    return best if wanted[best] > 0 else None


def _rank(one: MediaType, media: str) -> tuple[bool, int, float]:
    """Tell how exactly a range means a media type, and how much it wants it: the most exact one decides."""
    mime, _, parameter = media.partition("; ")
    formulas = one.params.get("formulas")
    if not one.match(MediaType(*mime.split("/"))) or (formulas and f"formulas={formulas}" != parameter):
        return False, 0, 0.0
    return True, (one.type != "*") + (one.subtype != "*") + bool(formulas), one.q
