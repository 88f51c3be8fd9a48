"""A representation: a form of an operation's rows, and how it is made of their JSON."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from api.document.media_types import Form
from api.operations.operation import Operation


@dataclass(frozen=True, slots=True)
class Content:
    """What a representation shows, and where it stands.

    `text`: the JSON of one row, or of an array of rows; `path`: with the prefix, as it was sent;
    `query`: as it was sent; `following`: the URI reference of a list's next page, or empty.
    """

    text: str
    path: str = ""
    query: str = ""
    following: str = ""


class RenderError(Exception):
    """A representation cannot be made of a row; the text says where, without any value of it."""


@dataclass(frozen=True, slots=True)
class Representation:
    """A form of the rows of an operation.

    `content_type`: the media type with its parameters; `render` makes the whole answer, and raises
    RenderError; it may run in a thread; `headers`: names in lower case.
    """

    form: Form
    content_type: str
    render: Callable[[Content], bytes]
    headers: Mapping[str, str] = field(default_factory=dict)


def _nowhere(_: Content) -> bytes:
    raise AssertionError


# What every row has unless the schema has a page of its own for it; `pages` makes it, and endpoints
# read more for it than the row.
PAGE = Representation(
    Form("html", "text/html", "A page for people."), "text/html; charset=utf-8", _nowhere
)

Offers = Mapping[Operation, tuple[Representation, ...]]
"""The representations of each operation that has some, beside JSON, in the order of the offer."""
