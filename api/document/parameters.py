"""Parameters of operations: the keys in a path; a list's filters, order, limit and cursor."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import groupby
from typing import Any

from api.catalog.view_lines import KEY, MATCH
from api.document import values
from api.document.component_names import conflict_name, filter_name, key_name, order_name
from api.document.components import Components
from api.document.examples import described
from api.document.media_types import Form, formats
from api.document.validators import Schema, choice
from api.operations import index_access, kinds, report_access
from api.operations.filters import FORMAT, RANGES, SEARCH, Filter
from api.operations.operation import Operation
from api.operations.unique_keys import unique_keys

DEFAULT_LIMIT, MAX_LIMIT = 100, 1000  # rows of a page

_OPERATORS = {
    "eq": "is equal to this",
    "gte": "is at or after this",
    "gt": "is after this",
    "lte": "is at or before this",
    "lt": "is before this",
    "is=null": "is null (null)",
    "is=notnull": "is not null (notnull)",
    "in": "is one of these, which are separated by commas, and quoted as in CSV",
    "prefix": "begins with this text",
    SEARCH: "begins with this text",
    "contains": "contains this text, in upper or lower case; "
    "it must have three consecutive letters (A to Z) or digits",
    "on": "is a range that contains this value",
}
_ORDER = (
    "The column to order by, after a minus in reverse. By default it is that of a range filter, or "
    "the key. One index must serve both."
)
_LIMIT = {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}
_PREFER = (
    "`return=representation` answers a body of many rows with all new rows, in the body's order; "
    "`return=minimal`, the default, with their number (RFC 7240). Anything else is ignored."
)
_RESOLUTION = (
    " `resolution=merge-duplicates` changes the rows that are there already, "
    "`resolution=ignore-duplicates` leaves them as they are: by the primary key, or by the unique "
    "key that `on_conflict` names."
)
_ON_CONFLICT = (
    "The unique key by which a row is there already; without it the primary key. Only with "
    "`Prefer: resolution=…`."
)
MOST_AFFECTED = 10_000  # rows that one write by filters may change
_BOUND = (
    "`max-affected=10`: the most rows that may be written. If the filters find more, the answer is "
    "412 and nothing is written. `return=representation` answers with the rows, `return=minimal`, "
    "the default, with their number (RFC 7240)."
)
_BOUNDED: Schema = {
    "type": "string",
    "pattern": "^max-affected=([1-9][0-9]{0,3}|10000)(, return=(minimal|representation))?$",
    "examples": ["max-affected=10"],
}
_PREFERENCE: Schema = {"type": "string", "examples": ["return=representation"]}
_TAG = '(W/)?"[!#-~]*"'
_TAGS: Schema = {
    "type": "string",
    "pattern": f"^([*]|{_TAG}([\\t ]*,[\\t ]*{_TAG})*)$",
    "examples": ['"2c26b46b68ffc68ff99b453c1d304134"'],
}
_MATCH = (
    "Tags, of which the content must have one (RFC 9110), or `*` for any: otherwise the answer "
    "is 412. A weak tag never matches."
)
_NONE_MATCH = (
    "Tags, of which the content must have none, or `*` for any: otherwise the answer is 304. "
    "Not for CSV and NDJSON."
)
_IF_NEW = "`*`: creates the row, and answers 412 where it is there (RFC 9110)."
_ANY: Schema = {"type": "string", "enum": ["*"]}
_MATCHING = (kinds.UPDATE, kinds.REPLACE, kinds.DELETE)  # what `If-Match` may be required of
LONGEST_KEY = 255  # characters
# As strings of structured fields (RFC 9651, section 3.3.3), and as most clients send them.
KEY_PATTERN = r'"([ !#-\[\]-~]|\\["\\])+"|[!#-+\--~]+'
_KEY = (
    "A text that the client chooses for each change, such as a UUID. A request that is repeated "
    "with the same key is done once: later ones get the first one's answer, with "
    "`Idempotency-Replayed: true`. An answer is kept for a time that the operator sets, by default "
    "24 hours; an error is not kept."
)
_KEYS: Schema = {
    "type": "string",
    "minLength": 1,
    "maxLength": LONGEST_KEY,
    "pattern": f"^({KEY_PATTERN})$",
    "examples": ["6f1c1a52-4f0b-4a0e-9c39-3a0b1f0d7a55"],
}
AS_OF = "as_of"
TIME: Schema = {"type": "string", "format": "date-time", "examples": ["2026-03-01T12:00:00Z"]}
_AS_OF = (
    "Gives the row as it was at this time, from the audit trail. A column that was added later is "
    "null."
)
_FORMAT = "The form of the answer, for a link, which has no `Accept`. It wins over that."
_AFTER = "Where the page starts: from the previous page's `Link`."


def filters(operation: Operation) -> tuple[Filter, ...]:
    """Return the filters that an operation offers."""
    if operation.kind is kinds.REPORT:
        return report_access.filters(operation.relation)
    if not (operation.kind.pages or operation.kind.by_filters):
        return ()
    return index_access.filters(operation.relation, operation.fixed)


def filter_schema(filter_: Filter, *others: Filter) -> Schema:
    """Return the schema of a filter's value; `others`: further filters of the same name."""
    if filter_.operator in ("in", "prefix", SEARCH):
        return {"type": "string", "minLength": 1}
    if filter_.choice:
        return {"type": "string", "enum": [f.choice for f in (filter_, *others)]}
    if filter_.operator == "contains":
        # A trigram index finds these in any locale; under LC_CTYPE C it has no other letters.
        sentence = "must have three consecutive letters (A to Z) or digits"
        return {"type": "string", "pattern": "[0-9A-Za-z]{3}", "x-sentences": {"pattern": sentence}}
    bound = filter_.column.type.base.part
    if filter_.operator == "on" and bound:
        return values.value(bound)
    return values.parameter(filter_.column)


