"""The deployment as a cluster would get it: scenarios, each rendered once in a session.

Rendered from a copy without charts/values/local.yaml, and with another image.yaml: what one person
has deployed from here is not what is tested. No cluster is named anywhere, so that none is reached.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from api.config import ROOT
from tests.charts.scenarios import IDENTITY, SCENARIOS

Object = dict[str, Any]
Values = Mapping[str, Any]
RELEASES = ("postgres", "superbill")
WITH_PODS = ("Pod", "Deployment", "StatefulSet", "Job", "CronJob")
TAG = "0a1b2c3d4e5f"
IMAGE_FILE = "charts/values/image.yaml"  # which `make push` writes
# Values that the chart of the API requires, and helmfile otherwise sets.
REQUIRED = {
    "postgres": {},
    "superbill": {
        **IDENTITY,
        "image": {"tag": TAG},
        "database": {"host": "db", "server": {"secret": "server"}, "owner": {"secret": "owner"}},
    },
}


@dataclass(frozen=True, slots=True)
class Rendered:
    """A scenario's objects."""

    objects: tuple[Object, ...]

    def of(self, kind: str) -> list[Object]:
        """Give the objects of a kind."""
        return [found for found in self.objects if found["kind"] == kind]

    def one(self, kind: str, name: str) -> Object:
        """Give the object of this kind and name; there is exactly one."""
        (found,) = (found for found in self.of(kind) if found["metadata"]["name"] == name)
        return found

    @property
    def cluster(self) -> Object:
        """Give CloudNativePG's cluster."""
        (found,) = self.of("Cluster")
        return found

    @property
    def pods(self) -> dict[str, Object]:
        """Give the pod of each object that has one: its metadata and spec, by kind and name."""
        return {title(found): pod_of(found) for found in self.objects if found["kind"] in WITH_PODS}

    @property
    def containers(self) -> dict[str, Object]:
        """Give every container, those that initialise too, by its pod and name."""
        return {
            f"{pod} {container['name']}": container
            for pod, found in self.pods.items()
            for container in (
                *found["spec"].get("initContainers", ()),
                *found["spec"]["containers"],
            )
        }

    def config(self, release: str = "superbill") -> dict[str, str]:
        """Give the settings in the ConfigMap of the API's pods."""
        data: dict[str, str] = self.one("ConfigMap", release)["data"]
        return data


def title(found: Object) -> str:
    """Name an object as kubectl does."""
    return f"{found['kind']}/{found['metadata']['name']}"


def pod_of(found: Object) -> Object:
    """Give metadata and spec of an object's pods."""
    if found["kind"] == "Pod":
        return found
    if found["kind"] == "CronJob":
        found = found["spec"]["jobTemplate"]
    pod: Object = found["spec"]["template"]
    return pod


def environment(container: Object) -> dict[str, Any]:
    """Give a container's variables: a text, or where it comes from."""
    return {
        entry["name"]: entry.get("value", entry.get("valueFrom"))
        for entry in container.get("env", ())
    }


def objects(documents: str) -> tuple[Object, ...]:
    """Read what helm printed."""
    return tuple(found for found in yaml.load_all(documents, Loader=yaml.CSafeLoader) if found)


