"""The whole superbill, and the reports of money, on a few bills with the expected numbers."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, LiteralString

import psycopg
import pytest

from tests.support.billing_sql import rows
from tests.support.databases import TestDatabase

pytestmark = pytest.mark.unmeasured

PRACTICE: LiteralString = (
    "INSERT INTO api.practices (name, npi, tax_id, address_line_1, city, state, postal_code,"
    " time_zone) VALUES ('Example Family Medicine', '1245319599', '911234567', '1 Main St',"
    " 'Seattle', 'WA', '981010000', 'America/Los_Angeles')"
)
PROVIDER: LiteralString = (
    "INSERT INTO api.providers (npi, first_name, last_name, credentials, license_number,"
    " license_state) VALUES ('1972510139', 'Grace', 'Kim', 'MD', 'MD1', 'WA') RETURNING id::text"
)
FEES: LiteralString = (
    "INSERT INTO api.fees (cpt_code, effective_on, amount) VALUES"
    " ('G0438', '2020-01-01', '175.25'), ('J1885', '2020-01-01', '0.33')"
)
PAYER: LiteralString = (
    "INSERT INTO api.payers (name, payer_number, filing_days) VALUES ('Medicare', '00882', 365)"
    " RETURNING id::text"
)
PATIENT: LiteralString = (
    "INSERT INTO api.patients (first_name, last_name) VALUES ('John', 'Oberly') RETURNING id::text"
)
DETAILS: LiteralString = (
    "INSERT INTO api.patient_details (patient_id, birth_date, sex, address_line_1, city, state,"
    " postal_code) VALUES (%s, '1950-05-05', 'M', '2 Elm', 'Seattle', 'WA', '98101')"
)
COVERAGE: LiteralString = (
    "INSERT INTO api.coverages (patient_id, payer_id, member_id, effective_on)"
    " VALUES (%s, %s, '1EG4TE5MK73', '2020-01-01') RETURNING id::text"
)
ENCOUNTER: LiteralString = (
    "INSERT INTO api.encounters (patient_id, date, provider_id, place_of_service)"
    " VALUES (%s, %s, %s, '11') RETURNING id::text"
)
DIAGNOSIS: LiteralString = (
    "INSERT INTO api.diagnoses (encounter_id, position, diagnosis_code) VALUES (%s, 1, 'E119')"
)
LINES: LiteralString = (
    "INSERT INTO api.line_items (encounter_id, cpt_code, units, diagnosis_pointers)"
    " VALUES (%s, 'G0438', 1, '{1}'), (%s, 'J1885', 2.5, '{1}') RETURNING id::text"
)
POST: LiteralString = "UPDATE api.encounters SET status = 'posted' WHERE id = %s"
VOID: LiteralString = (
    "UPDATE api.encounters SET status = 'voided', void_reason = 'Wrong patient' WHERE id = %s"
)
REVERSE: LiteralString = (
    "INSERT INTO api.reversals (line_item_id, reason) VALUES (%s, 'Entered twice')"
)
PAY: LiteralString = (
    "INSERT INTO api.payments (patient_id, payer_id, received_on, amount)"
    " VALUES (%s, %s, '2024-03-20', %s) RETURNING id::text"
)
ALLOCATE: LiteralString = (
    "INSERT INTO api.allocations (payment_id, line_item_id, amount) VALUES (%s, %s, %s)"
)
ADJUST: LiteralString = (
    "INSERT INTO api.adjustments (line_item_id, group_code, reason_code, amount, adjusted_on)"
    " VALUES (%s, 'CO', '45', %s, '2024-03-20')"
)
SUPERBILL: LiteralString = "SELECT row_to_json(s) FROM api.superbills AS s WHERE encounter_id = %s"
TODAY: LiteralString = "SELECT CAST(now() AT TIME ZONE time_zone AS date) FROM api.practices"


@dataclass(frozen=True, slots=True)
class Clinic:
    """A clinic that can bill; `database` acts as the API's role."""

    database: TestDatabase
    provider: str
    payer: str
    patient: str

    def run(self, query: LiteralString, *values: object) -> list[tuple[Any, ...]]:
        """Run a statement as the API does."""
        return rows(self.database.sql_url, query, *values)

    def report(self, query: LiteralString, *values: object) -> list[tuple[Any, ...]]:
        """Run a query as who may read reports alone."""
        return rows(self.database.reporter_url, query, *values)

    def draft(self, date: object = "2024-03-01") -> tuple[str, list[str]]:
        """Add a visit with a diagnosis and two line items; give its id and theirs."""
        ((encounter,),) = self.run(ENCOUNTER, self.patient, date, self.provider)
        self.run(DIAGNOSIS, encounter)
        return encounter, [line for (line,) in self.run(LINES, encounter, encounter)]

    def bill(self, date: object = "2024-03-01") -> tuple[str, list[str]]:
        """Add such a visit and post it."""
        encounter, lines = self.draft(date)
        self.run(POST, encounter)
        return encounter, lines

    def pay(self, line: str, amount: str, payer: str | None = None) -> None:
        """Pay for a line item."""
        ((payment,),) = self.run(PAY, self.patient, payer, amount)
        self.run(ALLOCATE, payment, line, amount)


