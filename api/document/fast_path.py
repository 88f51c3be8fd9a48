"""A quick yes to most bodies and values: a schema → a function that knows, for the keywords of plain values, what fits.

It never says yes where the validator would say no; where it does not say yes, the validator is
asked, and tells why.
"""

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from api.document.validators import UNSTORABLE, Schema, compiled, formats, sentence, validator

Accepts = Callable[[Any], bool]

# Keywords that say nothing about validity.
_NOTES = frozenset(("default", "description", "examples", "x-database-checked", "x-sentences"))
_LIMITS = frozenset(("minimum", "maximum"))
_KEYWORDS = {
    "string": frozenset(("enum", "format", "maxLength", "minLength", "pattern")),
    "integer": _LIMITS | {"format"},
    "number": _LIMITS | {"format"},
    "boolean": frozenset[str](),
}


class Value:
    """The validator of one value in a URL."""

    def __init__(self, schema: Schema) -> None:
        """Compile the schema."""
        self._read = _READ.get(str(schema.get("type")), str)
        self._fits = _part(schema)
        self._validator = validator(schema)

    def accepts(self, text: str) -> bool:
        """Tell whether the text is a value of the schema."""
        try:
            value = self._read(text)
            return self._fits(value) or (
                UNSTORABLE.search(text) is None and bool(self._validator.is_valid(value))
            )
        except ValueError:
            return False

    @property
    def wanted(self) -> str:
        """Say what a value has to be."""
        schema = self._validator.schema
        assert isinstance(schema, Mapping)
        keyword = next(
            name for name in ("format", "enum", "pattern", "minLength", "type") if name in schema
        )
        own: str | None = schema.get("x-sentences", {}).get(keyword)
        return own or sentence(keyword, schema[keyword])


def _read_integer(text: str) -> int:
    if not re.fullmatch(r"-?(0|[1-9][0-9]{0,30})", text):
        raise ValueError
    return int(text)


def _read_number(text: str) -> float:
    if not re.fullmatch(r"-?[0-9]{1,30}(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,3})?", text):
        raise ValueError
    return float(text)


def _read_boolean(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError
    return text == "true"


_READ = {"integer": _read_integer, "number": _read_number, "boolean": _read_boolean}


def of(schema: Schema) -> Accepts:
    """Compile the schema of an object but for its properties' own."""
    known = {"type", "properties", "required", "additionalProperties", "minProperties", *_NOTES}
    if not schema.keys() <= known or schema.get("additionalProperties") is not False:
        return _never
    names, required, least = (
        schema["properties"].keys(),
        {*schema.get("required", ())},
        schema.get("minProperties", 0),
    )
    return lambda value: (
        type(value) is dict and len(value) >= least and required <= value.keys() <= names
    )


def parts_of(schema: Schema) -> dict[str, Accepts]:
    """Compile the schemas of an object's properties."""
    return {name: _part(part) for name, part in schema["properties"].items()}


def _part(schema: Schema) -> Accepts:
    types = schema.get("type")
    names = types if isinstance(types, list) else [types]
    plain = [name for name in names if name != "null"]
    if len(plain) != 1 or plain[0] not in _KEYWORDS:
        return _never
    keywords = {
        name: limit for name, limit in schema.items() if name not in _NOTES and name != "type"
    }
    if not keywords.keys() <= _KEYWORDS[plain[0]]:
        return _never
    of_type = {"string": _text, "integer": _integer, "number": _number, "boolean": _boolean}[
        plain[0]
    ](keywords)
    # An enum would have to name null itself.
    return (
        _nullable(of_type) if "null" in names and None in keywords.get("enum", [None]) else of_type
    )


def _text(keywords: Schema) -> Accepts:
    least, most = keywords.get("minLength", 0), keywords.get("maxLength", math.inf)
    search = compiled(keywords["pattern"]).search if "pattern" in keywords else None
    among = frozenset(keywords["enum"]) if "enum" in keywords else None
    fits, unstorable = _format(keywords), UNSTORABLE.search

    def accepts(value: Any) -> bool:
        return (
            type(value) is str
            and least <= len(value) <= most
            and (among is None or value in among)
            and (search is None or search(value) is not None)
            and (fits is None or fits(value))
            and unstorable(value) is None
        )

    return accepts


def _integer(keywords: Schema) -> Accepts:
    fits, least, most = (
        _format(keywords),
        keywords.get("minimum", -math.inf),
        keywords.get("maximum", math.inf),
    )
    return lambda value: (
        type(value) is int and least <= value <= most and (fits is None or fits(value))
    )


def _number(keywords: Schema) -> Accepts:
    fits, least, most = (
        _format(keywords),
        keywords.get("minimum", -math.inf),
        keywords.get("maximum", math.inf),
    )
    return lambda value: (
        type(value) in (int, float) and least <= value <= most and (fits is None or fits(value))
    )


def _boolean(_: Schema) -> Accepts:
    return lambda value: type(value) is bool


def _nullable(accepts: Accepts) -> Accepts:
    return lambda value: value is None or accepts(value)


def _format(keywords: Schema) -> Accepts | None:
    name = keywords.get("format", "")
    if name not in formats.checkers:
        return None
    function, raises = formats.checkers[name]

    def fits(value: Any) -> bool:
        try:
            return bool(function(value))
        except raises:
            return False

    return fits


def _never(_: Any) -> bool:
    return False
