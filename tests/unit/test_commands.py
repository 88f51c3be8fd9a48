"""What the commands load: most of a command's time goes to libraries."""

import subprocess
import sys

import pytest

from api.cli.commands import COMMANDS
from tests.support.processes import environment_without_coverage

pytestmark = pytest.mark.unmeasured


def test_every_command_can_be_loaded() -> None:
    assert all(callable(command.load()) for command in COMMANDS.values())


@pytest.mark.parametrize(
    ("name", "unused"),
    [
        ("", {"asyncpg", "jsonschema", "psycopg", "sanic", "sqlalchemy", "sqlglot", "yoyo"}),
        ("migrate", {"jsonschema", "sanic", "sqlalchemy", "sqlglot"}),
        ("serve", {"psycopg"}),
    ],
)
def test_command_loads_only_the_libraries_that_it_uses(name: str, unused: set[str]) -> None:
    code = "import sys; from api.cli import command_line, commands;"
    code += f"commands.COMMANDS['{name}'].load();" if name else ""
    code += "print(*sys.modules)"
    environment = environment_without_coverage()
    call = [sys.executable, "-c", code]
    output = subprocess.check_output(call, env=environment, text=True)  # noqa: S603 - our own code
    assert unused & set(output.split()) == set()
