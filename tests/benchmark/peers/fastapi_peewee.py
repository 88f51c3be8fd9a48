"""FastAPI with Peewee, in FastAPI's threads, as its users write it."""
# mypy: disable-error-code="import-not-found,import-untyped,misc,untyped-decorator"
# Its libraries have an environment of their own.

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
    """What the tables share."""

    class Meta:
        """Where they are."""

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
        """What the table is called."""

        table_name = "cpt_code"


class LineItem(Base):
    """A line item."""

    id = UUIDField(primary_key=True, constraints=[SQL("DEFAULT uuidv7()")])
    encounter = ForeignKeyField(Encounter, backref="line_items")
    code = ForeignKeyField(Code, column_name="cpt_code")
    units = IntegerField()

    class Meta:
        """What the table is called."""

        table_name = "line_item"


class NewPatient(BaseModel):
    """A patient as it is sent."""

    first_name: str = Field(min_length=1, max_length=100)
    last_name: str = Field(min_length=1, max_length=100)


class ShownPatient(NewPatient):
    """A patient as it is answered."""

    id: UUID


class ShownEncounter(BaseModel):
    """An encounter as it is answered."""

    id: UUID
    patient_id: UUID
    date: date


class NewLineItem(BaseModel):
    """A line item as it is sent."""

    cpt_code: str = Field(pattern=r"^([0-9]{4}[0-9A-Z]|[A-Z][0-9]{4})$")
    units: int = Field(1, ge=1, le=9999)


class BilledLineItem(NewLineItem):
    """A line item as it stands on a bill."""

    id: UUID
    cpt_code_description: str


class ShownLineItem(BilledLineItem):
    """A line item as it is answered."""

    encounter_id: UUID


class ShownSuperbill(BaseModel):
    """A bill."""

    encounter_id: UUID
    date: date
    patient_id: UUID
    first_name: str
    last_name: str
    line_items: list[BilledLineItem]


app = FastAPI()


def _found(model: Any, key: object, noun: str) -> Any:
    # Peewee's public name for it
    row = model.get_or_none(model._meta.primary_key == key)  # noqa: SLF001
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


@app.get("/patients/{patient_id}", response_model=ShownPatient)
def read_patient(patient_id: UUID) -> Any:
    with database.connection_context():
        return _found(Patient, patient_id, "patient").__data__


@app.get("/patients/", response_model=list[ShownPatient])
def list_patients(
    limit: Annotated[int, Query(ge=1, le=1000)] = 100, last_name: str | None = None
) -> Any:
    with database.connection_context():
        query = Patient.select().order_by(Patient.id).limit(limit)
        if last_name is not None:
            query = query.where(Patient.last_name == last_name)
        return list(query.dicts())


@app.get("/patients/{patient_id}/encounters/", response_model=list[ShownEncounter])
def list_encounters(patient_id: UUID) -> Any:
    with database.connection_context():
        _found(Patient, patient_id, "patient")
        query = Encounter.select(
            Encounter.id, Encounter.patient.alias("patient_id"), Encounter.date
        )
        return list(
            query.where(Encounter.patient == patient_id).order_by(Encounter.id).limit(100).dicts()
        )


@app.get("/encounters/{encounter_id}/line_items/", response_model=list[ShownLineItem])
def list_line_items(encounter_id: UUID) -> Any:
    with database.connection_context():
        _found(Encounter, encounter_id, "encounter")
        return list(_line_items(encounter_id).limit(100))


@app.get("/superbills/{encounter_id}", response_model=ShownSuperbill)
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


@app.post("/patients/", status_code=201, response_model=ShownPatient)
def create_patient(new: NewPatient) -> Any:
    with database.connection_context():
        return Patient.insert(new.model_dump()).returning(Patient).dicts().execute()[0]


@app.post("/encounters/{encounter_id}/line_items/", status_code=201, response_model=ShownLineItem)
def create_line_item(encounter_id: UUID, new: NewLineItem) -> Any:
    with database.connection_context():
        _found(Encounter, encounter_id, "encounter")
        code = Code.get_or_none(Code.code == new.cpt_code)
        if code is None:
            raise HTTPException(422, "code not found")
        made = {
            LineItem.encounter: encounter_id,
            LineItem.code: new.cpt_code,
            LineItem.units: new.units,
        }
        key = LineItem.insert(made).execute()
        return {
            **new.model_dump(),
            "id": key,
            "encounter_id": encounter_id,
            "cpt_code_description": code.description,
        }
