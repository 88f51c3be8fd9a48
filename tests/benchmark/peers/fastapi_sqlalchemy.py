"""FastAPI with SQLAlchemy's ORM on asyncio and asyncpg, as its documentation shows."""
# mypy: disable-error-code="import-not-found,misc,untyped-decorator"
# The libraries are installed in another environment, which mypy does not see.

import os
from collections.abc import AsyncIterator
from datetime import date
from typing import Annotated, Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from fastapi import Depends, FastAPI, HTTPException, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import URL, FetchedValue, ForeignKey, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload


class Base(DeclarativeBase):
    """The base class of the tables."""

    __table_args__ = {"schema": "billing"}  # noqa: RUF012 - SQLAlchemy requires a dictionary


class Patient(Base):
    """A patient."""

    __tablename__ = "patient"
    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=FetchedValue())
    first_name: Mapped[str]
    last_name: Mapped[str]


class Encounter(Base):
    """An encounter."""

    __tablename__ = "encounter"
    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=FetchedValue())
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("billing.patient.id"))
    date: Mapped[date]
    patient: Mapped[Patient] = relationship()
    line_items: Mapped[list["LineItem"]] = relationship(order_by="LineItem.id")


class Code(Base):
    """A procedure code."""

    __tablename__ = "cpt_code"
    code: Mapped[str] = mapped_column(primary_key=True)
    description: Mapped[str]


class LineItem(Base):
    """A line item."""

    __tablename__ = "line_item"
    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=FetchedValue())
    encounter_id: Mapped[UUID] = mapped_column(ForeignKey("billing.encounter.id"))
    cpt_code: Mapped[str] = mapped_column(ForeignKey("billing.cpt_code.code"))
    units: Mapped[int]
    code: Mapped[Code] = relationship(lazy="joined", innerjoin=True)

    @property
    def cpt_code_description(self) -> str:
        """The description of the code."""
        return str(self.code.description)


class RowModel(BaseModel):
    """The base class of models that are read from a row."""

    model_config = ConfigDict(from_attributes=True)


class NewPatient(BaseModel):
    """The body that creates a patient."""

    first_name: str = Field(min_length=1, max_length=100)
    last_name: str = Field(min_length=1, max_length=100)


class PatientOut(RowModel):
    """A patient in an answer."""

    id: UUID
    first_name: str
    last_name: str


class EncounterOut(RowModel):
    """An encounter in an answer."""

    id: UUID
    patient_id: UUID
    date: date


class NewLineItem(BaseModel):
    """The body that creates a line item."""

    cpt_code: str = Field(pattern=r"^([0-9]{4}[0-9A-Z]|[A-Z][0-9]{4})$")
    units: int = Field(1, ge=1, le=9999)


class SuperbillLineItem(RowModel):
    """A line item of a superbill."""

    id: UUID
    cpt_code: str
    cpt_code_description: str
    units: int


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


_parts = urlsplit(os.environ["DATABASE_URL"])
_url = URL.create(
    "postgresql+asyncpg",
    _parts.username,
    database=_parts.path[1:],
    query={"host": parse_qs(_parts.query)["host"][0]},
)
engine = create_async_engine(_url, pool_size=int(os.environ["POOL"]), max_overflow=0)
sessions = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()


async def open_session() -> AsyncIterator[AsyncSession]:
    """Open a session for each request."""
    async with sessions() as session:
        yield session


Session = Annotated[AsyncSession, Depends(open_session)]


async def _found(session: AsyncSession, entity: Any, key: object, noun: str) -> Any:
    row = await session.get(entity, key)
    if row is None:
        raise HTTPException(404, f"{noun} not found")
    return row


@app.get("/patients/{patient_id}")
async def read_patient(patient_id: UUID, session: Session) -> PatientOut:
    # FastAPI converts the row
    return await _found(session, Patient, patient_id, "patient")  # type: ignore[no-any-return]


@app.get("/patients/", response_model=list[PatientOut])
async def list_patients(
    session: Session,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    last_name: str | None = None,
    after: UUID | None = None,
) -> Any:
    query = select(Patient).order_by(Patient.id).limit(limit)
    if after is not None:
        query = query.where(Patient.id > after)
    if last_name is not None:
        query = query.where(Patient.last_name == last_name)
    return (await session.scalars(query)).all()


@app.get("/patients/{patient_id}/encounters/", response_model=list[EncounterOut])
async def list_encounters(patient_id: UUID, session: Session) -> Any:
    await _found(session, Patient, patient_id, "patient")
    query = (
        select(Encounter)
        .where(Encounter.patient_id == patient_id)
        .order_by(Encounter.id)
        .limit(100)
    )
    return (await session.scalars(query)).all()


@app.get("/encounters/{encounter_id}/line_items/", response_model=list[LineItemOut])
async def list_line_items(encounter_id: UUID, session: Session) -> Any:
    await _found(session, Encounter, encounter_id, "encounter")
    query = (
        select(LineItem)
        .where(LineItem.encounter_id == encounter_id)
        .order_by(LineItem.id)
        .limit(100)
    )
    return (await session.scalars(query)).all()


@app.get("/superbills/{encounter_id}")
async def read_superbill(encounter_id: UUID, session: Session) -> SuperbillOut:
    query = (
        select(Encounter)
        .options(selectinload(Encounter.patient), selectinload(Encounter.line_items))
        .where(Encounter.id == encounter_id)
    )
    found = (await session.scalars(query)).one_or_none()
    if found is None:
        raise HTTPException(404, "encounter not found")
    return SuperbillOut(
        encounter_id=found.id,
        date=found.date,
        patient_id=found.patient_id,
        first_name=found.patient.first_name,
        last_name=found.patient.last_name,
        line_items=[SuperbillLineItem.model_validate(item) for item in found.line_items],
    )


@app.post("/patients/", status_code=201, response_model=PatientOut)
async def create_patient(new: NewPatient, session: Session) -> Any:
    row = Patient(**new.model_dump())
    session.add(row)
    await session.commit()
    return row


@app.post("/encounters/{encounter_id}/line_items/", status_code=201, response_model=LineItemOut)
async def create_line_item(encounter_id: UUID, new: NewLineItem, session: Session) -> Any:
    await _found(session, Encounter, encounter_id, "encounter")
    code = await session.get(Code, new.cpt_code)
    if code is None:
        raise HTTPException(422, "code not found")
    row = LineItem(encounter_id=encounter_id, code=code, units=new.units)
    session.add(row)
    await session.commit()
    return row
