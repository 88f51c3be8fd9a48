"""What the constraints of trading partners, interchanges and submissions refuse.

Each statement is made where the parties of a bill, coverages and a diagnosis were added.
"""

from typing import LiteralString

from tests.support.refusals_of_charges import POSTED
from tests.support.refusals_of_parties import Refusals, clinic, shapes, texts, update

ADDED: LiteralString = """
    INSERT INTO billing.trading_partner
    (clinic_id, name, receiver_id, sender_id, contact_name, contact_phone)
    SELECT id, 'Example Clearinghouse', 'CLEARING01', 'CLINIC0042', 'Grace Kim', '2065550100'
    FROM identity.clinic;
"""
_PRACTICE: LiteralString = (
    "UPDATE billing.practice SET npi = '1234567893', tax_id = '911234567',"
    " address_line_1 = '1 Main Street', city = 'Seattle', state = 'WA',"
    " postal_code = '981010001';"
)
_DETAIL: LiteralString = (
    "UPDATE billing.patient_detail SET birth_date = '1950-05-05', sex = 'F',"
    " address_line_1 = '2 Elm Street', city = 'Seattle', state = 'WA', postal_code = '98101';"
)
_PAYER: LiteralString = "UPDATE billing.payer SET payer_number = '00882', claim_filing = 'CI';"
_SELF: LiteralString = (
    "UPDATE billing.coverage SET relationship = '18', subscriber_last_name = NULL;"
)
_POINTER: LiteralString = "UPDATE billing.line_item SET diagnosis_pointers = '{1}';"
_CLAIM: LiteralString = (
    "INSERT INTO billing.claim (clinic_id, encounter_id, coverage_id)"
    " SELECT e.clinic_id, e.id, c.id FROM billing.encounter AS e"
    " JOIN billing.coverage AS c USING (clinic_id) WHERE c.priority ="
)
_READY: LiteralString = f"{_PRACTICE}{_DETAIL}{_PAYER}{_SELF}{_POINTER}"
_SEND: LiteralString = (
    "INSERT INTO billing.interchange (clinic_id, trading_partner_id, claim_ids)"
    " SELECT t.clinic_id, t.id,"
)
_TO: LiteralString = " FROM billing.trading_partner AS t"
_ALL: LiteralString = f"{_SEND} (SELECT array_agg(c.id) FROM billing.claim AS c){_TO};"
_SENT: LiteralString = f"{_READY}{POSTED}{_CLAIM} 'P';{_ALL}"
_SECOND: LiteralString = (
    "INSERT INTO billing.coverage (clinic_id, patient_id, payer_id, priority, member_id,"
    " effective_on) SELECT clinic_id, patient_id, payer_id, 'S', 'M2', effective_on"
    " FROM billing.coverage;"
)
_CAUSE: LiteralString = (
    "INSERT INTO billing.claim_detail (clinic_id, encounter_id, related_cause, accident_date,"
    " prior_authorization_number) SELECT clinic_id, id,"
)


def _lacking(
    rule: LiteralString, *changes: LiteralString, claim: LiteralString = "'P'"
) -> Refusals:
    """Give statements that send a claim after something was taken from what it needs."""
    name: LiteralString = f"interchange_{rule}"
    return [(name, f"{_READY}{change};{POSTED}{_CLAIM} {claim};{_ALL}") for change in changes]


