"""Fast-path validation: a schema → a function that accepts most valid values.

jsonschema decides about the other values, and reports the faults. Invariant: such a function
accepts no value that the schema's validator refuses. It supports the keywords of strings, numbers
and booleans, also in `allOf` and `anyOf`; for a schema with any other keyword it accepts no value.
"""

import math
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any, cast

from jsonschema import Draft202012Validator

from api.document.numbers import exact, is_double
from api.document.validators import (
    PATTERNS,
    UNSTORABLE,
    Schema,
    compiled,
    formats,
    sentence,
    validator,
)

Accepts = Callable[[Any], bool]
"""Takes a decoded JSON value. True: it is valid; False: jsonschema has to decide."""

# Keywords that do not affect validity.
_ANNOTATIONS = frozenset(
    ("default", "description", "examples", "x-database-checked", "x-sentences")
)
_LIMITS = frozenset(("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"))
_KEYWORDS = {
    "string": frozenset(("enum", "format", "maxLength", "minLength", "pattern")),
    "integer": _LIMITS | {"format"},
    "number": _LIMITS | {"format"},
    "boolean": frozenset[str](),
}


class Value:
    """The validator of one value in a URL: of a path parameter or of a filter."""

    def __init__(self, schema: Schema, beyond: str | None = None) -> None:
        """Take the schema; `beyond`: a pattern of more texts, which only Postgres can check."""
        self._read = _READ.get("double" if is_double(schema) else str(schema.get("type")), str)
        self._schema = schema
        self._beyond = beyond and re.compile(beyond, re.ASCII | re.DOTALL)

    def accepts(self, text: str) -> bool:
        """Return whether the text may be a value."""
        try:
            value = self._read(text)
            if self._fits(value):
                return True
            valid = bool(self._validator.is_valid(value))
        except ValueError:
            valid = False
        valid = valid or bool(self._beyond and self._beyond.fullmatch(text))
        return valid and UNSTORABLE.search(text) is None

    # These are compiled at their first use: most filters are never asked for, and most values are
    # never in doubt.
    @cached_property
    def matches(self) -> Callable[[str], object]:
        """Takes a text. True: it is valid; otherwise `accepts` decides, which takes longer."""
        schema = self._schema
        if self._read is not str:
            return _never
        if schema.keys() - _ANNOTATIONS == {"type", "format"} and schema["format"] in PATTERNS:
            return PATTERNS[schema["format"]].fullmatch  # by which no text is UNSTORABLE
        return self._fits

    @cached_property
    def _fits(self) -> Accepts:
        return _part(self._schema)

    @cached_property
    def _validator(self) -> Draft202012Validator:
        return validator(exact(self._schema))

    @property
    def requirement(self) -> str:
        """The sentence for a text that is not valid: what it must be."""
        schema = self._schema
        keyword = next(
            name for name in ("format", "enum", "pattern", "minLength", "type") if name in schema
        )
        own: str | None = schema.get("x-sentences", {}).get(keyword)
        return own or sentence(keyword, schema[keyword])


def _read_integer(text: str) -> int:
    if not re.fullmatch(r"-?(0|[1-9][0-9]{0,30})", text):
        raise ValueError
    return int(text)


def _read_number(text: str) -> Decimal:
    if not re.fullmatch(r"-?[0-9]{1,30}(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,3})?", text):
        raise ValueError
    return Decimal(text)


def _read_double(text: str) -> float:
    return float(_read_number(text))


