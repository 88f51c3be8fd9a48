"""Bodies and keys of the menagerie, the second schema."""

from typing import Any

from api.config import Config
from tests.support.databases import TestDatabase

ID = "00000000-0000-7000-8000-000000000"
INMATE: dict[str, Any] = {
    "name": "Simba",
    "species_code": "LEO",
    "born_on": "2024-01-01",
    "mass": "1",
}
ANIMAL: dict[str, Any] = INMATE | {"house": "Savanna", "enclosure_number": 1}


def config(database: TestDatabase) -> Config:
    return Config(database_url=database.api_url, connections=2)


# A value of each type that comes back letter by letter.
SPECIMEN: dict[str, Any] = {
    "id": "11111111-1111-4111-8111-111111111111",
    "label": "new",
    "origin": "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa",
    "flag": False,
    "small": -32768,
    "medium": 2147483647,
    "large": -9007199254740993,
    "fixed": "-123456.70",
    "coarse": "99900",
    "free": "3.14159265358979323846264338327950288419716939937510",
    "single": 1.5,
    "double": -0.1,
    "day": "2024-02-29",
    "clock": "23:59:59.999999",
    "clock_to_the_second": "12:00:00",
    "local_moment": "2024-02-29T12:00:00.000001",
    "moment": "2024-02-29T12:00:00.000001+00:00",
    "moment_to_the_second": "2024-02-29T12:00:00+00:00",
    "duration": "P1Y2M3DT4H5M6.5S",
    "picture": "\\x00ff",
    "sensor": "10.0.0.1",
    "grade": "abc",
    "status": "unknown, not assessed",
    "statuses": ["vulnerable", "unknown, not assessed", None],
    "mass": "25.00",
    "masses": ["0.01", "999999.99"],
    "words": ["a", "b, c", '"', "\\", "", None, "NULL", "{}", "日本語"],
    "counts": [2147483647, None, -1],
    "readings": ["-999.999", "0.001", None],
    "grid": [],
    "moments": ["2024-02-29T12:00:00+00:00", None],
    "paper": {"b": 1, "a": [1.5, None, "x", {"y": True}]},
    "traits": [{"deep": {"deeper": [1, "2", None]}}],
    "papers": [[], [1], "x", {"a": None}, [[]], None],
    "layers": "[1,4)",
    "span": "(,2024-03-01)",
    "heights": "(0.50,1.500]",
    "keeper": {
        "id": None,
        "name": 'N"a,(la)',
        "born_on": "2012-05-01",
        "mass": "131.2500000000000000000001",
    },
}
RATION: dict[str, Any] = {
    "title": "Soup", "code": "R-777", "slug": "soup", "season": "summer", "mood": "bad",
    "supplier": "Z-Soups",
    "servings": 20, "grams": 5, "energy": "9999.99", "fat": "1.0000", "price": "0.1",
    "spice": 0.999, "warmth": 0.5,
    "ingredients": ["water"], "allergens": ["fish"], "minutes": [1, 2, 3],
    "method": {"stir": [True]}, "raw": False,
    "cooked_at_c": 100, "valid_from": "2000-01-01", "valid_until": "2000-01-01",
}  # fmt: skip
# A body that is a fault, and where: what is not a value of the type, or would not come back as it
# was sent.
WRONG_VALUES: list[tuple[str, Any, str]] = [
    ("label", "x" * 21, "/label"),
    ("origin", "aaaaaaaa", "/origin"),
    ("flag", "true", "/flag"),
    ("small", 32768, "/small"),
    ("medium", 1.5, "/medium"),
    ("large", 9223372036854775808, "/large"),
    ("fixed", 1.5, "/fixed"),
    ("fixed", "1.005", "/fixed"),
    ("fixed", "1000000", "/fixed"),
    ("fixed", "1e3", "/fixed"),
    ("fixed", "NaN", "/fixed"),
    ("coarse", "1234", "/coarse"),
    ("coarse", "100000", "/coarse"),
    ("free", "", "/free"),
    ("double", "NaN", "/double"),
    ("day", "2023-02-29", "/day"),
    ("clock", "25:00:00", "/clock"),
    ("clock", "23:59:59.9999999", "/clock"),
    ("clock_to_the_second", "23:59:59.9", "/clock_to_the_second"),
    ("local_moment", "2024-02-29 12:00", "/local_moment"),
    ("moment", "2024-02-29T12:00:00", "/moment"),
    ("moment", "9999-12-31T23:59:59.9999999Z", "/moment"),
    ("moment_to_the_second", "2024-02-29T12:00:00.6Z", "/moment_to_the_second"),
    ("moments", ["2024-02-29T12:00:00.1234567Z"], "/moments/0"),
    ("picture", "\\x0", "/picture"),
    ("grade", "abcd", "/grade"),
    ("status", "extinct", "/status"),
    ("statuses", ["extinct"], "/statuses/0"),
    ("mass", "0.00", "/mass"),
    ("mass", "1.005", "/mass"),
    ("mass", "25.01", "/mass"),
    ("masses", ["1.00", "-1"], "/masses/1"),
    ("masses", ["1.005"], "/masses/0"),
    ("words", "a", "/words"),
    ("words", [1], "/words/0"),
    ("counts", ["1"], "/counts/0"),
    ("readings", [0.5], "/readings/0"),
    ("readings", ["1.0005"], "/readings/0"),
    ("moments", ["soon"], "/moments/0"),
    ("keeper", {"id": None, "name": "x", "born_on": None, "mass": 1}, "/keeper/mass"),
    ("keeper", {"id": None, "name": "x", "born_on": None}, "/keeper/mass"),
    ("keeper", {"id": None, "name": "x", "born_on": None, "mass": None, "age": 1}, "/keeper/age"),
]
