"""Generated claims in the database, as the API's role writes them; and how they are sent."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_DOWN, Decimal
from typing import Any, LiteralString

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from tests.support.generated_claims import DAY, Fields

CENT = Decimal("0.01")
PREPARE: LiteralString = (
    "INSERT INTO api.practices (name) VALUES ('Example');"
    "INSERT INTO api.fees (cpt_code, effective_on, amount)"
    " SELECT code, '2000-01-01', 1 FROM api.cpt_codes"
)
LISTED: dict[str, LiteralString] = {
    "codes": "SELECT code FROM api.cpt_codes WHERE code LIKE 'G0%' ORDER BY code",
    "modifiers": "SELECT code FROM api.modifiers ORDER BY code",
    "diagnoses": "SELECT code FROM api.diagnosis_codes ORDER BY code LIMIT 20",
    "places": "SELECT code FROM api.places_of_service ORDER BY code",
}


class Clinic:
    """A clinic whose practice can send claims."""

    def __init__(self, connection: psycopg.Connection) -> None:
        """Add the practice, and a fee for each code."""
        self._connection = connection
        connection.execute(PREPARE)

    def listed(self) -> dict[str, list[str]]:
        """Give codes that are listed."""
        execute = self._connection.execute
        return {name: [code for (code,) in execute(query)] for name, query in LISTED.items()}

    def send(self, practice: Fields, partner: Fields, claims: list[str]) -> str:
        """Change the practice, and send claims to another trading partner; give the interchange."""
        self._change("practices", practice)
        made = {
            "trading_partner_id": self._add("trading_partners", partner),
            "claim_ids": claims,
        }
        return self._add("interchanges", made)

    def bill(self, bill: Fields) -> list[str]:
        """Store a bill, and give its claims that are to be sent."""
        with self._connection.transaction():
            return self._bill(bill)

    def _bill(self, bill: Fields) -> list[str]:
        patient = self._add("patients", bill["patient"])
        self._add("patient_details", bill["detail"] | {"patient_id": patient}, "patient_id")
        providers = [self._provider(fields) for fields in bill["providers"] if fields]
        payers = [self._add("payers", fields) for fields in bill["payers"]]
        coverages = [
            self._add(
                "coverages",
                {
                    **fields,
                    "patient_id": patient,
                    "payer_id": payers[number % 2],
                    "priority": "PST"[number],
                    "effective_on": "2000-01-01",
                },
            )
            for number, fields in enumerate(bill["coverages"])
        ]
        encounter = self._visit(bill, patient, providers)
        second = bill["second"] and len(coverages) > 1
        self._settle(bill, patient, encounter, payers[0] if second else None)
        return self._claim(bill, encounter, coverages[1 if second else 0])

    def _visit(self, bill: Fields, patient: str, providers: list[str]) -> str:
        visit = {
            "patient_id": patient,
            "date": str(DAY),
            "provider_id": providers[0],
            "place_of_service": bill["place_of_service"],
        }
        encounter = self._add("encounters", visit)
        for position, code in bill["diagnoses"].items():
            row = {"encounter_id": encounter, "position": position, "diagnosis_code": code}
            self._add("diagnoses", row, "encounter_id")
        lines = [
            {name: line[name] for name in line.keys() - {"drug", "answer", "patient_paid"}}
            | {"encounter_id": encounter}
            for line in bill["line_items"]
        ]
        added = self._add_many("line_items", lines)
        drugs = [
            line["drug"] | {"line_item_id": key}
            for key, line in zip(added, bill["line_items"], strict=True)
            if line["drug"]
        ]
        self._add_many("drugs", drugs, "line_item_id")
        if bill["claim_detail"] is not None:
            referring = {"referring_provider_id": providers[-1]} if len(providers) > 1 else {}
            detail = bill["claim_detail"] | referring | {"encounter_id": encounter}
            self._add("claim_details", detail, "encounter_id")
        self._connection.execute("UPDATE api.fees SET amount = %s", [bill["fee"]])
        self._change("encounters", {"status": "posted"}, encounter)
        return encounter

    def _settle(self, bill: Fields, patient: str, encounter: str, payer: str | None) -> None:
        """Pay and adjust the line items, so that what the first payer said adds up."""
        query = "SELECT id::text, charge FROM api.line_items WHERE encounter_id = %s ORDER BY id"
        lines = self._connection.execute(query, [encounter]).fetchall()
        if bill["reverses"] and len(lines) > 1:
            self._add(
                "reversals", {"line_item_id": lines[-1][0], "reason": "Twice"}, "line_item_id"
            )
            lines.pop()
        both = list(zip(lines, bill["line_items"], strict=False))
        cents = {line: CENT for (line, _), fields in both if fields["patient_paid"]}
        self._pay(patient, None, cents)
        if payer:
            paid = {line: _paid(charge, *fields["answer"]) for (line, charge), fields in both}
            self._pay(patient, payer, paid)
            adjusted = [
                {"line_item_id": line, "adjusted_on": "2024-04-02"} | part
                for (line, charge), fields in both
                for part in _parts(charge - paid[line], fields["answer"][1])
            ]
            self._add_many("adjustments", adjusted)

    def _pay(self, patient: str, payer: str | None, amounts: dict[str, Decimal]) -> None:
        parts = {line: amount for line, amount in amounts.items() if amount}
        if parts:
            fields = {"patient_id": patient, "payer_id": payer, "received_on": "2024-04-01"}
            payment = self._add("payments", fields | {"amount": sum(parts.values())})
            allocations = [
                {"payment_id": payment, "line_item_id": line, "amount": amount}
                for line, amount in parts.items()
            ]
            self._add_many("allocations", allocations)

    def _claim(self, bill: Fields, encounter: str, coverage: str) -> list[str]:
        of = {"encounter_id": encounter, "coverage_id": coverage}
        claims = [self._add("claims", of)]
        if bill["frequency"] != "1":
            number = {"payer_claim_number": bill["payer_claim_number"]}
            claims.append(self._add("claims", of | number | {"frequency": bill["frequency"]}))
        if bill["frequency"] == "8" and bill["voids"]:
            void = {"status": "voided", "void_reason": "Wrong patient"}
            self._change("encounters", void, encounter)
            return claims[1:]
        return claims

    def _provider(self, fields: Fields) -> str:
        found = self._connection.execute(
            "SELECT id::text FROM api.providers WHERE npi = %s", [fields["npi"]]
        ).fetchone()
        return str(found[0]) if found else self._add("providers", fields)

    def _add(self, relation: str, fields: Mapping[str, Any], key: str = "id") -> str:
        return self._add_many(relation, [fields], key)[0]

    def _add_many(
        self, relation: str, rows: Sequence[Mapping[str, Any]], key: str = "id"
    ) -> list[str]:
        """Add rows with the same fields."""
        if not rows:
            return []
        statement = sql.SQL(
            "INSERT INTO {} ({}) SELECT {} FROM jsonb_populate_recordset(NULL::{}, %s) AS r"
            " RETURNING {}::text"
        ).format(
            sql.Identifier("api", relation),
            *(sql.SQL(", ").join(map(sql.Identifier, rows[0])) for _ in range(2)),
            sql.Identifier("api", relation),
            sql.Identifier(key),
        )
        sent = Jsonb([_plain(fields) for fields in rows])
        return [str(found) for (found,) in self._connection.execute(statement, [sent])]

    def _change(self, relation: str, fields: Mapping[str, Any], key: str = "") -> None:
        sets = sql.SQL(", ").join(
            sql.SQL("{} = {}").format(sql.Identifier(name), value) for name, value in fields.items()
        )
        statement = sql.SQL("UPDATE {} SET {}").format(sql.Identifier("api", relation), sets)
        where = sql.SQL(" WHERE id = {}").format(key) if key else sql.SQL("")
        self._connection.execute(statement + where)


def _paid(charge: Decimal, share: int, reasons: list[tuple[str, str]]) -> Decimal:
    """Give what the first payer pays: all of it where there is no reason to adjust it."""
    return (charge * share / 100 if reasons else charge).quantize(CENT, ROUND_DOWN)


def _parts(amount: Decimal, reasons: list[tuple[str, str]]) -> Iterator[Fields]:
    """Divide an amount among reasons; the last one gets the rest."""
    for number, (group, reason) in enumerate(reasons, 1):
        part = amount if number == len(reasons) else min(amount, CENT * number)
        if part:
            yield {"group_code": group, "reason_code": reason, "amount": part}
        amount -= part


def _plain(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {n: str(v) if isinstance(v, Decimal) else v for n, v in fields.items()}
