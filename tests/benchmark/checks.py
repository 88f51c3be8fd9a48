"""The answers that must be correct before they are timed."""

import json
from collections.abc import Sequence
from typing import Any

import httpx

from tests.benchmark import workloads
from tests.benchmark.dataset import Sample
from tests.benchmark.http_server import HttpServer, MeasurementError

_EXPECTED = {
    workloads.BY_ID: """
        SELECT row_to_json(r) FROM api.patients AS r WHERE id = %(patient_id)s""",
    workloads.PAGE: """
        SELECT json_agg(r) FROM (SELECT * FROM api.patients ORDER BY id LIMIT 100) AS r""",
    workloads.PAGES: """
        SELECT json_agg(r) FROM (SELECT * FROM api.patients ORDER BY id LIMIT %(limit)s) AS r""",
    workloads.CURSOR: """
        SELECT json_agg(r) FROM (SELECT * FROM api.patients WHERE id > %(after)s
        ORDER BY id LIMIT 100) AS r""",
    workloads.THOUSAND: """
        SELECT json_agg(r) FROM (SELECT * FROM api.patients ORDER BY id LIMIT 1000) AS r""",
    workloads.FILTERED: """
        SELECT json_agg(r) FROM (SELECT * FROM api.patients WHERE last_name = %(last_name)s
        ORDER BY id LIMIT 100) AS r""",
    workloads.ENCOUNTERS: """
        SELECT json_agg(r) FROM (SELECT * FROM api.encounters WHERE patient_id = %(patient_id)s
        ORDER BY id LIMIT 100) AS r""",
    workloads.LINE_ITEMS: """
        SELECT json_agg(r) FROM (SELECT * FROM api.line_items WHERE encounter_id = %(encounter_id)s
        ORDER BY id LIMIT 100) AS r""",
    workloads.SUPERBILL: """
        SELECT row_to_json(r) FROM api.superbills AS r WHERE encounter_id = %(encounter_id)s""",
}
_CREATED = {workloads.PATIENT: "patients", workloads.LINE_ITEM: "line_items"}
_STATUS = {workloads.MISSING: 404, workloads.INVALID: 422}


def check(server: HttpServer, samples: Sequence[Sample]) -> None:
    """Send one request for each sample and each workload that the server supports.

    Raises MeasurementError at the first wrong answer.
    """
    headers = dict(header.split(": ", 1) for header in server.spec.headers)
    with httpx.Client(
        base_url=f"http://127.0.0.1:{server.port}", headers=headers, timeout=10
    ) as client:
        for sample in server.complete(samples):
            for workload in filter(
                server.spec.dialect.__contains__, (*_EXPECTED, *_CREATED, *_STATUS)
            ):
                request = workloads.request(server.spec.dialect, workload, sample)
                response = client.request(
                    request.method,
                    request.path,
                    content=request.body or None,
                    headers={"content-type": "application/json"} if request.body else None,
                )
                if fault := _fault(server, workload, sample, response):
                    message = f"{workload}: {fault}: {response.status_code} {response.text[:300]}"
                    raise MeasurementError(message)


def _fault(server: HttpServer, workload: str, sample: Sample, response: httpx.Response) -> str:
    """Return what is wrong with an answer, or "".

    A list that contains only the expected row counts as that row. A peer may leave columns out:
    those that the first tables did not have.
    """
    if workload in _STATUS:
        return "" if response.status_code == _STATUS[workload] else "the wrong status"
    if not response.is_success:
        return "no success"
    content = _texts(_unwrapped(json.loads(response.text, parse_float=str)))
    if workload in _EXPECTED:
        expected = _served(_texts(_query(server, _EXPECTED[workload], sample)), content)
        return "" if content in (expected, [expected]) else f"not {json.dumps(expected)[:300]}"
    row = content[0] if isinstance(content, list) else content
    stored = _texts(
        _query(
            server,
            f"SELECT row_to_json(r) FROM api.{_CREATED[workload]} AS r WHERE id = %(id)s",
            row,
        )
    )
    body = json.loads(workloads.request(server.spec.dialect, workload, sample).body)
    sent = _texts(body.get("variables", body))
    complete = stored and row.items() <= stored.items() and sent.items() <= row.items()
    return "" if complete else f"not what is stored: {stored}"


def _served(expected: Any, content: Any) -> Any:
    """Return what is expected without the columns that the answer leaves out."""
    if isinstance(expected, list):
        rows = content if isinstance(content, list) else []
        return [_served(*pair) for pair in zip(expected, rows, strict=False)] + expected[
            len(rows) :
        ]
    if isinstance(content, list) and len(content) == 1:
        (content,) = content
    if not isinstance(expected, dict) or not isinstance(content, dict):
        return expected
    return {
        name: _served(value, content[name]) for name, value in expected.items() if name in content
    }


def _unwrapped(content: Any) -> Any:
    """Remove GraphQL's wrappers, which are objects of one member; a row has more."""
    while isinstance(content, dict) and len(content) == 1:
        (content,) = content.values()
    return content


def _texts(content: Any) -> Any:
    """Write numbers as text: GraphQL answers so, where a column is decimal."""
    if isinstance(content, list):
        return [_texts(one) for one in content]
    if isinstance(content, dict):
        return {name: _texts(value) for name, value in content.items()}
    return str(content) if isinstance(content, int | float) else content


def _query(server: HttpServer, sql: str, values: Any) -> Any:
    """Return a query's JSON; numbers with a point stay as they are written: 0.00 is no 0.0."""
    with server.testbed.connect() as connection:
        query = f"SELECT CAST(q.answer AS text) FROM ({sql}) AS q (answer)"
        row = connection.execute(query.encode(), values).fetchone()
        return row and row[0] and json.loads(str(row[0]), parse_float=str)
