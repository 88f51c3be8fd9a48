"""Requests → input, or a `Problem` with its faults and their places. The document's own schemas are the validators."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any
from urllib.parse import unquote_to_bytes

from jsonschema.exceptions import ValidationError

from api.database import sqlstate
from api.document import fast_path, validators
from api.document.component_names import body_name
from api.document.fast_path import Value
from api.document.validators import UNSTORABLE
from api.document.values import parameter
from api.operations.operation import Operation
from api.problem import MOST_FAULTS, Fault, Problem, ProblemError, pointer
from api.request.body import UNFIT
from api.request.json_text import TOO_DEEP, parsed


class Input:
    """The validators of one operation's path and body, compiled once."""

    def __init__(self, operation: Operation, document: Mapping[str, Any]) -> None:
        """Compile them."""
        self._operation = operation
        values = iter([Value(parameter(column)) for _, column in operation.keys])
        steps = [
            *((p.parameters, number) for number, p in enumerate(operation.parents)),
            (operation.parameters, None),
        ]
        self._keys = [
            ([next(values) for _ in names], position) for names, position in steps if names
        ]
        if operation.method in ("POST", "PATCH"):
            schema = document["components"]["schemas"][body_name(operation)]
            self._fits, self._parts = fast_path.of(schema), fast_path.parts_of(schema)
            self._whole = validators.validator(
                {**schema, "properties": dict.fromkeys(schema["properties"], True)}
            )
            self._each = {
                name: validators.validator(part) for name, part in schema["properties"].items()
            }

    def keys(self, segments: Iterable[str]) -> list[str]:
        """Read the path's keys: a segment has a key's columns with commas between them.

        Raises ProblemError `not-found` for what no row's key can be, just as for what none is.
        """
        found: list[str] = []
        for segment, (values, position) in zip(segments, self._keys, strict=True):
            parts = segment.split(",") if len(values) > 1 else [segment]
            try:
                texts = (
                    [unquote_to_bytes(part).decode() for part in parts] if "%" in segment else parts
                )
            except UnicodeDecodeError:
                texts = []
            if len(texts) != len(values) or not all(map(Value.accepts, values, texts)):
                raise ProblemError(sqlstate.missing(self._operation, position))
            found += texts
        return found

    def body(self, content: bytes) -> tuple[str, frozenset[str]]:
        """Read a body: its JSON text and the names in it.

        Raises ProblemError `malformed-json` or `invalid-content`.
        """
        text, value = parsed(content)
        return text, self.names(value)

    def names(self, value: Any) -> frozenset[str]:
        """Check what a body means, and give the names in it.

        Raises ProblemError `malformed-json` or `invalid-content`.
        """
        faults = self.faults(value)
        if faults:
            raise ProblemError(Problem("invalid-content", UNFIT, faults))
        return frozenset(value)

    def faults(self, value: Any) -> tuple[Fault, ...]:
        """Say what is wrong with what a body means; of more than MOST_FAULTS, with some of it.

        Raises ProblemError `malformed-json`.
        """
        fits = self._fits(value)
        given = value.items() if isinstance(value, dict) else ()
        doubtful = [
            (name, one)
            for name, one in given
            if name not in self._parts or not self._parts[name](one)
        ]
        if fits and not doubtful:
            return ()
        try:
            faults = set(islice(self._doubts(value, doubtful, fits=fits), MOST_FAULTS))
        except RecursionError:  # what reads JSON may go deeper than Python does
            raise ProblemError(Problem("malformed-json", TOO_DEEP)) from None
        return tuple(sorted(faults, key=lambda fault: (fault.pointer, fault.detail)))

    def _doubts(
        self, value: Any, doubtful: Iterable[tuple[str, Any]], *, fits: bool
    ) -> Iterator[Fault]:
        if not fits:
            yield from map(self._fault, self._whole.iter_errors(value))
        for name, one in doubtful:
            if name in self._each:
                yield from (self._fault(error, name) for error in self._each[name].iter_errors(one))
            for text in (name, one):
                if isinstance(text, str):
                    if UNSTORABLE.search(text):
                        yield Fault(pointer(name), _UNSTORABLE)
                elif isinstance(text, (list, dict)):
                    yield from _unstorable(text, name)
        if isinstance(value, list):
            yield from _unstorable(value)

    def _fault(self, error: ValidationError, *within: str) -> Fault:
        return Fault(pointer(*within, *error.absolute_path), self._sentence(error))

    def _sentence(self, error: ValidationError) -> str:
        """Say what is wrong: the constraint's own sentence where one made the keyword. Never the value."""
        keyword = str(error.validator)
        if keyword == "additionalProperties" and error.absolute_path[-1] in self._operation.fixed:
            return "is given by the path"
        schema = error.schema if isinstance(error.schema, Mapping) else {}
        sentence: str | None = schema.get("x-sentences", {}).get(keyword)
        return sentence or validators.sentence(keyword, error.validator_value)


def _unstorable(value: Any, *within: str) -> Iterator[Fault]:
    """Find the texts in an array or an object that JSON can write and Postgres can't hold."""
    path, left = list[str | int](), [_texts(value)]
    while left:
        for step, one in left[-1]:
            if isinstance(one, (list, dict)):
                path.append(step)
                left.append(_texts(one))
                break
            if isinstance(one, str) and UNSTORABLE.search(one):
                yield Fault(pointer(*within, *path, step), _UNSTORABLE)
        else:
            left.pop()
            del path[-1:]


def _texts(value: Any) -> Iterator[tuple[str | int, Any]]:
    if isinstance(value, dict):
        return ((name, text) for name, item in value.items() for text in (name, item))
    return iter(enumerate(value))


_UNSTORABLE = "has a character that can't be stored: U+0000, or half of a surrogate pair"
