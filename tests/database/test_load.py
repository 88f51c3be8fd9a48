"""`superbill load`: published lists, from CMS's own files, into the tables of codes."""

import zipfile
from datetime import date
from pathlib import Path

import psycopg
import pytest

from api.cli.lists import load_list
from api.cli.refusal import RefusedError
from api.config import ROOT
from tests.support.billing_sql import add_visit, rows
from tests.support.databases import TestDatabase

pytestmark = pytest.mark.unmeasured

HCPCS = ROOT / "tests" / "data" / "hcpcs"
# What CMS's files have: 6,205 codes in 2018 and 6,440 in 2019.
IN_2018 = ["procedure codes: 6205 added", "modifiers: 354 added"]
ABSENT = "procedure codes not in the file, and not ended: 2 (G9976, G9977)"
NO_DA = "modifiers not in the file, and not ended: 1 (DA)"
IN_2019 = [
    "procedure codes: 237 added, 30 ended, 111 texts changed, 2 starts corrected",
    ABSENT,
    "modifiers: 7 added, 3 ended, 3 texts changed",
    NO_DA,
]
AGAIN = ["procedure codes: nothing has changed", ABSENT, "modifiers: nothing has changed", NO_DA]
_VERSIONS = (
    "SELECT lower(valid_during)::text, upper(valid_during)::text, description, code_list"
    " FROM billing.{}_version WHERE code = %s ORDER BY valid_during"
)


def load(database: TestDatabase, name: str, path: Path, since: str | None = None) -> list[str]:
    """Load a file as the owner; return what is told."""
    first_day = date.fromisoformat(since) if since else None
    return load_list(database.owner_url, ROOT / "schema", name, path, first_day)


def versions(
    database: TestDatabase, code: str, noun: str = "cpt_code"
) -> list[tuple[str | None, str | None, str, str]]:
    """Return first day, day after the last, text and list of each version of a code."""
    with psycopg.connect(database.owner_url) as connection:
        return connection.execute(_VERSIONS.format(noun).encode(), [code]).fetchall()


def bill(database: TestDatabase, *used: tuple[str, str]) -> None:
    """Let a table refer to codes on days, as what is billed does."""
    with psycopg.connect(database.owner_url) as connection:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS billing.used (code text, days daterange, code_hash bigint"
            " GENERATED ALWAYS AS (hashtextextended(code, 0)) STORED, FOREIGN KEY (code_hash,"
            " PERIOD days) REFERENCES billing.cpt_code_version (code_hash, PERIOD valid_during))"
        )
        for code, day in used:
            connection.execute(
                "INSERT INTO billing.used VALUES (%s, daterange(%s::date, %s::date, '[]'))",
                [code, day, day],
            )


def excerpt(path: Path, year: int, *codes: str, **replaced: str) -> Path:
    """Write the records of some codes of a year, with some texts replaced."""
    with zipfile.ZipFile(HCPCS / f"{year}.zip") as archive:
        lines = archive.read(archive.namelist()[0]).decode("latin-1").splitlines(keepends=True)
    kept = [line for line in lines if line[:5] in codes and line[10:11] in "34"]
    text = "".join(kept)
    for old, new in replaced.items():
        assert old in text
        text = text.replace(old, new)
    path.write_text(f"Disclaimer\n\n{text}", encoding="latin-1", newline="")
    return path


