"""A list's query string → the page that the client asks for: filters, order, limit and cursor."""

import csv
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from api.document.fast_path import Value
from api.document.parameters import (
    DEFAULT_LIMIT,
    MAX_LIMIT,
    filter_beyond,
    filter_schema,
    filters,
)
from api.document.type_schemas import TYPES
from api.document.values import parameter
from api.operations import index_access
from api.operations.filters import FORMAT, PARAMETERS, Filter
from api.operations.index_order import Order
from api.operations.operation import Operation
from api.problem import Fault, Problem, pointer
from api.request.cursor import CursorError, Cursors
from api.request.formats import chosen
from api.request.query_string import invalid, parameters, unknown
from api.sql.clauses import Shape

MAX_IN = 100

PLUS = "; in a URL, + is written %2B"  # a + in a query string is a blank
_LIMIT = re.compile("[1-9][0-9]{0,3}")
_LAST_CHARACTER = "\U0010ffff"
_FIRST_SURROGATE, _AFTER_SURROGATES = 0xD800, 0xE000  # Postgres stores none of those between


class Page(NamedTuple):
    """One page: the shape of its statement, and that statement's values."""

    shape: Shape
    given: tuple[Any, ...] = ()
    """The values of the filters."""
    after: tuple[str, ...] = ()
    """The values of the cursor, without one that is NULL."""
    limit: int = DEFAULT_LIMIT
    limited: bool = False
    """Whether the query gives the limit."""
    media: str = ""
    """The media type that the query asks for; empty where `Accept` decides."""
    scope: str = ""
    """The scope of the query's cursor; empty where it has none."""

    @property
    def values(self) -> tuple[Any, ...]:
        """All values, in the statement's order."""
        return self.given + self.after


class _Shapes(NamedTuple):
    """The shapes of the pages of one list, with the same filters and order."""

    first: Shape
    after: Shape
    after_null: Shape


class FilterQuery:
    """The filters of one list or report, compiled once."""

    others: tuple[str, ...] = ()  # parameters that are not filters

    def __init__(self, operation: Operation, formats: Mapping[str, str] | None = None) -> None:
        """Compile the filters; `formats`: names → the media types of the answer."""
        self._formats = formats or {}
        # By the parameter's name, then by its value where the value decides which filter it is.
        self._filters: dict[str, dict[str | None, tuple[Filter, Value]]] = {}
        for filter_ in filters(operation):
            named = self._filters.setdefault(filter_.name, {})
            named[filter_.choice] = filter_, _value(filter_)

    def _given(self, query: str, faults: list[Fault]) -> dict[str, str]:
        given: dict[str, str] = {}
        for name, text in parameters(query):
            if name not in self._filters and name not in self.others:
                faults.append(unknown(name, [*self._filters, *self.others]))
            elif name in given:
                faults.append(Fault(pointer(name), "is given twice"))
            given[name] = text
        return given

    def _filtered(
        self, given: Mapping[str, str], faults: list[Fault]
    ) -> tuple[tuple[Filter, ...], list[Any]]:
        filters: list[Filter] = []
        values: list[Any] = []
        for name, choices in self._filters.items():
            if name not in given:
                continue
            chosen = choices.get(None) or choices.get(given[name])
            if chosen is None:
                sentence = f"must be {' or '.join(map(str, choices))}"
                faults.append(Fault(pointer(name), sentence))
                continue
            filters.append(chosen[0])
            try:
                values += _filter_values(*chosen, given[name])
            except ValueError as error:
                faults.append(Fault(pointer(name), str(error)))
        return tuple(filters), values


class ReportQuery(FilterQuery):
    """The parameters of one report."""

    others = (FORMAT,)

    def page(self, query: str) -> Page:
        """Read a query string.

        Raises ProblemError `invalid-query`, with all faults.
        """
        faults: list[Fault] = []
        given = self._given(query, faults)
        filters, values = self._filtered(given, faults)
        media = chosen(given, self._formats, faults)
        if faults:
            raise invalid(faults)
        return Page(Shape(filters, Order(())), tuple(values), media=media)


class OrderedQuery(FilterQuery):
    """The base of those that find rows by an index: which one serves, and so in which order."""

    def __init__(self, operation: Operation, formats: Mapping[str, str] | None = None) -> None:
        """Compile the filters."""
        super().__init__(operation, formats)
        self._operation = operation
        self._known: dict[tuple[tuple[Filter, ...], str | None], _Shapes] = {}

    def _shapes(self, filters: tuple[Filter, ...], requested: str | None) -> _Shapes | None:
        known = self._known.get((filters, requested))
        if known is None:
            relation, fixed = self._operation.relation, self._operation.fixed
            order = index_access.serve(relation, fixed, filters, requested)
            if order is not None:  # the combinations that no index serves would fill the memory
                after = (Shape(filters, order, True, null) for null in (False, True))
                known = self._known[filters, requested] = _Shapes(Shape(filters, order), *after)
        return known


