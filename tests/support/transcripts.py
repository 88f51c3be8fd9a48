"""The transcripts of README.md, run as a reader would who pastes them."""

import asyncio
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from api.config import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (.+)\n((?:(?!^## ).*\n)*)", README, re.MULTILINE))
EXAMPLE = "How a migration becomes an endpoint"
UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
PROMPT = "superbill=> "


@dataclass(frozen=True, slots=True)
class Step:
    """A command of a transcript, and the output that the page shows."""

    command: str
    output: str


def steps(text: str) -> Iterator[Step]:
    """Read the transcripts in a text."""
    for block in re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        for part in re.split(rf"^(?=\$ |{PROMPT})", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            yield Step(command.removeprefix("$ "), output)


def masked(text: str) -> str:
    """Put … for what differs each time, ids and cursors, and leave out the spaces with which psql ends a line.

    A proxy may write a header's name in capitals.
    """
    text = re.sub("^Link:", "link:", text, flags=re.MULTILINE)
    return re.sub(
        "[ \\r]+$", "", re.sub(f"{UUID}|(?<=after=)[^>]+", "…", text), flags=re.MULTILINE
    ).rstrip("\n")


async def run(text: str, address: str, psql: Sequence[str]) -> list[Step]:
    """Run the transcripts of a text, and give them as they come out; `psql` is a command that a query completes."""
    found: list[Step] = []
    names = {**os.environ}
    last = ""
    for step in steps(text):
        output, command = "", step.command
        if command.startswith(PROMPT):
            output = await _output(*psql, command.removeprefix(PROMPT))
        elif re.match(r"\w+=", command):
            names[command.partition("=")[0]] = last
        elif command.startswith(("curl", "printf")):
            command = command.replace("http://localhost:8080", address).replace("…", last)
            output = await _output("sh", "-c", command, environ=names)
            last = next(iter(re.findall(f'"id":"({UUID})"', output)), last)
        else:
            assert command == "make psql", command
        found.append(Step(step.command, output))
    return found


async def _output(*command: str, environ: dict[str, str] | None = None) -> str:
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=environ
    )
    output, errors = await process.communicate()
    assert process.returncode == 0, (command, errors)
    return output.decode()


def compare(text: str, found: list[Step]) -> None:
    """Compare the transcripts of a text with what came out."""
    assert [Step(one.command, masked(one.output)) for one in found] == [
        Step(one.command, masked(one.output)) for one in steps(text)
    ]
