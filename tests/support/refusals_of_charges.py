"""What the constraints of what was charged refuse; where the parties of a bill were added."""

from typing import LiteralString

ADDED: LiteralString = """
    INSERT INTO billing.diagnosis (clinic_id, encounter_id, position, diagnosis_code)
    SELECT clinic_id, id, 1, 'E119' FROM billing.encounter;
"""
_READY: LiteralString = (
    "UPDATE billing.encounter AS e SET place_of_service = '11',"
    " provider_id = (SELECT p.id FROM billing.provider AS p WHERE p.clinic_id = e.clinic_id)"
)
POSTED: LiteralString = f"{_READY}, status = 'posted';"
_REVERSE: LiteralString = (
    "INSERT INTO billing.reversal (clinic_id, line_item_id, reason) SELECT clinic_id, id,"
)
_LINE: LiteralString = "UPDATE billing.line_item SET"
_DIAGNOSE: LiteralString = (
    "INSERT INTO billing.diagnosis (clinic_id, encounter_id, position, diagnosis_code)"
    " SELECT clinic_id, encounter_id,"
)
_TEXTS: tuple[LiteralString, ...] = ("''", "' a'", "E'a\\u3000'", "E'a\\tb'", "E'a\\u2028b'")

REFUSED: list[tuple[str, LiteralString]] = [
    (
        "encounter_pkey",
        (
            "INSERT INTO billing.encounter (clinic_id, id, patient_id, date)"
            " SELECT clinic_id, id, patient_id, date FROM billing.encounter"
        ),
    ),
    ("encounter_provider_id_fkey", "UPDATE billing.encounter SET provider_id = uuidv7()"),
    ("encounter_provider_id_fkey", f"{_READY}; DELETE FROM billing.provider"),
    ("encounter_place_of_service_fkey", "UPDATE billing.encounter SET place_of_service = '00'"),
    (
        "encounter_place_of_service_day_fkey",
        (
            "UPDATE billing.place_of_service_version"
            " SET valid_during = '[2024-03-02,)' WHERE code = '11';"
            " UPDATE billing.encounter SET place_of_service = '11'"
        ),
    ),
    (
        "encounter_status_is_known",
        (
            "INSERT INTO billing.encounter"
            " (clinic_id, patient_id, date, provider_id, place_of_service, status)"
            " SELECT p.clinic_id, p.id, '2024-03-01', r.id, '11', 'paid'"
            " FROM billing.patient AS p JOIN billing.provider AS r USING (clinic_id)"
        ),
    ),
    ("encounter_status_moves_on", "UPDATE billing.encounter SET status = 'billed'"),
    ("encounter_status_moves_on", f"{POSTED} UPDATE billing.encounter SET status = 'draft'"),
    (
        "encounter_stays_after_posting",
        f"{POSTED} UPDATE billing.encounter SET place_of_service = '12'",
    ),
    ("encounter_voided_has_a_reason", "UPDATE billing.encounter SET status = 'voided'"),
    ("encounter_voided_has_a_reason", "UPDATE billing.encounter SET void_reason = 'a'"),
    *(
        (
            "encounter_void_reason_is_one_line",
            f"UPDATE billing.encounter SET status = 'voided', void_reason = {text}",
        )
        for text in (*_TEXTS, "repeat('é', 201)")
    ),
    (
        "encounter_posted_is_complete",
        f"{_READY}; UPDATE billing.encounter SET status = 'posted', provider_id = NULL",
    ),
    (
        "encounter_posted_is_complete",
        (
            "INSERT INTO billing.encounter"
            " (clinic_id, patient_id, date, place_of_service, status)"
            " SELECT clinic_id, id, '2024-03-01', '11', 'posted' FROM billing.patient"
        ),
    ),
    (
        "encounter_posted_is_complete",
        f"{_READY}; UPDATE billing.encounter SET status = 'posted', place_of_service = NULL",
    ),
    ("encounter_posted_has_a_line_item", f"DELETE FROM billing.line_item; {POSTED}"),
    ("encounter_posted_has_fees", f"{_LINE} cpt_code = 'J1885'; {POSTED}"),
    ("encounter_posted_has_fees", f"{_LINE} service_date = '2023-12-31'; {POSTED}"),
    ("diagnosis_pkey", f"{_DIAGNOSE} position, 'I10' FROM billing.diagnosis"),
    (
        "diagnosis_encounter_id_diagnosis_code_key",
        f"{_DIAGNOSE} 2, diagnosis_code FROM billing.diagnosis",
    ),
    ("diagnosis_encounter_id_fkey", "UPDATE billing.diagnosis SET encounter_id = uuidv7()"),
    ("diagnosis_encounter_id_fkey", "DELETE FROM billing.line_item; DELETE FROM billing.encounter"),
    ("diagnosis_diagnosis_code_fkey", "UPDATE billing.diagnosis SET diagnosis_code = 'E1199'"),
    (
        "diagnosis_diagnosis_code_day_fkey",
        (
            "UPDATE billing.diagnosis_code_version"
            " SET valid_during = '[,2024-03-01)' WHERE code = 'E119'"
        ),
    ),
    ("diagnosis_position_is_at_least_1", "UPDATE billing.diagnosis SET position = 0"),
    ("diagnosis_position_is_at_most_12", "UPDATE billing.diagnosis SET position = 13"),
    ("diagnosis_encounter_is_a_draft", f"{POSTED} UPDATE billing.diagnosis SET position = 2"),
    ("diagnosis_stays_after_posting", f"{POSTED} DELETE FROM billing.diagnosis"),
    (
        "diagnosis_stays_while_line_items_point_at_it",
        f"{_LINE} diagnosis_pointers = '{{1}}'; DELETE FROM billing.diagnosis",
    ),
    ("line_item_service_date_has_begun", f"{_LINE} service_date = '1899-12-31'"),
    (
        "line_item_service_date_has_begun",
        f"{_LINE} service_date = (now() AT TIME ZONE 'UTC')::date + 2",
    ),
    ("line_item_unit_type_is_known", f"{_LINE} unit_type = 'DA'"),
    ("line_item_modifiers_are_at_most_4", f"{_LINE} modifiers = '{{LT,RT,GA,GY,GZ}}'"),
    *(
        ("line_item_modifiers_are_listed", f"{_LINE} modifiers = '{{{modifiers}}}'")
        for modifiers in ("LT,ZQ", "LT,LT", "lt", "NULL")
    ),
    (
        "line_item_modifiers_are_valid",
        (
            f"{_LINE} modifiers = '{{LT}}', service_date = '2024-03-01';"
            " UPDATE billing.modifier_version"
            " SET valid_during = '[,2024-03-02)' WHERE code = 'LT';"
            f" {_LINE} service_date = '2024-03-02'"
        ),
    ),
    *(
        ("modifier_version_stays_while_line_items_need_it", f"{_LINE} modifiers = '{{LT}}'; {lost}")
        for lost in (
            "UPDATE billing.modifier_version SET valid_during = '[2024-03-02,)' WHERE code = 'LT'",
            "DELETE FROM billing.modifier_version WHERE code = 'LT'",
        )
    ),
    (
        "modifier_stays_while_line_items_have_it",
        f"{_LINE} modifiers = '{{LT}}'; DELETE FROM billing.modifier WHERE code = 'LT'",
    ),
    ("line_item_diagnosis_pointers_are_at_most_4", f"{_LINE} diagnosis_pointers = '{{1,2,3,4,5}}'"),
    *(
        (
            "line_item_diagnosis_pointers_lead_to_diagnoses",
            f"{_LINE} diagnosis_pointers = '{{{pointers}}}'",
        )
        for pointers in ("2", "1,1", "0", "NULL")
    ),
    (
        "line_item_cpt_code_day_fkey",
        "UPDATE billing.cpt_code_version SET valid_during = '[2024-03-02,)' WHERE code = 'G0438'",
    ),
    (
        "line_item_cpt_code_day_fkey",
        (
            "UPDATE billing.cpt_code_version"
            " SET valid_during = '[2024-03-01,)' WHERE code = 'G0438';"
            " UPDATE billing.encounter SET date = '2024-02-29'"
        ),
    ),
    ("line_item_stays_after_posting", f"{POSTED} DELETE FROM billing.line_item"),
    ("line_item_encounter_is_a_draft", f"{POSTED} {_LINE} units = 2"),
    ("reversal_pkey", f"{POSTED} {_REVERSE} 'a' FROM billing.line_item, generate_series(1, 2)"),
    ("reversal_line_item_id_fkey", f"{_REVERSE} 'a' FROM billing.patient"),
    ("reversal_is_of_a_posted_line_item", f"{_REVERSE} 'a' FROM billing.line_item"),
    *(
        ("reversal_reason_is_one_line", f"{POSTED} {_REVERSE} {text} FROM billing.line_item")
        for text in _TEXTS
    ),
    (
        "reversal_reason_has_at_most_200_characters",
        f"{POSTED} {_REVERSE} repeat('é', 201) FROM billing.line_item",
    ),
]
TRIGGERS = frozenset(
    {
        "encounter_posted_has_fees",
        "encounter_status_moves_on",
        "encounter_stays_after_posting",
        "diagnosis_encounter_is_a_draft",
        "line_item_encounter_is_a_draft",
        "reversal_is_of_a_posted_line_item",
    }
)
"""Those of `REFUSED` that are no constraints."""
