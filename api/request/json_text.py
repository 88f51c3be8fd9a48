"""JSON text → its value, more strictly than Python: no duplicate keys, no NaN, no Infinity."""

import json
from decimal import Decimal, InvalidOperation
from typing import Any

from api.problem import Problem, ProblemError

TOO_DEEP = "The body is nested too deeply."
_MOST_DIGITS = 400
_HUGE = 10**_MOST_DIGITS


class _MalformedError(Exception):
    """Text that Python's parser accepts, but JSON does not; the exception's text is a sentence."""


def parse(content: bytes, what: str = "body") -> tuple[str, Any]:
    """Decode JSON; return its text and its value. `what`: the word for it in fault sentences.

    Raises ProblemError `malformed-json`.
    """
    try:
        text = content.decode()
        return text, decoder.decode(text)
    except RecursionError:
        sentence = TOO_DEEP
    except UnicodeDecodeError:
        sentence = "The body is not UTF-8."
    except json.JSONDecodeError as error:
        sentence = f"The body is not well-formed JSON at line {error.lineno}, column {error.colno}."
    except _MalformedError as error:
        sentence = str(error)
    raise ProblemError(Problem("malformed-json", sentence.replace("body", what)))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        message = "An object in the body has the same key twice."
        raise _MalformedError(message)
    return value


def _constant(name: str) -> None:
    message = f"{name} is not JSON."
    raise _MalformedError(message)


def _integer(text: str) -> int:
    # Python refuses to read more than 4,300 digits, and no column holds so many.
    huge = -_HUGE if text.startswith("-") else _HUGE
    return int(text) if len(text) < _MOST_DIGITS else huge


def _fraction(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:  # an exponent that no column holds either
        return Decimal(float(text))


decoder = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_constant=_constant,
    parse_int=_integer,
    parse_float=_fraction,
)
