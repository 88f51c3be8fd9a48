"""A valid body for each relation, in a database with samples, seed and one billed visit."""

from typing import Any

from tests.support.menagerie import ANIMAL, ID, RATION, SPECIMEN
from tests.support.sample_requests import POSTED
from tests.support.visits import Visit

MENAGERIE: dict[str, dict[str, Any]] = {
    "enclosures": {
        "house": "New",
        "number": 1,
        "climate": "polar",
        "length_m": "2",
        "width_m": "1",
    },
    "keepers": {
        "name": "Ed Emu",
        "initials": "EE",
        "email": "ed@zoo.example",
        "chief_id": 1,
        "languages": ["en"],
    },
    "lockers": {"keeper_id": 3, "corridor": 1},
    "animals": ANIMAL
    | {"mother_id": f"{ID}001", "chip": "1", "died_on": "2024-02-01", "marks": ["scar"]},
    "feedings": {
        "animal_id": f"{ID}001",
        "prepared_by": 1,
        "served_by": 2,
        "food": "hay",
        "amount": "1",
        "note": "x",
    },
    "shifts": {"keeper_id": 4, "period": "[2030-01-01 00:00Z,2030-01-02 00:00Z)"},
    "loans": {
        "animal_id": f"{ID}001",
        "during": "[2030-01-01,2030-01-02)",
        "partner": "x",
        "daily_fee": "1",
    },
    "rations": RATION,
    "specimens": SPECIMEN,
    "tours": {"guide_id": 1, "place": 9, "title": "x"},
    "sightings": {"house": "Savanna", "enclosure_number": 1, "what": "A nap."},
    "exhibits": {"title": "x"},
    "small_donations": {"amount": "1.00", "currency": "EUR"},
    "signs": {"sign_number": 4, "wording": "new", "former_number": 1},
    "notices": {"body": "x"},
    "doses": {
        "strength": 7.25,
        "drug": "x",
        "spare": 0.1,
        "lost": 0.001,
        "steps": [1.5, 2],
        "price": "1",
        "weight": 0.1,
    },
    "lodges": {"name": "Crane", "beds": 3, "opened": "2024-01-01", "rate": "70"},
    "expeditions": {"title": "x", "begun_on": "2024-07-01"},
    "stages": {"expedition_id": f"{ID}e01", "number": 7, "place": "x"},
    "finds": {"expedition_id": f"{ID}e01", "stage": 1, "what": "x"},
    "guests": {"lodge_id": f"{ID}a01", "species_code": "LEO", "family": "Other"},
    "Odd Things": {"Key Part": "new", "order": 1, "a/b~c": "y", 'say "x"': "z", "100%": "1"},
    "Odd Children": {"of what?": "plain"},
}


ADDRESS = {
    "address_line_1": "1 Main Street",
    "address_line_2": "Suite 200",
    "city": "Seattle",
    "state": "WA",
}
PRACTICE = ADDRESS | {
    "name": "Example Family Medicine",
    "npi": "1234567893",
    "tax_id": "911234567",
    "postal_code": "981010001",
    "phone": "2065550100",
    "taxonomy_code": "207Q00000X",
    "time_zone": "America/Los_Angeles",
}
PROVIDER = {
    "npi": "1679576722",
    "first_name": "Grace",
    "last_name": "Kim",
    "credentials": "MD",
    "license_number": "MD60012345",
    "license_state": "WA",
    "taxonomy_code": "207Q00000X",
}


TRADING_PARTNER = {
    "name": "Example Clearinghouse",
    "receiver_qualifier": "ZZ",
    "receiver_id": "CLEARING01",
    "sender_qualifier": "ZZ",
    "sender_id": "CLINIC0042",
    "contact_name": "Grace Kim",
    "contact_phone": "2065550100",
    "usage_indicator": "P",
}
DETAIL = ADDRESS | {
    "middle_name": "Ann",
    "suffix": "Jr",
    "birth_date": "1962-08-14",
    "sex": "F",
    "postal_code": "98101",
    "phone": "2065550100",
    "external_id": "8842-17",
}
COVERAGE = {
    "priority": "S",
    "member_id": "1EG4TE5MK73",
    "group_number": "76411-0",
    "group_name": "Example Works",
    "relationship": "01",
    "subscriber_first_name": "Grace",
    "subscriber_last_name": "Oberly",
    "subscriber_birth_date": "1960-01-31",
    "subscriber_sex": "M",
    **{f"subscriber_{name}": value for name, value in ADDRESS.items()},
    "subscriber_postal_code": "981010001",
    "effective_on": "2024-01-01",
    "ends_on": "2024-12-31",
}


def billing(v: Visit, payer: str = f"{ID}001") -> dict[str, dict[str, Any]]:
    """Give the bodies of the billing schema, where there are the parties of `PARTIES`."""
    return _money(v, payer) | {
        "patients": {"first_name": "Ann", "last_name": "Other"},
        "encounters": {"patient_id": v.patient, "date": "2024-03-01"},
        "line_items": {
            "encounter_id": v.encounter,
            "cpt_code": "G0438",
            "units": 2,
            "service_date": "2024-03-02",
            "unit_type": "UN",
            "modifiers": ["LT"],
            "diagnosis_pointers": [],
        },
        "diagnoses": {"encounter_id": v.encounter, "position": 1, "diagnosis_code": "E119"},
        "reversals": {"line_item_id": POSTED, "reason": "Entered twice"},
        "claim_details": {
            "encounter_id": v.encounter,
            "related_cause": "AA",
            "accident_date": "2024-02-29",
            "accident_state": "WA",
            "referring_provider_id": f"{ID}001",
        },
        "practices": PRACTICE,
        "providers": PROVIDER,
        "fees": {
            "cpt_code": "G0438",
            "modifier": "26",
            "effective_on": "2024-01-01",
            "ends_on": "2024-12-31",
            "amount": "125.00",
        },
        "patient_details": {"patient_id": v.patient, **DETAIL},
        "payers": ADDRESS
        | {
            "name": "Medicare",
            "payer_number": "00882",
            "claim_filing": "MB",
            "postal_code": "98101",
            "filing_days": 365,
        },
        "coverages": {"patient_id": v.patient, "payer_id": payer, **COVERAGE},
    }


def _money(v: Visit, payer: str) -> dict[str, dict[str, Any]]:
    """Give the bodies of what follows a visit: drugs, claims, payments."""
    return {
        "drugs": {
            "line_item_id": v.line_item,
            "drug_code": "00409379601",
            "quantity": 1.5,
            "unit": "ML",
        },
        "claims": {
            "encounter_id": POSTED,
            "coverage_id": POSTED,
            "frequency": "7",
            "payer_claim_number": "ICN1",
        },
        "trading_partners": TRADING_PARTNER,
        "interchanges": {"trading_partner_id": f"{ID}001", "claim_ids": [POSTED]},
        "submissions": {"is_rejected": True},
        "payments": {
            "patient_id": v.patient,
            "payer_id": payer,
            "received_on": "2024-04-01",
            "amount": "100.00",
        },
        "allocations": {"payment_id": POSTED, "line_item_id": POSTED, "amount": "1.00"},
        "adjustments": {
            "line_item_id": POSTED,
            "group_code": "CO",
            "reason_code": "45",
            "amount": "1.00",
            "adjusted_on": "2024-04-01",
        },
    }
