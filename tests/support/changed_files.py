"""Which files of a folder are new or changed: what is on `main` was checked when it landed."""

import subprocess
from pathlib import Path

from api.config import ROOT


def changed(folder: Path) -> set[str]:
    """Name those that differ from `main`; where this is `main`, from the commit before.

    The paths are those below the repository. Empty where that can't be told.
    """
    here = _git("rev-parse", "HEAD")
    for main in ("origin/main", "main"):
        base = _git("merge-base", "HEAD", main)
        if base:
            base = f"{base}~1" if base == here else base
            found = _git("diff", "--name-only", "--diff-filter=d", base, "--", str(folder))
            new = _git("ls-files", "--others", "--exclude-standard", "--", str(folder))
            return {*found.splitlines(), *new.splitlines()}
    return set()


def _git(*arguments: str) -> str:
    """Ask git; empty where it is missing or can't answer."""
    command = ["git", "-c", "safe.directory=*", *arguments]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    except FileNotFoundError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
