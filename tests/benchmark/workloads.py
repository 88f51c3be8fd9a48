"""The workloads, and the requests of each for each kind of server."""

import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.benchmark.dataset import Sample

BY_ID, PAGE, PAGES, FILTERED = "item by id", "page of 100", "pages of 81 to 100", "filtered page"
ENCOUNTERS, LINE_ITEMS, SUPERBILL = (
    "encounters of a patient",
    "line items of an encounter",
    "superbill",
)
PATIENT, LINE_ITEM = "create patient", "create line item"
THOUSAND, CURSOR = "page of 1,000", "page behind a cursor"
MISSING, INVALID, MIX = "404", "422", "mix, 30 % writes"
HEALTH = "/health/, without Postgres"

ALL = (
    BY_ID,
    PAGE,
    PAGES,
    CURSOR,
    THOUSAND,
    FILTERED,
    ENCOUNTERS,
    LINE_ITEMS,
    SUPERBILL,
    PATIENT,
    LINE_ITEM,
    MIX,
    MISSING,
    INVALID,
    HEALTH,
)
BATCHED = (BY_ID, LINE_ITEMS, PATIENT)
LOADED = (*BATCHED, LINE_ITEM, MIX)  # measured at 64 connections, too
LOGGED = (BY_ID, PATIENT)  # measured with the access logs and without
FAULTS = (MISSING, INVALID)  # their answers are not 2xx
_MIXED = {BY_ID: 35, ENCOUNTERS: 15, LINE_ITEMS: 15, SUPERBILL: 5, PATIENT: 10, LINE_ITEM: 20}


class Request(NamedTuple):
    """A request, or a template of requests with `%(name)s` for a value of a sample."""

    method: str
    path: str
    body: str = ""


Dialect = Mapping[str, Request]

# No read returns the created rows: else its answers would grow from round to round.
_NEW_PATIENT = '{"first_name":"%(first_name)s","last_name":"%(last_name)s-New"}'
_NEW_LINE_ITEM = (
    '{"encounter_id":"%(billed_encounter_id)s","cpt_code":"%(cpt_code)s","units":%(units)s}'
)

PLAIN: Dialect = {
    BY_ID: Request("GET", "/patients/%(patient_id)s"),
    PAGE: Request("GET", "/patients/?limit=100"),
    # Two requests that wait at the same time hardly ever have the same limit.
    PAGES: Request("GET", "/patients/?limit=%(limit)s"),
    THOUSAND: Request("GET", "/patients/?limit=1000"),
    FILTERED: Request("GET", "/patients/?last_name=%(last_name)s"),
    ENCOUNTERS: Request("GET", "/patients/%(patient_id)s/encounters/"),
    LINE_ITEMS: Request("GET", "/encounters/%(encounter_id)s/line_items/"),
    SUPERBILL: Request("GET", "/superbills/%(encounter_id)s"),
    PATIENT: Request("POST", "/patients/", _NEW_PATIENT),
    LINE_ITEM: Request(
        "POST",
        "/encounters/%(billed_encounter_id)s/line_items/",
        '{"cpt_code":"%(cpt_code)s","units":%(units)s}',
    ),
    MISSING: Request("GET", "/patients/%(unknown_patient_id)s"),
    INVALID: Request("POST", "/patients/", '{"first_name":"%(first_name)s","last_name":17}'),
}
OWN: Dialect = {  # `next` is the target of a `Link` header
    **PLAIN,
    CURSOR: Request("GET", "%(next)s"),
    HEALTH: Request("GET", "/health/"),
}
FASTAPI: Dialect = {**PLAIN, CURSOR: Request("GET", "/patients/?limit=100&after=%(after)s")}
CONSTANT: Dialect = {BY_ID: PLAIN[BY_ID]}
# Lists have a size and an order, as in the other dialects. pREST and PostgREST have no MISSING and
# INVALID: they answer a missing row with an empty list, and an invalid body with Postgres's error.
PREST: Dialect = {
    BY_ID: Request("GET", "/superbill/api/patients?id=$eq.%(patient_id)s&_page=1&_page_size=1"),
    PAGE: Request("GET", "/superbill/api/patients?_order=id&_page=1&_page_size=100"),
    PAGES: Request("GET", "/superbill/api/patients?_order=id&_page=1&_page_size=%(limit)s"),
    CURSOR: Request(
        "GET", "/superbill/api/patients?id=$gt.%(after)s&_order=id&_page=1&_page_size=100"
    ),
    THOUSAND: Request("GET", "/superbill/api/patients?_order=id&_page=1&_page_size=1000"),
    FILTERED: Request(
        "GET",
        "/superbill/api/patients?last_name=$eq.%(last_name)s&_order=id&_page=1&_page_size=100",
    ),
    ENCOUNTERS: Request(
        "GET",
        "/superbill/api/encounters?patient_id=$eq.%(patient_id)s&_order=id&_page=1&_page_size=100",
    ),
    LINE_ITEMS: Request(
        "GET",
        "/superbill/api/line_items?encounter_id=$eq.%(encounter_id)s&_order=id&_page=1"
        "&_page_size=100",
    ),
    SUPERBILL: Request(
        "GET", "/superbill/api/superbills?encounter_id=$eq.%(encounter_id)s&_page=1&_page_size=1"
    ),
    PATIENT: Request("POST", "/superbill/api/patients", _NEW_PATIENT),
    LINE_ITEM: Request("POST", "/superbill/api/line_items", _NEW_LINE_ITEM),
}
POSTGREST: Dialect = {
    BY_ID: Request("GET", "/patients?id=eq.%(patient_id)s"),
    PAGE: Request("GET", "/patients?order=id&limit=100"),
    PAGES: Request("GET", "/patients?order=id&limit=%(limit)s"),
    CURSOR: Request("GET", "/patients?id=gt.%(after)s&order=id&limit=100"),
    THOUSAND: Request("GET", "/patients?order=id&limit=1000"),
    FILTERED: Request("GET", "/patients?last_name=eq.%(last_name)s&order=id&limit=100"),
    ENCOUNTERS: Request("GET", "/encounters?patient_id=eq.%(patient_id)s&order=id&limit=100"),
    LINE_ITEMS: Request("GET", "/line_items?encounter_id=eq.%(encounter_id)s&order=id&limit=100"),
    SUPERBILL: Request("GET", "/superbills?encounter_id=eq.%(encounter_id)s"),
    PATIENT: Request("POST", "/patients", _NEW_PATIENT),
    LINE_ITEM: Request("POST", "/line_items", _NEW_LINE_ITEM),
}


