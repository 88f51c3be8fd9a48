"""Requests of every operation of both schemas: keys of rows that exist, values of each column."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, urlencode

from api.catalog.relations import Relation
from api.operations.filters import Filter
from api.operations.operation import Operation
from tests.support.menagerie import ID, RATION, SPECIMEN
from tests.support.plain_sql import KEYS

POSTED = f"{ID}0c1"  # a posted encounter, its line item, and all that belongs to them
ODD_TABLES = ("parcel", "crate", "tray", "keg", "bin", "tin")
# A body of each relation that can be added to: of each column the values, the first is good. {n} is
# another each time.
SMALL: dict[str, dict[str, list[Any]]] = {
    f"{name}s": {"keeper_id": [1, 2, 77], "what": ["x", "gone", "loud", "few"]}
    for name in ODD_TABLES
}
MONTH = "[2{n}-01-01,2{n}-02-01)"
SAMPLE_BODIES: dict[str, dict[str, list[Any]]] = {
    "enclosures": {"house": ["N{n}", " ", 'a,"{n}"'], "number": [1, 0], "length_m": ["2", "0.5"],
        "width_m": ["1.00"]},
    "keepers": {"name": ["Eli Emu"], "initials": ["EE"], "email": ["{n}@zoo", "ada@zoo.example"],
                "chief_id": [None, 1, 77], "languages": [["a", None, '"'], []]},
    "lockers": {"keeper_id": [3, 4, 1, 77], "corridor": [2]},
    "animals": {"name": ["Simba", "Basilisk"], "species_code": ["LEO", "NO"],
        "born_on": ["2024-01-01", "0001-01-01"],
                "house": ["Savanna", "No"], "enclosure_number": [1], "mass": ["1", "0.10"],
                "died_on": [None, "2023-01-01"], "chip": [None, "276000000000001", "c{n}"]},
    "feedings": {"animal_id": [f"{ID}001", f"{ID}999"], "prepared_by": [1, 2],
                 "served_by": [None, 1, 77],
                 "food": ["hay", None], "amount": ["1.00"], "served_at": ["2024-01-01T00:00:00Z"],
                 "note": [None, "stampede"]},
    "shifts": {"keeper_id": [3, 77], "period": [MONTH, "no", "empty", "[2024-03-01,2024-03-02)"]},
    "loans": {"animal_id": [f"{ID}001", f"{ID}999"], "during": [MONTH, "empty", "[2,1)"],
        "ages": [None, "[1,2)"],
              "partner": ["Me"]},
    "rations": {name: [value] for name, value in RATION.items()} | {
        "slug": ["soup", "SOUP"], "code": ["R-{n}", "R-001"], "season": ["winter", "summer"],
            "raw": [False, True]},
    "specimens": {name: [value] for name, value in SPECIMEN.items()} | {
        "id": ["11111111-1111-4111-8111-111111111{n}", f"{ID}401"], "sensor": ["::1", "1.2.3.999"],
        "coarse": ["100", "99950"], "duration": ["P1D", "1 parsec"], "label": ["a", "é日本"]},
    "tours": {"guide_id": [1, 77], "place": ["{n}", 1], "title": ["T"]},
    "sightings": {"house": ["Savanna", "No"], "enclosure_number": [1], "what": ["A yawn.", " "]},
    "exhibits": {"title": ["E"], "hidden": [True, False]},
    "small_donations": {"amount": ["1.00", "1000.01", "-1"]},
    "signs": {"sign_number": ["{n}", 1], "wording": ["a{n}", "do not feed", "SHOUT"],
        "former_number": [None, 1, 9]},
    "doses": {"strength": [7.25, 0, 0.0001], "drug": ["x"], "spare": [0.1, 3], "lost": [None, 1],
              "steps": [[1.5, 2]], "price": ["1"], "weight": [0.1, 0]},
    "lodges": {"name": ["L{n}", "Heron"], "beds": [1, 0], "opened": [None, "2024-01-01"],
        "rate": ["1.5"]},
    "guests": {"lodge_id": [f"{ID}a01", f"{ID}a03"], "species_code": [None, "LEO", "NO"],
        "family": ["Ant", ""]},
    "expeditions": {"title": ["T"], "begun_on": ["2024-06-01"]},
    "stages": {"expedition_id": [f"{ID}e01", f"{ID}e99"], "number": ["{n}", 1, 0], "place": ["P"]},
    "finds": {"expedition_id": [f"{ID}e01", f"{ID}e99"], "stage": [None, 1, 99],
        "what": ["a tooth", "fool's gold"]},
    "notices": {"body": ["N", ""], "pinned": [True]},
    "Odd Things": {"Key Part": ["%/?{n}", "plain"], "order": [1], "select": ["x"],
                   "it's": [None, "z"]},
    "Odd Children": {"of what?": ["plain", "none"]},
    "patients": {"first_name": ["John", "é日本"], "last_name": ["Oberly", " ", "x" * 101]},
    "encounters": {"patient_id": [f"{ID}001", f"{ID}999"],
                   "date": ["2024-03-01", "1800-01-01", "2999-01-01"]},
    "line_items": {"encounter_id": [f"{ID}001", f"{ID}999"], "cpt_code": ["G0438", "NONE", "A0000"],
                   "units": [1, 9999, 10000], "modifiers": [[], ["LT"], ["ZZ"]],
                   "service_date": [None, "2024-03-02", "1800-01-01"]},
    "diagnoses": {"encounter_id": [f"{ID}001", f"{ID}999"], "position": [2, 13],
                  "diagnosis_code": ["I10"]},
    "reversals": {"line_item_id": [f"{ID}001", f"{ID}999"], "reason": ["Twice", ""]},
    "claim_details": {"encounter_id": [f"{ID}008"], "related_cause": ["AA"]},
    "drugs": {"line_item_id": [f"{ID}003"], "drug_code": ["00409379601"], "quantity": [1.5],
              "unit": ["ML"]},
    "claims": {"encounter_id": [POSTED], "coverage_id": [POSTED, f"{ID}001"], "frequency": ["7"],
               "payer_claim_number": ["ICN{n}"]},
    "trading_partners": {"name": ["Example Clearinghouse", ""], "receiver_id": ["CLEARING01", "a*"],
                         "sender_id": ["CLINIC0042"], "contact_name": ["Grace Kim"],
                         "contact_phone": ["2065550100"]},
    "interchanges": {"trading_partner_id": [f"{ID}001", f"{ID}999"],
                     "claim_ids": [[f"{ID}999"], [POSTED], []]},
    "submissions": {"is_rejected": [True]},
    "payments": {"patient_id": [f"{ID}001", f"{ID}999"], "amount": ["1.00", "0"],
                 "received_on": ["2024-04-01", "1800-01-01"]},
    "allocations": {"payment_id": [POSTED, f"{ID}999"], "line_item_id": [POSTED],
                    "amount": ["0.01", "0"]},
    "adjustments": {"line_item_id": [POSTED, f"{ID}999"], "reason_code": ["45", "x"],
                    "adjusted_on": ["2024-04-01"], "amount": ["0.01", "0"]},
    "practices": {"name": ["Example Family Medicine", " a"], "npi": ["1234567893", "1234567890"],
                  "postal_code": ["981010001", None, "98101"], "tax_id": ["911234567"],
                  "address_line_1": ["1 Main St"], "city": ["Seattle"], "state": ["WA"]},
    "providers": {"npi": ["1679576722", "1679576723"], "last_name": ["Kim", ""]},
    "fees": {"cpt_code": ["G0438", "NONE"], "modifier": ["", "26", "x"],
             "effective_on": ["2{n}-01-01", "1800-01-01"], "ends_on": ["2{n}-01-01", "1900-01-01"],
             "amount": ["125.00", "-1"]},
    "payers": {"name": ["Medicare", ""], "claim_filing": ["MB", "X"], "filing_days": [365, 0]},
    "patient_details": {"patient_id": [f"{ID}003", f"{ID}999"], "sex": ["F"]},
    "coverages": {"patient_id": [f"{ID}001", f"{ID}999"], "payer_id": [f"{ID}001", f"{ID}999"],
                  "relationship": ["18", "01", "x"], "effective_on": ["2{n}-01-01", "1800-01-01"],
                  "ends_on": ["2{n}-01-01", "1900-01-01"], "member_id": ["M{n}", "a*b"]},
    **SMALL,
}  # fmt: skip
AT = "2024-03-01T09:30:00+00:00"  # when a patient was added and read
# The one practice of a clinic, and where several may be, two rows.
PRACTICE = f"""
INSERT INTO billing.practice (id, name, npi, tax_id, address_line_1, city, state, postal_code)
    VALUES ('{ID}001', 'First', '1234567893', '911234567', '1 Main St', 'Seattle', 'WA',
    '981010001');
