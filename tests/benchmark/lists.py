"""Measure the load of a list of 75,000 codes: `python -m tests.benchmark.lists`, a minute.

The file is made like the order file of ICD-10-CM: as many billable codes and headers, and texts as
long as there. It is loaded into an empty list, and once more, when it changes nothing. The first
load may take ten seconds on an idle machine.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from random import Random

from api.cli import lists
from api.config import ROOT
from tests.benchmark import processes
from tests.benchmark.postgres import start_testbed

_CODES = 75_000
_MOST = 10.0  # seconds
_FIRST_DAY = date(2025, 10, 1)
_TEXT = (
    "unspecified displaced fracture of shaft right left femur initial encounter for closed open"
    " subsequent sequela with without routine healing delayed nonunion laceration foreign body"
    " superficial injury tendon muscle ankle wrist finger other specified disorder due to"
)


def main() -> int:
    """Measure and print; return 1 if the first load takes longer than it may, else 0."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmark.lists", description=__doc__)
    parser.parse_args()
    with start_testbed() as testbed, tempfile.TemporaryDirectory() as folder:
        testbed.create(testbed.server.database)
        path = Path(folder) / "icd10cm_order_2026.txt"
        path.write_text("".join(_lines(Random(17))), encoding="utf-8")
        print("| load | s | CPU s, Postgres | CPU s, program | told |\n|---|--:|--:|--:|---|")
        url = testbed.server.url("superbill_owner")
        taken = [_load(url, path, testbed.pid, name) for name in ("first", "the same again")]
    if taken[0] > _MOST:
        print(f"the first load takes longer than {_MOST} s", file=sys.stderr)
    return int(taken[0] > _MOST)


def _load(url: str, path: Path, postgres: int, name: str) -> float:
    """Load the file, print what it takes, and return the seconds."""
    cpu, own, begun = processes.cpu(postgres), time.process_time(), time.monotonic()
    told = lists.load_list(url, ROOT / "schema", "icd10cm", path, _FIRST_DAY)
    seconds = time.monotonic() - begun
    used = processes.cpu(postgres) - cpu
    own = time.process_time() - own
    print(f"| {name} | {seconds:.1f} | {used:.1f} | {own:.1f} | {'; '.join(told)} |", flush=True)
    return seconds


def _lines(random: Random) -> Iterator[str]:
    """Give the lines of the file: a header before each ten billable codes."""
    words = _TEXT.split()
    for number in range(_CODES + _CODES // 10):
        header, digit = number % 11 == 0, number % 11 - 1
        code = f"{chr(65 + number // 11 % 22)}{number // 11:05X}"
        text = " ".join(random.choices(words, k=random.randint(3, 18))).capitalize()
        full = code if header else f"{code}{digit:X}"
        yield f"{number:05} {full:7} {int(not header)} {text[:60]:60} {text}\n"


if __name__ == "__main__":
    raise SystemExit(main())
