"""What is asked for, and how each kind of server is asked for it."""

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
MISSING, INVALID, MIX = "404", "422", "mix, 30 % writes"

ALL = (
    BY_ID,
    PAGE,
    PAGES,
    FILTERED,
    ENCOUNTERS,
    LINE_ITEMS,
    SUPERBILL,
    PATIENT,
    LINE_ITEM,
    MIX,
    MISSING,
    INVALID,
)
BATCHED = (BY_ID, LINE_ITEMS, PATIENT)
FAULTS = (MISSING, INVALID)  # those that are not answered with a 2xx
_MIXED = {BY_ID: 35, ENCOUNTERS: 15, LINE_ITEMS: 15, SUPERBILL: 5, PATIENT: 10, LINE_ITEM: 20}


class Request(NamedTuple):
    """A request, or with `%(name)s` in it what one is made from."""

    method: str
    path: str
    body: str = ""


Dialect = Mapping[str, Request]

# What is created is nobody's answer to a read: else those would grow from round to round.
_NEW_PATIENT = '{"first_name":"%(first_name)s","last_name":"%(last_name)s-New"}'
_NEW_LINE_ITEM = (
    '{"encounter_id":"%(billed_encounter_id)s","cpt_code":"%(cpt_code)s","units":%(units)s}'
)

PLAIN: Dialect = {
    BY_ID: Request("GET", "/patients/%(patient_id)s"),
    PAGE: Request("GET", "/patients/?limit=100"),
    PAGES: Request(
        "GET", "/patients/?limit=%(limit)s"
    ),  # hardly ever the same for two that wait together
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
CONSTANT: Dialect = {BY_ID: PLAIN[BY_ID]}
# A list has a size and an order: without them it would be another question. A missing row is an
# empty list to these two, and an invalid body whatever Postgres says to it.
PREST: Dialect = {
    BY_ID: Request("GET", "/superbill/api/patients?id=$eq.%(patient_id)s&_page=1&_page_size=1"),
    PAGE: Request("GET", "/superbill/api/patients?_order=id&_page=1&_page_size=100"),
    PAGES: Request("GET", "/superbill/api/patients?_order=id&_page=1&_page_size=%(limit)s"),
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
        "/superbill/api/line_items?encounter_id=$eq.%(encounter_id)s&_order=id&_page=1&_page_size=100",
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
    FILTERED: Request("GET", "/patients?last_name=eq.%(last_name)s&order=id&limit=100"),
    ENCOUNTERS: Request("GET", "/encounters?patient_id=eq.%(patient_id)s&order=id&limit=100"),
    LINE_ITEMS: Request("GET", "/line_items?encounter_id=eq.%(encounter_id)s&order=id&limit=100"),
    SUPERBILL: Request("GET", "/superbills?encounter_id=eq.%(encounter_id)s"),
    PATIENT: Request("POST", "/patients", _NEW_PATIENT),
    LINE_ITEM: Request("POST", "/line_items", _NEW_LINE_ITEM),
}


def _graphql(query: str, variables: str = "{}") -> Request:
    return Request("POST", "/graphql", f'{{"query":{json.dumps(query)},"variables":{variables}}}')


# Aliases give columns the names that everybody else has, so that answers can be compared. A missing
# row is a success with null, and an invalid body one with errors: those two are left out.
_PATIENT = " fragment patient on Patient{id:rowId first_name:firstName last_name:lastName}"
_LINE_ITEM = (
    " fragment item on LineItem"
    "{id:rowId encounter_id:encounterId cpt_code:cptCode cpt_code_description:cptCodeDescription units}"
)
_PATIENT_ID, _ENCOUNTER_ID = '{"id":"%(patient_id)s"}', '{"id":"%(encounter_id)s"}'
POSTGRAPHILE: Dialect = {
    BY_ID: _graphql(
        "query($id:UUID!){row:patientByRowId(rowId:$id){...patient}}" + _PATIENT, _PATIENT_ID
    ),
    PAGE: _graphql(
        "{list:allPatients(first:100,orderBy:ROW_ID_ASC){nodes{...patient}}}" + _PATIENT
    ),
    PAGES: _graphql(
        "query($limit:Int!){list:allPatients(first:$limit,orderBy:ROW_ID_ASC){nodes{...patient}}}"
        + _PATIENT,
        '{"limit":%(limit)s}',
    ),
    FILTERED: _graphql(
        "query($last_name:String!)"
        "{list:allPatients(condition:{lastName:$last_name},first:100,orderBy:ROW_ID_ASC){nodes{...patient}}}"
        + _PATIENT,
        '{"last_name":"%(last_name)s"}',
    ),
    ENCOUNTERS: _graphql(
        "query($id:UUID!){parent:patientByRowId(rowId:$id){list:encountersByPatientId(first:100,orderBy:ROW_ID_ASC)"
        "{nodes{id:rowId patient_id:patientId date}}}}",
        _PATIENT_ID,
    ),
    LINE_ITEMS: _graphql(
        "query($id:UUID!){parent:encounterByRowId(rowId:$id){list:lineItemsByEncounterId(first:100,orderBy:ROW_ID_ASC)"
        "{nodes{...item}}}}" + _LINE_ITEM,
        _ENCOUNTER_ID,
    ),
    SUPERBILL: _graphql(
        "query($id:UUID!){row:superbillByEncounterId(encounterId:$id){encounter_id:encounterId date "
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
        "mutation($encounter_id:UUID!,$cpt_code:String!,$units:Int!){made:createLineItem(input:{lineItem:"
        "{encounterId:$encounter_id,cptCode:$cpt_code,units:$units}}){row:lineItem{...item}}}"
        + _LINE_ITEM,
        _NEW_LINE_ITEM,
    ),
}


def offers(dialect: Dialect, workload: str) -> bool:
    """Say whether a server can be asked for this."""
    return _MIXED.keys() <= dialect.keys() if workload == MIX else workload in dialect


def request(dialect: Dialect, workload: str, sample: Sample) -> Request:
    """Make one request of a workload that is no mix."""
    return Request(*(text % sample for text in dialect[workload]))


def write(path: Path, dialect: Dialect, workload: str, samples: Sequence[Sample]) -> None:
    """Write a request a line, as requests.lua reads them: a sample each, and in a mix a kind each."""
    chance = random.Random(workload)  # the same mix every time
    kinds = [*_MIXED.keys()], [*_MIXED.values()]
    chosen = (
        chance.choices(*kinds, k=len(samples)) if workload == MIX else [workload] * len(samples)
    )
    made = [request(dialect, kind, sample) for kind, sample in zip(chosen, samples, strict=True)]
    path.write_text("".join("\t".join(one) + "\n" for one in made), encoding="utf-8")
