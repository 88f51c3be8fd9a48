"""What the constraints of claims and payments refuse; where charges and coverages were added."""

from typing import LiteralString

from tests.support.refusals_of_charges import POSTED

_TEXTS: tuple[LiteralString, ...] = ("''", "' a'", "E'a\\u3000'", "E'a\\tb'", "E'a\\u2028b'")
_DETAIL: LiteralString = (
    "INSERT INTO billing.claim_detail (clinic_id, encounter_id)"
    " SELECT clinic_id, id FROM billing.encounter; UPDATE billing.claim_detail SET"
)
_DRUG: LiteralString = (
    "INSERT INTO billing.drug (clinic_id, line_item_id, drug_code, quantity, unit)"
    " SELECT clinic_id, id, '00409379601', 1, 'ML' FROM billing.line_item; UPDATE billing.drug SET"
)
_PAY: LiteralString = (
    "INSERT INTO billing.payment (clinic_id, patient_id, received_on, amount)"
    " SELECT clinic_id, id, '2024-04-01', 100 FROM billing.patient;"
)
_PAYMENT: LiteralString = "UPDATE billing.payment SET"
_ALLOCATE: LiteralString = (
    "INSERT INTO billing.allocation (clinic_id, payment_id, line_item_id, amount)"
    " SELECT p.clinic_id, p.id, l.id,"
)
_OF_BOTH: LiteralString = " FROM billing.payment AS p JOIN billing.line_item AS l USING (clinic_id)"
_ADJUST: LiteralString = (
    "INSERT INTO billing.adjustment"
    " (clinic_id, line_item_id, reason_code, amount, adjusted_on)"
    " SELECT clinic_id, id, '45', 1, '2024-04-01' FROM billing.line_item;"
)
_ADJUSTMENT: LiteralString = "UPDATE billing.adjustment SET"
_COVER: LiteralString = (
    "INSERT INTO billing.payer (clinic_id, name) SELECT id, 'Third payer' FROM identity.clinic;"
    " INSERT INTO billing.coverage"
    " (clinic_id, patient_id, payer_id, priority, member_id, effective_on)"
    " SELECT p.clinic_id, p.id, y.id, 'T', '1EG4', '2024-01-01' FROM billing.patient AS p"
    " JOIN billing.payer AS y ON y.clinic_id = p.clinic_id AND y.name = 'Third payer';"
)
_CLAIM: LiteralString = (
    "INSERT INTO billing.claim (clinic_id, encounter_id, coverage_id, frequency,"
    " payer_claim_number) SELECT e.clinic_id, e.id, c.id,"
)
_BY: LiteralString = (
    " FROM billing.encounter AS e JOIN billing.coverage AS c USING (clinic_id)"
    " WHERE c.priority = 'T';"
)
_FIRST: LiteralString = f"{POSTED} {_COVER} {_CLAIM} '1', NULL{_BY}"

