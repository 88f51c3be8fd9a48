"""Bodies and statements that show what no generated body shows of a rule."""

from typing import Any, LiteralString

from tests.support.menagerie import ID
from tests.support.sample_requests import POSTED

# Codes that are not valid when the encounters are. A draft with a diagnosis, at which its line item
# points; and one without a place. And rows that refer to what they need not.
SPECIAL_ROWS = f"""
INSERT INTO billing.cpt_code (code, description) VALUES ('A0001', 'Old');
UPDATE billing.cpt_code_version SET valid_during = '[2000-01-01,2001-01-01)' WHERE code = 'A0001';
INSERT INTO billing.diagnosis_code VALUES ('A001', 'Old');
UPDATE billing.diagnosis_code_version SET valid_during = '[2000-01-01,2001-01-01)'
WHERE code = 'A001';
UPDATE billing.modifier_version SET valid_during = '[2000-01-01,2001-01-01)' WHERE code = 'BL';
UPDATE billing.place_of_service_version SET valid_during = '[2000-01-01,2001-01-01)'
WHERE code = '09';
INSERT INTO billing.encounter (id, patient_id, date, provider_id, place_of_service)
    VALUES ('{ID}0c5', '{POSTED}', '2024-03-01', '{POSTED}', '11'),
    ('{ID}0c6', '{POSTED}', '2024-03-01', '{POSTED}', NULL);
INSERT INTO billing.diagnosis (encounter_id, position, diagnosis_code)
    VALUES ('{ID}0c5', 1, 'E119');
INSERT INTO billing.line_item (id, encounter_id, cpt_code, modifiers, diagnosis_pointers)
    VALUES ('{ID}0c5', '{ID}0c5', 'J3420', '{{LT}}', '{{1}}'),
    ('{ID}0c6', '{ID}0c6', 'J3420', '{{}}', '{{}}');
INSERT INTO billing.claim_detail (encounter_id, referring_provider_id)
    VALUES ('{ID}0c5', '{POSTED}');
INSERT INTO billing.payment (patient_id, payer_id, received_on, amount)
    VALUES ('{POSTED}', '{POSTED}', '2024-04-01', 1);
"""
# A trigger's rule, what only a row's own key breaks, what only a column breaks that has no other
# rule, and what is refused alone only here: by an operation, to a row's key or to none, and the
# rule that refuses it.
SPECIAL: list[tuple[str, str, dict[str, Any], str]] = [
    ("rations.update", f"{ID}301", {"price": "NaN"}, "ration: ration_price_is_a_number"),
    ("rations.update", f"{ID}301", {"minutes": [0]}, "ration: ration_minutes_are_positive"),
    ("keepers.update", "1", {"email": f"a@{'b' * 253}"}, "keeper: keeper_email_is_not_too_long"),
    ("providers.update", f"{ID}001", {"npi": "1234567893"}, "provider: provider_npi_key"),
    (
        "patient_details.update",
        f"{ID}005",
        {"external_id": "17"},
        "patient_detail: patient_detail_external_id_key",
    ),
    ("coverages.update", f"{ID}001", {"ends_on": None}, "coverage: coverage_is_one_a_day"),
    ("fees.update", f"{ID}001", {"ends_on": None}, "fee: fee_is_one_a_day"),
    (
        "line_items.update",
        f"{ID}0c3",
        {"modifiers": ["ZZ"]},
        "line_item: line_item_modifiers_are_listed",
    ),
    (
        "line_items.update",
        f"{ID}0c3",
        {"modifiers": ["BL"]},
        "line_item: line_item_modifiers_are_valid",
    ),
    (
        "encounters.update",
        f"{ID}0c5",
        {"place_of_service": "09"},
        "encounter: encounter_place_of_service_day_fkey",
    ),
    (
        "line_items.update",
        f"{ID}0c3",
        {"diagnosis_pointers": [9]},
        "line_item: line_item_diagnosis_pointers_lead_to_diagnoses",
    ),
    (
        "encounters.update",
        f"{ID}0c4",
        {"status": "posted"},
        "encounter: encounter_posted_has_a_line_item",
    ),
    (
        "encounters.update",
        f"{ID}0c6",
        {"status": "posted"},
        "encounter: encounter_posted_is_complete",
    ),
    (
        "diagnoses.create",
        "",
        {"encounter_id": f"{ID}0c5", "position": 1, "diagnosis_code": "I10"},
        "diagnosis: diagnosis_pkey",
    ),
    (
        "diagnoses.create",
        "",
        {"encounter_id": f"{ID}0c5", "position": 2, "diagnosis_code": "E119"},
        "diagnosis: diagnosis_encounter_id_diagnosis_code_key",
    ),
    (
        "diagnoses.create",
        "",
        {"encounter_id": f"{ID}0c5", "position": 2, "diagnosis_code": "A001"},
        "diagnosis: diagnosis_diagnosis_code_day_fkey",
    ),
    (
        "line_items.create",
        "",
        {"encounter_id": f"{ID}0c5", "cpt_code": "A0001"},
        "line_item: line_item_cpt_code_day_fkey",
    ),
    (
        "allocations.create",
        "",
        {"payment_id": POSTED, "line_item_id": f"{ID}0c3", "amount": "1.00"},
        "allocation: allocation_is_for_a_posted_line_item",
    ),
    # Original claims: of one that corrects, the missing original is told first.
    ("claims.create", "", {"coverage_id": POSTED}, "NOT NULL claim.encounter_id"),
    ("claims.create", "", {"encounter_id": POSTED}, "NOT NULL claim.coverage_id"),
    *(
        (
            "claims.create",
            "",
            {"encounter_id": encounter, "coverage_id": coverage},
            f"claim: claim_{rule}",
        )
        for encounter, coverage, rule in (
            (f"{ID}999", POSTED, "encounter_id_fkey"),
            (POSTED, f"{ID}999", "coverage_id_fkey"),
            (f"{ID}0c3", POSTED, "is_of_a_posted_encounter"),
            (POSTED, f"{ID}001", "coverage_is_the_patients"),
            (POSTED, POSTED, "original_is_one"),
        )
    ),
    ("lodges.update", f"{ID}a02", {"name": "Heron"}, "lodge: lodge_name_key"),
    ("shifts.update", f"{ID}201", {"period": "empty"}, "shift: shift_period_is_not_empty"),
    (
        "animals.update",
        f"{ID}005",
        {"house": "極地 & ice; a=b+c", "enclosure_number": 3},
        "animal: animal_is_light_enough_to_be_moved",
    ),
    (
        "animals.update",
        f"{ID}001",
        {"mother_id": f"{ID}001"},
        "animal: animal_is_not_its_own_mother",
    ),
]
# What only the owner can show, by a statement that is undone, and whether the rule then holds.
_REMOVE: LiteralString = "DELETE FROM billing.modifier WHERE code = "
_INSERT_CLAIM: LiteralString = """
INSERT INTO billing.claim (id, encounter_id, coverage_id, frequency, payer_claim_number)
SELECT overlay(CAST(c.id AS text) PLACING '0c2' FROM 34)::uuid, c.encounter_id, c.coverage_id, '7',
    'ICN1'
FROM billing.claim AS c LIMIT 1
"""
_SEND_CLAIM: LiteralString = f"""
INSERT INTO billing.interchange (trading_partner_id, claim_ids)
SELECT t.id, ARRAY[CAST('{POSTED}' AS uuid)] FROM billing.trading_partner AS t LIMIT 1
"""
# Each body changes one of two columns, of which the other is not enough to show them.
_OF_INTERCHANGES = (
    *("NOT NULL interchange.claim_ids", "NOT NULL interchange.trading_partner_id"),
    *(
        f"interchange: interchange_{rule}"
        for rule in (
            *("claims_are_at_least_1", "claims_are_at_most_100", "trading_partner_id_fkey"),
            *("control_number_has_at_most_9_digits", "control_number_key"),
        )
    ),
    *(
        f"submission: submission_{rule}"
        for rule in ("claim_id_fkey", "interchange_id_fkey", "is_one", "control_number_is_one")
    ),
)
_BREAKING: tuple[tuple[LiteralString, LiteralString, str], ...] = (
    ("interchange", "claim_ids = ARRAY[]::uuid[]", "claims_are_at_least_1"),
    ("interchange", "claim_ids = array_fill(uuidv7(), ARRAY[101])", "claims_are_at_most_100"),
    ("interchange", "control_number = 1000000000", "control_number_has_at_most_9_digits"),
    ("interchange", "control_number = 1", "control_number_key"),
    ("submission", "claim_id = uuidv7()", "claim_id_fkey"),
    ("submission", "interchange_id = uuidv7()", "interchange_id_fkey"),
    ("submission", "is_rejected = false", "is_one"),
    (
        "submission",
        (
            "is_rejected = false, part = (SELECT count(*) FROM billing.submission AS s"
            " WHERE s.id <= submission.id)"
        ),
        "control_number_is_one",
    ),
)
# A list's versions, one of its codes, and by what they are told apart.
_VERSIONS: tuple[tuple[LiteralString, LiteralString, LiteralString], ...] = (
    ("cpt_code_version", "A0001", "code_hash"),
    ("diagnosis_code_version", "A001", "code_hash"),
    ("modifier_version", "BL", "code"),
    ("place_of_service_version", "09", "code"),
)
_LOSE: LiteralString = "UPDATE billing.modifier_version SET valid_during = '(,2000-01-01)'"
_REMOVABLE: tuple[LiteralString, ...] = ("diagnosis", "line_item")
OF_THE_OWNER: list[tuple[LiteralString, str, bool]] = [
    (f"{_REMOVE}'RT'", "modifier: modifier_stays_while_line_items_have_it", True),
    (f"{_REMOVE}'LT'", "modifier: modifier_stays_while_line_items_have_it", False),
    *(
        (
            f"{_LOSE} WHERE code = '{code}'",
            "modifier_version: modifier_version_stays_while_line_items_need_it",
            holds,
        )
        for code, holds in (("RT", True), ("LT", False))
    ),
    # Steps that nothing takes back, so the API's would not be undone.
    *(
        (
            f"UPDATE billing.encounter SET {sets} WHERE id = '{ID}0c5'",
            f"encounter: encounter_{rule}",
            True,
        )
        for sets, rule in (
            ("status = 'posted'", "posted_is_complete"),
            ("status = 'voided', void_reason = 'Twice'", "void_reason_is_one_line"),
            ("status = 'voided', void_reason = 'Twice'", "voided_has_a_reason"),
        )
    ),
    *(
        (
            (
                f"UPDATE billing.encounter SET status = 'posted' WHERE id = '{ID}0c5';"
                f" DELETE FROM billing.{table} WHERE encounter_id = '{ID}0c5'"
            ),
            f"{table}: {table}_stays_after_posting",
            False,
        )
        for table in ("diagnosis", "line_item")
    ),
    (
        f"DELETE FROM billing.diagnosis WHERE encounter_id = '{ID}0c5'",
        "diagnosis: diagnosis_stays_while_line_items_point_at_it",
        False,
    ),
    *(
        (
            (
                f"UPDATE billing.encounter SET status = 'posted' WHERE id = '{ID}0c5';"
                f" DELETE FROM billing.{table} WHERE encounter_id = '{ID}0c5'"
            ),
            f"{table}: {table}_stays_after_posting",
            False,
        )
        for table in _REMOVABLE
    ),
    (
        # An INSERT: a change of the status is refused before, as no step that there is.
        (
            "INSERT INTO billing.encounter"
            " (patient_id, date, provider_id, place_of_service, status)"
            f" VALUES ('{POSTED}', '2024-03-01', '{POSTED}', '11', 'x')"
        ),
        "encounter: encounter_status_is_known",
        False,
    ),
    (_INSERT_CLAIM, "claim: claim_control_number_key", False),
    *((_SEND_CLAIM, rule, True) for rule in _OF_INTERCHANGES),
    *(
        (f"UPDATE billing.{table} SET {sets}", f"{table}: {table}_{rule}", False)
        for table, sets, rule in _BREAKING
    ),
    *(
        (
            (
                f"INSERT INTO billing.{table} (code, valid_during, description)"
                f" VALUES ('{known if code else 'NONE'}', '{period}', 'x')"
            ),
            f"{table}: {table}_{rule}",
            False,
        )
        for table, known, key in _VERSIONS
        for code, period, rule in (
            (False, "(,)", "code_fkey"),
            (True, "(,)", f"{key}_valid_during_key"),
            (True, "empty", "valid_during_has_a_day"),
        )
    ),
]
