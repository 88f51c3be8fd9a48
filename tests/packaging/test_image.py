"""The wheel and the image have every file of the program, and nothing that they do not need."""

import re
import shutil
import subprocess
import sys
import zipfile
from fnmatch import fnmatch
from importlib import metadata
from pathlib import Path

from api.config import ROOT

# Names of folders that hold tests, or what tests need.
TESTS = {"test", "tests", "testing", "_testbase", "_tests"}


def tracked(*folders: str) -> set[str]:
    """List the files that git knows in folders, or everywhere."""
    command = ["git", "-c", "safe.directory=*", "ls-files", *folders]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603
    return {name for name in done.stdout.splitlines() if (ROOT / name).exists()}


def in_context(name: str) -> bool:
    """Say whether `.dockerignore` lets a file into the build; the last matching pattern decides.

    Patterns are `*`, a path, or `**/name`; `!` in front takes the files back.
    """
    wanted = True
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        pattern = line.removeprefix("!")
        assert pattern == "*" or "*" not in pattern.removeprefix("**/"), f"unknown: {pattern}"
        folder = pattern.removeprefix("**/")
        inside = f"/{folder}/" in f"/{name}/"
        below = pattern == "*" or f"{name}/".startswith(f"{folder}/")
        found = inside if pattern.startswith("**/") else below
        if found:
            wanted = line.startswith("!")
    return wanted


def test_wheel_has_every_file_of_the_program(tmp_path: Path) -> None:
    for name in tracked("api", "pyproject.toml", "README.md", "LICENSE"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    build = "import setuptools.build_meta as b; b.build_wheel('dist')"
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", build], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert names == tracked("api")


def test_image_has_every_file_of_the_program_and_the_schema() -> None:
    copied = re.findall(
        r"^COPY (?!--from)(.+) \S+$",
        (ROOT / "Dockerfile").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    sources = {source for line in copied for source in line.split()}
    assert sources == {"requirements.txt", "pyproject.toml", ".ci/sbom", "api", "schema"}
    # A change of a guide must not change the image, whose tag follows from its content.
    guides = {name for name in tracked(*sources) if Path(name).name == "README.md"}
    assert {name for name in tracked() if in_context(name)} == tracked(*sources) - guides


def test_image_has_no_bytecode_of_this_machine() -> None:
    assert in_context("api/http/app.py")
    assert not in_context("api/http/__pycache__/app.cpython-313.pyc")
    assert not in_context("api/__pycache__/config.cpython-313.pyc")


def test_image_has_no_tests_of_its_packages() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    (removal,) = re.findall(r"-type d (.+?)-exec rm", dockerfile, re.DOTALL)
    removed = re.findall(r"-(name|path) '?([^\s']+)'?", removal)
    patterns = [text if kind == "path" else f"*/{text}" for kind, text in removed]
    pinned = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    left = set()
    for name in re.findall(r"^([\w.-]+)==", pinned, re.MULTILINE):
        try:
            files = metadata.files(name) or []
        except metadata.PackageNotFoundError:  # of another platform
            continue
        for path in files:
            folders = [f"/{folder}" for folder in path.parents if folder.name in TESTS]
            if folders and not any(
                fnmatch(one, pattern) for one in folders for pattern in patterns
            ):
                left.add(str(path.parent))
    assert left == set()
