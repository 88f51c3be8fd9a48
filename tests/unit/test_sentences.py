"""Sentences made from definitions: conditions, patterns and keys in words."""

import pytest

from api.catalog import conditions, forms, sentences
from api.catalog.relations import Constraint

# The condition as Postgres prints it → what follows the column's name, or a whole clause.
SAID = {
    "(a > 0)": "a must be greater than 0",
    "(0 < a)": "a must be greater than 0",
    "(a > (-5))": "a must be greater than -5",
    "((a >= 0) AND (a < 100000))": "a must be at least 0 and less than 100000",
    "((a >= 0) AND (a <= 10) AND (a <> 5))": "a must be at least 0, at most 10 and not 5",
    "((a < 0) OR ((a > 5) AND (a < 9)))": (
        "a must be less than 0, or greater than 5 and less than 9"
    ),
    "(NOT ((a > 3) AND (b = 'x'::text)))": "a must be at most 3, or b must not be x",
    "(amount > '-0.5'::numeric)": "amount must be greater than -0.5",
    "((a)::text = ANY ((ARRAY['x'::character varying, 'y z'::character varying])::text[]))": (
        "a must be one of x, y z"
    ),
    "(a = ANY (ARRAY['x,y'::text, ''::text]))": 'a must be one of "x,y", ""',
    "(a <> ALL (ARRAY[1, 2]))": "a must not be one of 1, 2",
    "(status = 'new'::billing.status)": "status must be new",
    "(length(a) <= 1)": "a must have at most 1 character",
    "((length(a) >= 3) AND (length(a) <= 8))": "a must have 3 to 8 characters",
    "(char_length(btrim(a)) > 0)": "a must not be blank",
    "(btrim(a) <> ''::text)": "a must not be blank",
    "(a <> ''::text)": "a must not be empty",
    "(octet_length(a) < 3)": "a must have at most 2 bytes",
    "(array_length(a, 1) <= 5)": "a must have at most 5 items",
    "((a % 5) = 0)": "a must be a multiple of 5",
    "(a = round(a, 2))": "a must have at most 2 digits after the point",
    "((a)::numeric = round((a)::numeric, 3))": "a must have at most 3 digits after the point",
    "((cardinality(a) >= 1) AND (cardinality(a) <= 8))": "a must have 1 to 8 items",
    "((a)::text = lower((a)::text))": "a must be in small letters",
    "(a = TRIM(BOTH FROM a))": "a must not begin or end with a blank",
    "(date_trunc('month'::text, d) = d)": "d must be the beginning of a month",
    "(jsonb_typeof(a) = 'object'::text)": "a must be a JSON object",
    "(jsonb_typeof(a) = ANY (ARRAY['object'::text, 'array'::text]))": (
        "a must be one of the JSON types object, array"
    ),
    "(length(a) = ANY (ARRAY[5, 10]))": "a must have 5 or 10 characters",
    "((length(a) > 4) AND (length(a) < 6))": "a must have 5 characters",
    "(a = TRIM(LEADING FROM a))": "a must not begin with a blank",
    "((a IS NULL) OR ((a <> 5) AND (a IS NOT NULL)))": ("a must be null, or not 5 and not null"),
    "(NOT isempty(a))": "a must not be empty",
    "a": "a must be true",
    "(NOT a)": "a must be false",
    "(d >= '2000-01-01'::date)": "d must not be before 2000-01-01",
    "(d <= ((now())::date + 1))": "d must not be after today + 1",
    "(t < CURRENT_TIMESTAMP)": "t must be before now",
    "(d > birth)": "d must be after birth",
    "((a + b) <= 100)": "a + b must be at most 100",
    "(a <= (b * 2))": "a must be at most b * 2",
    "((a IS NULL) OR (a > 0))": "a must be greater than 0",
    "(a IS NOT NULL)": "a must not be null",
    "((a IS NULL) OR (b IS NOT NULL))": "a must be null, or b must not be null",
    "((a IS NOT NULL) OR (b IS NOT NULL))": "at least one of a and b must not be null",
    "((a IS NULL) = (b IS NULL))": "both or neither of a and b must be null",
    "((a IS NULL) <> (b IS NULL))": "exactly one of a and b must be null",
    "(num_nonnulls(a, b, c) = 1)": "exactly one of a, b and c must not be null",
    "(num_nulls(a, b) < 2)": "at most one of a and b must be null",
    "(a ~~ 'A%'::text)": 'a must begin with "A"',
    "(a !~~* '%x%'::text)": 'a must not contain "x", in capital or small letters',
    "(a ~ '^[0-9]{5}$'::text)": "a must be 5 digits",
    "(a ~ '\\S'::text)": "a must not be blank",
    # No words for these, or not for a part of them.
    "(f(a) > 3)": "a must meet a rule of the database",
    "((f(a) > 3) AND (a > 2))": "a must meet a rule of the database and be greater than 2",
    "((a # b) > 3)": "a and b must meet a rule of the database",
    "(a > length(a))": "a must meet a rule of the database",
    "(round(a) <> a)": "a must meet a rule of the database",
    "(a > length(b))": "a and b must meet a rule of the database",
    "(a <> ANY (ARRAY[1, 2]))": "a must meet a rule of the database",
    "(a = ALL (ARRAY[1, 2]))": "a must meet a rule of the database",
    "(a > (1.5)::numeric(3,0))": "a must meet a rule of the database",
    "((a)::integer > 5)": "a must meet a rule of the database",
    "(a > (1.5)::integer)": "a must meet a rule of the database",
    "(a = (E'\\n')::text)": "a must meet a rule of the database",
    "CASE": "The row must meet a rule of the database",
}
FORMS = {
    "^[0-9]{5}(-[0-9]{4})?$": 'be 5 digits, then optionally "-" and 4 digits',
    r"^[A-Z]{2}-\d{4}$": 'be 2 capital letters, then "-", then 4 digits',
    "^(a|b|cd)$": 'be "a" or "b" or "cd"',
    "^[[:alpha:]_]+$": 'be one or more letters or "_"',
    "^[^,]{1,3}$": 'be 1 to 3 characters other than ","',
    r"^[^@\s]+@[^@\s]+\.[a-z]+$": "be an e-mail address, as in name@example.org",
    "^https?://": 'begin with "http", then optionally "s", then "://"',
    "Z$": 'end with "Z"',
    "@": 'contain "@"',
    r"^([A-Z][0-9][0-9AB]\.?[0-9A-TV-Z]{0,4},){2}[A-Z]{1,3}[0-9]{2,5}[a-f]$": (
        'have a form as in "A11,A11,A11a"'
    ),
    **dict.fromkeys(
        (
            "^(?=x)",
            "[",
            "(",
            "^a|b$",
            "",
            "a**",
            r"\ya",
            "^[]$",
            "x{",
            r"(\1)",
            "^a{1}?$",
            r"^abc\$",
            "(^a|b)",
        ),
        "have the form that is asked for",
    ),
}


