"""JSON Schema keywords that express a CHECK, and how AND, OR and NOT combine them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Keywords = Mapping[str, Any]
"""JSON Schema keywords of one value, such as `{"minimum": 1}`."""

# The keywords that are limits → the function that returns the tighter one of two.
TIGHTER: Mapping[str, Callable[[Any, Any], Any]] = {
    **dict.fromkeys(("minimum", "exclusiveMinimum", "minLength", "minItems"), max),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength", "maxItems"), min),
}
NOT_NULL: Keywords = {"not": {"type": "null"}}


class InexpressibleError(Exception):
    """A condition cannot be expressed in JSON Schema."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What JSON Schema can express of one CHECK.

    `keywords`: column → keywords; in their patterns every `$` is the very end of the string.
    `complete`: whether they express all that the CHECK requires of a single value.
    """

    keywords: Mapping[str, Keywords]
    complete: bool


NOTHING = Reading({}, complete=False)


def conjunction(readings: Sequence[Reading]) -> Reading:
    """Combine the parts of an AND."""
    keywords: dict[str, Keywords] = {}
    for reading in readings:
        for column, more in reading.keywords.items():
            keywords[column] = _merge(keywords.get(column, {}), more)
    return Reading(keywords, all(reading.complete for reading in readings))


def _merge(first: Keywords, second: Keywords) -> Keywords:
    """Require both: of two limits keep the tighter; what cannot be merged goes to `allOf`."""
    merged = dict(first)
    for keyword, value in second.items():
        if keyword == "allOf":
            merged["allOf"] = [*merged.get("allOf", ()), *value]
        elif keyword not in merged or merged[keyword] == value:
            merged[keyword] = value
        elif keyword in TIGHTER:
            merged[keyword] = TIGHTER[keyword](merged[keyword], value)
        else:
            merged["allOf"] = [
                *merged.get("allOf", ()),
                {keyword: merged.pop(keyword)},
                {keyword: value},
            ]
    return merged


def disjunction(readings: Sequence[Reading]) -> Reading:
    """Combine the parts of an OR, which have to be about one column.

    Raises InexpressibleError if they are about several columns, or if a part has no keywords.
    """
    columns = {column for reading in readings for column in reading.keywords}
    options = [dict(keywords) for reading in readings for keywords in reading.keywords.values()]
    if len(columns) != 1 or len(options) != len(readings):
        raise InexpressibleError
    either: Keywords = {"anyOf": options}
    if len(options) == 1 or {} in options:
        either = min(options, key=len)
    elif all(option.keys() == {"enum"} for option in options):
        either = {"enum": [value for option in options for value in option["enum"]]}
    elif all(option.keys() & {"enum", "type"} for option in options):
        # A nullable column's schema adds null to `enum` and `type`, but not inside `anyOf`.
        raise InexpressibleError
    return Reading({columns.pop(): either}, all(reading.complete for reading in readings))


def negation(reading: Reading, json_type: Callable[[str], str]) -> Reading:
    """Return the opposite of a reading; `json_type`: column → the JSON type of its values.

    Raises InexpressibleError where the reading is incomplete, or about several columns.
    """
    if not reading.complete or len(reading.keywords) != 1:
        raise InexpressibleError
    ((column, keywords),) = reading.keywords.items()
    # Keywords that accept null would refuse it inside `not`.
    accepts_null = keywords.keys() not in ({"enum"}, {"type"})
    guard = {"type": json_type(column)} if accepts_null else {}
    return Reading({column: {"not": {**guard, **keywords}}}, complete=True)
