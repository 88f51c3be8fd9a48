"""What the constraints of the parties of a bill refuse: who bills, who gives care, what it costs.

Each statement is made where `ADDED` has put a row into each table.
"""

from typing import LiteralString

Refusals = list[tuple[str, LiteralString]]

ADDED: LiteralString = """
    INSERT INTO billing.practice (clinic_id, name)
    SELECT id, 'Example Family Medicine' FROM identity.clinic;
    INSERT INTO billing.provider (clinic_id, npi, last_name, license_number, license_state)
    SELECT id, '1679576722', 'Kim', 'MD1', 'WA' FROM identity.clinic;
    INSERT INTO billing.fee (clinic_id, cpt_code, effective_on, amount)
    SELECT id, 'G0438', '2024-01-01', 125 FROM identity.clinic;
"""


def update(table: LiteralString, column: LiteralString, value: LiteralString) -> LiteralString:
    """Write the statement that gives a column a value, an expression of SQL."""
    return f"UPDATE billing.{table} SET {column} = {value}"


def texts(table: LiteralString, **most: int) -> Refusals:
    """Give what texts of one line refuse, of so many characters at most."""
    lines: Refusals = [
        (f"{table}_{column}_is_one_line", update(table, column, value))
        for column in most
        for value in ("''", "' a'", "E'a\\u3000'", "E'a\\tb'", "E'a\\u2028b'", "E'\\na'")
    ]
    return lines + [
        (
            f"{table}_{column}_has_at_most_{limit}_characters",
            f"UPDATE billing.{table} SET {column} = repeat('é', {limit + 1})",
        )
        for column, limit in most.items()
    ]


def shapes(
    name: str, table: LiteralString, column: LiteralString, values: LiteralString
) -> Refusals:
    """Give what a pattern refuses, of values with blanks between them."""
    return [(f"{table}_{name}", update(table, column, f"'{value}'")) for value in values.split(" ")]


def npis(table: LiteralString) -> Refusals:
    """Give numbers that are no NPI, and one for each wrong digit of one that is."""
    right = "1679576722"
    wrong = [
        right[:place] + str((int(digit) + by) % 10) + right[place + 1 :]
        for place, digit in enumerate(right)
        for by in range(1, 10)
    ]
    return [
        *shapes("npi_has_ten_digits", table, "npi", "167957672 16795767222 3679576722 167957672x"),
        *(
            (f"{table}_npi_has_its_check_digit", f"UPDATE billing.{table} SET npi = '{npi}'")
            for npi in wrong
            if npi[0] in "12"
        ),
    ]


def clinic(table: LiteralString, columns: LiteralString) -> Refusals:
    """Give what the key refuses, and the foreign key to the clinic."""
    copy: LiteralString = f"INSERT INTO billing.{table} (clinic_id, id, {columns}) SELECT"
    return [
        (f"{table}_pkey", f"{copy} clinic_id, id, {columns} FROM billing.{table}"),
        (f"{table}_clinic_id_fkey", f"{copy} uuidv7(), id, {columns} FROM billing.{table}"),
    ]


PRACTICE: Refusals = [
    *clinic("practice", "name"),
    (
        "practice_clinic_id_key",
        (
            "INSERT INTO billing.practice (clinic_id, name)"
            " SELECT clinic_id, 'b' FROM billing.practice"
        ),
    ),
    *texts("practice", name=60, address_line_1=55, address_line_2=55, city=30),
    *npis("practice"),
    *shapes("tax_id_has_nine_digits", "practice", "tax_id", "91-1234567 91123456 9112345678"),
    *shapes("tax_id_type_is_known", "practice", "tax_id_type", "ein TIN"),
    *shapes("state_has_two_letters", "practice", "state", "wa W WAS"),
    *shapes("postal_code_has_nine_digits", "practice", "postal_code", "98101 98101-0001"),
    *shapes("phone_has_ten_digits", "practice", "phone", "206-555-0100 1206555010 206555010"),
    *shapes("taxonomy_code_has_its_shape", "practice", "taxonomy_code", "207Q00000 207Q000000"),
    *shapes(
        "time_zone_has_the_shape_of_a_name", "practice", "time_zone", "EST UTC+5 Etc/GMT+5 FOO3"
    ),
    *shapes("time_zone_is_known", "practice", "time_zone", "America/Gotham"),
]

PROVIDER: Refusals = [
    *clinic("provider", "npi, last_name"),
    (
        "provider_npi_key",
        (
            "INSERT INTO billing.provider (clinic_id, npi, last_name)"
            " SELECT clinic_id, npi, 'Twin' FROM billing.provider"
        ),
    ),
    *npis("provider"),
    *texts("provider", first_name=35, last_name=60, credentials=20, license_number=30),
    *shapes("license_state_has_two_letters", "provider", "license_state", "wa W WAS"),
    ("provider_license_has_a_state", update("provider", "license_number", "NULL")),
    ("provider_license_has_a_state", update("provider", "license_state", "NULL")),
    *shapes("taxonomy_code_has_its_shape", "provider", "taxonomy_code", "2O7Q00000X 207Q00000x"),
]

FEE: Refusals = [
    *clinic("fee", "cpt_code, effective_on, amount"),
    ("fee_cpt_code_fkey", "UPDATE billing.fee SET cpt_code = 'G9999'"),
    *shapes("modifier_has_two_characters_or_none", "fee", "modifier", "a1 1 123"),
    *shapes("effective_on_is_not_before_1900", "fee", "effective_on", "1899-12-31 -infinity"),
    *shapes("ends_on_is_not_before_effective_on", "fee", "ends_on", "2023-12-31 -infinity"),
    *(
        (
            "fee_is_one_a_day",
            (
                "INSERT INTO billing.fee (clinic_id, cpt_code, effective_on, ends_on, amount)"
                f" SELECT clinic_id, cpt_code, {days}, 1 FROM billing.fee"
            ),
        )
        for days in (
            "'2025-01-01', NULL",
            "'2023-01-01', '2024-01-01'",
            "'2024-01-01', effective_on",
        )
    ),
    ("fee_amount_is_not_negative", "UPDATE billing.fee SET amount = -0.01"),
]

REFUSED: Refusals = [*PRACTICE, *PROVIDER, *FEE]