REFUSED: Refusals = [
    *clinic("trading_partner", "name, receiver_id, sender_id, contact_name, contact_phone"),
    *texts("trading_partner", name=60, contact_name=60),
    *(
        (f"trading_partner_{name}_is_written_in_latin", update("trading_partner", name, "'**'"))
        for name in ("name", "contact_name")
    ),
    *(
        refusal
        for who in ("receiver", "sender")
        for refusal in (
            *shapes(f"{who}_qualifier_is_known", "trading_partner", f"{who}_qualifier", "00 zz"),
            *shapes(f"{who}_id_has_no_separators", "trading_partner", f"{who}_id", "A*B É1"),
            *shapes(f"{who}_id_has_at_least_2_characters", "trading_partner", f"{who}_id", "A"),
            (
                f"trading_partner_{who}_id_has_at_most_15_characters",
                update("trading_partner", f"{who}_id", "repeat('A', 16)"),
            ),
        )
    ),
    *shapes("contact_phone_has_ten_digits", "trading_partner", "contact_phone", "1065550100 2"),
    *shapes("usage_indicator_is_known", "trading_partner", "usage_indicator", "I t"),
    *(
        (
            f"{table}_pkey",
            f"{_SENT} UPDATE billing.submission SET is_rejected = true; {again}",
        )
        for table, again in (
            (
                "interchange",
                (
                    "INSERT INTO billing.interchange (clinic_id, id, trading_partner_id, claim_ids)"
                    " SELECT clinic_id, id, trading_partner_id, claim_ids FROM billing.interchange"
                ),
            ),
            ("submission", "INSERT INTO billing.submission SELECT * FROM billing.submission"),
        )
    ),
    (
        "interchange_trading_partner_id_fkey",
        (
            "INSERT INTO billing.interchange (clinic_id, trading_partner_id, claim_ids)"
            " SELECT id, uuidv7(), '{}' FROM identity.clinic"
        ),
    ),
    (
        "interchange_control_number_key",
        (
            f"{_SENT} UPDATE billing.submission SET is_rejected = true; {_ALL}"
            " UPDATE billing.interchange SET control_number = 1"
        ),
    ),
    (
        "interchange_control_number_has_at_most_9_digits",
        f"{_SENT} UPDATE billing.interchange SET control_number = 1000000000",
    ),
    ("interchange_claims_are_at_least_1", f"{_READY} {_SEND} CAST('{{}}' AS uuid[]){_TO}"),
    (
        "interchange_claims_are_at_most_100",
        (
            f"{_SENT} UPDATE billing.interchange SET claim_ids ="
            " array_fill(claim_ids[1], ARRAY[101])"
        ),
    ),
    ("interchange_claims_are_on_record", f"{_READY} {_SEND} ARRAY[uuidv7()]{_TO}"),
    (
        "interchange_claims_are_there_once",
        (
            f"{_READY}{POSTED}{_CLAIM} 'P'; {_SEND} ARRAY[c.id, c.id]{_TO}"
            " JOIN billing.claim AS c USING (clinic_id)"
        ),
    ),
    ("interchange_claims_are_sent_once", f"{_SENT}{_ALL}"),
    (
        "interchange_claims_still_count",
        (
            f"{_READY}{POSTED}{_CLAIM} 'P'; UPDATE billing.encounter"
            f" SET status = 'voided', void_reason = 'Twice'; {_ALL}"
        ),
    ),
    *_lacking(
        "claims_are_for_two_payers", "UPDATE billing.coverage SET priority = 'T'", claim="'T'"
    ),
    *_lacking(
        "claims_have_a_first_payer", "UPDATE billing.coverage SET priority = 'S'", claim="'S'"
    ),
    *_lacking("claims_are_answered_first", _SECOND, claim="'S'"),
    *_lacking("practice_is_on_record", "DELETE FROM billing.practice"),
    *_lacking("practice_has_an_npi", update("practice", "npi", "NULL")),
    *_lacking("practice_has_a_tax_id", update("practice", "tax_id", "NULL")),
    *_lacking(
        "practice_has_an_address",
        *(
            update("practice", name, "NULL")
            for name in ("address_line_1", "city", "state", "postal_code")
        ),
    ),
    *_lacking("patients_have_a_birth_date", update("patient_detail", "birth_date", "NULL")),
    *_lacking("patients_are_born", update("patient_detail", "birth_date", "'2024-03-02'")),
    *_lacking("patients_have_a_sex", update("patient_detail", "sex", "NULL")),
    *_lacking(
        "patients_have_an_address",
        *(
            update("patient_detail", name, "NULL")
            for name in ("address_line_1", "city", "state", "postal_code")
        ),
    ),
    *_lacking(
        "subscribers_have_a_first_name",
        "UPDATE billing.coverage SET relationship = '01', subscriber_last_name = 'Oberly'",
    ),
    *_lacking("payers_have_a_number", update("payer", "payer_number", "NULL")),
    *_lacking(
        "diagnoses_have_a_first",
        "UPDATE billing.line_item SET diagnosis_pointers = '{}';"
        "UPDATE billing.diagnosis SET position = 2;"
        "UPDATE billing.line_item SET diagnosis_pointers = '{2}'",
    ),
    *_lacking(
        "line_items_have_a_pointer", "UPDATE billing.line_item SET diagnosis_pointers = '{}'"
    ),
    (
        "interchange_line_items_are_there",
        (
            f"{_READY}{POSTED}{_CLAIM} 'P'; INSERT INTO billing.reversal"
            f" (clinic_id, line_item_id, reason) SELECT clinic_id, id, 'Twice'"
            f" FROM billing.line_item; {_ALL}"
        ),
    ),
    *_lacking(
        "claims_are_not_too_high",
        "UPDATE billing.fee SET amount = 99999999; UPDATE billing.line_item SET units = 9999",
    ),
    *_lacking(
        "accidents_are_complete",
        f"{_CAUSE} 'OA', NULL, NULL FROM billing.encounter",
        f"{_CAUSE} 'AA', '2024-03-01', NULL FROM billing.encounter",
    ),
    *_lacking("numbers_have_no_separators", f"{_CAUSE} NULL, NULL, 'PÁ-1' FROM billing.encounter"),
    *_lacking(
        "names_can_be_written",
        update("practice", "name", "'*'"),
        update("practice", "city", "'A'"),
        update("patient", "last_name", "'*'"),
        update("patient_detail", "city", "'é'"),
        update("payer", "name", "'\u0627'"),
        update("provider", "last_name", "'^'"),
    ),
    *_lacking(
        "states_are_known",
        *(update(table, "state", "'XX'") for table in ("practice", "patient_detail", "payer")),
    ),
    *_lacking(
        "numbers_are_long_enough",
        update("payer", "payer_number", "'1'"),
        update("coverage", "member_id", "'1'"),
    ),
    (
        "submission_interchange_id_fkey",
        f"{_SENT} UPDATE billing.submission SET interchange_id = uuidv7()",
    ),
    ("submission_claim_id_fkey", f"{_SENT} UPDATE billing.submission SET claim_id = uuidv7()"),
    *(
        (
            rule,
            (
                f"{_SENT} INSERT INTO billing.submission (clinic_id, interchange_id, claim_id,"
                " part, control_number, total_charge) SELECT clinic_id, interchange_id, claim_id,"
                f" {part}, {number}, 1 FROM billing.submission"
            ),
        )
        for rule, part, number in (
            ("submission_is_one", "1", "'other'"),
            ("submission_control_number_is_one", "2", "control_number"),
        )
    ),
    (
        "interchange_claims_to_medicare_are_first",
        (
            f"{_READY}{_SECOND} INSERT INTO billing.payer (clinic_id, name, payer_number,"
            " claim_filing) SELECT id, 'Medicare', '00882', 'MB' FROM identity.clinic;"
            " UPDATE billing.coverage AS c SET payer_id = y.id FROM billing.payer AS y"
            f" WHERE y.claim_filing = 'MB' AND c.priority = 'S'; {POSTED}{_CLAIM} 'S';"
            " INSERT INTO billing.adjustment (clinic_id, line_item_id, reason_code, amount,"
            " adjusted_on) SELECT clinic_id, id, '45', charge, '2024-04-01'"
            f" FROM billing.line_item WHERE charge <> 0; {_ALL}"
        ),
    ),
]
_OF_VALUES = (
    *("pkey", "trading_partner_id_fkey", "control_number_key"),
    *("control_number_has_at_most_9_digits", "claims_are_at_least_1", "claims_are_at_most_100"),
)
OF_CLAIMS = frozenset(
    name
    for name, _ in REFUSED
    if name.startswith("interchange_") and name.removeprefix("interchange_") not in _OF_VALUES
)
"""Those of `REFUSED` that claims and what is on record break, not a value of the body."""
TRIGGERS = frozenset({"submission_is_one", "submission_control_number_is_one"})
"""Those of `REFUSED` that are no constraints."""
