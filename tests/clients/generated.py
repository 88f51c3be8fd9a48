"""Bill a visit with the client that openapi-python-client generates, and print the answers."""
# mypy: disable-error-code="import-not-found"
# The test generates the client.

import json
import sys
from datetime import date
from typing import Any
from uuid import UUID

from superbill_client import Client
from superbill_client.api.encounters import patients_encounters_create, patients_encounters_list
from superbill_client.api.line_items import encounters_line_items_create, encounters_line_items_list
from superbill_client.api.patients import patients_create, patients_list, patients_read
from superbill_client.api.superbills import superbills_read
from superbill_client.models import (
    EncountersCreateWithoutPatientId,
    LineItemsCreateWithoutEncounterId,
    PatientsCreate,
    PatientsListOrder,
    ProblemType,
)


def as_json(answer: Any) -> dict[str, Any]:
    """Convert an answer that the client has parsed back to JSON types."""
    parsed = answer.parsed
    content = [row.to_dict() for row in parsed] if isinstance(parsed, list) else parsed.to_dict()
    return {
        "status": answer.status_code,
        "type": answer.headers["content-type"],
        "content": content,
    }


def bill(client: Client) -> dict[str, Any]:
    """Call the five methods, and send two requests that are refused."""
    patient = patients_create.sync_detailed(
        client=client, body=PatientsCreate(first_name="John", last_name="Oberly")
    )
    assert isinstance(patient.parsed.id, UUID)
    of_patient = {"patient_id": patient.parsed.id, "client": client}
    day = EncountersCreateWithoutPatientId(date=date(2024, 3, 1))
    encounter = patients_encounters_create.sync_detailed(**of_patient, body=day)
    of_encounter = {"encounter_id": encounter.parsed.id, "client": client}

    def add(cpt_code: str, units: int) -> Any:
        item = LineItemsCreateWithoutEncounterId(cpt_code=cpt_code, units=units)
        return encounters_line_items_create.sync_detailed(**of_encounter, body=item)

    answers = {
        "patient": patient,
        "encounter": encounter,
        "visit": add("G0438", 1),
        "injection": add("J1885", 4),
        "encounters": patients_encounters_list.sync_detailed(**of_patient),
        "items": encounters_line_items_list.sync_detailed(**of_encounter),
        "bill": superbills_read.sync_detailed(**of_encounter),
        "refused": add("G0438", 0),
        "missing": patients_read.sync_detailed(patient_id=encounter.parsed.id, client=client),
    }
    newest = patients_list.sync(client=client, order=PatientsListOrder.ID_DESCENDING, limit=1)
    assert newest == [patient.parsed]
    assert answers["missing"].parsed.type_ is ProblemType.NOT_FOUND
    return {name: as_json(answer) for name, answer in answers.items()}


if __name__ == "__main__":
    with Client(base_url=sys.argv[1]) as opened:
        print(json.dumps(bill(opened)))
