"""Requests → input, or a `Problem` with every fault and where it is. The document's own schemas are the validators."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote_to_bytes

from jsonschema.exceptions import ValidationError

from api import components, dialect, openapi, sqlstate
from api.dialect import UNSTORABLE, Value
from api.operations import Operation
from api.problem import Fault, Problem, ProblemError, pointer

_MOST_DIGITS = 400
_HUGE = 10**_MOST_DIGITS
_TOO_DEEP = "The body is nested too deeply."


class Input:
    """The validators of one operation's path and body, compiled once."""

    def __init__(self, operation: Operation, document: Mapping[str, Any]) -> None:
        """Compile them."""
        self._operation = operation
        self._keys = [Value(components.parameter(column)) for _, column in operation.keys]
        if operation.method in ("POST", "PATCH"):
            self._body = dialect.validator(document["components"]["schemas"][openapi.body_name(operation)])

    def keys(self, segments: Iterable[str]) -> list[str]:
        """Read the path's keys: a segment has a key's columns with commas between them.

        Raises ProblemError `not-found` for what no row's key can be, just as for what none is.
        """
        found: list[str] = []
        operation, values = self._operation, iter(self._keys)
        steps = [*((p.parameters, number) for number, p in enumerate(operation.parents)), (operation.parameters, None)]
        for segment, (parameters, position) in zip(segments, steps, strict=False):
            parts = segment.split(",") if len(parameters) > 1 else [segment]
            try:
                texts = [unquote_to_bytes(part).decode() for part in parts]
            except UnicodeDecodeError:
                texts = []
            if len(texts) != len(parameters) or not all(next(values).accepts(text) for text in texts):
                raise ProblemError(sqlstate.missing(operation, position))
            found += texts
        return found

    def body(self, content: bytes) -> tuple[str, frozenset[str]]:
        """Read a body: its JSON text and the names in it.

        Raises ProblemError `malformed-json` or `invalid-content`.
        """
        text, value = _parsed(content)
        try:
            faults = {Fault(pointer(*e.absolute_path), self._sentence(e)) for e in self._body.iter_errors(value)}
            faults |= set(_unstorable(value, ()))
        except RecursionError:  # what reads JSON may go deeper than Python does
            raise ProblemError(Problem("malformed-json", _TOO_DEEP)) from None
        if faults:
            errors = tuple(sorted(faults, key=lambda fault: (fault.pointer, fault.detail)))
            sentence = "The body does not fit; `errors` says where and why."
            raise ProblemError(Problem("invalid-content", sentence, errors))
        return text, frozenset(value)

    def _sentence(self, error: ValidationError) -> str:
        """Say what is wrong: the constraint's own sentence where one made the keyword. Never the value."""
        keyword = str(error.validator)
        if keyword == "additionalProperties" and error.absolute_path[-1] in self._operation.fixed:
            return "is given by the path"
        schema = error.schema if isinstance(error.schema, Mapping) else {}
        sentence: str | None = schema.get("x-sentences", {}).get(keyword)
        return sentence or dialect.sentence(keyword, error.validator_value)


class _MalformedError(Exception):
    """The body is JSON to Python's parser and not to us; the text is a sentence."""


def _parsed(content: bytes) -> tuple[str, Any]:
    try:
        text = content.decode()
        return text, json.loads(text, object_pairs_hook=_object, parse_constant=_refuse, parse_int=_integer)
    except RecursionError:
        sentence = _TOO_DEEP
    except UnicodeDecodeError:
        sentence = "The body is not UTF-8."
    except json.JSONDecodeError as error:
        sentence = f"The body is not well-formed JSON at line {error.lineno}, column {error.colno}."
    except _MalformedError as error:
        sentence = str(error)
    raise ProblemError(Problem("malformed-json", sentence))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        message = "An object in the body has the same key twice."
        raise _MalformedError(message)
    return made


def _refuse(name: str) -> None:
    message = f"{name} is not JSON."
    raise _MalformedError(message)


def _integer(text: str) -> int:
    # Python refuses to read more than 4,300 digits; no column holds so many.
    huge = -_HUGE if text.startswith("-") else _HUGE
    return int(text) if len(text) < _MOST_DIGITS else huge


def _unstorable(value: Any, path: tuple[str | int, ...]) -> Iterator[Fault]:
    """Find the texts that JSON can write and Postgres can't hold."""
    if isinstance(value, str) and UNSTORABLE.search(value):
        yield Fault(pointer(*path), "has a character that can't be stored: U+0000, or half of a surrogate pair")
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from _unstorable(item, (*path, position))
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _unstorable(name, (*path, name))
            yield from _unstorable(item, (*path, name))
