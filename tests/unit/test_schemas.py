"""Relations → JSON Schemas: types, defaults, examples and CHECKs that the menagerie lacks."""

from dataclasses import replace
from typing import Any

import pytest

from api.catalog.relations import Column, Constraint, Relation, Type
from api.document import schemas, validators, values
from api.document.type_schemas import VARHDRSZ
from api.operations import kinds
from api.operations.operation import Operation

WRITABLE = frozenset({"select", "insert", "update"})
INTEGER, TEXT, BOOLEAN = (Type(n, n, "b") for n in ("int4", "text", "bool"))
NUMERIC, FLOAT, JSONB, DATE = (Type(n, n, "b") for n in ("numeric", "float8", "jsonb", "date"))
ENUM = Type("e", "s.e", "e", labels=("it's", "b"))


def sized(name: str, modifier: int) -> Type:
    return Type(name, name, "b", modifier)


def numeric(precision: int, scale: int) -> Type:
    return sized("numeric", VARHDRSZ + (precision << 16 | scale & 0x7FF))


def created(*columns: Column, checks: tuple[Constraint, ...] = ()) -> dict[str, Any]:
    relation = Relation("api", "things", None, columns, ("s", "thing"), ("id",), constraints=checks)
    return schemas.created(Operation(kinds.CREATE, relation, "things"))


def column(
    type_: Type, *, default: str | None = None, comment: str | None = None, nullable: bool = False
) -> Column:
    return Column("c", type_, nullable, comment, default, source="c", privileges=WRITABLE)


@pytest.mark.parametrize(
    ("type_", "default", "constant"),
    [
        (INTEGER, "1", 1),
        (INTEGER, "-1", -1),
        (INTEGER, "'-1'::integer", -1),
        (INTEGER, "'-5000000000'::bigint", None),
        (INTEGER, "1.6", None),
        (INTEGER, "'1.6'::numeric", None),
        (INTEGER, "(1 + 1)", None),
        (BOOLEAN, "true", True),
        (BOOLEAN, "false", False),
        (NUMERIC, "0", "0"),
        (NUMERIC, "'-1.50'::numeric", "-1.50"),
        (NUMERIC, "'-1'::integer", "-1"),
        (NUMERIC, "0.5", "0.5"),
        (NUMERIC, "'NaN'::numeric", None),
        (numeric(5, 2), "'-1.005'::numeric", None),
        (FLOAT, "1", 1),
        (FLOAT, "'-1.5'::numeric", -1.5),
        (FLOAT, "'-1e-07'::double precision", -1e-07),
        (FLOAT, "'NaN'::double precision", None),
        (FLOAT, "'-Infinity'::double precision", None),
        (TEXT, "'-1'::text", "-1"),
        (TEXT, "1", None),
        (TEXT, "'it''s'::text", "it's"),
        (TEXT, "''::character varying", ""),
        (TEXT, "'a'::text || 'b'::text", None),
        (TEXT, "lower('A'::text)", None),
        (TEXT, "now()", None),
        (ENUM, "'it''s'::s.e", "it's"),
        (ENUM, '\'b\'::"S"."odd type"', "b"),
        (DATE, "'2024-01-01'::date", "2024-01-01"),
        (DATE, "CURRENT_DATE", None),
        (sized("timestamptz", -1), "'2024-01-01 00:00:00+00'::timestamp with time zone", None),
        (JSONB, "'{}'::jsonb", None),
    ],
)
def test_literal_default_is_in_the_schema(type_: Type, default: str, constant: Any) -> None:
    schema = created(column(type_, default=default))
    assert schema["properties"]["c"].get("default") == constant
    assert type(schema["properties"]["c"].get("default")) is type(constant)
    assert schema["required"] == []


def test_column_without_default_that_is_not_null_is_required() -> None:
    assert created(column(TEXT))["required"] == ["c"]
    assert created(column(TEXT, nullable=True))["required"] == []
    assert created(column(TEXT, nullable=True))["properties"]["c"]["type"] == ["string", "null"]
    assert created(column(TEXT))["additionalProperties"] is False