REFUSED: list[tuple[str, LiteralString]] = [
    ("payment_pkey", f"{_PAY} INSERT INTO billing.payment SELECT * FROM billing.payment"),
    ("payment_patient_id_fkey", f"{_PAY} {_PAYMENT} patient_id = uuidv7()"),
    ("payment_payer_id_fkey", f"{_PAY} {_PAYMENT} payer_id = uuidv7()"),
    ("payment_received_on_is_not_before_1900", f"{_PAY} {_PAYMENT} received_on = '1899-12-31'"),
    (
        "payment_received_on_has_begun",
        f"{_PAY} {_PAYMENT} received_on = (now() AT TIME ZONE 'UTC')::date + 2",
    ),
    ("payment_method_is_known", f"{_PAY} {_PAYMENT} method = 'gold'"),
    *(
        ("payment_reference_is_one_line", f"{_PAY} {_PAYMENT} reference = {text}")
        for text in _TEXTS
    ),
    (
        "payment_reference_has_at_most_50_characters",
        f"{_PAY} {_PAYMENT} reference = repeat('é', 51)",
    ),
    ("payment_amount_is_not_0", f"{_PAY} {_PAYMENT} amount = 0"),
    (
        "allocation_pkey",
        (
            f"{POSTED} {_PAY} {_ALLOCATE} 1{_OF_BOTH};"
            "INSERT INTO billing.allocation SELECT * FROM billing.allocation"
        ),
    ),
    (
        "allocation_payment_id_fkey",
        (
            "INSERT INTO billing.allocation (clinic_id, payment_id, line_item_id, amount)"
            " SELECT clinic_id, id, id, 1 FROM billing.line_item"
        ),
    ),
    (
        "allocation_line_item_id_fkey",
        (
            f"{_PAY} INSERT INTO billing.allocation (clinic_id, payment_id, line_item_id, amount)"
            " SELECT clinic_id, id, id, 1 FROM billing.payment"
        ),
    ),
    ("allocation_amount_is_not_0", f"{POSTED} {_PAY} {_ALLOCATE} 0{_OF_BOTH}"),
    ("allocation_is_for_a_posted_line_item", f"{_PAY} {_ALLOCATE} 1{_OF_BOTH}"),
    *(
        ("allocation_is_within_its_payment", f"{POSTED} {_PAY} {_ALLOCATE} {amount}{_OF_BOTH}")
        for amount in ("100.01", "-0.01")
    ),
    (
        "adjustment_pkey",
        f"{POSTED} {_ADJUST} INSERT INTO billing.adjustment SELECT * FROM billing.adjustment",
    ),
    (
        "adjustment_line_item_id_fkey",
        f"{POSTED} {_ADJUST} {_ADJUSTMENT} line_item_id = uuidv7()",
    ),
    ("adjustment_is_of_a_posted_line_item", _ADJUST),
    ("adjustment_group_code_is_known", f"{POSTED} {_ADJUST} {_ADJUSTMENT} group_code = 'XX'"),
    *(
        (
            "adjustment_reason_code_has_its_shape",
            f"{POSTED} {_ADJUST} {_ADJUSTMENT} reason_code = '{code}'",
        )
        for code in ("", "1234", "a1", "ABC1")
    ),
    ("adjustment_amount_is_not_0", f"{POSTED} {_ADJUST} {_ADJUSTMENT} amount = 0"),
    (
        "adjustment_adjusted_on_is_not_before_1900",
        f"{POSTED} {_ADJUST} {_ADJUSTMENT} adjusted_on = '1899-12-31'",
    ),
    (
        "adjustment_adjusted_on_has_begun",
        (f"{POSTED} {_ADJUST} {_ADJUSTMENT} adjusted_on = (now() AT TIME ZONE 'UTC')::date + 2"),
    ),
    (
        "claim_detail_pkey",
        (
            f"{_DETAIL} assignment = 'B'; INSERT INTO billing.claim_detail"
            " SELECT * FROM billing.claim_detail"
        ),
    ),
    ("claim_detail_encounter_id_fkey", f"{_DETAIL} encounter_id = uuidv7()"),
    ("claim_detail_referring_provider_id_fkey", f"{_DETAIL} referring_provider_id = uuidv7()"),
    ("claim_detail_assignment_is_known", f"{_DETAIL} assignment = 'X'"),
    ("claim_detail_benefits_assigned_is_known", f"{_DETAIL} benefits_assigned = 'X'"),
    ("claim_detail_release_of_information_is_known", f"{_DETAIL} release_of_information = 'X'"),
    ("claim_detail_related_cause_is_known", f"{_DETAIL} related_cause = 'XX'"),
    (
        "claim_detail_accident_date_is_not_before_1900",
        f"{_DETAIL} related_cause = 'AA', accident_date = '1899-12-31'",
    ),
    (
        "claim_detail_accident_date_has_begun",
        f"{_DETAIL} related_cause = 'AA', accident_date = (now() AT TIME ZONE 'UTC')::date + 2",
    ),
    (
        "claim_detail_accident_state_has_two_letters",
        f"{_DETAIL} related_cause = 'AA', accident_state = 'wa'",
    ),
    ("claim_detail_accident_has_a_cause", f"{_DETAIL} accident_date = '2024-03-01'"),
    *(
        (
            "claim_detail_prior_authorization_number_is_one_line",
            f"{_DETAIL} prior_authorization_number = {text}",
        )
        for text in _TEXTS
    ),
    (
        "claim_detail_prior_authorization_number_has_at_most_50",
        f"{_DETAIL} prior_authorization_number = repeat('é', 51)",
    ),
    (
        "drug_pkey",
        f"{_DRUG} quantity = 1; INSERT INTO billing.drug SELECT * FROM billing.drug",
    ),
    ("drug_line_item_id_fkey", f"{_DRUG} line_item_id = uuidv7()"),
    ("drug_drug_code_has_eleven_digits", f"{_DRUG} drug_code = '0409-3796-01'"),
    ("drug_quantity_is_positive", f"{_DRUG} quantity = 0"),
    ("drug_quantity_is_at_most_9999999", f"{_DRUG} quantity = 10000000"),
    ("drug_quantity_has_at_most_3_decimals", f"{_DRUG} quantity = 0.0005"),
    ("drug_unit_is_known", f"{_DRUG} unit = 'KG'"),
    (
        "claim_pkey",
        (
            f"{_FIRST} UPDATE billing.claim SET id = id; INSERT INTO billing.claim"
            " (clinic_id, id, encounter_id, coverage_id, frequency, payer_claim_number,"
            " total_charge) SELECT clinic_id, id, encounter_id, coverage_id, '7', 'a', 1"
            " FROM billing.claim"
        ),
    ),
    (
        "claim_control_number_key",
        (
            f"{_FIRST} INSERT INTO billing.claim (clinic_id, id, encounter_id, coverage_id,"
            " frequency, payer_claim_number) SELECT clinic_id, CAST(overlay(CAST(id AS text)"
            " PLACING 'ffff' FROM 33) AS uuid), encounter_id, coverage_id, '7', 'a'"
            " FROM billing.claim"
        ),
    ),
    ("claim_encounter_id_fkey", f"{_FIRST} UPDATE billing.claim SET encounter_id = uuidv7()"),
    ("claim_coverage_id_fkey", f"{_FIRST} UPDATE billing.claim SET coverage_id = uuidv7()"),
    ("claim_frequency_is_known", f"{_FIRST} {_CLAIM} '9', 'a'{_BY}"),
    ("claim_correction_quotes_the_payer", f"{_FIRST} {_CLAIM} '7', NULL{_BY}"),
    ("claim_original_is_one", f"{_FIRST} {_CLAIM} '1', NULL{_BY}"),
    *(
        ("claim_payer_claim_number_is_one_line", f"{_FIRST} {_CLAIM} '7', {text}{_BY}")
        for text in _TEXTS
    ),
    (
        "claim_payer_claim_number_has_at_most_50_characters",
        f"{_FIRST} {_CLAIM} '7', repeat('é', 51){_BY}",
    ),
    ("claim_is_of_a_posted_encounter", f"{_COVER} {_CLAIM} '1', NULL{_BY}"),
    (
        "claim_coverage_is_the_patients",
        (
            f"{POSTED} {_COVER} UPDATE billing.coverage SET effective_on = '2024-03-02';"
            f" {_CLAIM} '1', NULL{_BY}"
        ),
    ),
    ("claim_correction_follows_a_claim", f"{POSTED} {_COVER} {_CLAIM} '8', 'a'{_BY}"),
]
TRIGGERS = frozenset({"adjustment_is_of_a_posted_line_item", "claim_original_is_one"})
"""Those of `REFUSED` that are no constraints."""
