"""The packages of the image: listed with licences and hashes, and without known vulnerabilities."""

import json
import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.requirements import Requirement

from api.config import ROOT
from tests.support.skips import UNREACHABLE

PINNED = (ROOT / "requirements.txt").read_text(encoding="utf-8")
ENTRIES = re.findall(r"^([a-z0-9].*?) \\\n((?: +--hash=.*\n)+)", PINNED, re.MULTILINE)
PINS = [Requirement(line) for line, _ in ENTRIES]
HASHES = {
    pin.name: re.findall(r"sha256:(\w+)", rest)
    for pin, (_, rest) in zip(PINS, ENTRIES, strict=True)
}
HERE = [pin for pin in PINS if not pin.marker or pin.marker.evaluate()]
# What uv says where there is no network, or nobody who answers.
AWAY = re.compile(r"error sending request for url|HTTP status server error|operation timed out")


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """Make an environment that says to have what is pinned and nothing else; give its Python.

    What a package says is that of the tests' own, which has another version where a test's tool
    asks for it.
    """
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path], check=True)  # noqa: S603
    (packages,) = tmp_path.glob("lib/python*/site-packages")
    for pin in HERE:
        (said,) = (
            file
            for file in distribution(pin.name).files or ()
            if re.fullmatch(r"[^/]+/METADATA", str(file))
        )
        folder = packages / f"{pin.name}.dist-info"
        shutil.copytree(Path(str(said.locate())).parent, folder)
        text = re.sub(
            r"^Version: .*",
            f"Version: {version(pin)}",
            said.read_text(),
            count=1,
            flags=re.MULTILINE,
        )
        (folder / "METADATA").write_text(text, encoding="utf-8")
    return tmp_path / "bin" / "python"


def version(pin: Requirement) -> str:
    """Give the one version that a pin takes."""
    return str(pin.specifier).removeprefix("==")


def listed(python: Path) -> "subprocess.CompletedProcess[str]":
    """Run what the Dockerfile runs, on this environment."""
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    found = re.search(
        r"^RUN \S+/python /tmp/(\S+) (\S+) /srv/(\S+) /srv/(\S+) >(\S+)$", dockerfile, re.MULTILINE
    )
    assert found is not None
    assert found[2] == "/opt/superbill/bin/python"
    assert f"LABEL sbom={found[5]}\n" in dockerfile
    command = [sys.executable, f".ci/sbom/{found[1]}", str(python), found[3], found[4]]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603


def test_image_lists_the_pinned_packages_with_licences_and_hashes(python: Path) -> None:
    done = listed(python)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    components = {component["purl"]: component for component in found["components"]}
    assert components.keys() == {f"pkg:pypi/{pin.name}@{version(pin)}" for pin in HERE}
    assert [purl for purl, component in components.items() if not component.get("licenses")] == []
    for pin in HERE:
        references = components[f"pkg:pypi/{pin.name}@{version(pin)}"]["externalReferences"]
        (hashes,) = (reference["hashes"] for reference in references if "hashes" in reference)
        assert hashes == [{"alg": "SHA-256", "content": pinned} for pinned in HASHES[pin.name]], pin
        del hashes[1:]  # one does for the schema, which takes seconds for all
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(found)) is None


def test_package_that_is_not_pinned_fails_the_build(python: Path) -> None:
    (packages,) = python.parent.parent.glob("lib/python*/site-packages")
    stranger = packages / "stranger-1.0.dist-info"
    stranger.mkdir()
    (stranger / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: stranger\nVersion: 1.0\n", encoding="utf-8"
    )
    done = listed(python)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "not pinned in requirements.txt: pkg:pypi/stranger@1.0\n"


def test_no_pinned_package_has_a_known_vulnerability(tmp_path: Path) -> None:
    """Asks a public database of advisories, where it can be reached."""
    unused = re.search(
        r"^UNUSED := (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert unused is not None
    script = tmp_path / "pinned.py"
    lines = [
        "/// script",
        'requires-python = ">=3.11"',
        f"dependencies = {[str(pin) for pin in PINS]}",
    ]
    lines += ["[tool.uv]", f"exclude-dependencies = {unused[1].split()}", "///"]
    script.write_text("".join(f"# {line}\n" for line in lines), encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "uv",
        "audit",
        "--preview-features",
        "audit-command",
        "--script",
        str(script),
    ]
    environ = {**os.environ, "UV_HTTP_RETRIES": "0", "UV_HTTP_TIMEOUT": "20"}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)  # noqa: S603
    if AWAY.search(done.stderr):
        pytest.skip("the database of advisories" + UNREACHABLE)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f" in {len(PINS)} packages" in done.stdout + done.stderr
