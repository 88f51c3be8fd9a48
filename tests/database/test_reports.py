"""The bill and the reports on a few visits, with the expected numbers; and the sample codes."""

import csv
import re
from decimal import Decimal
from typing import LiteralString

import pytest

from api.config import ROOT
from tests.support.billing_sql import add_line_item, add_visit, rows
from tests.support.databases import TestDatabase


def test_superbill_has_the_whole_bill_of_a_visit(database: TestDatabase) -> None:
    patient, encounter = add_visit(database.sql_url)
    add_line_item(database.sql_url, encounter, "J1885", 3)
    add_line_item(database.sql_url, encounter, "00001", 1)
    ((made,),) = rows(database.sql_url, "SELECT row_to_json(s) FROM api.superbills AS s")
    ids = [line.pop("id") for line in made["line_items"]]
    assert ids == sorted(ids)
    # What was added later stands behind it: tests/database/test_money_reports.py.
    assert list(made.items())[:5] == [
        ("encounter_id", encounter),
        ("date", "2024-03-01"),
        ("patient_id", patient),
        ("first_name", "Jo"),
        ("last_name", "Doe"),
    ]
    assert list(made)[5] == "line_items"
    assert [list(line.items())[:3] for line in made["line_items"]] == [
        [
            ("cpt_code", "J1885"),
            ("cpt_code_description", "Injection, ketorolac tromethamine, per 15 mg"),
            ("units", 3),
        ],
        [
            ("cpt_code", "00001"),
            ("cpt_code_description", "Synthetic test code 00001"),
            ("units", 1),
        ],
    ]


@pytest.fixture
def visits(database: TestDatabase) -> dict[str, str]:
    """Add Ann with two visits in March, Bob with one in April, Cy with one without line items."""
    ann, first = add_visit(database.sql_url, "Ann", "2024-03-20")
    add: LiteralString = (
        "INSERT INTO api.encounters (patient_id, date) VALUES (%s, '2024-03-05') RETURNING id::text"
    )
    ((earlier,),) = rows(database.sql_url, add, ann)
    bob, second = add_visit(database.sql_url, "Bob", "2024-04-30")
    cy, missed = add_visit(database.sql_url, "Cy", "2024-04-01")
    for encounter, code, units in (
        (first, "J1885", 3),
        (first, "G0438", 1),
        (earlier, "G0438", 2),
        (second, "J1885", 2),
    ):
        add_line_item(database.sql_url, encounter, code, units)
    return {
        "ann": ann,
        "bob": bob,
        "cy": cy,
        "first": first,
        "earlier": earlier,
        "second": second,
        "missed": missed,
    }


def test_report_lists_encounters_without_line_items(
    database: TestDatabase, visits: dict[str, str]
) -> None:
    _, older = add_visit(database.sql_url, "Di", "2023-12-31")
    query: LiteralString = (
        "SELECT encounter_id::text, encounter_date::text, age_in_days ="
        " CAST(now() AT TIME ZONE 'America/New_York' AS date) - encounter_date,"
    )
    query += " patient_id::text, first_name, last_name FROM reporting.encounters_without_line_items"
    (first, *_), second = rows(database.reporter_url, query)
    assert first == older
    assert second == (visits["missed"], "2024-04-01", True, visits["cy"], "Cy", "Doe")


def test_report_counts_the_use_of_codes(database: TestDatabase, visits: dict[str, str]) -> None:
    wellness = (
        "Annual wellness visit; includes a personalized prevention plan of service (PPS),"
        " initial visit"
    )
    assert rows(database.reporter_url, "SELECT * FROM reporting.code_utilisation") == [
        ("J1885", "Injection, ketorolac tromethamine, per 15 mg", 2, 5, Decimal("0.62500000")),
        ("G0438", wellness, 2, 3, Decimal("0.37500000")),
    ]


def test_report_counts_the_activity_of_each_month(
    database: TestDatabase, visits: dict[str, str]
) -> None:
    query: LiteralString = (
        "SELECT month_start::text, patients_seen, encounter_count, line_item_count, unit_count"
    )
    assert rows(database.reporter_url, f"{query} FROM reporting.monthly_activity") == [
        ("2024-03-01", 1, 2, 3, 6),
        ("2024-04-01", 2, 2, 1, 2),
    ]


def test_report_lists_the_line_items_of_each_patient(
    database: TestDatabase, visits: dict[str, str]
) -> None:
    query: LiteralString = (
        "SELECT first_name, encounter_date::text, cpt_code, units FROM reporting.patient_statements"
    )
    assert rows(database.reporter_url, query) == [
        ("Ann", "2024-03-05", "G0438", 2),
        ("Ann", "2024-03-20", "J1885", 3),
        ("Ann", "2024-03-20", "G0438", 1),
        ("Bob", "2024-04-30", "J1885", 2),
        ("Cy", "2024-04-01", None, None),
    ]
    assert len(rows(database.reporter_url, f"{query} WHERE patient_id = %s", visits["ann"])) == 3


def test_reports_are_empty_when_nothing_is_billed(database: TestDatabase) -> None:
    for name in (
        "encounters_without_line_items",
        "code_utilisation",
        "monthly_activity",
        "patient_statements",
    ):
        assert rows(database.reporter_url, f"SELECT * FROM reporting.{name}") == []


_SAMPLES = ["cpt_code", "diagnosis_code", "modifier", "place_of_service"]


def sample(name: str) -> dict[str, str]:
    """Return the codes of a file of samples, with what they stand for."""
    path = ROOT / "schema" / "samples" / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return dict(list(csv.reader(file))[1:])


def test_sample_codes_have_no_licensed_descriptions(database: TestDatabase) -> None:
    """CPT belongs to the American Medical Association, D codes to the American Dental one."""
    names = sorted(path.stem for path in (ROOT / "schema" / "samples").iterdir())
    assert names == _SAMPLES
    codes = sample("cpt_code")
    synthetic = re.compile(r"000[0-9][1-9]|000[1-9]0|9999[FTUM]")
    for code, description in codes.items():
        if synthetic.fullmatch(code):
            assert description == f"Synthetic test code {code}"
        else:
            assert re.fullmatch("[A-CE-V][0-9]{4}", code), code
            assert re.match("[A-Z].{4}", description)
    assert len(codes) >= 40
    assert dict(rows(database.sql_url, "SELECT code, description FROM api.cpt_codes")) == codes
    for code, description in sample("modifier").items():
        assert not re.fullmatch("[0-9]+|P[1-6]", code), code  # CPT's modifiers
        assert not re.search(r"\b[0-9]{5}\b", description), code


def test_sample_codes_are_valid_on_every_day(database: TestDatabase) -> None:
    assert [
        dict(
            rows(
                database.sql_url,
                f"SELECT code, description FROM api.{noun}_versions WHERE valid_during = '(,)'",
            )
        )
        for noun in _SAMPLES
    ] == [sample(noun) for noun in _SAMPLES]