def filter_beyond(filter_: Filter) -> str | None:
    """Return the pattern of further texts that may be a value of the filter, or None."""
    type_ = filter_.column.type.base
    if filter_.operator == "on":
        return values.beyond(type_.part or type_)
    return values.beyond(type_) if filter_.operator in ("eq", "in", *RANGES) else None


def in_path(operation: Operation, components: Components) -> list[dict[str, Any]]:
    """Describe the path parameters, which are values of the keys' columns."""
    found = []
    for number, (name, column) in enumerate(operation.keys):
        position = operation.parent_of(number)
        of = operation.relation if position is None else operation.parents[position].relation
        made = {
            "name": name,
            "in": "path",
            "required": True,
            "schema": values.parameter(column),
            **described(column.comment),
        }
        component = key_name(of.schema, of.name, name)
        found.append(components.refer("parameters", component, partial(dict, made)))
    return found


def in_query(
    operation: Operation, components: Components, forms: Sequence[Form] = ()
) -> list[dict[str, Any]]:
    """Describe the query parameters of a list, the filters of a report, the time of an item.

    `forms`: those that the answer has beside the usual ones.
    """

    def refer(component: str, name: str, text: str, schema: Callable[[], Schema]) -> dict[str, Any]:
        return components.refer("parameters", component, lambda: _query(name, text, schema()))

    form = []
    if usual := formats(operation):
        names = [*usual, *(f.name for f in forms)]
        schema: Schema = {"type": "string", "enum": names}
        form = [refer(".".join([FORMAT, *names]), FORMAT, _FORMAT, lambda: schema)]
    if operation.kind is kinds.READ and operation.relation.has_history:
        return [refer(AS_OF, AS_OF, _AS_OF, lambda: TIME), *form]
    found = filters(operation)
    offered = [
        refer(filter_name(*same), same[0].name, _filter_text(same), partial(filter_schema, *same))
        for same in _by_name(found)
    ]
    if not operation.kind.pages:
        return [*offered, *form]
    orders = partial(_orders, operation, found)
    # One path gives no column; further paths may give the same ones.
    order = (
        refer(order_name(operation), "order", _ORDER, orders)
        if operation.fixed
        else _query("order", _ORDER, orders())
    )
    return [
        *offered,
        order,
        refer("limit", "limit", "How many rows a page has.", lambda: _LIMIT),
        refer("after", "after", _AFTER, lambda: {"type": "string"}),
        *form,
    ]