class ListQuery(OrderedQuery):
    """The parameters of one list, compiled once."""

    others = PARAMETERS

    def __init__(
        self, operation: Operation, cursors: Cursors, formats: Mapping[str, str] | None = None
    ) -> None:
        """Compile the parameters; `cursors` encrypts and decrypts `after`."""
        super().__init__(operation, formats)
        self._cursors = cursors
        self._id = operation.id
        shapes = self._shapes((), None)
        self._default = shapes and Page(shapes.first)

    def page(self, keys: Sequence[str], query: str) -> Page:
        """Read a query string; `keys` are the path's.

        Raises ProblemError `invalid-query`, with all faults.
        """
        if not query and self._default:
            return self._default
        faults: list[Fault] = []
        given = self._given(query, faults)
        filters, values = self._filtered(given, faults)
        limit = _limit(given["limit"], faults) if "limit" in given else DEFAULT_LIMIT
        media = chosen(given, self._formats, faults)
        shapes = self._shapes(filters, given.get("order"))
        if shapes is None and not faults:
            faults.append(self._unserved(filters, given.get("order")))
        if faults or shapes is None:
            raise invalid(faults)
        shape, scope = shapes.first, ""
        known: tuple[str, ...] = ()
        if "after" in given:
            scope = self._scope(keys, filters, values, shape.order.name)
            after = self._opened(given["after"], scope)
            # Only the first column can be NULL, as the others are of the key.
            shape = shapes.after if after[0] is not None else shapes.after_null
            known = tuple(value for value in after if value is not None)
        return Page(shape, tuple(values), known, limit, "limit" in given, media, scope)

    def scope(self, keys: Sequence[str], page: Page) -> str:
        """Name the scope of a page's cursor: the list, its parents, the filters and the order."""
        filters, order = page.shape.filters, page.shape.order
        return page.scope or self._scope(keys, filters, page.given, order.name)

    def _scope(
        self, keys: Sequence[str], filters: Sequence[Filter], given: Sequence[Any], order: str
    ) -> str:
        names = (f"{f.name}={f.choice}" if f.choice else f.name for f in filters)
        return json.dumps([self._id, *keys, *names, *given, order])

    def _unserved(self, filters: tuple[Filter, ...], requested: str | None) -> Fault:
        """Say that no index serves the request, or which order the filters need."""
        columns = (column.name for column in self._operation.relation.columns)
        if requested is None and (
            served := [name for name in columns if self._shapes(filters, name)]
        ):
            names = " or ".join(f"{name} or -{name}" for name in served)
            return Fault(pointer("order"), f"is missing; with these filters it must be {names}")
        name = filters[-1].name if requested is None else "order"
        return Fault(pointer(name), "no index serves these filters and this order together")

    def _opened(self, cursor: str, scope: str) -> list[str | None]:
        try:
            return self._cursors.open(cursor, scope)
        except CursorError:
            sentence = "is not a cursor of this list with these filters and this order"
            raise invalid([Fault(pointer("after"), sentence)]) from None


def rejected(filter_: Filter) -> Problem:
    """Return the problem of a filter whose value Postgres refused."""
    type_ = filter_.column.type.base
    if filter_.operator == "on" and type_.part:
        type_ = type_.part.base
    known = type_.name in TYPES or type_.kind == "e"
    sentence = (
        _value(filter_).requirement
        if known
        else f"must be a value of the Postgres type {type_.name}"
    )
    return invalid([Fault(pointer(filter_.name), sentence)]).problem


def _limit(text: str, faults: list[Fault]) -> int:
    if _LIMIT.fullmatch(text) and int(text) <= MAX_LIMIT:
        return int(text)
    faults.append(Fault(pointer("limit"), f"must be a whole number from 1 to {MAX_LIMIT}"))
    return DEFAULT_LIMIT


def _value(filter_: Filter) -> Value:
    """Compile the schema of one value of a filter; `in` has several values."""
    schema = parameter(filter_.column) if filter_.operator == "in" else filter_schema(filter_)
    return Value(schema, filter_beyond(filter_))


def _filter_values(filter_: Filter, value: Value, text: str) -> list[Any]:
    """Return the statement's values for one filter.

    Raises ValueError with a sentence.
    """
    texts = _csv_values(text) if filter_.operator == "in" else [text]
    if not all(map(value.accepts, texts)):
        plus = all(value.accepts(each.replace(" ", "+")) for each in texts)
        raise ValueError(value.requirement + (PLUS if plus else ""))
    match filter_.operator:
        case "in":
            return [texts]
        case "prefix":
            return [text, _successor(text)]
        case "is=null" | "is=notnull":
            return []
        case "contains":
            return ["%" + re.sub(r"([\\%_])", r"\\\1", text) + "%"]
    return [text]


def _csv_values(text: str) -> list[str]:
    try:
        rows = list(csv.reader([text], strict=True))
    except csv.Error:
        rows = []
    if len(rows) != 1 or not 1 <= len(rows[0]) <= MAX_IN:
        message = f"must be 1 to {MAX_IN} values separated by commas, quoted as in CSV"
        raise ValueError(message)
    return rows[0]


def _successor(text: str) -> str:
    """Return the least text, by code points, that is greater than every text with this prefix."""
    head = text.rstrip(_LAST_CHARACTER)
    if not head:
        return _LAST_CHARACTER * (len(text) + 1)
    after = ord(head[-1]) + 1
    return head[:-1] + chr(_AFTER_SURROGATES if after == _FIRST_SURROGATE else after)
