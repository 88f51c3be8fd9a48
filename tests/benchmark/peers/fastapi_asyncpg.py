"""FastAPI with asyncpg and hand-written SQL: the fastest such API in Python without Superbill.

It uses a pool and one statement for each request. Postgres writes the JSON, which is faster than
serialising rows in Python.
"""
# mypy: disable-error-code="import-not-found,misc,untyped-decorator"
# The libraries are installed in another environment, which mypy does not see.

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Annotated, Any
from uuid import UUID

import asyncpg
from fastapi import FastAPI, HTTPException, Query, Response
from pydantic import BaseModel, Field

PATIENT = """
    SELECT row_to_json(p) FROM (
        SELECT id, first_name, last_name FROM billing.patient WHERE id = $1) AS p"""
PATIENTS = """
    SELECT coalesce(json_agg(p), '[]') FROM (
        SELECT id, first_name, last_name FROM billing.patient ORDER BY id LIMIT $1) AS p"""
PATIENTS_AFTER = """
    SELECT coalesce(json_agg(p), '[]') FROM (
        SELECT id, first_name, last_name FROM billing.patient WHERE id > $2
        ORDER BY id LIMIT $1) AS p"""
PATIENTS_NAMED = """
    SELECT coalesce(json_agg(p), '[]') FROM (
        SELECT id, first_name, last_name FROM billing.patient WHERE last_name = $2
        ORDER BY id LIMIT $1) AS p"""
ENCOUNTERS = """
    SELECT coalesce((SELECT json_agg(e) FROM (
        SELECT id, patient_id, date FROM billing.encounter WHERE patient_id = $1
        ORDER BY id LIMIT 100) AS e), '[]')
    FROM billing.patient WHERE id = $1"""
LINE_ITEMS = """
    SELECT coalesce((SELECT json_agg(l) FROM (
        SELECT l.id, l.encounter_id, l.cpt_code, c.description AS cpt_code_description, l.units
        FROM billing.line_item AS l JOIN billing.cpt_code AS c ON c.code = l.cpt_code
        WHERE l.encounter_id = $1 ORDER BY l.id LIMIT 100) AS l), '[]')
    FROM billing.encounter WHERE id = $1"""
SUPERBILL = """
    SELECT row_to_json(s) FROM (
        SELECT e.id AS encounter_id, e.date, e.patient_id, p.first_name, p.last_name, (
            SELECT coalesce(json_agg(l), '[]') FROM (
                SELECT l.id, l.cpt_code, c.description AS cpt_code_description, l.units
                FROM billing.line_item AS l JOIN billing.cpt_code AS c ON c.code = l.cpt_code
                WHERE l.encounter_id = e.id ORDER BY l.id) AS l) AS line_items
        FROM billing.encounter AS e JOIN billing.patient AS p ON p.id = e.patient_id
        WHERE e.id = $1) AS s"""
NEW_PATIENT = """
    INSERT INTO billing.patient AS p (first_name, last_name) VALUES ($1, $2)
    RETURNING json_build_object('id', p.id, 'first_name', p.first_name, 'last_name', p.last_name)"""
NEW_LINE_ITEM = """
    INSERT INTO billing.line_item AS l (encounter_id, cpt_code, units) VALUES ($1, $2, $3)
    RETURNING json_build_object('id', l.id, 'encounter_id', l.encounter_id, 'cpt_code', l.cpt_code,
        'cpt_code_description', (SELECT description FROM billing.cpt_code WHERE code = l.cpt_code),
        'units', l.units)"""


class NewPatient(BaseModel):
    """The body that creates a patient."""

    first_name: str = Field(min_length=1, max_length=100)
    last_name: str = Field(min_length=1, max_length=100)


class NewLineItem(BaseModel):
    """The body that creates a line item."""

    cpt_code: str = Field(pattern=r"^([0-9]{4}[0-9A-Z]|[A-Z][0-9]{4})$")
    units: int = Field(1, ge=1, le=9999)


async def _keep(connection: Any) -> None:
    """Leave a connection as it is: no request changes its state, and a reset is a round trip."""


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the pool at start, and close it at the end."""
    size = int(os.environ["POOL"])
    async with asyncpg.create_pool(
        os.environ["DATABASE_URL"], min_size=size, max_size=size, reset=_keep
    ) as app.state.pool:
        yield


app = FastAPI(lifespan=lifespan)


async def _value(sql: str, *values: UUID | str | float | date) -> Any:
    return await app.state.pool.fetchval(sql, *values)


def _json(text: Any, status: int = 200) -> Response:
    return Response(text, status, media_type="application/json")


def _found(text: Any, noun: str) -> Response:
    if text is None:
        raise HTTPException(404, f"{noun} not found")
    return _json(text)


@app.get("/patients/{patient_id}")
async def read_patient(patient_id: UUID) -> Response:
    return _found(await _value(PATIENT, patient_id), "patient")


@app.get("/patients/")
async def list_patients(
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    last_name: str | None = None,
    after: UUID | None = None,
) -> Response:
    if after is not None:
        return _json(await _value(PATIENTS_AFTER, limit, after))
    if last_name is None:
        return _json(await _value(PATIENTS, limit))
    return _json(await _value(PATIENTS_NAMED, limit, last_name))


@app.get("/patients/{patient_id}/encounters/")
async def list_encounters(patient_id: UUID) -> Response:
    return _found(await _value(ENCOUNTERS, patient_id), "patient")


@app.get("/encounters/{encounter_id}/line_items/")
async def list_line_items(encounter_id: UUID) -> Response:
    return _found(await _value(LINE_ITEMS, encounter_id), "encounter")


@app.get("/superbills/{encounter_id}")
async def read_superbill(encounter_id: UUID) -> Response:
    return _found(await _value(SUPERBILL, encounter_id), "encounter")


@app.post("/patients/")
async def create_patient(new: NewPatient) -> Response:
    return _json(await _value(NEW_PATIENT, new.first_name, new.last_name), 201)


@app.post("/encounters/{encounter_id}/line_items/")
async def create_line_item(encounter_id: UUID, new: NewLineItem) -> Response:
    try:
        return _json(await _value(NEW_LINE_ITEM, encounter_id, new.cpt_code, new.units), 201)
    except asyncpg.ForeignKeyViolationError as error:
        status, noun = (
            (404, "encounter") if "encounter" in (error.constraint_name or "") else (422, "code")
        )
        raise HTTPException(status, f"{noun} not found") from None
