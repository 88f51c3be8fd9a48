"""A request's path and body → input, or a problem with every fault and its place.

The schemas of the OpenAPI document are the validators.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property, partial
from itertools import islice
from typing import Any
from urllib.parse import unquote_to_bytes

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from api.database import sqlstate
from api.document import columns, fast_path, validators
from api.document.component_names import body_name
from api.document.fast_path import Value
from api.document.numbers import carried, exact
from api.document.validators import UNSTORABLE, Schema
from api.document.values import beyond, parameter
from api.operations.nested_bodies import LEVELS, MOST_ROWS, rows_below
from api.operations.operation import Operation
from api.problem import INVALID_BODY, MOST_FAULTS, Fault, Problem, ProblemError, pointer
from api.request.json_text import TOO_DEEP, parse
from api.request.storable import SENTENCE, unstorable

_TOO_MANY = f"must have at most {MOST_ROWS} rows below it in all"
_TOO_DEEP = f"stands too deep: a body has rows on at most {LEVELS} levels below its own"


class Input:
    """The validators of one operation's path and body, compiled once."""

    def __init__(
        self, operation: Operation, document: Mapping[str, Any], *, nested_in: bool = False
    ) -> None:
        """Compile the validators; `document` has the body's: the OpenAPI document, or its part.

        `nested_in`: whether the body stands in that of the row above it.
        """
        self._operation = operation
        values = iter([Value(parameter(c), beyond(c.type)) for _, c in operation.keys])
        steps = [
            *((p.parameters, number) for number, p in enumerate(operation.parents)),
            (operation.parameters, None),
        ]
        self._keys = [
            ([next(values) for _ in names], position) for names, position in steps if names
        ]
        if operation.kind.body:
            self._below = {each.segment: each for each in operation.nested}
            self._document, self._nested_in = document, nested_in
            whole = columns.whole(body_name(operation), document)
            names = {*self._below, *(column.name for column in operation.body)}
            parts = whole["properties"]
            self._deeper = frozenset(parts.keys() - names)
            kept = {name: part for name, part in parts.items() if name in names}
            self._schema = schema = {**whole, "properties": kept}
            self._fits, self._parts = fast_path.of(schema), fast_path.parts_of(schema)
            self._parts |= {name: partial(self._fit_below, name) for name in self._below}
            counted = () if nested_in else self._below
            self.fits = fast_path.whole(self._fits, self._parts, counted, self._has_few_rows)
            """Whether the fast path accepts a body's value: most valid ones."""

    @cached_property
    def _inputs(self) -> dict[str, "Input"]:
        """Those of the collections whose rows a body may hold; most bodies hold none."""
        document = self._document
        return {name: Input(each, document, nested_in=True) for name, each in self._below.items()}

    def _fit_below(self, name: str, rows: Any) -> bool:
        return (
            type(rows) is list
            and len(rows) <= MOST_ROWS
            and all(map(self._inputs[name].fits, rows))
        )

    def _has_few_rows(self, value: Any) -> bool:
        return rows_below(self._operation, value) <= MOST_ROWS

    # These two are compiled at their first use: most bodies are never in doubt.
    @cached_property
    def _object_validator(self) -> Draft202012Validator:
        schema = self._schema
        whole = {**schema, "properties": dict.fromkeys(schema["properties"], True)}
        return validators.validator(whole)

    @cached_property
    def _field_validators(self) -> dict[str, tuple[Schema, Draft202012Validator]]:
        parts = self._schema["properties"].items()
        return {name: (part, validators.validator(exact(part))) for name, part in parts}

    def keys(self, segments: Iterable[str]) -> list[str]:
        """Read the path's keys; a segment holds the columns of one key, separated by commas.

        Raises ProblemError `not-found` where a text is not of its column's type: no row has it.
        """
        keys: list[str] = []
        for segment, (values, position) in zip(segments, self._keys, strict=True):
            parts = segment.split(",") if len(values) > 1 else [segment]
            try:
                texts = (
                    [unquote_to_bytes(part).decode() for part in parts] if "%" in segment else parts
                )
            except UnicodeDecodeError:
                texts = []
            if len(texts) != len(values):
                raise ProblemError(sqlstate.missing(self._operation, position))
            for value, text in zip(values, texts, strict=True):
                if not (value.matches(text) or value.accepts(text)):
                    raise ProblemError(sqlstate.missing(self._operation, position))
            keys += texts
        return keys

    def body(self, content: bytes) -> tuple[str, frozenset[str]]:
        """Read a body; return its JSON text and the names of its fields.

        Raises ProblemError `malformed-json` or `invalid-content`.
        """
        text, value = parse(content)
        return text, self.names(value)

    def names(self, value: Any) -> frozenset[str]:
        """Check the value of a body; return the names of its fields.

        Raises ProblemError `malformed-json` or `invalid-content`.
        """
        faults = self.faults(value)
        if faults:
            raise ProblemError(Problem("invalid-content", INVALID_BODY, faults))
        return frozenset(value)

    def accepts(self, value: Any) -> bool:
        """Return whether a body's value has no fault; costs less than to find all of them."""
        if not isinstance(value, dict):
            return False
        try:
            return not self.faults(value, 1)
        except ProblemError:
            return False

    def faults(self, value: Any, most: int = MOST_FAULTS) -> tuple[Fault, ...]:
        """Find the faults of a body's value, at most so many.

        Raises ProblemError `malformed-json`.
        """
        if self.fits(value):
            return ()
        fields = value.items() if isinstance(value, dict) else ()
        doubtful = [
            (name, field)
            for name, field in fields
            if name not in self._parts or not self._parts[name](field)
        ]
        try:
            faults = set(islice(self._validated(value, doubtful), most))
        except RecursionError:  # the JSON parser accepts deeper nesting than Python's recursion
            raise ProblemError(Problem("malformed-json", TOO_DEEP)) from None
        return tuple(sorted(faults, key=lambda fault: (fault.pointer, fault.detail)))

    def _validated(self, value: Any, doubtful: Iterable[tuple[str, Any]]) -> Iterator[Fault]:
        """Validate what the fast path did not accept."""
        if not self._fits(value):
            yield from map(self._fault, self._object_validator.iter_errors(value))
        if not (self._nested_in or self._has_few_rows(value)):
            yield Fault("", _TOO_MANY)
        for name, field in doubtful:
            if name in self._below and isinstance(field, list):
                yield from self._validated_below(name, field)
                continue
            if name in self._field_validators:
                part, validator = self._field_validators[name]
                errors = validator.iter_errors(carried(field, part))
                yield from (self._fault(error, name) for error in errors)
            if UNSTORABLE.search(name):
                yield Fault(pointer(name), SENTENCE)
            yield from unstorable(field, name)
        if isinstance(value, list):
            yield from unstorable(value)

    def _validated_below(self, name: str, rows: list[Any]) -> Iterator[Fault]:
        """Validate the rows of a collection."""
        if len(rows) > MOST_ROWS:
            sentence = validators.sentence("maxItems", MOST_ROWS)
            yield Fault(pointer(name), sentence)
        for number, row in enumerate(rows):
            if not self._inputs[name].fits(row):
                at = pointer(name, number)
                for fault in self._inputs[name].faults(row):
                    yield Fault(at + fault.pointer, fault.detail)

    def _fault(self, error: ValidationError, *within: str) -> Fault:
        place = (*within, *error.absolute_path)
        return Fault(pointer(*place), self._sentence(error, is_field=bool(place)))

    def _sentence(self, error: ValidationError, *, is_field: bool) -> str:
        """Return the sentence of the keyword's constraint, else the keyword's; it has no value."""
        keyword = str(error.validator)
        name = error.absolute_path[-1] if keyword == "additionalProperties" else None
        if name in self._operation.fixed:
            return "is given by the row above" if self._nested_in else "is given by the path"
        if name in self._deeper:
            return _TOO_DEEP
        schema = error.schema if isinstance(error.schema, Mapping) else {}
        sentences: Mapping[str, str] = schema.get("x-sentences", {})
        sentence = sentences.get(keyword)
        if is_field and error.instance is None and not (sentence and keyword == "not"):
            return sentences.get("null", validators.NOT_NULL)
        return sentence or validators.sentence(keyword, error.validator_value)