@pytest.mark.costly
def test_two_releases_change_exactly_what_cms_has_changed(database: TestDatabase) -> None:
    assert load(database, "hcpcs", HCPCS / "2018.zip") == IN_2018
    # In use: a code whose text changes, one that ends, and one with a start that is corrected.
    bill(
        database,
        ("E0218", "2018-06-01"),
        ("E0218", "2019-06-01"),
        ("C8904", "2018-12-31"),
        ("G9891", "2018-04-01"),
    )
    before = versions(database, "C9014")
    texts = dict(rows(database.owner_url, "SELECT code, description FROM billing.cpt_code"))
    assert load(database, "hcpcs", HCPCS / "2019.zip") == IN_2019
    assert load(database, "hcpcs", HCPCS / "2019.zip") == AGAIN
    with pytest.raises(
        RefusedError, match="older than what was loaded: its last change is of 2018"
    ):
        load(database, "hcpcs", HCPCS / "2018.zip")
    assert [line[:2] for line in before] == [("2018-01-01", None)]
    assert [line[:2] for line in versions(database, "C9014")] == [("2018-01-01", "2019-01-01")]
    assert [line[:2] for line in versions(database, "C9469")] == [("2018-04-01", "2018-07-01")]
    assert [line[:2] for line in versions(database, "G9890")] == [("2018-04-01", None)]
    assert versions(database, "G9976")[0][1] is None
    # A bill keeps the text of its day.
    old, new = versions(database, "E0218")
    assert old == ("1997-01-01", "2019-01-01", texts["E0218"], "hcpcs")
    assert new[:2] == ("2019-01-01", None)
    assert new[2] != old[2]
    # Each code has the newest text.
    newest = (
        "SELECT count(*), count(*) FILTER (WHERE c.description = v.description)"
        " FROM billing.cpt_code AS c JOIN (SELECT DISTINCT ON (code) * FROM"
        " billing.cpt_code_version ORDER BY code, valid_during DESC) AS v USING (code)"
    )
    assert rows(database.owner_url, newest) == [(6451, 6451)]
    assert rows(
        database.owner_url,
        "SELECT count(*) FROM billing.cpt_code_version WHERE valid_during @> date '2019-06-01'"
        " AND code_list = 'hcpcs'",
    ) == [(5936,)]
    for code, dates in {
        "QE": [("1989-01-01", "2018-04-01"), ("2018-04-01", None)],
        "ZA": [("2016-01-01", "2018-04-01")],
        "CQ": [("2019-01-01", None)],
    }.items():
        assert [line[:2] for line in versions(database, code, "modifier")] == dates


def test_modifier_that_line_items_need_stays_and_is_told(database: TestDatabase) -> None:
    _, encounter = add_visit(database.sql_url, date="2018-12-31")
    assert load(database, "hcpcs", HCPCS / "2018.zip") == IN_2018
    rows(
        database.sql_url,
        "INSERT INTO api.line_items (encounter_id, cpt_code, modifiers) VALUES (%s, 'G0438', %s)",
        encounter,
        ["ZA", "QE", "CQ"],
    )
    assert load(database, "hcpcs", HCPCS / "2019.zip")[2:] == [
        "modifiers: 6 added, 2 ended, 3 texts changed",
        NO_DA,
        "modifiers left as they are, because bills need days that they would lose: 2 (CQ, ZA)",
    ]
    for code, dates in {"ZA": ("2016-01-01", None), "CQ": (None, None)}.items():
        assert [line[:2] for line in versions(database, code, "modifier")] == [dates]


def test_code_whose_days_bills_need_is_unchanged_and_listed(
    database: TestDatabase, tmp_path: Path
) -> None:
    codes = ("C8904", "E0218", "G0438", "G9890", "J1885")
    path = tmp_path / "hcpcs.txt"
    bill(database, ("G0438", "2000-01-01"), ("J1885", "2018-03-01"))
    sample = versions(database, "G0438")
    assert load(database, "hcpcs", excerpt(path, 2018, *codes))[:2] == [
        "procedure codes: 4 added",
        "procedure codes left as they are, because bills need days that they would lose: 1 (G0438)",
    ]
    assert versions(database, "G0438") == sample == [(None, None, sample[0][2], "hand")]
    assert versions(database, "J1885")[0][3] == "hcpcs"
    bill(database, ("C8904", "2019-01-01"), ("G9890", "2018-03-31"))
    told = load(database, "hcpcs", excerpt(path, 2019, *codes))
    assert told[0] == "procedure codes: 1 texts changed"
    assert told[1].endswith(" 3 (C8904, G0438, G9890)")
    assert [line[:2] for line in versions(database, "C8904")] == [("2001-10-01", None)]


def test_code_that_is_listed_again_gets_another_period(
    database: TestDatabase, tmp_path: Path
) -> None:
    path = excerpt(tmp_path / "hcpcs.txt", 2019, "A4466")
    load(database, "hcpcs", path)
    old = versions(database, "A4466")
    # Added, changed, ended.
    dates = {"201001012017010120161231": f"2010010120190701{' ' * 8}"}
    path = excerpt(tmp_path / "hcpcs.txt", 2019, "A4466", **dates)
    assert load(database, "hcpcs", path)[0] == "procedure codes: 1 valid again"
    assert versions(database, "A4466") == [*old, ("2019-07-01", None, old[0][2], "hcpcs")]
    assert load(database, "hcpcs", path)[0] == AGAIN[0]


