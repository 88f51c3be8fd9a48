"""The most rows that a write by filters may change: `Prefer: max-affected=…` (PostgREST's word)."""

import re

from sanic.compat import Header

from api.document.parameters import MOST_AFFECTED
from api.problem import Problem, ProblemError, header_fault
from api.request.preferences import PREFER, stated

BOUND = "max-affected"
_REQUIRED = Problem(
    "precondition-required",
    f"Send `Prefer: {BOUND}=…`, the most rows that this may change: if the filters find more, it "
    "changes nothing.",
    (header_fault(PREFER, f"needs {BOUND}"),),
)
_SENTENCE = f"{BOUND} must be a whole number from 1 to {MOST_AFFECTED}"
_MALFORMED = Problem(
    "invalid-header", f"In `Prefer`, {_SENTENCE}.", (header_fault(PREFER, _SENTENCE),)
)


def bound(headers: Header) -> int:
    """Return the most rows that a request may change.

    Raises ProblemError `precondition-required` or `invalid-header`.
    """
    text = stated(headers, BOUND)
    if text is None:
        raise ProblemError(_REQUIRED)
    if not re.fullmatch("[1-9][0-9]{0,4}", text) or int(text) > MOST_AFFECTED:
        raise ProblemError(_MALFORMED)
    return int(text)


def exceeded(most: int) -> Problem:
    """Return the problem of filters that find more rows."""
    rows = "1 row" if most == 1 else f"{most} rows"
    fault = header_fault(PREFER, f"allows {rows}, and the filters find more")
    return Problem(
        "precondition-failed", f"The filters find more than {rows}: nothing was changed.", (fault,)
    )
