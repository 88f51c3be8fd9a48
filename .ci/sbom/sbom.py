"""Print the CycloneDX list of an environment: each package with its licences and pinned hashes.

Fails if the environment has a package that is not pinned.
"""

import json
import subprocess
import sys
from typing import Any


def main(python: str, requirements: str, project: str) -> None:
    """Print the list for the environment of a Python interpreter.

    `requirements` is the file with the pinned hashes, `project` the pyproject.toml.
    """
    environment = _cyclonedx(
        "environment", python, "--pyproject", project, "--gather-license-texts"
    )
    pinned = {
        package["purl"]: package
        for package in _cyclonedx("requirements", requirements)["components"]
    }
    unpinned = [
        package["purl"] for package in environment["components"] if package["purl"] not in pinned
    ]
    if unpinned:
        sys.exit(f"not pinned in {requirements}: {', '.join(unpinned)}")
    for package in environment["components"]:
        package["externalReferences"] = [
            *package.get("externalReferences", ()),
            *pinned[package["purl"]]["externalReferences"],
        ]
    print(json.dumps(environment, indent=1))


def _cyclonedx(*arguments: str) -> Any:
    command = [
        sys.executable,
        "-m",
        "cyclonedx_py",
        *arguments,
        "--output-reproducible",
        "--no-validate",
    ]
    completed = subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - own arguments
    return json.loads(completed.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