def values_of(path: str) -> dict[str, Any]:
    """Read a YAML or JSON file of the repository."""
    found = yaml.load((ROOT / path).read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    assert isinstance(found, dict)
    return found


@dataclass(slots=True)
class Charts:
    """The charts in a directory of their own, which helm and helmfile render.

    `shared` is a directory of all processes of the test session: what one of them has rendered, the
    others read there.
    """

    place: Path
    shared: Path
    _rendered: dict[str, Rendered] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Copy what is deployed."""
        shutil.copytree(
            ROOT / "charts",
            self.place / "charts",
            ignore=shutil.ignore_patterns("image.yaml", "local.yaml"),
        )
        shutil.copy(ROOT / "helmfile.yaml", self.place)
        image = yaml.safe_dump({"superbill": {"image": {"tag": TAG}}})
        (self.place / IMAGE_FILE).write_text(image, encoding="utf-8")

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run helm or helmfile where the charts are, with no cluster and no home."""
        command = shutil.which(program)
        assert command is not None
        # Without the collection of garbage both take a sixth less CPU time.
        known = {"HOME": str(self.place / "home"), "PATH": os.environ["PATH"], "GOGC": "off"}
        return subprocess.run(  # noqa: S603
            [command, *arguments],
            cwd=self.place,
            env=known,
            capture_output=True,
            text=True,
            check=False,
        )

    def helmfile(self, environment: str, values: Values, *arguments: str) -> str:
        """Run helmfile in an environment with these values on top, and give what it printed."""
        done = self._helmfile(environment, values, *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def helmfile_refusal(self, environment: str, values: Values) -> str:
        """Give the sentence with which an environment refuses the values of the API."""
        done = self._helmfile(environment, values, "--selector", "name=superbill", "template")
        assert done.returncode != 0, "it took them"
        return done.stderr

    def _helmfile(
        self, environment: str, values: Values, *arguments: str
    ) -> subprocess.CompletedProcess[str]:
        extra = self.place / "extra.yaml"
        extra.write_text(yaml.safe_dump(dict(values)), encoding="utf-8")
        return self.run(
            "helmfile", "--environment", environment, "--state-values-file", str(extra), *arguments
        )

    def scenario(self, name: str) -> Rendered:
        """Render a scenario, without ingress-nginx, whose chart is fetched."""
        if name not in self._rendered:
            environment, values = SCENARIOS[name]
            chosen = ("--selector", "name!=ingress-nginx", "template")
            printed = self._once(name, lambda: self.helmfile(environment, values, *chosen))
            self._rendered[name] = Rendered(objects(printed))
        return self._rendered[name]

    def _once(self, key: object, render: Callable[[], str]) -> str:
        """Render unless a process of the session has done so, and give what was printed."""
        path = self.shared / hashlib.sha256(repr(key).encode()).hexdigest()
        with path.open("a+", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # until it is closed
            file.seek(0)
            printed = file.read()
            if not printed:
                printed = render()
                file.write(printed)
        return printed

    def scenarios(self) -> Iterator[tuple[str, Rendered]]:
        """Give every scenario by its name."""
        return ((name, self.scenario(name)) for name in SCENARIOS)

    def values(
        self, release: str, environment: str, values: Values = MappingProxyType({})
    ) -> dict[str, Any]:
        """Give the values that helmfile hands to a release's chart."""

        def written() -> str:
            path = self.place / "written.yaml"
            command = ("write-values", "--output-file-template", str(path))
            self.helmfile(environment, values, "--selector", f"name={release}", *command)
            return path.read_text(encoding="utf-8")

        found = yaml.safe_load(self._once((release, environment, dict(values)), written))
        assert isinstance(found, dict)
        return found

    def template(
        self, chart: str, values: Values, *arguments: str, command: str = "template", name: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Render a chart with helm alone: these values on top of the required ones."""
        paths = []
        for number, part in enumerate((REQUIRED[chart], values)):
            paths.append(self.place / f"values-{number}.yaml")
            paths[-1].write_text(yaml.safe_dump(dict(part)), encoding="utf-8")
        given = [argument for path in paths for argument in ("--values", str(path))]
        named = [] if command == "lint" else [name or chart]
        return self.run("helm", command, *named, f"charts/{chart}", *given, *arguments)

    def rendered(self, chart: str, values: Values) -> Rendered:
        """Render a chart by helm itself."""
        done = self.template(chart, values)
        assert done.returncode == 0, done.stderr
        return Rendered(objects(done.stdout))

    def refusal(self, chart: str, values: Values, *arguments: str) -> str:
        """Give the sentence with which a chart refuses values."""
        done = self.template(chart, values, *arguments)
        assert done.returncode != 0, "it took them"
        return done.stderr