def test_dates_that_a_file_corrects_are_corrected(database: TestDatabase, tmp_path: Path) -> None:
    path = excerpt(tmp_path / "hcpcs.txt", 2019, "A4466")
    load(database, "hcpcs", path)
    dates = {"201001012017010120161231": "200901012017010120170630"}
    told = load(database, "hcpcs", excerpt(path, 2019, "A4466", **dates))
    assert told[0] == "procedure codes: 1 starts corrected, 1 ends corrected"
    assert [line[:2] for line in versions(database, "A4466")] == [("2009-01-01", "2017-07-01")]


@pytest.mark.parametrize(
    ("replaced", "reason"),
    [
        ({"A0021": "AOO21"}, r"line 3: code has not the shape \[A-Z\]\[0-9\]\{4\}"),
        ({"A0080001003": "A0080001005"}, "line 4: is no record: its kind is '5'"),
        ({"A0080": "A0021"}, "line 4: has the code of line 3, and other content"),
        ({"19850101": "19851301"}, "line 3: added is no date"),
    ],
)
def test_bad_file_changes_nothing_and_names_its_line(
    database: TestDatabase, tmp_path: Path, replaced: dict[str, str], reason: str
) -> None:
    path = excerpt(tmp_path / "hcpcs.txt", 2019, "A0021", "A0080", **replaced)
    with pytest.raises(RefusedError, match=rf"^hcpcs\.txt: {reason}"):
        load(database, "hcpcs", path)
    assert rows(database.owner_url, "SELECT count(*) FROM billing.cpt_code") == [(59,)]


def order_file(path: Path, *codes: tuple[str, int, str]) -> Path:
    """Write an order file of ICD-10-CM: code, whether it may be billed, text."""
    lines = [
        f"{number:05} {code:7} {flag} {text[:60]:60} {text}\r\n"
        for number, (code, flag, text) in enumerate(codes, 1)
    ]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("icd10cm_order_2026.txt", "".join(lines))
        archive.writestr("icd10cm_order_addenda_2026.txt", "Add: none\r\n")
    return path


def test_diagnosis_codes_follow_their_releases(database: TestDatabase, tmp_path: Path) -> None:
    first = order_file(
        tmp_path / "first.zip",
        ("E11", 0, "Type 2 diabetes mellitus"),
        ("E119", 1, "Type 2 diabetes mellitus without complications"),
        ("R05", 1, "Cough"),
        ("R51", 1, "Headache"),
        ("Z99", 1, "Gone"),
    )
    told = load(database, "icd10cm", first, "2024-10-01")
    assert told == ["diagnosis codes: 4 added"]
    assert versions(database, "R05", "diagnosis_code") == [("2015-10-01", None, "Cough", "icd10cm")]
    assert versions(database, "E11", "diagnosis_code") == []
    second = order_file(
        tmp_path / "second.zip",
        ("E119", 1, "Type 2 diabetes, no complications"),
        ("R05", 0, "Cough"),
        ("R051", 1, "Acute cough"),
        ("R51", 1, "Headache"),
    )
    told = load(database, "icd10cm", second, "2025-10-01")
    assert told == [
        "diagnosis codes: 1 added, 1 ended, 1 texts changed",
        "diagnosis codes not in the file, and not ended: 1 (Z99)",
    ]
    assert [line[:2] for line in versions(database, "R051", "diagnosis_code")] == [
        ("2025-10-01", None)
    ]
    assert versions(database, "E119", "diagnosis_code") == [
        ("2015-10-01", "2025-10-01", "Type 2 diabetes mellitus without complications", "icd10cm"),
        ("2025-10-01", None, "Type 2 diabetes, no complications", "icd10cm"),
    ]
    assert load(database, "icd10cm", second, "2025-10-01")[0] == (
        "diagnosis codes: nothing has changed"
    )
    third = order_file(tmp_path / "third.zip", ("R05", 1, "Cough"))
    told = load(database, "icd10cm", third, "2026-10-01")
    assert told[0] == "diagnosis codes: 1 valid again"
    assert [line[:2] for line in versions(database, "R05", "diagnosis_code")] == [
        ("2015-10-01", "2025-10-01"),
        ("2026-10-01", None),
    ]
    with pytest.raises(RefusedError, match="older than what was loaded"):
        load(database, "icd10cm", second, "2025-10-01")