@pytest.fixture
def clinic(database: TestDatabase) -> Clinic:
    """Give a clinic with a practice, a provider, fees, and an insured patient."""
    rows(database.sql_url, PRACTICE)
    rows(database.sql_url, FEES)
    ((provider,),) = rows(database.sql_url, PROVIDER)
    ((payer,),) = rows(database.sql_url, PAYER)
    ((patient,),) = rows(database.sql_url, PATIENT)
    rows(database.sql_url, DETAILS, patient)
    rows(database.sql_url, COVERAGE, patient, payer)
    return Clinic(database, provider, payer, patient)


def test_superbill_has_all_that_a_payer_asks_for(clinic: Clinic) -> None:
    encounter, (first, second) = clinic.bill()
    clinic.pay(first, "100.00", clinic.payer)
    clinic.pay(first, "25.00")
    clinic.run(ADJUST, first, "35.25")
    clinic.run(REVERSE, second)
    ((made,),) = clinic.run(SUPERBILL, encounter)
    assert made["practice"] | {"name": "Example Family Medicine", "npi": "1245319599"} == {
        "name": "Example Family Medicine",
        "npi": "1245319599",
        "tax_id": "911234567",
        "tax_id_type": "EIN",
        "address_line_1": "1 Main St",
        "address_line_2": None,
        "city": "Seattle",
        "state": "WA",
        "postal_code": "981010000",
        "phone": None,
    }
    assert made["provider"] == {
        "id": clinic.provider,
        "npi": "1972510139",
        "first_name": "Grace",
        "last_name": "Kim",
        "credentials": "MD",
        "license_number": "MD1",
        "license_state": "WA",
    }
    assert [made["patient_details"][name] for name in ("birth_date", "sex", "city")] == [
        "1950-05-05",
        "M",
        "Seattle",
    ]
    ((coverage,), (diagnosis,)) = made["coverages"], made["diagnoses"]
    assert (coverage["payer_name"], coverage["member_id"]) == ("Medicare", "1EG4TE5MK73")
    assert diagnosis["diagnosis_code_description"] == (
        "Type 2 diabetes mellitus without complications"
    )
    assert (made["status"], made["place_of_service_name"]) == ("posted", "Office")
    charges = [(line["unit_charge"], line["charge"]) for line in made["line_items"]]
    assert charges == [(175.25, 175.25), (0.33, 0.83)]
    assert [line["is_reversed"] for line in made["line_items"]] == [False, True]
    assert [line["diagnosis_pointers"] for line in made["line_items"]] == [[1], [1]]
    assert made["totals"] == {
        "charges": 175.25,
        "patient_payments": 25.0,
        "payer_payments": 100.0,
        "adjustments": 35.25,
        "balance": 15.0,
    }


