"""A year of a practice that does not exist: patients, visits, what was paid. The same by each seed.

Nothing here is read from a database: amounts are made by the plan's own fees, in Decimal, so that
they can be compared with what the database says.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any

CENT = Decimal("0.01")
DAYS = 365
PROVIDERS = 3
COPAY = Decimal("25.00")
DIAGNOSES = ("E119", "I10", "J069", "M5450", "R059", "Z0000", "Z23")  # of the samples
# The second half of the year has other fees; A0425 is billed in tenths, so cents are rounded.
FEES = {
    "G0438": ("175.25", "181.10"),
    "G0439": ("118.00", "121.35"),
    "G0008": ("25.00", "25.00"),
    "G0444": ("19.05", "19.95"),
    "G0463": ("121.50", "128.75"),
    "J1885": ("0.33", "0.35"),
    "J3420": ("2.17", "2.17"),
    "A0425": ("8.05", "8.37"),
    "Q2038": ("18.45", "18.45"),
    "9999U": ("64.99", "66.49"),
}
_FIRST = ("Ada", "Ben", "Cleo", "Dora", "Eli", "Fay", "Gus", "Hana", "Ivo", "June", "Kai", "")
_LAST = (
    "Ashbourne",
    "Bradbrook",
    "Claybury",
    "Dunby",
    "Fairfield",
    "Greenford",
    "Hartley",
    "Nguyễn",
)


@dataclass(frozen=True, slots=True)
class Person:
    """A patient; without a payer they pay all themselves."""

    number: int
    first_name: str
    last_name: str
    birth_date: date
    payer: int | None

    @property
    def external_id(self) -> str:
        """The id that the practice's earlier program gave."""
        return f"MRN-{self.number:06}"


@dataclass(frozen=True, slots=True)
class Line:
    """What was done, and what became of it; `paid` by the patient, then by the payer."""

    cpt_code: str
    units: Decimal
    pointers: tuple[int, ...]
    charge: Decimal
    is_reversed: bool = False
    patient_paid: Decimal = Decimal(0)
    payer_paid: Decimal = Decimal(0)
    adjusted: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit; `status` is where its bill ends."""

    person: int
    provider: int
    day: date
    status: str
    diagnoses: tuple[str, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Year:
    """The plan: `half` is the first day of the second half's fees."""

    first: date
    half: date
    people: tuple[Person, ...]
    visits: tuple[Visit, ...]

    def fee(self, code: str, day: date) -> Decimal:
        """Give the fee of a code on a day."""
        return Decimal(FEES[code][day >= self.half])


@dataclass(slots=True)
class Money:
    """Sums of a patient, a visit, or all."""

    charged: Decimal = Decimal(0)
    patient_paid: Decimal = Decimal(0)
    payer_paid: Decimal = Decimal(0)
    adjusted: Decimal = Decimal(0)
    buckets: list[Decimal] = field(default_factory=lambda: [Decimal(0)] * 4)

    @property
    def balance(self) -> Decimal:
        """What is still owed."""
        return self.charged - self.patient_paid - self.payer_paid - self.adjusted

    def add(self, other: "Money") -> None:
        """Add other sums."""
        self.charged += other.charged
        self.patient_paid += other.patient_paid
        self.payer_paid += other.payer_paid
        self.adjusted += other.adjusted


