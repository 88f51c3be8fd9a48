"""A list's query string → which page of it: filters, order, limit and cursor."""

import csv
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, quote, unquote_plus

from api.document.fast_path import Value
from api.document.parameters import DEFAULT_LIMIT, MAX_LIMIT, filter_schema, filters
from api.document.validators import Schema
from api.document.values import parameter
from api.operations import index_access
from api.operations.filters import PAGING, Filter
from api.operations.index_order import Order
from api.operations.operation import Operation
from api.problem import Fault, Problem, ProblemError, pointer
from api.request.cursor import CursorError, Cursors
from api.sql.clauses import Shape

MAX_IN = 100
MAX_PARAMETERS = 50

# What a client may send as it is, and what no URI has in it: a `Link` would end there.
_NO_REFERENCE = re.compile('[<>"]')
_FIRST_SURROGATE, _BEHIND_SURROGATES = 0xD800, 0xE000


@dataclass(frozen=True, slots=True)
class Page:
    """What a list's query asks for. `given` are the values of the filters, `after` those of the cursor."""

    shape: Shape
    given: tuple[Any, ...] = ()
    after: tuple[str, ...] = ()
    limit: int = DEFAULT_LIMIT
    limited: bool = False  # whether the query says so itself

    @property
    def values(self) -> tuple[Any, ...]:
        """All values, as the page's statement takes them."""
        return self.given + self.after


class Paging:
    """The filters of one list, compiled."""

    def __init__(self, operation: Operation, cursors: Cursors) -> None:
        """Compile them."""
        self._operation = operation
        self._cursors = cursors
        self._filters = {f.name: (f, Value(_one(f))) for f in filters(operation)}
        self._orders: dict[tuple[tuple[Filter, ...], str | None], Order] = {}
        order = self._order((), None)
        self._first = order and Page(Shape((), order))

    def scope(self, keys: Sequence[str], page: Page) -> str:
        """Name what a cursor of this page is good for: the list, its parents, the filters and the order."""
        filters = (f.name for f in page.shape.filters)
        return json.dumps([self._operation.id, *keys, *filters, *page.given, page.shape.order.name])

    def page(self, keys: Sequence[str], query: str) -> Page:
        """Read the query string.

        Raises ProblemError `invalid-query`.
        """
        if not query and self._first:
            return self._first
        faults: list[Fault] = []
        given: dict[str, str] = {}
        for name, text in parameters(query):
            if name not in self._filters and name not in PAGING:
                offered = ", ".join([*self._filters, *PAGING])
                faults.append(
                    Fault(pointer(name), f"is not a parameter here; these are: {offered}")
                )
            elif name in given:
                faults.append(Fault(pointer(name), "is given twice"))
            given[name] = text
        filters, values = self._chosen(given, faults)
        limit = _limit(given["limit"], faults) if "limit" in given else DEFAULT_LIMIT
        order = self._order(filters, given.get("order"))
        if order is None and not faults:
            blamed = "order" if "order" in given else filters[-1].name
            faults.append(
                Fault(pointer(blamed), "no index serves these filters in this order together")
            )
        if faults or order is None:
            raise _invalid(faults)
        page = Page(
            Shape(filters, order, "after" in given),
            tuple(values),
            limit=limit,
            limited="limit" in given,
        )
        if "after" in given:
            page = replace(page, after=tuple(self._opened(given["after"], self.scope(keys, page))))
        return page

    def _chosen(
        self, given: Mapping[str, str], faults: list[Fault]
    ) -> tuple[tuple[Filter, ...], list[Any]]:
        chosen = [self._filters[name] for name in self._filters if name in given]
        values: list[Any] = []
        for filter_, value in chosen:
            try:
                values += _filter_values(filter_, value, given[filter_.name])
            except ValueError as error:
                faults.append(Fault(pointer(filter_.name), str(error)))
        return tuple(filter_ for filter_, _ in chosen), values

    def _order(self, filters: tuple[Filter, ...], asked: str | None) -> Order | None:
        found = self._orders.get((filters, asked))
        if found is None:
            found = index_access.serve(
                self._operation.relation, self._operation.fixed, filters, asked
            )
            if found is not None:  # what is not offered could be asked for in any number of ways
                self._orders[filters, asked] = found
        return found

    def _opened(self, cursor: str, scope: str) -> list[str]:
        try:
            return self._cursors.open(cursor, scope)
        except CursorError:
            sentence = "is not the cursor of a page of this list, with these filters in this order"
            raise _invalid([Fault(pointer("after"), sentence)]) from None