@pytest.mark.parametrize(
    ("type_", "comment", "example", "description"),
    [
        (TEXT, "What it is.\nExample: Jo", "Jo", "What it is."),
        (TEXT, "One line.\nAnother.\nExample: 01", "01", "One line.\nAnother."),
        (INTEGER, "Count.\nExample: 3", 3, "Count."),
        (JSONB, 'A document.\nExample: {"a": [1]}', {"a": [1]}, "A document."),
        (TEXT, "For example: not this.", "text", "For example: not this."),
        (ENUM, None, "it's", None),
        (sized("varchar", VARHDRSZ + 2), None, "te", None),
    ],
)
def test_example_is_the_last_line_of_the_comment_or_that_of_the_type(
    type_: Type, comment: str | None, example: Any, description: str | None
) -> None:
    part = created(column(type_, comment=comment))["properties"]["c"]
    assert part["examples"] == [example]
    assert part.get("description") == description


@pytest.mark.parametrize(
    ("type_", "taken", "refused"),
    [
        (
            NUMERIC,
            ["0", "-1", "1.50", "00", "9" * 50],
            ["", "+1", "1.", ".5", "1e3", "NaN", "Infinity", " 1", "1\n"],
        ),
        (numeric(5, 2), ["999.99", "-0.1", "1"], ["1000", "0.123", "1.2.3"]),
        (numeric(3, 0), ["999", "-1"], ["1.0", "1000"]),
        (numeric(2, 4), ["0.0012"], ["0.00123"]),
        (numeric(3, -2), ["99900", "-100", "0"], ["1234", "100000", "50", "1.5"]),
        (sized("varchar", VARHDRSZ + 3), ["", "abc", "äöü"], ["abcd"]),
        (Type("kg", "s.kg", "d", part=NUMERIC), ["1.5"], ["NaN", "x"]),
        (
            sized("time", -1),
            ["23:59:59.123456", "24:00:00"],
            ["23:59:59.1234567", "24:00:01", "23:59:60"],
        ),
        (sized("time", 3), ["23:59:59.123", "24:00:00"], ["23:59:59.1234", "23:59:59."]),
        (sized("time", 0), ["23:59:59", "24:00:00"], ["23:59:59.9", "23:59:59.0"]),
        (
            sized("timetz", 0),
            ["23:59:59+00", "24:00:00-15:59:59"],
            ["23:59:59.9+00", "23:59:59+16"],
        ),
        (sized("timestamp", 6), ["2024-01-01T00:00:00.000001"], ["2024-01-01T00:00:00.0000001"]),
        (
            sized("timestamp", 1),
            ["2024-01-01T00:00:00.1"],
            ["2024-01-01T00:00:00.12", "2024-01-01T24:00:00"],
        ),
        (
            sized("timestamptz", 6),
            ["2024-01-01T00:00:00.123456Z"],
            ["9999-12-31T23:59:59.9999999Z"],
        ),
        (
            sized("timestamptz", -1),
            ["9999-12-31T23:59:59Z"],
            ["9999-12-31T23:59:59-01:00", "0001-01-01T00:00:00+01:00"],
        ),
        (
            sized("timestamptz", 2),
            ["2024-01-01T00:00:00Z", "2024-01-01t00:00:00.12+05:30"],
            ["2024-01-01T00:00:00.123Z", "2024-01-01T00:00:00.123+05:30", "2024-01-01"],
        ),
        (
            sized("timestamptz", 0),
            ["2024-01-01T00:00:00-05:00"],
            ["2024-01-01T00:00:00.6Z", "2024-01-01T00:00:00.0Z"],
        ),
        (
            Type("m", "s.m", "d", part=sized("timestamptz", 0)),
            ["2024-01-01T00:00:00Z"],
            ["2024-01-01T00:00:00.6Z"],
        ),
        (Type("t", "t[]", "a", part=sized("time", 0)), [["10:00:00", None]], [["10:00:00.5"]]),
    ],
)
def test_type_modifier_limits_the_values(type_: Type, taken: list[Any], refused: list[Any]) -> None:
    accepts = validators.validator(values.value(type_)).is_valid
    assert [text for text in taken if not accepts(text)] == []
    assert [text for text in refused if accepts(text)] == []


def test_rounded_fraction_of_a_second_has_a_sentence() -> None:
    for digits, sentence in (
        (0, "must be in whole seconds"),
        (3, "must have at most 3 decimal digits in the seconds"),
    ):
        schema = values.value(sized("timestamptz", digits))
        assert (schema["format"], schema["x-sentences"]) == ("date-time", {"pattern": sentence})


def test_schema_in_a_url_has_no_type_modifier() -> None:
    assert values.parameter(column(sized("varchar", VARHDRSZ + 3))) == {"type": "string"}
    accepts = validators.validator(values.parameter(column(numeric(5, 2)))).is_valid
    assert (accepts("123456.789"), accepts("1e3")) == (True, False)


