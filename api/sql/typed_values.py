"""Values of a type, from the texts in which a request gives them.

The text of an array, of a composite type or of jsonb is JSON, as in an answer's body; any other is
the type's own text.
"""

from api.catalog.relations import Type
from api.sql.binding import Values


def value(type_: Type, values: Values) -> str:
    """Write the next value."""
    return of_text(type_, values.next())


def several(type_: Type, values: Values) -> str:
    """Write the next value, an array of texts, as an array of the type."""
    texts = values.next("text[]")
    if not is_made_of_json(type_):
        return f"CAST({texts} AS {type_.sql}[])"
    return f"ARRAY(SELECT {of_text(type_, 't.v')} FROM unnest({texts}) AS t (v))"


def one_of(value: str, type_: Type) -> str:
    """Write what a column equals that equals a value: any of an array that holds this value.

    An array itself is compared as it is: an array of arrays would be one of their elements.
    """
    return value if type_.base.kind == "a" else f"ANY (ARRAY[{value}])"


def is_made_of_json(type_: Type) -> bool:
    """Return whether Postgres makes a value of JSON, rather than of its own text."""
    return type_.base.kind in "ac"


def holds_json(type_: Type) -> bool:
    """Return whether a value is an array whose elements may be any JSON."""
    base = type_.base
    return base.kind == "a" and base.part is not None and base.part.base.name in ("json", "jsonb")


def array_of_json(type_: Type, json: str) -> str:
    """Write the array of a type that `holds_json`; `json`: an expression of type json."""
    # json_to_record would read an element that is an array itself as a further dimension.
    items = (
        "SELECT CASE WHEN json_typeof(e.v) <> 'null' THEN e.v END"
        f" FROM json_array_elements({json}) WITH ORDINALITY AS e (v, n) ORDER BY e.n"
    )
    return f"CAST(CAST(ARRAY({items}) AS json[]) AS {type_.sql})"


def of_text(type_: Type, text: str) -> str:
    """Write the value of an expression of type text."""
    if holds_json(type_):
        # As a subquery, it is computed once, before an index is searched for it.
        return f"(SELECT {array_of_json(type_, f'CAST({text} AS json)')})"
    if is_made_of_json(type_):
        record = f"json_to_record(json_build_object('v', CAST({text} AS json)))"
        return f"(SELECT v.v FROM {record} AS v (v {type_.sql}))"
    return f"CAST({text} AS {type_.sql})"
