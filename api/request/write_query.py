"""The query string of a write to the rows that filters find."""

from api.problem import Fault, pointer
from api.request.query import OrderedQuery, Page
from api.request.query_string import invalid


class WriteQuery(OrderedQuery):
    """The filters of a write to the rows that they find."""

    def page(self, query: str) -> Page:
        """Read a query string. Its rows are in whatever order an index has them.

        Raises ProblemError `invalid-query`, with all faults.
        """
        faults: list[Fault] = []
        filters, values = self._filtered(self._given(query, faults), faults)
        if not filters and not faults:
            faults.append(Fault("", "must have a filter: without one, all rows would be meant"))
        columns = self._operation.relation.columns
        names = (None, *(column.name for column in columns)) if not faults else ()
        shapes = next((found for name in names if (found := self._shapes(filters, name))), None)
        if shapes is None and not faults:
            sentence = "no index serves these filters together"
            faults.append(Fault(pointer(filters[-1].name), sentence))
        if faults or shapes is None:
            raise invalid(faults)
        return Page(shapes.first, tuple(values))
