"""What a request asks of a page, and the paths of pages that ask almost the same."""

from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote, urlencode

from api.problem import ProblemError
from api.request.query_string import parameters


@dataclass(frozen=True)  # without slots, for the property that is kept
class View:
    """A request. `path`: without the prefix; `query`: as it was sent."""

    prefix: str
    path: str
    query: str

    @property
    def place(self) -> str:
        """The path with the prefix."""
        return self.prefix + self.path

    @cached_property
    def given(self) -> dict[str, str]:
        """The parameters; none where the query string can't be read."""
        try:
            return dict(parameters(self.query)) if self.query else {}
        except ProblemError:
            return {}

    def but(self, *without: str, **more: str) -> str:
        """Write the same request without some parameters, and with others."""
        kept = {n: value for n, value in self.given.items() if n not in without}
        query = urlencode({**kept, **more}, quote_via=quote)
        return f"{self.place}?{query}" if query else self.place

    def without_empty(self) -> str | None:
        """Write the same request without empty parameters, which a form can't leave out.

        None where it has none.
        """
        empty = [name for name, value in self.given.items() if not value]
        return self.but(*empty) if empty else None