def make(seed: int, people: int, visits: int, last: date) -> Year:
    """Plan a year that ends with the day `last`."""
    random = Random(seed)
    first = last - timedelta(days=DAYS - 1)
    year = Year(first, first + timedelta(days=DAYS // 2), tuple(_people(random, people)), ())
    return Year(first, year.half, year.people, tuple(_visits(random, year, visits)))


def of_visit(visit: Visit) -> Money:
    """Add up a visit: a voided one, and a reversed line, cost nothing."""
    money = Money()
    if visit.status in ("posted", "billed"):
        for line in visit.lines:
            if not line.is_reversed:
                money.add(Money(line.charge, line.patient_paid, line.payer_paid, line.adjusted))
    return money


def by_person(year: Year, today: date) -> dict[int, Money]:
    """Add up each patient, with the balance by age: to 30, 60, 90 days, and older."""
    found: dict[int, Money] = {}
    for visit in year.visits:
        if visit.status in ("posted", "billed"):
            money = of_visit(visit)
            person = found.setdefault(visit.person, Money())
            person.add(money)
            age = (today - visit.day).days
            person.buckets[min(3, max(0, age - 1) // 30)] += money.balance
    return found


def by_month(year: Year) -> dict[tuple[date, int, str], Decimal]:
    """Add up what was charged in each month of service by provider and code."""
    found: dict[tuple[date, int, str], Decimal] = {}
    for visit in year.visits:
        if visit.status in ("posted", "billed"):
            for line in visit.lines:
                key = visit.day.replace(day=1), visit.provider, line.cpt_code
                net = Decimal(0) if line.is_reversed else line.charge
                found[key] = found.get(key, Decimal(0)) + net
    return {key: amount for key, amount in found.items() if amount}


def practice() -> dict[str, Any]:
    """Give the practice's own row."""
    return {
        "name": "Example Family Medicine",
        "npi": npi("124531959"),
        "tax_id": "911234567",
        "address_line_1": "1 Main St",
        "city": "Seattle",
        "state": "WA",
        "postal_code": "981010000",
        "phone": "2065550100",
        "taxonomy_code": "207Q00000X",
        "time_zone": "America/Los_Angeles",
    }


def npi(nine: str) -> str:
    """Add the check digit to nine digits of an NPI (Luhn's, over 80840 and the NPI)."""
    doubled = sum(sum(map(int, str(int(digit) * 2))) for digit in nine[::2])
    return nine + str(-(24 + doubled + sum(map(int, nine[1::2]))) % 10)


def _people(random: Random, count: int) -> Iterator[Person]:
    for number in range(count):
        born = date(1930, 1, 1) + timedelta(days=random.randrange(33_000))
        payer = random.choice((0, 0, 1, 1, 2, None))
        yield Person(number, random.choice(_FIRST), random.choice(_LAST), born, payer)


def _visits(random: Random, year: Year, count: int) -> Iterator[Visit]:
    for _ in range(count):
        person = random.choice(year.people)
        day = year.first + timedelta(days=random.randrange(DAYS))
        status = random.choices(("draft", "posted", "billed", "voided"), (5, 15, 76, 4))[0]
        if status == "billed" and person.payer is None:
            status = "posted"
        diagnoses = tuple(random.sample(DIAGNOSES, random.randint(1, 4)))
        codes = random.sample(tuple(FEES), random.randint(1, 5))
        lines = tuple(
            _line(random, code, year.fee(code, day), status, len(diagnoses)) for code in codes
        )
        if status in ("posted", "billed"):
            lines = _with_copay(random, lines)
        yield Visit(person.number, random.randrange(PROVIDERS), day, status, diagnoses, lines)


def _line(random: Random, code: str, fee: Decimal, status: str, diagnoses: int) -> Line:
    units = Decimal(random.randint(1, 6))
    if code == "A0425":
        units = Decimal(random.randint(1, 400)) / 10
    pointers = tuple(random.sample(range(1, diagnoses + 1), random.randint(1, diagnoses)))
    charge = (units * fee).quantize(CENT, ROUND_HALF_UP)
    # The first line is never reversed: a claim needs one.
    is_reversed = status in ("posted", "billed") and random.random() < 0.03
    if status != "billed" or is_reversed or random.random() < 0.1:  # the payer has not answered
        return Line(code, units, pointers, charge, is_reversed)
    allowed = (charge * Decimal("0.8")).quantize(CENT, ROUND_HALF_UP)
    paid = (allowed * random.choice((Decimal("0.8"), Decimal(1)))).quantize(CENT, ROUND_HALF_UP)
    return Line(code, units, pointers, charge, payer_paid=paid, adjusted=charge - allowed)


def _with_copay(random: Random, lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """Let a patient pay up to a copay at the first line, which is not reversed then."""
    first, *others = lines
    if first.is_reversed:
        first = Line(first.cpt_code, first.units, first.pointers, first.charge)
    owed = first.charge - first.payer_paid - first.adjusted
    if random.random() < 0.5 and owed > 0:
        first = Line(
            first.cpt_code,
            first.units,
            first.pointers,
            first.charge,
            patient_paid=min(COPAY, owed),
            payer_paid=first.payer_paid,
            adjusted=first.adjusted,
        )
    return first, *others
