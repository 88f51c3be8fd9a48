"""The linters are tests, so that one command runs everything.

The linters of the SQL are in database/test_schema.py, Helm's is in charts/test_values.py.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from api.config import ROOT

COMMANDS = {
    "ruff": ["ruff", "check", "."],
    "format": ["ruff", "format", "--check", "."],
    # Ruff has bandit's checks (S, and PLE2502 for B613), all but these by default. S603 and S607
    # judge each call, and S404 would the import. What bandit alone has is for Django, PyTorch and
    # Hugging Face.
    "imports": ["ruff", "check", "--preview", "--select", "S4", "--ignore", "S404", "."],
    "types": ["mypy"],
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS.keys())
def test_code_passes_the_linters(command: list[str]) -> None:
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_dockerfile_passes_hadolint() -> None:
    """Its package has the program and no module; it lies beside this Python."""
    hadolint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run(  # noqa: S603
        [hadolint, "Dockerfile"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