def test_superbill_keeps_the_texts_of_its_day_and_costs_nothing_once_voided(
    clinic: Clinic,
) -> None:
    encounter, _ = clinic.bill()
    ((before,),) = clinic.run(SUPERBILL, encounter)
    for table, code in ("cpt_code_version", "G0438"), ("diagnosis_code_version", "E119"):
        clinic.database.execute(
            f"WITH u AS (UPDATE billing.{table} SET valid_during = '(,2025-01-01)'"
            f" WHERE code = '{code}' RETURNING code) INSERT INTO billing.{table}"
            " (code, valid_during, description) SELECT code, '[2025-01-01,)', 'New text' FROM u"
        )
    clinic.run(VOID, encounter)
    ((after,),) = clinic.run(SUPERBILL, encounter)
    assert after["line_items"] == before["line_items"]
    assert after["diagnoses"] == before["diagnoses"]
    assert (before["totals"]["charges"], after["totals"]["charges"]) == (176.08, 0.0)
    assert (after["status"], after["void_reason"]) == ("voided", "Wrong patient")


FAULTS: LiteralString = "SELECT fault FROM reporting.claim_faults WHERE encounter_id = %s"
# What is done to a complete bill as the owner, and the fault that is then told.
SPOILED: dict[LiteralString, str] = {
    "UPDATE billing.patient_detail SET birth_date = NULL": "The patient's birth date is missing.",
    "UPDATE billing.patient_detail SET birth_date = '2024-03-02'": (
        "The patient was born after the date of service."
    ),
    "UPDATE billing.patient_detail SET sex = NULL": "The patient's sex is missing.",
    "UPDATE billing.patient_detail SET city = NULL": "The patient's address is incomplete.",
    "UPDATE billing.practice SET npi = NULL": "The practice's NPI is missing.",
    "UPDATE billing.practice SET tax_id = NULL": "The practice's tax id is missing.",
    "UPDATE billing.practice SET state = NULL": "The practice's address is incomplete.",
    "DELETE FROM billing.practice": "The practice is not on record.",
    "UPDATE billing.payer SET payer_number = NULL": "The payer's number is missing.",
    "UPDATE billing.coverage SET ends_on = '2024-02-29'": (
        "The patient has no primary coverage on the date of service."
    ),
    "INSERT INTO billing.reversal (line_item_id, reason) SELECT id, 'x' FROM billing.line_item": (
        "All line items were reversed."
    ),
}


def test_claim_faults_tell_what_a_payer_would_refuse(clinic: Clinic) -> None:
    encounter, _ = clinic.bill()
    assert clinic.report(FAULTS, encounter) == []
    for statement, fault in SPOILED.items():
        with psycopg.connect(clinic.database.owner_url) as connection:
            connection.execute(statement)
            assert connection.execute(FAULTS, [encounter]).fetchall() == [(fault,)], statement
            connection.rollback()


def test_claim_faults_tell_of_diagnoses_and_of_all_that_is_missing(clinic: Clinic) -> None:
    ((other,),) = clinic.run(PATIENT)
    ((encounter,),) = clinic.run(ENCOUNTER, other, "2024-03-01", clinic.provider)
    add: LiteralString = "INSERT INTO api.line_items (encounter_id, cpt_code) VALUES (%s, 'G0438')"
    clinic.run(add, encounter)
    assert clinic.report(FAULTS, encounter) == []  # it is a draft
    clinic.run(POST, encounter)
    assert [fault for (fault,) in clinic.report(FAULTS, encounter)] == [
        "A line item points at no diagnosis.",
        "The first diagnosis is missing.",
        "The patient has no primary coverage on the date of service.",
        "The patient's address is incomplete.",
        "The patient's birth date is missing.",
        "The patient's sex is missing.",
    ]


def test_unbilled_encounters_have_a_day_by_which_to_file(clinic: Clinic) -> None:
    later, _ = clinic.draft("2024-03-02")
    earlier, _ = clinic.bill("2024-03-01")
    voided, _ = clinic.bill("2024-02-01")
    clinic.run(VOID, voided)
    query: LiteralString = (
        "SELECT encounter_id::text, is_posted, payer_name, file_by::text, file_by - days_left = %s"
        " FROM reporting.unbilled_encounters"
    )
    today = clinic.run(TODAY)[0][0]
    assert clinic.report(query, today) == [
        (earlier, True, "Medicare", "2025-03-01", True),
        (later, False, "Medicare", "2025-03-02", True),
    ]