"""
FIRST = {"practices": PRACTICE}  # the row of which there can be one only: another is instead of it
# No filters find more practices than the one that each request has to allow at least.
ONE_PRACTICE = "practices.update_many: precondition-failed"
SEVERAL_PRACTICES = "ALTER TABLE billing.practice DROP CONSTRAINT practice_clinic_id_key;"
PARTIES = f"""
INSERT INTO billing.provider (id, npi, last_name)
    VALUES ('{ID}001', '1000000004', 'Former'), ('{ID}002', '1234567893', 'Kim');
INSERT INTO billing.fee (id, cpt_code, effective_on, ends_on, amount)
    VALUES ('{ID}001', 'G0438', '2024-01-01', '2024-01-31', 1),
    ('{ID}002', 'G0438', '2024-03-01', '2024-03-31', 2);
INSERT INTO billing.patient (id, first_name, last_name)
    SELECT CAST('{ID}' || lpad(CAST(n AS text), 3, '0') AS uuid), 'Jo', 'Roe'
    FROM generate_series(3, 5) AS n;
INSERT INTO billing.patient_detail (patient_id, external_id)
    VALUES ('{ID}004', '17'), ('{ID}005', '18');
INSERT INTO billing.payer (id, name) VALUES ('{ID}001', 'Medicare');
INSERT INTO billing.coverage (id, patient_id, payer_id, member_id, effective_on, ends_on)
    VALUES ('{ID}001', '{ID}004', '{ID}001', 'M1', '2024-01-01', '2024-01-31'),
    ('{ID}002', '{ID}004', '{ID}001', 'M2', '2024-03-01', '2024-03-31');
