"""What the constraints of what a payer asks refuse: details of patients, payers, coverages.

Each statement is made where `ADDED` has put a row into each table.
"""

from typing import LiteralString

from tests.support.refusals_of_parties import Refusals, clinic, shapes, texts, update

ADDED: LiteralString = """
    INSERT INTO billing.patient_detail (clinic_id, patient_id, external_id)
    SELECT clinic_id, id, '17' FROM billing.patient;
    INSERT INTO billing.payer (clinic_id, name) SELECT id, 'Medicare' FROM identity.clinic;
    INSERT INTO billing.coverage (
        clinic_id, patient_id, payer_id, member_id, relationship, subscriber_last_name, effective_on
    )
    SELECT p.clinic_id, p.id, y.id, '1EG4TE5MK73', '01', 'Oberly', '2024-01-01'
    FROM billing.patient AS p CROSS JOIN billing.payer AS y;
"""


def born(table: LiteralString, column: LiteralString) -> Refusals:
    """Give dates on which nobody was born who is a patient or a subscriber."""
    return [
        *shapes(f"{column}_is_not_before_1900", table, column, "1899-12-31 -infinity"),
        *shapes(f"{column}_has_begun", table, column, "infinity"),
        (
            f"{table}_{column}_has_begun",
            update(table, column, "(now() AT TIME ZONE 'UTC')::date + 2"),
        ),
    ]


def place(table: LiteralString, prefix: LiteralString = "") -> Refusals:
    """Give what is no state and no ZIP code."""
    state: LiteralString = f"{prefix}state"
    code: LiteralString = f"{prefix}postal_code"
    return [
        *shapes(f"{state}_has_two_letters", table, state, "wa W WAS"),
        *shapes(f"{code}_has_five_or_nine_digits", table, code, "9810 98101-0001 981010"),
    ]


def numbers(table: LiteralString, **most: int) -> Refusals:
    """Give numbers of cards and payers that no claim can carry."""
    return [
        *(
            refusal
            for column in most
            for value in ("''", "' 1'", "'1 '", "'1*2'", "'1:2'", "'1^2'", "'1|2'", "'1~2'", "'é'")
            for refusal in [(f"{table}_{column}_has_no_separators", update(table, column, value))]
        ),
        *(
            (
                f"{table}_{column}_has_at_most_{limit}_characters",
                f"UPDATE billing.{table} SET {column} = repeat('1', {limit + 1})",
            )
            for column, limit in most.items()
        ),
    ]


DETAIL: Refusals = [
    (
        "patient_detail_pkey",
        "INSERT INTO billing.patient_detail SELECT * FROM billing.patient_detail",
    ),
    (
        "patient_detail_patient_id_fkey",
        "INSERT INTO billing.patient_detail (patient_id) VALUES (uuidv7())",
    ),
    (
        "patient_detail_external_id_key",
        (
            "WITH p AS (INSERT INTO billing.patient (first_name, last_name) VALUES ('a', 'b')"
            " RETURNING id) INSERT INTO billing.patient_detail (patient_id, external_id)"
            " SELECT id, '17' FROM p"
        ),
    ),
    *texts("patient_detail", middle_name=25, suffix=10, address_line_1=55, address_line_2=55),
    *texts("patient_detail", city=30, external_id=50),
    *born("patient_detail", "birth_date"),
    *shapes("sex_is_known", "patient_detail", "sex", "f X"),
    *place("patient_detail"),
    *shapes("phone_has_ten_digits", "patient_detail", "phone", "206-555-0100 1206555010"),
]

PAYER: Refusals = [
    *clinic("payer", "name"),
    *texts("payer", name=60, address_line_1=55, address_line_2=55, city=30),
    *numbers("payer", payer_number=80),
    *shapes("claim_filing_is_known", "payer", "claim_filing", "ci 10 XX"),
    *place("payer"),
    *shapes("filing_days_is_positive", "payer", "filing_days", "0"),
    *shapes("filing_days_is_at_most_3650", "payer", "filing_days", "3651"),
]

COVERAGE: Refusals = [
    (
        "coverage_pkey",
        (
            "INSERT INTO billing.coverage (clinic_id, id, patient_id, payer_id, member_id,"
            " effective_on) SELECT clinic_id, id, patient_id, payer_id, member_id, '2025-01-01'"
            " FROM billing.coverage"
        ),
    ),
    ("coverage_patient_id_fkey", update("coverage", "patient_id", "uuidv7()")),
    ("coverage_payer_id_fkey", update("coverage", "payer_id", "uuidv7()")),
    *shapes("priority_is_known", "coverage", "priority", "p A"),
    *numbers("coverage", member_id=80, group_number=50),
    *texts("coverage", group_name=60),
    *shapes("relationship_is_known", "coverage", "relationship", "1 self"),
    *texts("coverage", subscriber_first_name=35, subscriber_last_name=60, subscriber_city=30),
    *texts("coverage", subscriber_address_line_1=55, subscriber_address_line_2=55),
    *born("coverage", "subscriber_birth_date"),
    *shapes("subscriber_sex_is_known", "coverage", "subscriber_sex", "f X"),
    *place("coverage", "subscriber_"),
    ("coverage_subscriber_is_named", update("coverage", "subscriber_last_name", "NULL")),
    ("coverage_patient_is_not_named_again", update("coverage", "relationship", "'18'")),
    *shapes("effective_on_is_not_before_1900", "coverage", "effective_on", "1899-12-31"),
    *shapes("ends_on_is_not_before_effective_on", "coverage", "ends_on", "2023-12-31"),
    (
        "coverage_is_one_a_day",
        (
            "INSERT INTO billing.coverage (patient_id, payer_id, member_id, effective_on)"
            " SELECT patient_id, payer_id, 'x', '2025-01-01' FROM billing.coverage"
        ),
    ),
]

REFUSED: Refusals = [*DETAIL, *PAYER, *COVERAGE]
