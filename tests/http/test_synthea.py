"""The guide's recipe that loads what Synthea exports; the rows here were written for the test."""

import asyncio
import re
import subprocess
import sys
from pathlib import Path

from tests.support.billing_sql import rows
from tests.support.databases import TestDatabase
from tests.support.serving import Serving
from tests.support.transcripts import CLIENTS

PATIENTS = """\
Id,BIRTHDATE,DEATHDATE,SSN,DRIVERS,PASSPORT,PREFIX,FIRST,MIDDLE,LAST,SUFFIX,MAIDEN,MARITAL,RACE,\
ETHNICITY,GENDER,BIRTHPLACE,ADDRESS,CITY,STATE,COUNTY,FIPS,ZIP,LAT,LON,HEALTHCARE_EXPENSES,\
HEALTHCARE_COVERAGE,INCOME
10000000-aaaa-4aaa-8aaa-000000000001,1961-07-04,,999-00-0001,S99900001,,Ms.,Alva1,Quill2,Test3,,,S,\
white,nonhispanic,F,Nowhere,1 Example Way Unit 2,Springfield,Massachusetts,Example County,25000,\
01101,42.1,-72.5,100.00,0.00,1
10000000-aaaa-4aaa-8aaa-000000000002,2019-12-31,,999-00-0002,,,,Bo4,,Test5,,,,white,hispanic,M,\
Nowhere,2 Example Way,Springfield,Massachusetts,Example County,,,42.1,-72.5,0.00,0.00,1
"""
ENCOUNTERS = """\
Id,START,STOP,PATIENT,ORGANIZATION,PROVIDER,PAYER,ENCOUNTERCLASS,CODE,DESCRIPTION,\
BASE_ENCOUNTER_COST,TOTAL_CLAIM_COST,PAYER_COVERAGE,REASONCODE,REASONDESCRIPTION
20000000-aaaa-4aaa-8aaa-000000000001,2024-03-02T03:30:00Z,2024-03-02T03:45:00Z,\
10000000-aaaa-4aaa-8aaa-000000000001,o,p,y,ambulatory,185345009,Encounter for symptom,1,1,0,,
20000000-aaaa-4aaa-8aaa-000000000002,2024-05-02T15:30:00Z,2024-05-02T15:45:00Z,\
10000000-aaaa-4aaa-8aaa-000000000002,o,p,y,wellness,410620009,Well child visit,1,1,0,,
"""
STORED = (
    "SELECT p.first_name, p.last_name, d.external_id, d.birth_date::text, d.sex, d.state,"
    " d.postal_code, e.date::text FROM billing.patient AS p"
    " JOIN billing.patient_detail AS d ON d.patient_id = p.id"
    " JOIN billing.encounter AS e ON e.patient_id = p.id ORDER BY d.external_id"
)


async def test_recipe_loads_what_synthea_exports_once(
    service: Serving, database: TestDatabase, tmp_path: Path
) -> None:
    _, recipe = re.findall(r"```python\n(.*?)```", CLIENTS, re.DOTALL)
    (tmp_path / "load.py").write_text(recipe, encoding="utf-8")
    (tmp_path / "patients.csv").write_text(PATIENTS, encoding="utf-8")
    (tmp_path / "encounters.csv").write_text(ENCOUNTERS, encoding="utf-8")
    address = f"http://127.0.0.1:{service.port}"
    command = [sys.executable, str(tmp_path / "load.py"), address, str(tmp_path)]
    told = []
    for _ in range(2):
        done = await asyncio.to_thread(
            lambda: subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
        )
        assert done.returncode == 0, done.stderr
        told.append(done.stdout)
    assert told == ["2 patients and 2 encounters added\n", "0 patients and 0 encounters added\n"]
    first, second = "10000000-aaaa-4aaa-8aaa-000000000001", "10000000-aaaa-4aaa-8aaa-000000000002"
    assert rows(database.owner_url, STORED) == [
        # At 3:30 in UTC it was the day before in New York.
        ("Alva1", "Test3", first, "1961-07-04", "F", "MA", "01101", "2024-03-01"),
        ("Bo4", "Test5", second, "2019-12-31", "M", "MA", None, "2024-05-02"),
    ]
