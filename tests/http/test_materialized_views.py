"""A materialized view is read by its unique index, filtered and ordered by its others."""

from tests.support import visits
from tests.support.databases import TestDatabase
from tests.support.serving import Serve

VIEW = """
ALTER TABLE billing.patient DISABLE ROW LEVEL SECURITY;
ALTER TABLE billing.encounter DISABLE ROW LEVEL SECURITY;
CREATE MATERIALIZED VIEW api.visit_counts AS
SELECT p.id, p.last_name, count(e.id) AS visits
FROM billing.patient AS p LEFT JOIN billing.encounter AS e ON e.patient_id = p.id
GROUP BY p.clinic_id, p.id;
CREATE INDEX visit_counts_visits_id_idx ON api.visit_counts (visits, id);
CREATE UNIQUE INDEX visit_counts_id_idx ON api.visit_counts (id);
GRANT SELECT, INSERT, UPDATE, DELETE ON api.visit_counts TO superbill_api;
INSERT INTO billing.patient (first_name, last_name) VALUES ('Jane', 'Roe'), ('John', 'Doe');
INSERT INTO billing.encounter (patient_id, date)
SELECT id, '2024-03-01' FROM billing.patient WHERE last_name = 'Roe';
REFRESH MATERIALIZED VIEW CONCURRENTLY api.visit_counts;
"""


async def test_materialized_view_with_a_unique_index_is_served_read_only(
    serve: Serve, database: TestDatabase
) -> None:
    for statement in VIEW.split(";\n"):
        database.execute(statement)
    service = await serve(visits.config(database))
    get = service.client.get
    rows = (await get("/visit_counts/?order=-visits")).json()
    assert [(row["last_name"], row["visits"]) for row in rows] == [("Roe", 1), ("Doe", 0)]
    assert (await get(f"/visit_counts/{rows[0]['id']}")).json() == rows[0]
    assert (await get("/visit_counts/?visits.gte=1")).json() == rows[:1]
    page = await get("/visit_counts/?order=visits&limit=1")
    assert page.json() == rows[1:]
    assert (await get(page.links["next"]["url"])).json() == rows[:1]
    assert (await service.client.post("/visit_counts/", json={"visits": 1})).status_code == 405
    assert (await service.client.delete(f"/visit_counts/{rows[0]['id']}")).status_code == 405
    assert (await get("/visit_counts/?last_name=Roe")).status_code == 400