def _read_boolean(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError
    return text == "true"


_READ: Mapping[str, Callable[[str], Any]] = {
    "integer": _read_integer,
    "number": _read_number,
    "double": _read_double,
    "boolean": _read_boolean,
}


def of(schema: Schema) -> Accepts:
    """Compile the schema of an object, without those of its properties."""
    known = {
        "type",
        "properties",
        "required",
        "additionalProperties",
        "minProperties",
        *_ANNOTATIONS,
    }
    if not schema.keys() <= known or schema.get("additionalProperties") is not False:
        return _never
    names, required = schema["properties"].keys(), {*schema.get("required", ())}
    least = schema.get("minProperties", 0)
    return lambda value: (
        type(value) is dict and len(value) >= least and required <= value.keys() <= names
    )


def parts_of(schema: Schema) -> dict[str, Accepts]:
    """Compile the schemas of the properties of an object, by their names."""
    return {name: _part(part) for name, part in schema["properties"].items()}


def whole(
    fits: Accepts, parts: Mapping[str, Accepts], names: Collection[str], also: Accepts
) -> Accepts:
    """Join what `of` and `parts_of` have compiled of the same schema.

    `also` is asked of a value that has a property with one of these names, too.
    """
    has_none = frozenset(names).isdisjoint

    def accepts(value: Any) -> bool:
        if not fits(value):
            return False
        for name, field in value.items():  # `all` would take longer
            if not parts[name](field):
                return False
        return has_none(value) or also(value)

    return accepts


def _part(schema: Schema) -> Accepts:
    types = schema.get("type")
    names = types if isinstance(types, list) else [types]
    plain = [name for name in names if name != "null"]
    if len(plain) != 1 or plain[0] not in _KEYWORDS:
        return _never
    keywords = {
        name: limit for name, limit in schema.items() if name not in _ANNOTATIONS and name != "type"
    }
    # Two CHECKs may be the same keyword, such as `pattern`: `allOf` has the second one.
    more = [{"type": plain[0], **part} for part in keywords.pop("allOf", ())]
    # A CHECK with OR, such as an empty text or a pattern.
    either = [{"type": plain[0], **part} for part in keywords.pop("anyOf", ())]
    if not keywords.keys() <= _KEYWORDS[plain[0]]:
        return _never
    tests = [_COMPILERS[plain[0]](keywords), *map(_part, more)]
    of_type = _all([*tests, _any([*map(_part, either)])] if either else tests)
    # An `enum` without null refuses it, whatever `type` says.
    accepts_null = "null" in names and None in keywords.get("enum", [None])
    return _nullable(of_type) if accepts_null else of_type


def _all(tests: Sequence[Accepts]) -> Accepts:
    first, *others = tests
    if not others:
        return first
    return lambda value: first(value) and all(test(value) for test in others)


def _any(tests: Sequence[Accepts]) -> Accepts:
    return lambda value: any(test(value) for test in tests)


def _string(keywords: Schema) -> Accepts:
    least, most = keywords.get("minLength", 0), keywords.get("maxLength", math.inf)
    search = compiled(keywords["pattern"]).search if "pattern" in keywords else None
    allowed = frozenset(keywords["enum"]) if "enum" in keywords else None
    fits, unstorable = _format(keywords), UNSTORABLE.search

    def accepts(value: Any) -> bool:
        return (
            type(value) is str
            and least <= len(value) <= most
            and (allowed is None or value in allowed)
            and (search is None or search(value) is not None)
            and (fits is None or fits(value))
            and unstorable(value) is None
        )

    return accepts


def _integer(keywords: Schema) -> Accepts:
    within, fits = _within(keywords), _format(keywords)
    return lambda value: type(value) is int and within(value) and (fits is None or fits(value))


def _number(keywords: Schema) -> Accepts:
    if not is_double(keywords):
        within = _within(exact({"type": "number", **keywords}))
        return lambda value: (type(value) is int or type(value) is Decimal) and within(value)
    within, fits = _within(keywords), _format(keywords)

    def accepts(value: Any) -> bool:
        if type(value) is Decimal:
            value = float(value)
        return type(value) in (int, float) and within(value) and (fits is None or fits(value))

    return accepts


def _within(keywords: Schema) -> Accepts:
    least, most = keywords.get("minimum", -math.inf), keywords.get("maximum", math.inf)
    above, below = keywords.get("exclusiveMinimum"), keywords.get("exclusiveMaximum")
    if above is None and below is None:
        return lambda value: bool(least <= value <= most)
    return lambda value: bool(
        least <= value <= most
        and (above is None or above < value)
        and (below is None or value < below)
    )


def _boolean(_: Schema) -> Accepts:
    return lambda value: type(value) is bool


def _nullable(accepts: Accepts) -> Accepts:
    return lambda value: value is None or accepts(value)


def _format(keywords: Schema) -> Accepts | None:
    name = keywords.get("format", "")
    if name in PATTERNS:
        return cast("Accepts", PATTERNS[name].fullmatch)  # a match is true
    if name not in formats.checkers:
        return None
    function, raises = formats.checkers[name]

    def fits(value: Any) -> bool:
        try:
            return bool(function(value))
        except raises:
            return False

    return fits


_COMPILERS: Mapping[str, Callable[[Schema], Accepts]] = {
    "string": _string,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
}


def _never(_: Any) -> bool:
    return False