"""
# A posted encounter: a line item, and one that was reversed; a draft with one, and without.
CHARGED = f"""
INSERT INTO billing.patient (id, first_name, last_name) VALUES ('{POSTED}', 'Ann', 'Charged');
INSERT INTO billing.provider (id, npi, last_name) VALUES ('{POSTED}', '1245319599', 'Charged');
INSERT INTO billing.fee (id, cpt_code, effective_on, amount)
    VALUES ('{POSTED}', 'J3420', '2024-01-01', 3);
INSERT INTO billing.encounter (id, patient_id, date, provider_id, place_of_service)
    VALUES ('{POSTED}', '{POSTED}', '2024-03-01', '{POSTED}', '11'),
    ('{ID}0c3', '{POSTED}', '2024-03-01', '{POSTED}', '11'),
    ('{ID}0c4', '{POSTED}', '2024-03-01', '{POSTED}', '11');
INSERT INTO billing.line_item (id, encounter_id, cpt_code)
    VALUES ('{POSTED}', '{POSTED}', 'J3420'), ('{ID}0c2', '{POSTED}', 'J3420'),
    ('{ID}0c8', '{POSTED}', 'J3420'),
    ('{ID}0c3', '{ID}0c3', 'J3420');
INSERT INTO billing.diagnosis (encounter_id, position, diagnosis_code)
    VALUES ('{POSTED}', 1, 'E119');
UPDATE billing.line_item SET diagnosis_pointers = '{{1}}' WHERE encounter_id = '{POSTED}';
UPDATE billing.encounter SET status = 'posted' WHERE id = '{POSTED}';
INSERT INTO billing.reversal (line_item_id, reason) VALUES ('{ID}0c2', 'Twice');
INSERT INTO billing.payer (id, name, payer_number) VALUES ('{POSTED}', 'Medicare', '00882');
INSERT INTO billing.patient_detail
    (patient_id, birth_date, sex, address_line_1, city, state, postal_code)
    VALUES ('{POSTED}', '1950-05-05', 'F', '2 Elm St', 'Seattle', 'WA', '98101');
