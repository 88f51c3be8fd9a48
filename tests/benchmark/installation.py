"""The libraries of the peers, installed under `.bench/` as their lock files pin them."""

import hashlib
import json
import os
import shutil
import subprocess
import venv
from collections.abc import Callable, Iterator
from pathlib import Path

from api.config import ROOT

PEERS = Path(__file__).with_name("peers")
_BENCH = ROOT / ".bench"
PYTHON = _BENCH / "venv" / "bin" / "python"
_REQUIREMENTS = PEERS / "requirements.txt"
POSTGRAPHILE = _BENCH / "postgraphile"
_LOCK = PEERS / "postgraphile" / "package-lock.json"
# The lock file installs a Node.js that is new enough for PostGraphile, if npm has one for this
# machine; else the one on PATH is used.
_NODE_PATH = (
    f"{POSTGRAPHILE / 'node_modules' / '.bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
)


def install() -> None:
    """Install the libraries, unless those of the same lock files are installed already."""
    _BENCH.mkdir(exist_ok=True)
    (_BENCH / ".gitignore").write_text("*\n")
    _install_once(PYTHON.parents[1], _REQUIREMENTS, _pip)
    if shutil.which("npm"):
        _install_once(POSTGRAPHILE, _LOCK, _npm)
        shutil.copy(_LOCK.with_name("graphile.config.mjs"), POSTGRAPHILE)


def node() -> tuple[str, ...] | None:
    """Return the command that runs PostGraphile, without options; None if it is not installed."""
    program = shutil.which("node", path=_NODE_PATH)
    entry = POSTGRAPHILE / "node_modules" / "postgraphile" / "dist" / "cli-run.js"
    return (program, str(entry)) if program and shutil.which("npm") and entry.exists() else None


def versions() -> Iterator[str]:
    """Yield the names and versions of the libraries of the peers."""
    for line in _REQUIREMENTS.read_text().splitlines():
        name, pinned, version = line.removesuffix(" \\").partition("==")
        if pinned and name in ("fastapi", "sqlalchemy", "asyncpg", "peewee", "uvicorn"):
            yield f"{name} {version}"
    if command := node():
        version = subprocess.run(  # noqa: S603 - our own arguments
            (command[0], "--version"), capture_output=True, text=True, check=True
        ).stdout
        locked = json.loads(_LOCK.read_text())["packages"]["node_modules/postgraphile"]["version"]
        yield f"postgraphile {locked} on Node.js {version.strip().removeprefix('v')}"


def _install_once(directory: Path, lock: Path, install: Callable[[Path], None]) -> None:
    marker, digest = directory / "installed", hashlib.sha256(lock.read_bytes()).hexdigest()
    if not marker.exists() or marker.read_text() != digest:
        install(directory)
        marker.write_text(digest)


def _pip(directory: Path) -> None:
    venv.create(directory, with_pip=True, clear=True)
    options = (
        "--disable-pip-version-check",
        "install",
        "--quiet",
        "--no-deps",
        "--require-hashes",
        "-r",
    )
    command = (str(PYTHON), "-m", "pip", *options, str(_REQUIREMENTS))
    subprocess.run(command, check=True)  # noqa: S603 - our own arguments


def _npm(directory: Path) -> None:
    directory.mkdir(exist_ok=True)
    for name in ("package.json", _LOCK.name):
        shutil.copy(_LOCK.with_name(name), directory)
    options = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    # the npm on PATH
    subprocess.run(("npm", *options), check=True, cwd=directory)  # noqa: S603, S607
