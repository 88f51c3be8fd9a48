"""FastAPI with Peewee, in FastAPI's thread pool, as Peewee's documentation shows."""
# mypy: disable-error-code="import-not-found,import-untyped,misc,untyped-decorator"
# The libraries are installed in another environment, which mypy does not see.

import os
from datetime import date
from typing import Annotated, Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from fastapi import FastAPI, HTTPException, Query
from peewee import SQL, DateField, ForeignKeyField, IntegerField, Model, TextField, UUIDField
from playhouse.pool import PooledPostgresqlDatabase
from pydantic import BaseModel, Field

_parts = urlsplit(os.environ["DATABASE_URL"])
database = PooledPostgresqlDatabase(
    _parts.path[1:],
    user=_parts.username,
    host=parse_qs(_parts.query)["host"][0],
    max_connections=int(os.environ["POOL"]),
    timeout=30,
)


class Base(Model):
    """The base class of the tables."""

    class Meta:
        """The database and schema of the tables."""

        database = database
        schema = "billing"


class Patient(Base):
    """A patient."""

    id = UUIDField(primary_key=True, constraints=[SQL("DEFAULT uuidv7()")])
    first_name = TextField()
    last_name = TextField()


class Encounter(Base):
    """An encounter."""

    id = UUIDField(primary_key=True, constraints=[SQL("DEFAULT uuidv7()")])
    patient = ForeignKeyField(Patient)
    date = DateField()


class Code(Base):
    """A procedure code."""

    code = TextField(primary_key=True)
    description = TextField()

    class Meta:
        """The name of the table."""

        table_name = "cpt_code"


class LineItem(Base):
    """A line item."""

    id = UUIDField(primary_key=True, constraints=[SQL("DEFAULT uuidv7()")])
    encounter = ForeignKeyField(Encounter, backref="line_items")
    code = ForeignKeyField(Code, column_name="cpt_code")
    units = IntegerField()

    class Meta:
        """The name of the table."""

        table_name = "line_item"


class NewPatient(BaseModel):
    """The body that creates a patient."""

    first_name: str = Field(min_length=1, max_length=100)
    last_name: str = Field(min_length=1, max_length=100)


class PatientOut(NewPatient):
    """A patient in an answer."""

    id: UUID


class EncounterOut(BaseModel):
    """An encounter in an answer."""

    id: UUID
    patient_id: UUID
    date: date


class NewLineItem(BaseModel):
    """The body that creates a line item."""

    cpt_code: str = Field(pattern=r"^([0-9]{4}[0-9A-Z]|[A-Z][0-9]{4})$")
    units: int = Field(1, ge=1, le=9999)


class SuperbillLineItem(NewLineItem):
    """A line item of a superbill."""

    id: UUID
    cpt_code_description: str


class LineItemOut(SuperbillLineItem):
    """A line item in an answer."""

    encounter_id: UUID


class SuperbillOut(BaseModel):
    """A superbill."""

    encounter_id: UUID
    date: date
    patient_id: UUID
    first_name: str
    last_name: str
    line_items: list[SuperbillLineItem]


app = FastAPI()


def _found(model: Any, key: object, noun: str) -> Any:
    primary_key = model._meta.primary_key  # noqa: SLF001 - Peewee documents _meta as public
    row = model.get_or_none(primary_key == key)
    if row is None:
        raise HTTPException(404, f"{noun} not found")
    return row


def _line_items(encounter_id: UUID) -> Any:
    query = LineItem.select(
        LineItem.id,
        LineItem.encounter.alias("encounter_id"),
        Code.code.alias("cpt_code"),
        Code.description.alias("cpt_code_description"),
        LineItem.units,
    )
    return query.join(Code).where(LineItem.encounter == encounter_id).order_by(LineItem.id).dicts()


@app.get("/patients/{patient_id}", response_model=PatientOut)
def read_patient(patient_id: UUID) -> Any:
    with database.connection_context():
        return _found(Patient, patient_id, "patient").__data__


@app.get("/patients/", response_model=list[PatientOut])
def list_patients(
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    last_name: str | None = None,
    after: UUID | None = None,
) -> Any:
    with database.connection_context():
        query = Patient.select().order_by(Patient.id).limit(limit)
        if after is not None:
            query = query.where(Patient.id > after)
        if last_name is not None:
            query = query.where(Patient.last_name == last_name)
        return list(query.dicts())


@app.get("/patients/{patient_id}/encounters/", response_model=list[EncounterOut])
def list_encounters(patient_id: UUID) -> Any:
    with database.connection_context():
        _found(Patient, patient_id, "patient")
        query = Encounter.select(
            Encounter.id, Encounter.patient.alias("patient_id"), Encounter.date
        )
        return list(
            query.where(Encounter.patient == patient_id).order_by(Encounter.id).limit(100).dicts()
        )


@app.get("/encounters/{encounter_id}/line_items/", response_model=list[LineItemOut])
def list_line_items(encounter_id: UUID) -> Any:
    with database.connection_context():
        _found(Encounter, encounter_id, "encounter")
        return list(_line_items(encounter_id).limit(100))


@app.get("/superbills/{encounter_id}", response_model=SuperbillOut)
def read_superbill(encounter_id: UUID) -> Any:
    with database.connection_context():
        query = (
            Encounter.select(Encounter, Patient).join(Patient).where(Encounter.id == encounter_id)
        )
        found = query.get_or_none()
        if found is None:
            raise HTTPException(404, "encounter not found")
        return {
            "encounter_id": found.id,
            "date": found.date,
            "patient_id": found.patient.id,
            "first_name": found.patient.first_name,
            "last_name": found.patient.last_name,
            "line_items": list(_line_items(encounter_id)),
        }


@app.post("/patients/", status_code=201, response_model=PatientOut)
def create_patient(new: NewPatient) -> Any:
    with database.connection_context():
        return Patient.insert(new.model_dump()).returning(Patient).dicts().execute()[0]


@app.post("/encounters/{encounter_id}/line_items/", status_code=201, response_model=LineItemOut)
def create_line_item(encounter_id: UUID, new: NewLineItem) -> Any:
    with database.connection_context():
        _found(Encounter, encounter_id, "encounter")
        code = Code.get_or_none(Code.code == new.cpt_code)
        if code is None:
            raise HTTPException(422, "code not found")
        values = {
            LineItem.encounter: encounter_id,
            LineItem.code: new.cpt_code,
            LineItem.units: new.units,
        }
        key = LineItem.insert(values).execute()
        return {
            **new.model_dump(),
            "id": key,
            "encounter_id": encounter_id,
            "cpt_code_description": code.description,
        }
