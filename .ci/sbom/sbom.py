"""A CycloneDX list of what an environment has: each package with its licences and the hashes that it is pinned by.

Fails where it has a package that is not pinned.
"""

import json
import subprocess
import sys
from typing import Any


def main(python: str, requirements: str, project: str) -> None:
    """Print the list for the environment of this Python."""
    found = _listed("environment", python, "--pyproject", project, "--gather-license-texts")
    pinned = {
        package["purl"]: package for package in _listed("requirements", requirements)["components"]
    }
    unpinned = [package["purl"] for package in found["components"] if package["purl"] not in pinned]
    if unpinned:
        sys.exit(f"not pinned in {requirements}: {', '.join(unpinned)}")
    for package in found["components"]:
        package["externalReferences"] = [
            *package.get("externalReferences", ()),
            *pinned[package["purl"]]["externalReferences"],
        ]
    print(json.dumps(found, indent=1))


def _listed(*arguments: str) -> Any:
    command = [
        sys.executable,
        "-m",
        "cyclonedx_py",
        *arguments,
        "--output-reproducible",
        "--no-validate",
    ]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)  # noqa: S603


if __name__ == "__main__":
    main(*sys.argv[1:])
