"""Visits that are billed in SQL, as the API's login."""

from typing import Any, LiteralString

import psycopg


def rows(url: str, query: LiteralString, *values: object) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        cursor = connection.execute(query, values or None)
        return cursor.fetchall() if cursor.description else []


def add_visit(url: str, first_name: str = "Jo", date: str = "2024-03-01") -> tuple[str, str]:
    """Add a patient and an encounter as the API does; give their ids."""
    add = "INSERT INTO api.patients (first_name, last_name) VALUES (%s, 'Doe') RETURNING id::text"
    ((patient,),) = rows(url, add, first_name)
    add = "INSERT INTO api.encounters (patient_id, date) VALUES (%s, %s) RETURNING id::text"
    ((encounter,),) = rows(url, add, patient, date)
    return patient, encounter


def add_line_item(url: str, encounter: str, code: str, units: int) -> None:
    rows(
        url,
        "INSERT INTO api.line_items (encounter_id, cpt_code, units) VALUES (%s, %s, %s)",
        encounter,
        code,
        units,
    )


def attempt(url: str, statement: LiteralString) -> str:
    """Make a statement; give the constraint that refused it, if one did."""
    try:
        rows(url, statement)
    except psycopg.Error as refusal:
        return refusal.diag.constraint_name or str(refusal)
    return ""
