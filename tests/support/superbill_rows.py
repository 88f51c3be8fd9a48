"""Superbills as the API gives them, with as many lines as a test wants."""

import json
from typing import Any

from api.config import ROOT

_DOCUMENT = ROOT / "openapi" / "openapi.json"
_LINES = (
    ("G0438", "Annual wellness visit; includes a personalized prevention plan of service, initial"),
    ("G0008", "Administration of influenza virus vaccine"),
    ("J1885", "Injection, ketorolac tromethamine, per 15 mg"),
    ("G0444", "Annual depression screening, 5 to 15 minutes"),
)
_DIAGNOSES = (
    ("E119", "Type 2 diabetes mellitus without complications"),
    ("I10", "Essential (primary) hypertension"),
    ("Z0000", "Encounter for general adult medical examination without abnormal findings"),
    ("M25561", "Pain in right knee"),
)


def row(lines: int, diagnoses: int = 4, **changes: Any) -> dict[str, Any]:
    """Give the document's example, posted, with these numbers of lines and of diagnoses."""
    document = json.loads(_DOCUMENT.read_text(encoding="utf-8"))
    item = document["paths"]["/superbills/{encounter_id}"]["get"]["responses"]["200"]
    said = document["components"]["responses"][item["$ref"].rpartition("/")[2]]
    made: dict[str, Any] = said["content"]["application/json"]["example"]
    (first,) = made["line_items"]
    made["line_items"] = [
        {
            **first,
            "cpt_code": _LINES[n % 4][0],
            "cpt_code_description": _LINES[n % 4][1],
            "modifiers": ["25", "59"] if n % 3 == 0 else [],
            "diagnosis_pointers": [n % diagnoses + 1, 1] if n % diagnoses else [1],
            "units": n % 4 + 1,
            "charge": f"{100 + n}.25",
            "is_reversed": False,
        }
        for n in range(lines)
    ]
    made["diagnoses"] = [
        {
            "position": n + 1,
            "diagnosis_code": _DIAGNOSES[n % 4][0],
            "diagnosis_code_description": _DIAGNOSES[n % 4][1],
        }
        for n in range(diagnoses)
    ]
    cents = sum(10025 + 100 * n for n in range(lines))
    owed = cents - 2500 - 9999 - 2500
    made["totals"] |= {"charges": f"{cents / 100:.2f}", "balance": f"{owed / 100:.2f}"}
    return {**made, "status": "posted", "void_reason": None, **changes}
