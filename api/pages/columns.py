"""The columns of a page: what each is called, what it means, and how its values are shown."""

import re
from dataclasses import dataclass, field

from api.catalog.relations import Column, Relation, Type, in_words
from api.document import examples

NUMBER, DATE, TIME, ID, TRUTH, TEXT, JSON, LIST, ROWS, ROW = (
    "number",
    "date",
    "time",
    "id",
    "truth",
    "text",
    "json",
    "list",
    "rows",
    "row",
)
_KINDS = {
    "bool": TRUTH,
    "date": DATE,
    "float4": NUMBER,
    "float8": NUMBER,
    "int2": NUMBER,
    "int4": NUMBER,
    "int8": NUMBER,
    "json": JSON,
    "jsonb": JSON,
    "numeric": NUMBER,
    "timestamp": TIME,
    "timestamptz": TIME,
    "uuid": ID,
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A column as a page shows it.

    `kind`: one of the constants above; `about`: its comment, without an example; `parts`: of rows
    or a row in it, the columns.
    """

    name: str
    label: str
    kind: str
    about: str = ""
    parts: tuple["Shown", ...] = field(default=())


def shown(column: Column) -> Shown:
    """Describe a column."""
    kind, parts = _kind(column.type)
    text, _ = examples.split(column.comment)
    return Shown(column.name, in_words(column.name), kind, text or "", parts)


def of_relation(relation: Relation) -> tuple[Shown, ...]:
    """Describe the columns that the role may read."""
    return tuple(map(shown, relation.allowed("select")))


def _kind(type_: Type) -> tuple[str, tuple[Shown, ...]]:
    base = type_.base
    if base.kind == "c":
        return ROW, tuple(map(shown, base.fields))
    if base.kind == "a":
        part = base.part.base if base.part else None
        if part and part.kind == "c":
            return ROWS, tuple(map(shown, part.fields))
        return LIST, ()
    return _KINDS.get(base.name, TEXT), ()


def heading(text: str) -> str:
    """Write words as a heading."""
    return text[:1].upper() + text[1:]


def sentence(comment: str | None) -> str:
    """Return the first sentence of a comment."""
    text, _ = examples.split(comment)
    found = re.match(r"(?s)(.+?[.:])(\s|$)", text or "")
    return found[1].replace("\n", " ") if found else text or ""
