"""Claims with anything in their fields that the schema takes are files that receivers take."""

import asyncio

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.support.claims_files import faults
from tests.support.databases import TestDatabase
from tests.support.generated_claims import PRACTICE, TRADING_PARTNER, Fields, bills
from tests.support.serving import Serving
from tests.support.stored_claims import Clinic

EDI = {"accept": "application/edi-x12"}
BOUNDED = settings(
    derandomize=True,
    database=None,
    deadline=None,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)


def _interchanges(database: TestDatabase, count: int, size: int) -> list[str]:
    """Bill and claim so often, and send the claims in files of up to `size` claims."""
    claims: list[str] = []
    sent: list[str] = []
    with psycopg.connect(database.sql_url, autocommit=True) as connection:
        clinic = Clinic(connection)

        @settings(BOUNDED, max_examples=count)
        @given(bills(**clinic.listed()))
        def add(bill: Fields) -> None:
            claims.extend(clinic.bill(bill))

        @settings(BOUNDED, max_examples=-(-count * 2 // size))
        @given(PRACTICE, TRADING_PARTNER, st.just(size))
        def send(practice: Fields, partner: Fields, most: int) -> None:
            if claims:
                sent.append(clinic.send(practice, partner, claims[:most]))
                del claims[:most]

        add()
        database.execute("ANALYZE")  # elsewhere autovacuum does it
        send()
        assert claims == []
    return sent


@pytest.mark.parametrize(
    ("count", "size"),
    [
        (12, 20),
        pytest.param(1000, 25, marks=[pytest.mark.long, pytest.mark.timeout(7200)]),
    ],
    ids=["sample", "all"],
)
async def test_generated_claims_are_files_without_faults(
    service: Serving, database: TestDatabase, count: int, size: int
) -> None:
    sent = await asyncio.to_thread(_interchanges, database, count, size)
    for key in sent:
        answer = await service.client.get(f"/interchanges/{key}", headers=EDI)
        assert answer.status_code == 200, answer.text
        found = await asyncio.to_thread(faults, answer.text)
        assert found == [], (key, answer.text)
