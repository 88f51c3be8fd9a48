"""The answers that have to be right before they are timed."""

import json
from collections.abc import Sequence
from typing import Any

import httpx

from tests.benchmark import workloads
from tests.benchmark.dataset import Sample
from tests.benchmark.http_server import HttpServer, UnfitError

_EXPECTED = {
    workloads.BY_ID: "SELECT row_to_json(r) FROM api.patients AS r WHERE id = %(patient_id)s",
    workloads.PAGE: "SELECT json_agg(r) FROM (SELECT * FROM api.patients ORDER BY id LIMIT 100) AS r",
    workloads.PAGES: "SELECT json_agg(r) FROM (SELECT * FROM api.patients ORDER BY id LIMIT %(limit)s) AS r",
    workloads.FILTERED: "SELECT json_agg(r) FROM (SELECT * FROM api.patients WHERE last_name = %(last_name)s"
    " ORDER BY id LIMIT 100) AS r",
    workloads.ENCOUNTERS: "SELECT json_agg(r) FROM (SELECT * FROM api.encounters WHERE patient_id = %(patient_id)s"
    " ORDER BY id LIMIT 100) AS r",
    workloads.LINE_ITEMS: "SELECT json_agg(r) FROM (SELECT * FROM api.line_items WHERE encounter_id = %(encounter_id)s"
    " ORDER BY id LIMIT 100) AS r",
    workloads.SUPERBILL: "SELECT row_to_json(r) FROM api.superbills AS r WHERE encounter_id = %(encounter_id)s",
}
_CREATED = {workloads.PATIENT: "patients", workloads.LINE_ITEM: "line_items"}
_STATUS = {workloads.MISSING: 404, workloads.INVALID: 422}


def check(server: HttpServer, samples: Sequence[Sample]) -> None:
    """Ask for a few of everything that the server offers.

    Raises UnfitError at the first wrong answer.
    """
    headers = dict(header.split(": ", 1) for header in server.entry.headers)
    with httpx.Client(
        base_url=f"http://127.0.0.1:{server.port}", headers=headers, timeout=10
    ) as client:
        for sample in samples:
            for workload in filter(
                server.entry.dialect.__contains__, (*_EXPECTED, *_CREATED, *_STATUS)
            ):
                asked = workloads.request(server.entry.dialect, workload, sample)
                content = (
                    {"content": asked.body, "headers": {"content-type": "application/json"}}
                    if asked.body
                    else {}
                )
                answer = client.request(asked.method, asked.path, **content)  # type: ignore[arg-type]  # by name
                if fault := _fault(server, workload, sample, answer):
                    message = f"{workload}: {fault}: {answer.status_code} {answer.text[:300]}"
                    raise UnfitError(message)


def _fault(server: HttpServer, workload: str, sample: Sample, answer: httpx.Response) -> str:
    """Say what is wrong; nothing if nothing is. A row in a list of its own is the row."""
    if workload in _STATUS:
        return "" if answer.status_code == _STATUS[workload] else "the wrong status"
    if not answer.is_success:
        return "no success"
    given = _unwrapped(json.loads(answer.text))
    if workload in _EXPECTED:
        wanted = _ask(server, _EXPECTED[workload], sample)
        return "" if given in (wanted, [wanted]) else f"not {json.dumps(wanted)[:300]}"
    row = given[0] if isinstance(given, list) else given
    stored = _ask(
        server, f"SELECT row_to_json(r) FROM api.{_CREATED[workload]} AS r WHERE id = %(id)s", row
    )
    body = json.loads(workloads.request(server.entry.dialect, workload, sample).body)
    asked = body.get("variables", body)
    complete = stored and row.items() <= stored.items() and asked.items() <= row.items()
    return "" if complete else f"not what is stored: {stored}"


def _unwrapped(given: Any) -> Any:
    """Take out what GraphQL wraps in objects of one member; a row has more."""
    while isinstance(given, dict) and len(given) == 1:
        (given,) = given.values()
    return given


def _ask(server: HttpServer, query: str, values: Any) -> Any:
    with server.stage.connect() as connection:
        row = connection.execute(query.encode(), values).fetchone()
        return row and row[0]