def test_own_list_is_loaded_from_csv(database: TestDatabase, tmp_path: Path) -> None:
    path = tmp_path / "cpt.csv"
    path.write_text("code,description\n00001,Own words\n25,Own modifier\nG0438,Another list\n")
    load(database, "hcpcs", excerpt(tmp_path / "hcpcs.txt", 2018, "G0438"))
    assert load(database, "cpt", path) == [
        "procedure codes: 1 added",
        "procedure codes of another list, and left out: 1 (G0438)",
        "modifiers: 1 added",
    ]
    assert versions(database, "00001") == [(None, None, "Own words", "cpt")]
    assert versions(database, "25", "modifier") == [(None, None, "Own modifier", "cpt")]
    path.write_text(
        "code,description,valid_from,valid_to\n"
        "00001,New words,,\n"
        "00002,Ended,2020-01-01,12/31/2020\n"
        "25,Own modifier,2019-01-01,\n"
    )
    assert load(database, "cpt", path, "2024-01-01") == [
        "procedure codes: 1 added, 1 texts changed",
        "modifiers: 1 starts corrected",
    ]
    assert versions(database, "00001") == [
        (None, "2024-01-01", "Own words", "cpt"),
        ("2024-01-01", None, "New words", "cpt"),
    ]
    assert versions(database, "00002") == [("2020-01-01", "2021-01-01", "Ended", "cpt")]
    path.write_text("code,description,valid_from,valid_to\n00003,Never,2021-01-01,2020-01-01\n")
    with pytest.raises(RefusedError, match=r"^cpt\.csv: line 2: the code ends before it"):
        load(database, "cpt", path)


def test_places_of_service_are_loaded_from_csv(database: TestDatabase, tmp_path: Path) -> None:
    def held(code: str) -> list[tuple[str | None, str | None, str, str]]:
        return versions(database, code, "place_of_service")

    path = tmp_path / "pos.csv"
    path.write_text("code,name\n11,Doctor's office\n98,Moon\n")
    assert load(database, "pos", path) == ["places of service: 2 added"]
    assert held("11") == [(None, None, "Doctor's office", "pos")]
    assert load(database, "pos", path) == ["places of service: nothing has changed"]
    path.write_text(
        "code,name,valid_from,valid_to\n"
        "11,Practice,,\n"
        "27,Outreach site,2023-10-01,\n"
        "97,Old moon,,12/31/2020\n"
    )
    assert load(database, "pos", path, "2024-01-01") == [
        "places of service: 2 added, 1 texts changed",
        "places of service not in the file, and not ended: 1 (98)",
    ]
    assert held("11") == [
        (None, "2024-01-01", "Doctor's office", "pos"),
        ("2024-01-01", None, "Practice", "pos"),
    ]
    assert held("27") == [("2023-10-01", None, "Outreach site", "pos")]
    name = "SELECT name FROM api.places_of_service WHERE code = '11'"
    assert rows(database.sql_url, name) == [("Practice",)]


@pytest.mark.parametrize(
    ("name", "since", "reason"),
    [
        ("icd9", None, "There is no list icd9: cpt, hcpcs, icd10cm, pos."),
        ("icd10cm", None, "list.txt: --from is missing: the day since which this file is valid"),
        ("hcpcs", "2019-01-01", "list.txt: --from can't be given"),
        ("hcpcs", None, "list.txt: can't be read: "),
    ],
)
def test_list_that_cannot_be_loaded_is_refused_with_the_reason(
    database: TestDatabase, tmp_path: Path, name: str, since: str | None, reason: str
) -> None:
    with pytest.raises(RefusedError) as caught:
        load(database, name, tmp_path / "list.txt", since)
    assert str(caught.value).startswith(reason)
