"""Query strings: read the parameters, refuse all parameters, write the next page's."""

import re
from collections.abc import Sequence
from urllib.parse import parse_qsl, quote, unquote_plus

from api.operations.filters import FORMAT
from api.problem import Fault, Problem, ProblemError, pointer

MAX_PARAMETERS = 50

# Clients may send these unescaped, but a URI cannot hold them: they would end a `Link`.
_NOT_IN_URI = re.compile('[<>"]')


def parameters(query: str) -> list[tuple[str, str]]:
    """Split a query string into names and values.

    Raises ProblemError `invalid-query`.
    """
    try:
        return parse_qsl(
            query, keep_blank_values=True, errors="strict", max_num_fields=MAX_PARAMETERS
        )
    except UnicodeDecodeError:
        sentence = "The query string is not UTF-8."
    except ValueError:
        sentence = "The query string has too many parameters."
    raise ProblemError(Problem("invalid-query", sentence))


def refuse_parameters(query: str) -> None:
    """Refuse any parameter, for operations that have none.

    Raises ProblemError `invalid-query`.
    """
    if query:
        sentence = "is not a parameter of this operation"
        raise invalid([Fault(pointer(name), sentence) for name, _ in parameters(query)])


def unknown(name: str, offered: Sequence[str]) -> Fault:
    """Return the fault of a parameter that is none of those that an operation offers."""
    sentence = f"is not a parameter here; these are: {', '.join(offered)}"
    if tuple(offered) == (FORMAT,):
        sentence = "is not a parameter of this operation"
    return Fault(pointer(name), sentence)


def next_page(path: str, query: str, after: str) -> str:
    """Return the URI reference of the next page: this page's, with another cursor."""
    others = [
        part
        for part in query.split("&")
        if part and unquote_plus(part.partition("=")[0]) != "after"
    ]
    reference = f"{path}?{'&'.join([*others, f'after={after}'])}"
    return _NOT_IN_URI.sub(lambda match: quote(match[0]), reference)


def invalid(faults: list[Fault]) -> ProblemError:
    """Return the problem of a query string with these faults."""
    sentence = "The query string does not fit; `errors` says where and why."
    return ProblemError(Problem("invalid-query", sentence, tuple(dict.fromkeys(faults))))
