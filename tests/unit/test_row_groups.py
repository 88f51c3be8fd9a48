"""Rows of an upload are read in small groups, between which other requests get a turn."""

import json

import pytest

from api.catalog.relations import Type
from api.document.media_types import CSV, NDJSON
from api.request.csv_records import CsvRecords
from api.request.rows import GROUP, cell_type, grouped, row_reader

ROWS = [{"name": f"Ann {number}"} for number in range(1000)]
BODIES = {
    CSV: "name\n" + "".join(f"{row['name']}\n" for row in ROWS),
    NDJSON: "".join(f"{json.dumps(row)}\n" for row in ROWS),
}


@pytest.mark.parametrize("media", [CSV, NDJSON])
def test_group_ends_after_few_rows_or_many_characters(media: str) -> None:
    fields = {"name": cell_type(Type("text", "text", "b"))}
    groups = list(grouped(row_reader(media, fields, (), 2**20).feed(BODIES[media].encode())))
    assert [row.value for group in groups for row in group] == ROWS
    assert [len(group) for group in groups] == [GROUP] * (1000 // GROUP) + [1000 % GROUP]
    wide = BODIES[media].replace("Ann", "Ann" * 3000)
    groups = list(grouped(row_reader(media, fields, (), 2**20).feed(wide.encode())))
    assert [len(group) for group in groups] == [2] * 500 + [0]


def test_records_of_csv_are_read_when_they_are_needed() -> None:
    records = CsvRecords(10)
    found = records.feed(b"a\nb\nmuch too long for a row\n")
    assert [next(found), next(found)] == [["a"], ["b"]]