INSERT INTO billing.coverage (id, patient_id, payer_id, member_id, effective_on)
    VALUES ('{POSTED}', '{POSTED}', '{POSTED}', '1EG4TE5MK73', '2024-01-01');
INSERT INTO billing.payment (id, patient_id, received_on, amount)
    VALUES ('{POSTED}', '{POSTED}', '2024-04-01', 9000);
INSERT INTO billing.allocation (id, payment_id, line_item_id, amount)
    VALUES ('{POSTED}', '{POSTED}', '{POSTED}', 1);
INSERT INTO billing.adjustment (id, line_item_id, reason_code, amount, adjusted_on)
    VALUES ('{POSTED}', '{POSTED}', '45', 1, '2024-04-01');
INSERT INTO billing.claim_detail (encounter_id) VALUES ('{POSTED}');
INSERT INTO billing.drug (line_item_id, drug_code, quantity, unit)
    VALUES ('{POSTED}', '00409379601', 1, 'ML');
INSERT INTO billing.claim (id, encounter_id, coverage_id)
    VALUES ('{POSTED}', '{POSTED}', '{POSTED}');
INSERT INTO billing.trading_partner
    (id, name, receiver_id, sender_id, contact_name, contact_phone)
    VALUES ('{ID}001', 'Example Clearinghouse', 'CLEARING01', 'CLINIC0042', 'Grace Kim',
    '2065550100');
"""
SENT = f"""
INSERT INTO billing.interchange (id, trading_partner_id, claim_ids)
    VALUES ('{ID}001', '{ID}001', ARRAY[CAST('{POSTED}' AS uuid)]);
UPDATE billing.submission SET id = '{POSTED}', is_rejected = true;
INSERT INTO billing.interchange (id, trading_partner_id, claim_ids)
    VALUES ('{ID}002', '{ID}001', ARRAY[CAST('{POSTED}' AS uuid)]);
UPDATE billing.submission SET is_rejected = true;
"""
INSERT_VISITS = f"""
INSERT INTO billing.patient (id, first_name, last_name)
    VALUES ('{ID}001', 'John', 'Oberly'), ('{ID}002', 'Ada', 'Byron');
INSERT INTO billing.encounter (id, patient_id, date)
    SELECT CAST('{ID}' || lpad(CAST(n AS text), 3, '0') AS uuid),
    '{ID}001', '2024-03-01' FROM generate_series(1, 9) AS n;
INSERT INTO billing.line_item (id, encounter_id, cpt_code)
    SELECT CAST('{ID}' || lpad(CAST(n AS text), 3, '0') AS uuid),
    '{ID}001', 'G0438' FROM generate_series(1, 9) AS n;
INSERT INTO billing.diagnosis (encounter_id, position, diagnosis_code)
    VALUES ('{ID}001', 1, 'E119');
-- A diagnosis code that is called like a procedure code: paths to both have the parameter `code`.
INSERT INTO billing.diagnosis_code VALUES ('G0438', 'Called like a procedure code');
INSERT INTO audit.change (clinic_id, at, n, relation, record, action) OVERRIDING SYSTEM VALUE
    SELECT identity.clinic(), '{AT}', 1, 'billing.patient', '{ID}001', 'insert';
INSERT INTO audit.read
    SELECT identity.clinic(), '{AT}', '{ID}001', 'x', 'x', 'x', NULL, '{{}}', 200, '{{}}';
{PRACTICE}{PARTIES}{CHARGED}{SENT}
UPDATE billing.encounter SET provider_id = '{ID}001' WHERE provider_id IS NULL;
INSERT INTO billing.payment (id, patient_id, received_on, amount)
    VALUES ('{ID}001', '{ID}001', '2024-04-01', 9);
