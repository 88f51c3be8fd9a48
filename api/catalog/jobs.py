"""The jobs of the server: functions of the schema `job`, which it runs at intervals."""

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.catalog import sql_names

QUERY = Path(__file__).with_name("jobs.sql").read_text(encoding="utf-8")
# Runs the jobs. No token may name it.
KEEPER = "superbill_keeper"
_EVERY = re.compile(r"^Every: ([1-9][0-9]{0,3}) (s|min|h)$", re.MULTILINE)
_SECONDS = {"s": 1, "min": 60, "h": 3600}
_RETURNED = ("text", "void")


@dataclass(frozen=True, slots=True)
class Job:
    """A function that runs at intervals. `name`: with its schema, quoted; `every`: in seconds."""

    name: str
    every: int


@dataclass(frozen=True, slots=True)
class Jobs:
    """The jobs of a schema; `faults`: sentences on what in its schema `job` is none."""

    found: tuple[Job, ...] = ()
    faults: tuple[str, ...] = ()


async def read(fetch: Callable[[str], Awaitable[Any]]) -> Jobs:
    """Read the jobs; `fetch` runs a query and returns its one value."""
    document = json.loads(await fetch(QUERY))
    functions = document["functions"]
    if functions and not document["may_act"]:
        return Jobs((), (f"no job runs: the login may not act for {KEEPER}",))
    faults = {each["signature"]: _fault(each) for each in functions}
    return Jobs(
        tuple(_job(each) for each in functions if not faults[each["signature"]]),
        tuple(f"{name} is no job: {fault}" for name, fault in faults.items() if fault),
    )


def _job(function: Mapping[str, Any]) -> Job:
    said = _EVERY.search(function["comment"])
    assert said
    return Job(function["name"], int(said[1]) * _SECONDS[said[2]])


def _fault(function: Mapping[str, Any]) -> str:
    """Return why a function of the schema is no job; an empty text for a job."""
    if not function["callable"]:
        return "a job is a function without arguments"
    if function["returns"] not in _RETURNED:
        return f"it returns {function['returns']}; a job returns text or void"
    if not function["usable"]:
        return f"{sql_names.name(KEEPER)} may not execute it"
    if not _EVERY.search(function["comment"] or ""):
        return "its comment lacks a line such as `Every: 10 s` (or min, h)"
    return ""
