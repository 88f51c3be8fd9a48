"""Bodies that break the rules that no generated body breaks."""

from typing import Any

from tests.support.menagerie import ID

# A trigger's rule, what only a row's own key breaks, and what only a column breaks that has no
# other rule.
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
        {"diagnosis_pointers": [9]},
        "line_item: line_item_diagnosis_pointers_lead_to_diagnoses",
    ),
    (
        "encounters.update",
        f"{ID}0c4",
        {"status": "posted"},
        "encounter: encounter_posted_has_a_line_item",
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
