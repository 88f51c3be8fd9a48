"""Patients by the beginning of a name, and reports of one patient."""

from typing import Any

import httpx

from tests.support.visits import add, bill_visit

NAMES = [
    "Nguyễn",
    "NGUYEN",
    "nguyên",
    "Nguyet",
    "O\u2019Brien",
    "O'brien",
    "Ødegård",
    "Straße",
    "Đặng",
]
FOUND = {
    "nguyen": {"Nguyễn", "NGUYEN", "nguyên"},
    "NGUYỄN": {"Nguyễn", "NGUYEN", "nguyên"},
    "nguye": {"Nguyễn", "NGUYEN", "nguyên", "Nguyet"},
    "o'b": {"O\u2019Brien", "O'brien"},
    "ode": {"Ødegård"},
    "STRASS": {"Straße"},
    "dang": {"Đặng"},
    "guyen": set(),
    "%": set(),
    "nguyen ": set(),
}


async def test_search_finds_beginnings_whatever_accents_and_case(client: httpx.AsyncClient) -> None:
    for name in NAMES:
        await add(client, "/patients/", first_name="A", last_name=name)
    for text, names in FOUND.items():
        answer = await client.get("/patients/", params={"last_name.search": text})
        assert {row["last_name"] for row in answer.json()} == names, text
    walked: list[dict[str, Any]] = []
    link = "/patients/?last_name.search=ng&limit=1&order=-last_name"
    while link:
        page = await client.get(link)
        walked += page.json()
        link = page.links.get("next", {}).get("url", "")
    assert [row["last_name"] for row in walked] == ["Nguyet", "nguyên", "NGUYEN", "Nguyễn"]
    for query, pointer in (
        ({"last_name.search": ""}, "/last_name.search"),
        ({"last_name.search": "n", "last_name": "x"}, "/last_name.search"),
        ({"first_name.search": "n"}, "/first_name.search"),
    ):
        answer = await client.get("/patients/", params=query)
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["pointer"] == pointer


async def test_report_has_the_rows_that_its_filters_leave(client: httpx.AsyncClient) -> None:
    visits = [await bill_visit(client) for _ in range(3)]
    path = "/reporting/patient_statements/"
    everything = (await client.get(path)).json()
    for v in visits:
        own = [row for row in everything if row["patient_id"] == v.patient]
        assert own
        assert (await client.get(f"{path}?patient_id={v.patient}")).json() == own
        csv = await client.get(f"{path}?patient_id={v.patient}", headers={"accept": "text/csv"})
        assert len(csv.text.splitlines()) == 1 + len(own)
    two = f"{visits[0].patient},{visits[2].patient}"
    both = f"{path}?patient_id.in={two}&encounter_date.gte=2024-01-01"
    assert {row["patient_id"] for row in (await client.get(both)).json()} == {
        visits[0].patient,
        visits[2].patient,
    }
    nobody = await client.get(f"{path}?patient_id={visits[0].encounter}")
    assert (nobody.status_code, nobody.text) == (200, "[]")
    for query, pointer in (
        ("patient_id=x", "/patient_id"),
        ("cpt_code=G0438", "/cpt_code"),
        ("order=patient_id", "/order"),
        ("limit=1", "/limit"),
        (f"patient_id={visits[0].patient}&patient_id=x", "/patient_id"),
    ):
        answer = await client.get(f"{path}?{query}")
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, pointer)
    answer = await client.get("/reporting/monthly_activity/?month_start=2024-03-01")
    assert answer.json()["errors"] == [
        {"pointer": "/month_start", "detail": "is not a parameter of this operation"}
    ]
