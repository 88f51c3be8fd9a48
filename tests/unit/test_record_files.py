"""Reads of files by a layout: fixed width and CSV, of a list that is no list of codes."""

import zipfile
from pathlib import Path

import pytest

from api.cli import record_files, record_layout
from api.cli.refusal import RefusedError

ANIMALS = """
format = "fixed"
encoding = "utf-8"
member = 'animals[0-9]*\\.txt'
first_day = "optional"
width = 20
kind = [1, 1]

[records.animal]
kind = "A"
continued = "a"
joined = ["noise"]
unique = ["name"]

[records.animal.columns]
name = { at = [2, 5], pattern = "[a-z]+" }
noise = { at = [6, 10], optional = true }
born = { at = [11, 20], dates = ["%Y-%m-%d", "%d.%m.%Y"] }

[records.keeper]
kind = "K"

[records.keeper.columns]
name = { at = [2, 20] }
"""
DISHES = """
format = "csv"
encoding = "utf-8-sig"
first_day = "refused"

[records.dish.columns]
name = {}
price = { pattern = "[0-9]+", optional = true }
"""
COW, PIG = "Acow moo  2024-03-01\n", "Apig      1.3.2024  \n"


def layout(folder: Path, text: str) -> record_layout.Layout:
    """Read a layout from a file."""
    path = folder / "things.toml"
    path.write_text(text)
    return record_layout.read(path)


def read(folder: Path, form: str, text: str | bytes) -> dict[str, list[record_files.Row]]:
    """Read a file of this layout."""
    path = folder / "things.txt"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return record_files.read(path, layout(folder, form))


def test_records_of_fixed_width_are_rows_by_kind_with_their_lines(tmp_path: Path) -> None:
    text = f"The animals\n\n{COW}amoo! and so\nacow more\n\n{PIG}{COW[:-1]}\r\nKAnn\n"
    with pytest.raises(RefusedError, match=r"^things\.txt: line 4: continues another name"):
        read(tmp_path, ANIMALS, text)
    text = f"The animals\n\n{COW}acow  and \nacow  so  \n\n{PIG}KAnn\n"
    assert read(tmp_path, ANIMALS, text) == {
        "animal": [(3, "cow", "moo and so", "2024-03-01"), (7, "pig", None, "2024-03-01")],
        "keeper": [(8, "Ann")],
    }


def test_record_that_is_repeated_as_it_was_is_one(tmp_path: Path) -> None:
    assert len(read(tmp_path, ANIMALS, COW + PIG + COW)["animal"]) == 2


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "has no record of this list"),
        ("nothing\n", "has no record of this list"),
        (f"{COW}{COW.replace('moo', 'boo')}", "line 2: has the name of line 1, and other content"),
        (f"{COW}Xcow moo  2024-03-01\n", "line 2: is no record: its kind is 'X'"),
        (f"{COW}Acow moo  2024-03-011\n", "line 2: has 21 characters, more than 20"),
        (f"{COW}Apig oink 2024-03", "line 2: is cut off: the file is not whole"),
        (f"{COW}KAnn\naAnn\n", "line 3: continues no record"),
        (f"{COW}A    moo  2024-03-01\n", "line 2: name is missing"),
        (f"{COW}APIG      2024-03-01\n", "line 2: name has not the shape [a-z]+"),
        (f"{COW}Apig      2024-02-30\n", "line 2: born is no date"),
        (COW.encode() + b"K\xff\n", "line 2: is no text in utf-8"),
        (f"{COW}K\0\n", "line 2: has a character that is no text"),
    ],
)
def test_bad_file_is_refused_with_its_line(tmp_path: Path, text: str | bytes, reason: str) -> None:
    with pytest.raises(RefusedError) as caught:
        read(tmp_path, ANIMALS, text)
    assert str(caught.value) == f"things.txt: {reason}"


def test_csv_is_read_by_the_names_of_its_columns(tmp_path: Path) -> None:
    text = '\ufeffprice,name\n7,"Soup\nof the day"\n\n,Tea \n'
    assert read(tmp_path, DISHES, text) == {
        "dish": [(2, "Soup\nof the day", "7"), (5, "Tea", None)]
    }
    assert read(tmp_path, DISHES, "name\nTea\nTea\n") == {
        "dish": [(2, "Tea", None), (3, "Tea", None)]
    }


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "line 1: the header must have name; it may have price"),
        ("price\n7\n", "line 1: the header must have name; it may have price"),
        ("name,colour\nTea,7\n", "line 1: the header must have name; it may have price"),
        ("name,name\nTea,7\n", "line 1: the header must have name; it may have price"),
        ("name,price\nTea\n", "line 2: has 1 values, not 2"),
        ("name,price\nTea,dear\n", "line 2: price has not the shape [0-9]+"),
        ('name\n"Tea"x\n', "can't be read: "),
    ],
)
def test_bad_csv_is_refused_with_its_line(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(RefusedError) as caught:
        read(tmp_path, DISHES, text)
    assert str(caught.value).startswith(f"things.txt: {reason}")


def test_file_in_a_zip_is_found_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "things.zip"
    form = layout(tmp_path, ANIMALS)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "Animals")
        archive.writestr("2024/Animals2024.TXT", COW)
    assert len(record_files.read(path, form)["animal"]) == 1
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("animals.txt", COW)
    with pytest.raises(
        RefusedError, match=r"^things\.zip: needs one file for this list, and has 2"
    ):
        record_files.read(path, form)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('"fixed"', '"xml"', "format must be one of fixed, csv"),
        ('"optional"', '"maybe"', "first_day must be one of required, optional, refused"),
        ('joined = ["noise"]', 'joined = ["smell"]', "animal has no column smell"),
        ("kind = [1, 1]", "", "several kinds of records need `kind`"),
        ("[records.keeper]", "[recor", "Expected"),
        ('encoding = "utf-8"', "", "Layout"),
        ("[a-z]+", "[a-z", "unterminated"),
    ],
)
def test_layout_that_is_none_is_refused(tmp_path: Path, old: str, new: str, reason: str) -> None:
    assert old in ANIMALS
    with pytest.raises(RefusedError, match=r"^things.toml: is no layout of a file: .*") as caught:
        layout(tmp_path, ANIMALS.replace(old, new))
    assert reason in str(caught.value)
