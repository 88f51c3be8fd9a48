"""The preconditions of a request: `If-Match` and `If-None-Match` (RFC 9110, section 13.1).

`If-Unmodified-Since` and `If-Modified-Since` are about a date that no row has, so section 13.1 says
to ignore them.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sanic.compat import Header

from api.catalog.relations import listed
from api.catalog.view_lines import MATCH
from api.problem import Problem, ProblemError, header_fault

NONE_MATCH = "If-None-Match"
BOTH = MATCH, NONE_MATCH
_NO_TAG = header_fault(MATCH, "names no tag of the content")
_NEEDED = header_fault(MATCH, "is required")
FAILED = Problem(
    "precondition-failed",
    "The content has another tag than `If-Match` names: it has changed since it was read.",
    (_NO_TAG,),
)
_REQUIRED = Problem(
    "precondition-required",
    "Send `If-Match` with the `ETag` of the row that you have read, or `*` for any.",
    (_NEEDED,),
)
NO_ROW = Problem(
    "precondition-failed",
    "There is no row that could have what `If-Match` names.",
    (_NO_TAG,),
)
_THERE = Problem(
    "precondition-failed",
    "`If-None-Match: *` asks for a new row, and this one is there.",
    (header_fault(NONE_MATCH, "allows no row that is there"),),
)
_REQUIRED_TO_REPLACE = Problem(
    "precondition-required",
    "This row is there. To replace it, send `If-Match` with the `ETag` that you have read, or `*`.",
    (_NEEDED,),
)
_ANY = "*"
# Section 8.8.3, and lists as recipients read them (section 5.6.1.2): with empty elements.
_TAG = r'(?:W/)?"[^"\0- \x7f]*"'
_TAGS = re.compile(rf"[\t ,]*{_TAG}(?:[\t ]*,(?:[\t ]*{_TAG})?)*[\t ]*")
_EACH = re.compile(_TAG)


@dataclass(frozen=True, slots=True)
class Tags:
    """The tags that a header field names, as they are written; None stands for any (`*`)."""

    named: frozenset[str] | None

    @property
    def values(self) -> tuple[str, ...] | None:
        """The tags as a value of a statement; None for any."""
        return None if self.named is None else tuple(sorted(self.named))

    def match(self, tag: str | None) -> bool:
        """Return whether the tag of a content is one of them (strong comparison, section 8.8.3.2).

        `tag`: a strong one; None where the content has none.
        """
        return self.named is None or tag in self.named

    def match_weakly(self, tag: str | None) -> bool:
        """Return whether the tag of a content is one of them, a weak one too."""
        return self.match(tag) or (tag is not None and self.match(f"W/{tag}"))


@dataclass(frozen=True, slots=True)
class Replacement:
    """What a PUT may do; `tags`: of which a row has to have one to be replaced, None for any."""

    inserts: bool = True
    replaces: bool = True
    tags: tuple[str, ...] | None = None
    there: Problem = _THERE
    """The answer if it may not replace the row that is there."""


def of_write(headers: Header, *, required: bool) -> tuple[str, ...] | None:
    """Return the strong tags of which a row must have one to be changed; None where any will do.

    Raises ProblemError `invalid-header`, and `precondition-required` where there is no `If-Match`.
    """
    refuse(headers, (NONE_MATCH,), "GET and HEAD")
    tags = tags_of(headers, MATCH)
    if tags is None and required:
        raise ProblemError(_REQUIRED)
    return tags.values if tags else None


def of_replace(headers: Header, *, required: bool) -> Replacement:
    """Return what a PUT may do; `required`: whether it replaces nothing without `If-Match`.

    Raises ProblemError `invalid-header`, and `precondition-failed` where it may do nothing.
    """
    tags, others = tags_of(headers, MATCH), tags_of(headers, NONE_MATCH)
    if others and others.named is not None:
        sentence = f"`{NONE_MATCH}` must be `*` here: tags are for GET and HEAD."
        raise ProblemError(invalid_header(NONE_MATCH, sentence))
    if tags and others:
        raise ProblemError(FAILED)
    if others:
        return Replacement(replaces=False)
    if tags:
        return Replacement(inserts=False, tags=tags.values)
    return Replacement(replaces=not required, there=_REQUIRED_TO_REPLACE if required else _THERE)


def refuse_for_create(headers: Header) -> None:
    """Refuse the conditions of a create: there is no row yet that could have a tag.

    Raises ProblemError `invalid-header`.
    """
    refuse(headers, BOTH, "one row that is there")


def refuse(headers: Header, names: Iterable[str], purpose: str) -> None:
    """Refuse header fields that mean nothing to an operation; `purpose`: what they are for.

    Raises ProblemError `invalid-header`.
    """
    found = [name for name in names if name in headers]
    if found:
        verb = "is" if len(found) == 1 else "are"
        sentence = f"{listed([f'`{name}`' for name in found])} {verb} only for {purpose}."
        faults = [header_fault(name, f"is only for {purpose}") for name in found]
        raise ProblemError(Problem("invalid-header", sentence, tuple(faults)))


def tags_of(headers: Header, name: str) -> Tags | None:
    """Return the tags that a header field names, None where it is not sent.

    Raises ProblemError `invalid-header`.
    """
    if name not in headers:
        return None
    text = ",".join(headers.getall(name)).strip("\t ")
    if text == _ANY:
        return Tags(None)
    if not _TAGS.fullmatch(text):
        sentence = f"`{name}` must be `*`, or tags as `ETag` has them, separated by commas."
        raise ProblemError(invalid_header(name, sentence))
    return Tags(frozenset(_EACH.findall(text)))


def invalid_header(name: str, sentence: str) -> Problem:
    """Return the problem of a header field whose value is not one of those that it may have."""
    fault = header_fault(name, sentence.removeprefix(f"`{name}` ")[:-1])
    return Problem("invalid-header", sentence, (fault,))