def _graphql(query: str, variables: str = "{}") -> Request:
    return Request("POST", "/graphql", f'{{"query":{json.dumps(query)},"variables":{variables}}}')


# Aliases give the columns the same names as in the other dialects, so that answers can be compared.
# Units have the type of the domain, Number, which is text in answers.
# MISSING and INVALID are left out: GraphQL answers both with 200, one with null, one with errors.
# CURSOR is left out, too: PostGraphile's cursors are its own.
_PATIENT = " fragment patient on Patient{id:rowId first_name:firstName last_name:lastName}"
_LINE_ITEM = (
    " fragment item on LineItem"
    "{id:rowId encounter_id:encounterId cpt_code:cptCode "
    "cpt_code_description:cptCodeDescription units}"
)
_PATIENT_ID, _ENCOUNTER_ID = '{"id":"%(patient_id)s"}', '{"id":"%(encounter_id)s"}'
POSTGRAPHILE: Dialect = {
    BY_ID: _graphql(
        "query($id:UUID!){row:patientByRowId(rowId:$id){...patient}}" + _PATIENT, _PATIENT_ID
    ),
    PAGE: _graphql(
        "{list:allPatients(first:100,orderBy:ROW_ID_ASC){nodes{...patient}}}" + _PATIENT
    ),
    THOUSAND: _graphql(
        "{list:allPatients(first:1000,orderBy:ROW_ID_ASC){nodes{...patient}}}" + _PATIENT
    ),
    PAGES: _graphql(
        "query($limit:Int!){list:allPatients(first:$limit,orderBy:ROW_ID_ASC){nodes{...patient}}}"
        + _PATIENT,
        '{"limit":%(limit)s}',
    ),
    FILTERED: _graphql(
        "query($last_name:String!)"
        "{list:allPatients(condition:{lastName:$last_name},first:100,orderBy:ROW_ID_ASC)"
        "{nodes{...patient}}}" + _PATIENT,
        '{"last_name":"%(last_name)s"}',
    ),
    ENCOUNTERS: _graphql(
        "query($id:UUID!){parent:patientByRowId(rowId:$id)"
        "{list:encountersByPatientId(first:100,orderBy:ROW_ID_ASC)"
        "{nodes{id:rowId patient_id:patientId date}}}}",
        _PATIENT_ID,
    ),
    LINE_ITEMS: _graphql(
        "query($id:UUID!){parent:encounterByRowId(rowId:$id)"
        "{list:lineItemsByEncounterId(first:100,orderBy:ROW_ID_ASC)"
        "{nodes{...item}}}}" + _LINE_ITEM,
        _ENCOUNTER_ID,
    ),
    SUPERBILL: _graphql(
        "query($id:UUID!){row:superbillByEncounterId(encounterId:$id)"
        "{encounter_id:encounterId date "
        "patient_id:patientId first_name:firstName last_name:lastName line_items:lineItems"
        "{id:rowId cpt_code:cptCode cpt_code_description:cptCodeDescription units}}}",
        _ENCOUNTER_ID,
    ),
    PATIENT: _graphql(
        "mutation($first_name:String!,$last_name:String!){made:createPatient(input:{patient:"
        "{firstName:$first_name,lastName:$last_name}}){row:patient{...patient}}}" + _PATIENT,
        _NEW_PATIENT,
    ),
    LINE_ITEM: _graphql(
        "mutation($encounter_id:UUID!,$cpt_code:String!,$units:Number!)"
        "{made:createLineItem(input:{lineItem:"
        "{encounterId:$encounter_id,cptCode:$cpt_code,units:$units}}){row:lineItem{...item}}}"
        + _LINE_ITEM,
        _NEW_LINE_ITEM,
    ),
}


def supports(dialect: Dialect, workload: str) -> bool:
    """Return whether a dialect has the requests of a workload."""
    return _MIXED.keys() <= dialect.keys() if workload == MIX else workload in dialect


def request(dialect: Dialect, workload: str, sample: Sample) -> Request:
    """Return the request of a workload, other than the mix, for a sample."""
    return Request(*(text % sample for text in dialect[workload]))


def write(path: Path, dialect: Dialect, workload: str, samples: Sequence[Sample]) -> None:
    """Write the file that requests.lua reads: one request a line, one line for each sample.

    A token of the sample ends the line.

    Each line of the mix has a random kind of request.
    """
    generator = random.Random(workload)  # the same mix in each run
    kinds = [*_MIXED.keys()], [*_MIXED.values()]
    chosen = (
        generator.choices(*kinds, k=len(samples)) if workload == MIX else [workload] * len(samples)
    )
    requests = [
        (*request(dialect, kind, sample), sample.get("token", ""))
        for kind, sample in zip(chosen, samples, strict=True)
    ]
    path.write_text("".join("\t".join(one) + "\n" for one in requests), encoding="utf-8")
