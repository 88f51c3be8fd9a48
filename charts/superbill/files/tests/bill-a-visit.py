"""Bill a visit with the five methods, check the superbill, and delete the patient again.

The API deletes no patient, so the owner of the tables does.
"""

import json
import os
import sys
from typing import Any
from urllib.request import Request, urlopen

import psycopg


def call(path: str, body: object = None) -> Any:
    """Send GET, or POST with a body, and return the decoded answer."""
    data = None if body is None else json.dumps(body).encode()
    request = Request(sys.argv[1] + path, data, {"Content-Type": "application/json"})
    if token := os.environ.get("TOKEN"):
        request.add_header("Authorization", f"Bearer {token}")
    with urlopen(request, timeout=10) as answer:
        return json.load(answer)


def delete(patient: str) -> None:
    """Delete a patient with all encounters and their line items."""
    with psycopg.connect(os.environ["MIGRATION_DATABASE_URL"]) as connection:
        for statement in (
            """DELETE FROM billing.line_item AS l USING billing.encounter AS e
            WHERE l.clinic_id = e.clinic_id AND l.encounter_id = e.id AND e.patient_id = %s""",
            "DELETE FROM billing.encounter WHERE patient_id = %s",
            "DELETE FROM billing.patient WHERE id = %s",
        ):
            connection.execute(statement, [patient])


code = call("/cpt_codes/?limit=1")[0]
patient = call("/patients/", {"first_name": "Helm", "last_name": "Test"})
try:
    assert call(f"/patients/{patient['id']}") == patient
    encounters = f"/patients/{patient['id']}/encounters/"
    encounter = call(encounters, {"date": "2024-03-01"})
    items = f"/encounters/{encounter['id']}/line_items/"
    item = call(items, {"cpt_code": code["code"], "units": 2})
    assert call(encounters) == [encounter]
    assert call(items) == [item]
    bill = call(f"/superbills/{encounter['id']}")
    assert (bill["first_name"], bill["last_name"]) == ("Helm", "Test"), bill
    lines = [line["cpt_code_description"] for line in bill["line_items"]]
    assert lines == [code["description"]], bill
    print("billed", bill["encounter_id"])
finally:
    delete(patient["id"])
