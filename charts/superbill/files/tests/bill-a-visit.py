"""Bill a visit with the five methods, and check the superbill."""

import json
import os
import sys
from typing import Any
from urllib.request import Request, urlopen


def call(path: str, body: object = None) -> Any:
    """Send GET, or POST with a body, and return the decoded answer."""
    data = None if body is None else json.dumps(body).encode()
    request = Request(sys.argv[1] + path, data, {"Content-Type": "application/json"})
    if token := os.environ.get("TOKEN"):
        request.add_header("Authorization", f"Bearer {token}")
    with urlopen(request, timeout=10) as answer:
        return json.load(answer)


code = call("/cpt_codes/?limit=1")[0]
patient = call("/patients/", {"first_name": "Helm", "last_name": "Test"})
assert call(f"/patients/{patient['id']}") == patient
encounter = call(f"/patients/{patient['id']}/encounters/", {"date": "2024-03-01"})
item = call(f"/encounters/{encounter['id']}/line_items/", {"cpt_code": code["code"], "units": 2})
assert call(f"/patients/{patient['id']}/encounters/") == [encounter]
assert call(f"/encounters/{encounter['id']}/line_items/") == [item]
bill = call(f"/superbills/{encounter['id']}")
assert (bill["first_name"], bill["last_name"]) == ("Helm", "Test"), bill
assert [line["cpt_code_description"] for line in bill["line_items"]] == [code["description"]], bill
print("billed", bill["encounter_id"])