def nothing(query: str) -> None:
    """Check that there is no query string where none is understood.

    Raises ProblemError `invalid-query`.
    """
    if query:
        raise _invalid(
            [
                Fault(pointer(name), "is not a parameter of this operation")
                for name, _ in parameters(query)
            ]
        )


def parameters(query: str) -> list[tuple[str, str]]:
    """Split a query string.

    Raises ProblemError `invalid-query`.
    """
    try:
        return parse_qsl(
            query, keep_blank_values=True, errors="strict", max_num_fields=MAX_PARAMETERS
        )
    except UnicodeDecodeError:
        raise ProblemError(Problem("invalid-query", "The query string is not UTF-8.")) from None
    except ValueError:
        raise ProblemError(
            Problem("invalid-query", "The query string has too many parameters.")
        ) from None


def following(path: str, query: str, after: str) -> str:
    """Give the reference of the next page: this one's, but for the cursor."""
    others = [
        part
        for part in query.split("&")
        if part and unquote_plus(part.partition("=")[0]) != "after"
    ]
    return _NO_REFERENCE.sub(
        lambda found: quote(found[0]), f"{path}?{'&'.join([*others, f'after={after}'])}"
    )


def _invalid(faults: list[Fault]) -> ProblemError:
    errors = tuple(dict.fromkeys(faults))
    return ProblemError(
        Problem(
            "invalid-query", "The query string does not fit; `errors` says where and why.", errors
        )
    )


def _limit(text: str, faults: list[Fault]) -> int:
    if re.fullmatch("[1-9][0-9]{0,3}", text) and int(text) <= MAX_LIMIT:
        return int(text)
    faults.append(Fault(pointer("limit"), f"must be a whole number from 1 to {MAX_LIMIT}"))
    return DEFAULT_LIMIT


def _one(filter_: Filter) -> Schema:
    """Give the schema of each value of a filter: `in` has several."""
    return parameter(filter_.column) if filter_.operator == "in" else filter_schema(filter_)


def _filter_values(filter_: Filter, value: Value, text: str) -> list[Any]:
    texts = _listed(text) if filter_.operator == "in" else [text]
    if not all(value.accepts(one) for one in texts):
        raise ValueError(value.requirement)
    if filter_.operator == "in":
        return [texts]
    if filter_.operator == "prefix":
        return [text, _successor(text)]
    if filter_.operator == "contains":
        return ["%" + re.sub(r"([\\%_])", r"\\\1", text) + "%"]
    return [text]


def _listed(text: str) -> list[str]:
    try:
        rows = list(csv.reader([text], strict=True))
    except csv.Error:
        rows = []
    if len(rows) != 1 or not 1 <= len(rows[0]) <= MAX_IN:
        message = f"must be 1 to {MAX_IN} values with commas between them, quoted as in CSV"
        raise ValueError(message)
    return rows[0]


def _successor(text: str) -> str:
    """Give the least text, by code points, that is greater than all that begin with this one."""
    head = text.rstrip("\U0010ffff")
    if not head:
        return "\U0010ffff" * (len(text) + 1)
    after = ord(head[-1]) + 1
    return head[:-1] + chr(_BEHIND_SURROGATES if after == _FIRST_SURROGATE else after)