def test_days_are_those_of_the_practice(clinic: Clinic) -> None:
    zone = "UPDATE billing.practice SET time_zone = '{}'"
    clinic.database.execute(zone.format("Pacific/Honolulu"))
    clinic.bill()
    lag: LiteralString = "SELECT mean_days, most_days FROM reporting.charge_lag"
    west = clinic.run(TODAY)[0][0], clinic.report(lag)[0][1]
    clinic.database.execute(zone.format("Pacific/Kiritimati"))  # the same time, a day later
    east = clinic.run(TODAY)[0][0], clinic.report(lag)[0][1]
    assert ((east[0] - west[0]).days, east[1] - west[1]) == (1, 1)


def test_owner_who_sees_two_practices_reads_bills_in_the_default_zone(clinic: Clinic) -> None:
    clinic.bill()
    add = "INSERT INTO identity.clinic VALUES ('{0}', 'Other');"
    add += "INSERT INTO billing.practice (clinic_id, name) VALUES ('{0}', 'Other')"
    clinic.database.execute(add.format("01a2083f-0000-7000-8000-0000000000ff"))
    new_york: LiteralString = (
        "SELECT bool_and(m.entry_date = CAST(e.posted_at AT TIME ZONE 'America/New_York' AS date))"
        " FROM billing.ledger_entry AS m JOIN billing.encounter AS e ON e.id = m.encounter_id"
    )
    assert rows(clinic.database.owner_url, new_york) == [(True,)]
    practices: LiteralString = "SELECT practice IS NULL FROM api.superbills"
    assert rows(clinic.database.owner_url, practices) == [(True,)]


def test_balances_and_ages_are_what_is_owed(clinic: Clinic) -> None:
    today = clinic.run(TODAY)[0][0]
    days: LiteralString = "SELECT (%s - CAST(%s AS integer))::text"
    for age in (30, 31, 60, 61, 90, 91):
        ((date,),) = clinic.report(days, today, age)
        _, (line, _) = clinic.bill(date)
        clinic.pay(line, f"{age}.00")
    clinic.draft(today)
    voided, _ = clinic.bill(today)
    clinic.run(VOID, voided)
    balances: LiteralString = (
        "SELECT charges, patient_payments, payer_payments, adjustments, balance"
        " FROM reporting.patient_balances WHERE patient_id = %s"
    )
    paid = Decimal("363.00")
    charged = 6 * Decimal("176.08")
    assert clinic.report(balances, clinic.patient) == [(charged, paid, 0, 0, charged - paid)]
    ages: LiteralString = (
        "SELECT to_30_days, to_60_days, to_90_days, over_90_days FROM reporting.aging"
    )
    each = Decimal("176.08")
    assert clinic.report(ages) == [(each - 30, 2 * each - 91, 2 * each - 151, each - 91)]


def test_months_have_what_was_charged_net_of_reversals_and_voids(clinic: Clinic) -> None:
    clinic.bill("2024-03-01")
    _, (_, drug) = clinic.bill("2024-03-31")
    clinic.run(REVERSE, drug)
    voided, _ = clinic.bill("2024-04-01")
    clinic.run(VOID, voided)
    query: LiteralString = (
        "SELECT month_start::text, provider_id::text, cpt_code, line_item_count, charges"
        " FROM reporting.monthly_charges"
    )
    assert clinic.report(query) == [
        ("2024-03-01", clinic.provider, "G0438", 2, Decimal("350.50")),
        ("2024-03-01", clinic.provider, "J1885", 1, Decimal("0.83")),
    ]


def test_statement_has_what_each_line_costs_and_what_is_left(clinic: Clinic) -> None:
    _, (first, _) = clinic.bill()
    clinic.pay(first, "100.00")
    clinic.draft("2024-03-05")
    query: LiteralString = (
        "SELECT encounter_date::text, cpt_code, charge, payments, adjustments, balance"
        " FROM reporting.patient_statements WHERE patient_id = %s"
    )
    assert clinic.report(query, clinic.patient) == [
        ("2024-03-01", "G0438", Decimal("175.25"), Decimal("100.00"), 0, Decimal("75.25")),
        ("2024-03-01", "J1885", Decimal("0.83"), 0, 0, Decimal("0.83")),
        ("2024-03-05", "G0438", None, None, None, None),
        ("2024-03-05", "J1885", None, None, None, None),
    ]