def _query(name: str, text: str, schema: Schema) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": text, "schema": schema}


def of_create(operation: Operation, components: Components) -> list[dict[str, Any]]:
    """Describe the query parameters of a create: the unique keys of which rows may be there."""
    names = [",".join(key) for key in unique_keys(operation)]
    if not names:
        return []
    made = partial(_query, "on_conflict", _ON_CONFLICT, choice({n: n for n in names}))
    return [components.refer("parameters", conflict_name(operation), made)]


def needs_match(operation: Operation) -> bool:
    """Return whether an operation needs the header field `If-Match`."""
    return operation.kind in _MATCHING and operation.relation.lines.require(MATCH)


def needs_key(operation: Operation) -> bool:
    """Return whether an operation needs the header field `Idempotency-Key`."""
    return operation.keeps_answers and operation.relation.lines.require(KEY)


def in_header(operation: Operation, components: Components) -> list[dict[str, Any]]:
    """Describe the header fields of an operation."""

    def refer(component: str, name: str, text: str, schema: Schema, **more: Any) -> dict[str, Any]:
        made = {"name": name, "in": "header", **more, "description": text, "schema": schema}
        return components.refer("parameters", component, lambda: made)

    key = []
    if needs_key(operation):
        key = [refer("idempotency-key.required", KEY, _KEY, _KEYS, required=True)]
    elif operation.keeps_answers:
        key = [refer("idempotency-key", KEY, _KEY, _KEYS)]
    if operation.kind.accepts_many and unique_keys(operation):
        own = [refer("prefer.resolution", "Prefer", _PREFER + _RESOLUTION, _PREFERENCE)]
    elif operation.kind.accepts_many:
        own = [refer("prefer", "Prefer", _PREFER, _PREFERENCE)]
    elif operation.kind.by_filters:
        own = [refer("prefer.bound", "Prefer", _BOUND, _BOUNDED, required=True)]
    elif needs_match(operation) and operation.kind is not kinds.REPLACE:
        own = [refer("if-match.required", MATCH, _MATCH, _TAGS, required=True)]
    else:
        own = [refer("if-match", MATCH, _MATCH, _TAGS)]
    if operation.kind.safe:
        own.append(refer("if-none-match", "If-None-Match", _NONE_MATCH, _TAGS))
    if operation.kind is kinds.REPLACE:
        own.append(refer("if-none-match.any", "If-None-Match", _IF_NEW, _ANY))
    return [*key, *own]


def _by_name(offered: Iterable[Filter]) -> Iterator[list[Filter]]:
    """Group filters by their names: those of one name are the choices of one parameter."""
    for _, same in groupby(offered, key=lambda filter_: filter_.name):
        yield list(same)


def _filter_text(same: Iterable[Filter]) -> str:
    return " ".join(
        f"Rows whose {f.column.name} {_OPERATORS[f.operator]}.{_searched(f)}" for f in same
    )


def _searched(filter_: Filter) -> str:
    """Say by which function a search compares."""
    if not filter_.search:
        return ""
    comment = filter_.search.comment
    return f" Both are compared by {filter_.search.name}{f': {comment}' if comment else '.'}"


def _orders(operation: Operation, offered: Iterable[Filter]) -> Schema:
    """Return the schema of `order`: the values without a filter, then those that need a range."""
    served = index_access.orders(operation.relation, operation.fixed)
    ranged = {f.column.name for f in offered if f.operator in RANGES}
    names = dict.fromkeys((*served, *sorted(ranged)))
    return choice({sign + name: _order_name(sign + name) for name in names for sign in ("", "-")})


def _order_name(value: str) -> str:
    return f"{value[1:]}_DESCENDING" if value.startswith("-") else value
