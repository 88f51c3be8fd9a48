"""The form of a list or report: fields for the filters that an index serves."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from api.catalog.relations import in_words
from api.document import schemas
from api.document.parameters import AS_OF, filter_schema, filters
from api.operations.filters import PARAMETERS, SEARCH, Filter, is_text
from api.operations.operation import Operation

_WORDS = {
    "eq": "is",
    "gte": "from",
    "lte": "to",
    "prefix": "begins with",
    SEARCH: "begins with",
    "contains": "contains",
    "on": "contains",
}
# Of a text, the operator that people use most is offered alone.
_OF_TEXT = (SEARCH, "prefix", "contains", "eq")
_NULLS = (("null", "empty"), ("notnull", "not empty"))
_NO_FILTERS = frozenset({*PARAMETERS, AS_OF})
_PLACEHOLDERS = {"date-time": "2026-03-01T12:00:00Z", "uuid": "id"}


@dataclass(frozen=True, slots=True)
class Field:
    """A field: a query parameter.

    `word`: what its value is compared by; `choices`: its values, if there are few, with their
    texts; `value` and `fault`: what the request gives, and what is wrong with it.
    """

    name: str
    word: str
    type: str = "text"
    mode: str = ""
    placeholder: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    value: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """The fields of one column."""

    label: str
    fields: tuple[Field, ...]


def groups(operation: Operation) -> tuple[Group, ...]:
    """Return the fields of an operation's form."""
    found = []
    relation = operation.relation
    own = relation.key[:1] if len(relation.key) == 1 and not operation.parents else ()
    described = schemas.read(relation)["properties"]
    for column, same in groupby(filters(operation), key=lambda filter_: filter_.column):
        offered = {filter_.operator: filter_ for filter_ in same}
        is_id = column.type.base.name == "uuid"
        if is_id and column.name in own:
            continue  # a list of one row is an item
        fields = [*_fields(offered, described[column.name])]
        found.append(Group(in_words(column.name), tuple(fields)))
    return tuple(found)


def _fields(offered: Mapping[str, Filter], described: Mapping[str, Any]) -> Iterable[Field]:
    column = next(iter(offered.values())).column
    choices = _choices(described)
    if is_text(column) and not choices:
        wanted: Sequence[str] = [next(o for o in _OF_TEXT if o in offered)]
    elif choices or not {"gte", "lte"} <= offered.keys() or _has_no_range(column.type.base.name):
        wanted = [o for o in ("eq", "contains", "on") if o in offered]
    else:
        wanted = ("gte", "lte")
    for operator in wanted:
        yield _field(offered[operator], choices if operator == "eq" else ())
    if nulls := [f for o, f in offered.items() if o.startswith("is=")]:
        yield Field(nulls[0].name, "is", choices=_NULLS)


def _has_no_range(type_: str) -> bool:
    return type_ in ("uuid", "bool")


def _field(filter_: Filter, choices: tuple[tuple[str, str], ...]) -> Field:
    schema = filter_schema(filter_)
    format_ = schema.get("format", "")
    type_ = "date" if format_ == "date" else "text"
    mode = {"integer": "numeric", "number": "decimal"}.get(str(schema.get("type")), "")
    if filter_.column.type.base.name == "bool":
        choices = (("true", "yes"), ("false", "no"))
    placeholder = _PLACEHOLDERS.get(format_, "")
    return Field(filter_.name, _WORDS[filter_.operator], type_, mode, placeholder, choices)


def _choices(schema: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return the values of a column that has few."""
    parts = (schema, *schema.get("allOf", ()))
    values = next((part["enum"] for part in parts if "enum" in part), ())
    return tuple((str(v), in_words(str(v))) for v in values if isinstance(v, str | int) and v != "")


def filled(
    groups: Sequence[Group],
    given: Mapping[str, str],
    faults: Mapping[str, str],
) -> tuple[Group, ...]:
    """Fill in what a query string gives; a parameter that is no filter here gets a field, too."""
    known = {field.name for group in groups for field in group.fields}
    made = [
        Group(
            group.label,
            tuple(
                replace(f, value=given.get(f.name, ""), fault=faults.get(f.name, ""))
                for f in group.fields
            ),
        )
        for group in groups
    ]
    for name, value in given.items():
        if name not in known and name not in _NO_FILTERS:
            field = Field(name, "", value=value, fault=faults.get(name, ""))
            made.append(Group(in_words(name), (field,)))
    return tuple(made)
