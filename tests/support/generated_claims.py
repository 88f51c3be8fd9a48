"""Claims with anything in each field that the billing schema takes, and a file can hold."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from tests.support.practice_year import npi

Fields = dict[str, Any]
DAY = date(2024, 3, 1)
# pyx12 does not know Palau.
STATES = ("AA", "AP", "AS", "CA", "DC", "FM", "GU", "MH", "MP", "NY", "PR", "VI", "WA")
_LETTERS = "AZaz09ÀßĐŁœǅΩЖжשﬁいヴ中한बกش"[:12]
# What can stand between them: separators, blanks, marks, and characters that Latin has nothing for.
_ANY = st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"))
_MARKS = st.sampled_from(" *:^~|'\"-.,&/\\`\u00b4éñ…€™\u00a0\u200b👩")
_SIGNS = "".join(
    chr(code) for code in range(0x21, 0x7F) if chr(code) not in "*:^|~"
)  # of what has no separators
_EDGES = "\u0020\u00a0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    chr(code) for code in range(0x2000, 0x200B)
)


def line(most: int, letters: int = 1) -> st.SearchStrategy[str]:
    """Draw a line of text with so many letters that a claim can hold."""
    return st.builds(
        lambda first, between, last: (first + between)[: most - 1].strip(_EDGES) + last,
        st.text(st.sampled_from(_LETTERS), min_size=letters, max_size=3),
        st.one_of(st.text(_MARKS, max_size=4), st.text(_ANY, max_size=most)),
        st.sampled_from(("", "", "'", "É")),
    ).map(lambda text: text[:most].strip(_EDGES))


def identifier(most: int, least: int = 1) -> st.SearchStrategy[str]:
    """Draw an identifier without the separators of X12."""
    return st.builds(
        lambda first, between, last: (first + between)[: most - 1] + last,
        st.text(st.sampled_from(_SIGNS), min_size=least, max_size=least),
        st.text(st.sampled_from(_SIGNS + " "), max_size=most),
        st.sampled_from(_SIGNS),
    )


def _maybe(drawn: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | drawn


def _digits(first: str, count: int) -> st.SearchStrategy[str]:
    return st.from_regex(rf"[{first}][0-9]{{{count - 1}}}", fullmatch=True)


def _days(first: date, last: date) -> st.SearchStrategy[str]:
    return st.dates(first, last).map(str)


NPIS = st.integers(100_000_000, 299_999_999).map(lambda digits: npi(str(digits)))
TAXONOMY = st.from_regex(r"[0-9]{2}[0-9A-Z]{7}X", fullmatch=True)
MOST = 99_999_999  # dollars that a claim asks for
ADDRESS = {
    "address_line_1": line(55),
    "address_line_2": _maybe(line(55)),
    "city": line(30, 2),
    "state": st.sampled_from(STATES),
    "postal_code": _digits("0-9", 5) | _digits("0-9", 9),
}
PRACTICE = st.fixed_dictionaries(
    ADDRESS
    | {
        "name": line(60),
        "npi": NPIS,
        "tax_id": _digits("0-9", 9),
        "tax_id_type": st.sampled_from(("EIN", "SSN")),
        "postal_code": _digits("0-9", 9),
        "phone": _maybe(_digits("2-9", 10)),
        "taxonomy_code": _maybe(TAXONOMY),
        "time_zone": st.sampled_from(("America/Los_Angeles", "Pacific/Guam", "America/New_York")),
    }
)
_KINDS = ("01", "14", "20", "27", "28", "29", "30", "33", "ZZ")
TRADING_PARTNER = st.fixed_dictionaries(
    {
        "name": line(60).map(lambda text: f"A{text}"[:60].strip(_EDGES)),
        "receiver_qualifier": st.sampled_from(_KINDS),
        "receiver_id": identifier(15, 2),
        "sender_qualifier": st.sampled_from(_KINDS),
        "sender_id": identifier(15, 2),
        "contact_name": line(60).map(lambda text: f"A{text}"[:60].strip(_EDGES)),
        "contact_phone": _digits("2-9", 10),
        "usage_indicator": st.sampled_from("PT"),
    }
)
PROVIDER = st.fixed_dictionaries(
    {
        "npi": NPIS,
        "first_name": _maybe(line(35)),
        "last_name": line(60),
        "taxonomy_code": _maybe(TAXONOMY),
    }
)
_FILINGS = ("11", "12", "13", "14", "15", "16", "17", "AM", "BL", "CH", "CI", "DS", "FI", "HM")
PAYER = st.fixed_dictionaries(
    {name: _maybe(drawn) for name, drawn in ADDRESS.items()}
    | {
        "name": line(60),
        "payer_number": identifier(80, 2),
        "claim_filing": st.sampled_from((*_FILINGS, "LM", "MC", "OF", "TV", "VA", "WC", "ZZ")),
    }
)
PATIENT = st.fixed_dictionaries({"first_name": st.just("") | line(35), "last_name": line(60)})
DETAIL = st.fixed_dictionaries(
    ADDRESS
    | {
        "middle_name": _maybe(line(25)),
        "suffix": _maybe(line(10)),
        "birth_date": _days(date(1900, 1, 1), DAY),
        "sex": st.sampled_from("FMU"),
    }
)
_HELD = {
    "member_id": identifier(80, 2),
    "group_number": _maybe(identifier(50)),
    "group_name": _maybe(line(60)),
}
OF_PATIENT = st.fixed_dictionaries(_HELD | {"relationship": st.just("18")})
OF_OTHER = st.fixed_dictionaries(
    _HELD
    | {
        "relationship": st.sampled_from(("01", "19", "20", "21", "39", "40", "53", "G8")),
        "subscriber_first_name": line(35),
        "subscriber_last_name": line(60),
        "subscriber_birth_date": _maybe(_days(date(1900, 1, 1), DAY)),
        "subscriber_sex": _maybe(st.sampled_from("FMU")),
    }
)
COVERAGE = OF_PATIENT | OF_OTHER
CLAIM_DETAIL = st.fixed_dictionaries(
    {
        "provider_signature": st.booleans(),
        "assignment": st.sampled_from("ABC"),
        "benefits_assigned": st.sampled_from("YNW"),
        "release_of_information": st.sampled_from("IY"),
        "prior_authorization_number": _maybe(identifier(50)),
    }
).flatmap(
    lambda fields: st.sampled_from(
        (
            {},
            {"related_cause": "EM"},
            {"related_cause": "OA", "accident_date": "2024-02-29"},
            {"related_cause": "AA", "accident_date": "1900-01-01", "accident_state": "PR"},
        )
    ).map(lambda cause: fields | cause)
)
UNITS = st.decimals("0.001", 9999, places=3)
DRUG = st.fixed_dictionaries(
    {
        "drug_code": _digits("0-9", 11),
        "quantity": st.decimals("0.001", 9999999, places=3),
        "unit": st.sampled_from(("F2", "GR", "ME", "ML", "UN")),
    }
)
REASON = st.from_regex(r"[A-Z]{0,2}[0-9]{1,3}", fullmatch=True)
GROUP = st.sampled_from(("CO", "CR", "OA", "PI", "PR"))


@st.composite
def line_items(
    draw: st.DrawFn, diagnoses: list[int], codes: list[str], modifiers: list[str]
) -> Any:
    """Draw line items; where there are over 50, most are like the one before."""
    drawn = draw(
        st.lists(
            st.fixed_dictionaries(
                {
                    "cpt_code": st.sampled_from(codes),
                    "units": UNITS,
                    "unit_type": st.sampled_from(("UN", "MJ")),
                    "service_date": _maybe(_days(DAY - timedelta(days=30), DAY)),
                    "modifiers": st.lists(st.sampled_from(modifiers), max_size=4, unique=True),
                    "diagnosis_pointers": st.lists(
                        st.sampled_from(diagnoses), min_size=1, max_size=4, unique=True
                    ),
                    "drug": _maybe(DRUG),
                    "answer": st.tuples(
                        st.integers(0, 100), st.lists(st.tuples(GROUP, REASON), max_size=9)
                    ),
                    "patient_paid": st.booleans(),
                }
            ),
            min_size=1,
            max_size=3,
        )
    )
    count = draw(st.sampled_from((*[0] * 16, 47, 50, 51, 101)))
    return drawn + [drawn[0]] * count


@st.composite
def bills(
    draw: st.DrawFn, codes: list[str], modifiers: list[str], diagnoses: list[str], places: list[str]
) -> Fields:
    """Draw a bill and the claims of it, of codes that are listed."""
    positions = draw(st.sets(st.integers(2, 12), max_size=11))
    found = sorted({1} | positions)
    lines = draw(line_items(found, codes, modifiers))
    dearest = int(MOST * 100 / sum(line["units"] + 1 for line in lines))
    return {
        "patient": draw(PATIENT),
        "detail": draw(DETAIL),
        "payers": [draw(PAYER), draw(PAYER)],
        "providers": [draw(PROVIDER), draw(_maybe(PROVIDER))],
        "coverages": [draw(COVERAGE) for _ in range(draw(st.integers(1, 3)))],
        "second": draw(st.booleans()),
        "place_of_service": draw(st.sampled_from(places)),
        "diagnoses": dict(zip(found, draw(st.permutations(diagnoses)), strict=False)),
        "claim_detail": draw(_maybe(CLAIM_DETAIL)),
        "line_items": lines,
        "fee": Decimal(draw(st.integers(0, min(dearest, 999_999)))) / 100,
        "frequency": draw(st.sampled_from("1111788")),
        "payer_claim_number": draw(identifier(50)),
        "reverses": draw(st.booleans()),
        "voids": draw(st.booleans()),
    }