def test_domain_has_the_keywords_of_its_base_and_of_its_check() -> None:
    check = Constraint(
        "positive",
        "c",
        columns=("VALUE",),
        expression="(VALUE > (0)::numeric)",
        comment="Is above 0.",
    )
    domain = Type("kg", "s.kg", "d", part=numeric(5, 2), checks=(check,))
    accepts = validators.validator(values.value(domain)).is_valid
    assert [accepts(text) for text in ("1.50", "0.00", "1.005", "-1", "x")] == [
        True,
        False,
        False,
        False,
        False,
    ]
    assert "Is above 0." in str(values.value(domain))


def test_composite_requires_its_fields_and_refuses_others() -> None:
    fields = (Column("a", INTEGER, comment="A number.\nExample: 7"), Column("b", NUMERIC))
    schema = values.value(Type("pair", "s.pair", "c", fields=fields))
    accepts = validators.validator(schema).is_valid
    assert accepts({"a": 1, "b": "1.5"})
    assert accepts({"a": None, "b": None})
    assert not accepts({"a": 1})
    assert not accepts({"a": 1, "b": 1.5})
    assert not accepts({"a": 1, "b": None, "c": 1})
    assert created(column(Type("pair", "s.pair", "c", fields=fields)))["properties"]["c"][
        "examples"
    ] == [{"a": 7, "b": "1"}]


def test_check_of_several_columns_stands_at_the_object() -> None:
    check = Constraint("a_and_b", "c", ("s", "thing"), ("a", "b"), "(a < b)", "A is below b.")
    alone = Constraint("odd", "c", ("s", "thing"), ("a",), "(f(a) = 3)", None)
    columns = [
        Column(name, INTEGER, source=source, privileges=WRITABLE)
        for name, source in (("x", "a"), ("b", "b"))
    ]
    schema = created(*columns, checks=(check, alone))
    assert schema["x-database-checked"] == ["A is below b."]
    assert schema["properties"]["x"]["x-database-checked"] == ["must meet a rule of the database"]


def test_tighter_limit_keeps_its_sentence() -> None:
    checks = tuple(
        Constraint(name, "c", ("s", "thing"), ("c",), expression, name)
        for name, expression in (("five", "(c <= 5)"), ("three", "(c <= 3)"), ("nine", "(c <= 9)"))
    )
    part = created(column(INTEGER), checks=checks)["properties"]["c"]
    assert (part["maximum"], part["x-sentences"]["maximum"]) == (3, "three")
    patterns = tuple(
        Constraint(name, "c", ("s", "thing"), ("c",), f"(c ~ '{name}'::text)", name)
        for name in ("^a", "b$")
    )
    accepts = validators.validator(
        created(column(TEXT), checks=patterns)["properties"]["c"]
    ).is_valid
    assert [accepts(text) for text in ("ab", "a", "b")] == [True, False, False]


def test_two_enums_have_their_sentences_and_accept_null() -> None:
    checks = tuple(
        Constraint(
            name,
            "c",
            ("s", "thing"),
            ("c",),
            f"((c = ANY (ARRAY[1, {n}])) AND (c = ANY (ARRAY[1, 2, {n}])))",
            name,
        )
        for name, n in (("first", 5), ("second", 6))
    )
    part = created(column(INTEGER, nullable=True), checks=checks)["properties"]["c"]
    errors = {
        error.schema["x-sentences"]["enum"] for error in validators.validator(part).iter_errors(5)
    }
    assert errors == {"second"}
    accepts = validators.validator(part).is_valid
    assert [accepts(value) for value in (1, None, 5, 6)] == [True, True, False, False]


def test_text_whose_collation_finds_different_texts_equal_has_no_keyword_of_a_check() -> None:
    check = Constraint("c_is_a", "c", columns=("c",), expression="(c = 'a'::text)")
    for type_, found in ((TEXT, ["a"]), (replace(TEXT, deterministic=False), None)):
        part = created(column(type_), checks=(check,))["properties"]["c"]
        assert (part.get("enum"), "x-database-checked" in part) == (found, found is None)


def test_unknown_type_is_marked_as_checked_by_the_database() -> None:
    schema = values.value(Type("inet", "inet", "b"))
    assert schema == {
        "type": "string",
        "x-database-checked": ["must be a value of the Postgres type inet"],
    }
