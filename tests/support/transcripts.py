"""The transcripts of the guides, run as if a reader pasted them."""

import asyncio
import os
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from api.config import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (.+)\n((?:(?!^## ).*\n)*)", README, re.MULTILINE))
EXAMPLE = "One SQL file adds a resource"
CLIENTS = (ROOT / "openapi" / "README.md").read_text(encoding="utf-8")
# One visit, and what a client can ask after it.
VISIT = "".join(section for name, section in SECTIONS.items() if name != EXAMPLE) + CLIENTS
UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
PROMPT = "superbill=> "
# A reader's `superbill` is the program of this tree. What it refuses is part of the transcript.
_PROGRAM = f'superbill() {{ "{sys.executable}" -m api "$@" 2>&1 || true; }}\n'


@dataclass(frozen=True, slots=True)
class Step:
    """A command of a transcript, and the output that the page shows."""

    command: str
    output: str


@dataclass(slots=True)
class Shell:
    """A reader's terminal: where the API answers, psql's command before the query, and a folder.

    Variables are set as the transcripts set them: to the last id that came out.
    """

    address: str
    psql: Sequence[str] = ()
    folder: Path = ROOT
    names: dict[str, str] = field(default_factory=lambda: {**os.environ})
    last: str = ""

    async def run(self, command: str) -> Step:
        """Run a command, and give it with its output. Raises AssertionError where it fails."""
        output = ""
        if command.startswith(PROMPT):
            output = await self._output(*self.psql, command.removeprefix(PROMPT))
        elif re.match(r"\w+=", command):
            self.names[command.partition("=")[0]] = self.last
        elif command.startswith(("curl", "printf", "superbill", "echo")):
            text = command.replace("http://localhost:8080", self.address).replace("…", self.last)
            output = await self._output("sh", "-c", _PROGRAM + text)
            self.last = next(iter(re.findall(f'"id":"({UUID})"', output)), self.last)
        else:
            assert command == "make psql", command
        return Step(command, output)

    async def _output(self, *command: str) -> str:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=self.folder,
            env={**self.names, "PYTHONPATH": str(ROOT)},
        )
        output, errors = await process.communicate()
        assert process.returncode == 0, (command, errors)
        return output.decode()


def steps(text: str) -> Iterator[Step]:
    """Read the transcripts in a text."""
    for block in re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        for part in re.split(rf"^(?=\$ |{PROMPT})", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            yield Step(command.removeprefix("$ "), output)


def masked(text: str) -> str:
    """Put … for what differs each time: ids, times, cursors, tags; leave out a line's last spaces.

    A proxy may write capitals in a header's name.
    """
    text = re.sub("(?m)^[A-Za-z-]+(?=: )", lambda name: name[0].lower(), text)
    varying = f'{UUID}|(?<=after=)[^>]+|(?<=_at":")[^"]+|(?<=^etag: ")[0-9a-f]+'
    varying += '|(?<=control_number":")[^"]+'  # of a claim, made of its id
    text = re.sub(varying, "…", text, flags=re.MULTILINE)
    return re.sub("[ \\r]+$", "", text, flags=re.MULTILINE).rstrip("\n")


async def run(text: str, address: str, psql: Sequence[str], **names: str) -> list[Step]:
    """Run the transcripts of a text, and give them with the output that they had.

    `names`: more variables of the environment.
    """
    shell = Shell(address, psql, names={**os.environ, **names})
    return [await shell.run(step.command) for step in steps(text)]


def compare(text: str, found: list[Step]) -> None:
    """Compare the transcripts of a text with what came out."""
    assert [Step(one.command, masked(one.output)) for one in found] == [
        Step(one.command, masked(one.output)) for one in steps(text)
    ]