def test_condition_is_said_in_words() -> None:
    names = {name: name for name in ("a", "b", "c", "d", "t")}
    said = {text: conditions.of(text, names, {"d", "t", "birth"}).clause for text in SAID}
    assert said == SAID


def test_pattern_is_said_in_words_or_by_an_example() -> None:
    assert {pattern: forms.of_regex(pattern) for pattern in FORMS} == FORMS
    assert forms.of_like(r"a\%_b%") == 'begin with "a%", then a character, then "b"'


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("plan_no_check", "must meet a rule of the database"),
        ("plan_check1", "must meet a rule of the database"),
        ("app_plan_1f0c93ab_check", "must meet a rule of the database"),
        ("plan_no_is_no_prime", 'must meet the rule "plan no is no prime"'),
    ],
)
def test_only_a_chosen_name_is_shown(name: str, sentence: str) -> None:
    check = Constraint(name, "c", ("s", "plan"), ("plan_no",), "(f(plan_no) = 1)")
    assert sentences.of(check) == sentence
    assert sentences.of(Constraint(name, "c", comment="A plan has a number.")) == (
        "A plan has a number."
    )


@pytest.mark.parametrize(
    ("elements", "sentence"),
    [
        ((("name", "="),), "Another health plan has this name."),
        (
            (("payer_code", "="), ('"plan No"', "=")),
            "Another health plan has this payer code and plan No.",
        ),
        (
            (("lower(name)", "="),),
            "Another health plan has this name, capital and small letters aside.",
        ),
        (
            (("id", "="), ("during", "&&")),
            "Another health plan has this id and an overlapping during.",
        ),
        ((("point", "~="),), "Another health plan has a conflicting point."),
        ((("(", "="),), "Another health plan is in conflict with this one."),
    ],
)
def test_key_is_said_by_its_columns(elements: tuple[tuple[str, str], ...], sentence: str) -> None:
    assert sentences.of(Constraint("x", "u", ("s", "health_plan"), elements=elements)) == sentence