"""
_NAMES = (
    *("patient_id", "encounter_id", "line_item_id", "request"),
    *("practice_id", "provider_id", "fee_id"),
    *("payer_id", "coverage_id", "trading_partner_id", "interchange_id"),
)
_IDS = dict.fromkeys(_NAMES, f"{ID}001")
KNOWN_KEYS = {
    **KEYS,
    **_IDS,
    **dict.fromkeys(("allocation_id", "adjustment_id", "claim_id", "submission_id"), POSTED),
    "payment_id": f"{ID}001",
    "at": AT,
    "n": "1",
    "code": "G0438",
    "position": "1",
}
# Other codes than those of procedures have other shapes.
_CODES = {"modifiers": {"code": "LT"}, "places_of_service": {"code": "11"}}
# A read at the time of the first change, so that one time is in the keys of both.
READ = """
INSERT INTO audit.read SELECT c.clinic_id, c.at, uuidv7(), 'x', 'x', 'x', NULL, '{}', 200, '{}'
FROM audit.change AS c WHERE c.clinic_id = identity.clinic() ORDER BY c.at, c.n LIMIT 1
"""
# What is made again with the same unique values, of relations whose rows nobody may delete.
REMOVED = {
    "stages": "DELETE FROM zoo.stage WHERE number = 7",
    "keepers": "DELETE FROM zoo.keeper WHERE id >= 100",
    "claim_details": "DELETE FROM billing.claim_detail WHERE related_cause = 'AA'",
    "drugs": "DELETE FROM billing.drug WHERE quantity = 1.5",
    "patient_details": "DELETE FROM billing.patient_detail WHERE external_id = '8842-17'",
    "interchanges": f"DELETE FROM billing.interchange WHERE id NOT IN ('{ID}001', '{ID}002')",
    "practices": "DELETE FROM billing.practice;",
    "providers": "DELETE FROM billing.provider WHERE npi = '1679576722'",
    "reversals": f"DELETE FROM billing.reversal WHERE line_item_id = '{POSTED}';"
    f"UPDATE billing.line_item SET is_reversed = false WHERE id = '{POSTED}'",
}
# A claim may be sent again and again, as it was rejected each time.
REJECTED = "; ALTER TABLE billing.submission ALTER COLUMN is_rejected SET DEFAULT true"
OF_POSTED = ("adjustments", "allocations", "claims", "reversals", "submissions")
OF_PARENTS = {"patient_id", "provider_id", "encounter_id", "line_item_id", "payment_id"}
# A diagnosis of another encounter than the tour's; and one that is posted and stays unbilled.
DIAGNOSED = f"""{SENT}
INSERT INTO billing.encounter (id, patient_id, date, provider_id, place_of_service)
    VALUES ('{ID}0c5', '{POSTED}', '2024-03-01', '{POSTED}', '11');
INSERT INTO billing.line_item (id, encounter_id, cpt_code)
    VALUES ('{ID}0c5', '{ID}0c5', 'J3420');
UPDATE billing.encounter SET status = 'posted' WHERE id = '{ID}0c5';
INSERT INTO billing.diagnosis (encounter_id, position, diagnosis_code)
SELECT e.id, 1, 'E119' FROM billing.encounter AS e WHERE e.id = '{ID}0c3';
UPDATE billing.encounter SET provider_id = '{ID}001' WHERE provider_id IS NULL
"""


def posted(operation: Operation, keys: dict[str, str]) -> dict[str, str]:
    """Give the keys of the path; of posted parents for what nothing else may have."""
    of_posted = operation.relation.name in OF_POSTED and operation.parents
    return keys | dict.fromkeys(keys.keys() & OF_PARENTS, POSTED) if of_posted else keys


def code(operation: Operation) -> dict[str, str]:
    """Give the code in a path where it is another one than in `KNOWN_KEYS`."""
    names = (*(parent.relation.name for parent in operation.parents), operation.relation.name)
    return next((_CODES[name] for name in names if name in _CODES), {})


def known(operation: Operation) -> dict[str, str]:
    """Give the keys of rows that exist; a submission is of the claim of a posted encounter."""
    keys = KNOWN_KEYS | code(operation)
    return posted(operation, keys) if operation.relation.name == "submissions" else keys


def key_query(relation: Relation, keys: Iterable[str]) -> str:
    """Write the query string whose filters find the row with this key."""
    columns = (relation.column(name) for name in relation.key)
    given = {Filter(c, "eq").name: key for c, key in zip(columns, keys, strict=True)}
    return f"?{urlencode(given)}"


def fill_path(operation: Operation, keys: list[str]) -> str:
    """Write the path of an operation with these keys."""
    path = operation.path
    for (name, _), key in zip(operation.keys, keys, strict=True):
        path = path.replace(f"{{{name}}}", quote(key, safe=""), 1)
    return path
