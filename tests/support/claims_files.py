"""Files of claims: what other programs say of them, and what only we check."""

import io
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pyx12.params
import pyx12.x12n_document
from x12sdk.io import X12ModelReader

# Codes that the implementation guide has and x12sdk 2.2.0 does not; each with one that it has.
_UNKNOWN = (
    (r"(DMG\*D8\*[0-9]+\*)U~", r"\g<1>F~"),
    (r"(SBR\*[^~]*\*)15~", r"\g<1>16~"),
    (r"(OI\*\*\*)W\*", r"\g<1>Y*"),
)
LINES = 50  # of a claim, at most
ISA_LENGTH = 106  # characters, with the one that ends it


def faults(text: str) -> list[str]:
    """Return what pyx12 and x12sdk find wrong with a file, and what they do not look for."""
    return [*_of_pyx12(text), *_of_x12sdk(text), *_of_ours(text)]


def segments(text: str) -> list[list[str]]:
    """Read the segments of a file, each as its elements."""
    return [line.split("*") for line in text.replace("\n", "").split("~") if line]


def _of_pyx12(text: str) -> Iterator[str]:
    found = io.StringIO()
    parameters = pyx12.params.params()
    valid = pyx12.x12n_document.x12n_document(
        parameters, io.StringIO(text), None, None, fd_json=found
    )
    if not valid:
        yield f"pyx12: {list(_errors(json.loads(found.getvalue())))}"


def _errors(node: Any) -> Iterator[Any]:
    if isinstance(node, dict):
        yield from node.get("errors", ())
    for part in node.values() if isinstance(node, dict) else node:
        if isinstance(part, dict | list):
            yield from _errors(part)


def _of_x12sdk(text: str) -> Iterator[str]:
    for pattern, known in _UNKNOWN:
        text = re.sub(pattern, known, text)
    try:
        with X12ModelReader(text) as reader:
            count = sum(1 for _ in reader.models())
    except ValueError as error:
        yield f"x12sdk: {error}"
    else:
        if count != 1:
            yield f"x12sdk: {count} transactions"


def _of_ours(text: str) -> Iterator[str]:
    found = segments(text)
    if text.index("~") != ISA_LENGTH - 1:
        yield "ISA has not its width"
    npis = (each[9] for each in found if each[0] == "NM1" and each[8:9] == ["XX"])
    yield from (f"{npi} is no NPI" for npi in npis if not _has_check_digit(npi))
    claims = _claims(found)
    if len({claim[0][1] for claim in claims}) != len(claims):
        yield "a control number stands twice"
    for claim in claims:
        lines = [each for each in claim if each[0] == "SV1"]
        if not 1 <= len(lines) <= LINES:
            yield f"a claim has {len(lines)} lines"
        if Decimal(claim[0][2]) != sum(Decimal(line[2]) for line in lines):
            yield "a claim's total is not that of its lines"


def _claims(found: list[list[str]]) -> list[list[list[str]]]:
    claims: list[list[list[str]]] = []
    for each in found:
        if each[0] == "CLM":
            claims.append([])
        if claims:
            claims[-1].append(each)
    return claims


def _has_check_digit(npi: str) -> bool:
    """Judge a number by the whole of Luhn's rule, with 80840 before it."""
    digits = [int(digit) for digit in f"80840{npi}"]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
