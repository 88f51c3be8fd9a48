"""The operator's guide, charts/README.md, is true: examples render, and names exist."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
import yaml

from api.config import ROOT
from api.http import headers
from tests.charts.rendering import (
    RELEASES,
    Charts,
    Rendered,
    Values,
    environment,
    objects,
    title,
    values_of,
)
from tests.charts.scenarios import IDENTITY

pytestmark = [pytest.mark.needs("helm"), pytest.mark.needs("helmfile")]

GUIDE = ROOT / "charts" / "README.md"
TEXT = GUIDE.read_text(encoding="utf-8")
SHELL = re.findall(r"^```sh\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
# How comments refer to a heading and to a file.
HEADING = re.compile(r'((?:\w+/)*[A-Z]+\.md), \\?"([^"\\]+)\\?"')
PATH = re.compile(r"(?<![\w/.:-])(?:api|charts|schema|tests|openapi)/[\w./*-]*\w")
MADE = {"charts/values/image.yaml", "charts/values/local.yaml", "openapi/new"}  # when they run


def block(contents: str) -> Any:
    """Give the example in YAML that has this text in it."""
    found = re.findall(r"^```yaml\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
    (one,) = (text for text in found if contents in text)
    return yaml.safe_load(one)


def rendered(
    charts: Charts, environment_name: str, contents: str, more: Values = MappingProxyType({})
) -> Rendered:
    """Render an example on top of an environment, with more values of the API."""
    values = block(contents)
    values["superbill"] |= more
    return Rendered(objects(charts.helmfile(environment_name, values, "template")))


def table(header: str) -> list[list[str]]:
    """Give the rows of the guide's table with this header, without ticks."""
    rows = TEXT.partition(header)[2].partition("\n\n")[0].splitlines()[2:]
    return [[cell.strip().replace("`", "") for cell in row.strip("|").split("|")] for row in rows]


def anchors(page: Path) -> set[str]:
    """Give the anchors that GitHub makes of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_values_of_one_cluster_render(charts: Charts) -> None:
    found = rendered(charts, "default", "className: traefik")
    (ingress,) = found.of("Ingress")
    assert ingress["spec"]["ingressClassName"] == "traefik"
    assert ingress["spec"]["tls"] == [{"secretName": "billing-tls", "hosts": ["billing.example"]}]
    assert found.config()["CONNECTIONS"] == "20"


def test_pods_connect_to_a_postgres_elsewhere(charts: Charts) -> None:
    found = rendered(charts, "production", "migrationHost", IDENTITY)
    container = found.containers["Deployment/superbill api"]
    query = "sslmode=verify-full&sslrootcert=/etc/superbill/ca/ca.crt"
    url = f"postgresql://pooler.example:5432/superbill?{query}"
    assert environment(container)["DATABASE_URL"] == url
    kinds = ("StatefulSet", "Cluster", "Ingress", "HTTPRoute")
    assert [title(one) for kind in kinds for one in found.of(kind)] == []


def test_production_becomes_reachable_as_the_guide_says(charts: Charts) -> None:
    (ingress,) = rendered(charts, "production", "hosts: [billing.example]").of("Ingress")
    assert ingress["spec"]["rules"][0]["host"] == "billing.example"


def test_pods_take_the_tokens_of_the_guide_s_issuer(charts: Charts) -> None:
    settings = rendered(charts, "production", "roleClaim").config()
    assert settings["ISSUER"] == "https://login.example/realms/clinic"
    assert settings["ROLE_CLAIM"] == "resource_access.superbill.roles"
    assert settings["TENANT_CLAIM"] == "clinic"


def named_values() -> Iterator[list[str]]:
    """Give the path of each value that the guide names; `.tag` is a sibling of the last one."""
    parent: list[str] = []
    for name in re.findall(r"`((?:superbill|postgres|ingressNginx)?(?:\.\w+)+)[`:]", TEXT):
        path = [*parent, name[1:]] if name.startswith(".") else name.split(".")
        parent = path[:-1]
        yield path


def test_every_value_that_is_named_exists() -> None:
    known = {release: values_of(f"charts/{release}/values.yaml") for release in RELEASES}
    known["postgres"] |= {"enabled": True}
    known["ingressNginx"] = values_of("charts/values/defaults.yaml")["ingressNginx"]
    found = list(named_values())
    assert len(found) > 30
    for path in found:
        value: Any = known
        for step in path:
            assert step in value, ".".join(path)
            value = value[step]


def test_commands_are_valid_shell_and_name_objects_that_exist(default: Rendered) -> None:
    assert len(SHELL) >= 8
    for script in SHELL:
        subprocess.run(["bash", "-n"], input=script, text=True, check=True)  # noqa: S607
    known = {title(one).lower() for one in default.objects} | {"job/superbill-migration"}
    named = set(re.findall(r"\b(?:cronjob|job|deployment)/[a-z][a-z-]+\b", TEXT))
    assert named <= known
    assert {"cronjob/postgres-backup", "cronjob/postgres-restore"} <= named
    secrets = {one["metadata"]["name"] for one in default.of("Secret")}
    assert {"postgres-server", "postgres-owner"} <= secrets


def test_kind_maps_the_port_on_which_the_ingress_listens(charts: Charts) -> None:
    (text,) = re.findall(r"<<'END'\n(kind: .*?)^END$", TEXT, re.MULTILINE | re.DOTALL)
    (node,) = yaml.safe_load(text)["nodes"]
    assert node["extraPortMappings"] == [{"containerPort": 80, "hostPort": 80}]
    assert charts.values("ingress-nginx", "kind")["controller"]["hostPort"]["enabled"] is True


def test_every_make_target_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    assert set(re.findall(r"(?:`|^)make ([a-z-]+)", TEXT, re.MULTILINE)) <= targets


def test_the_headers_are_those_that_the_server_sends() -> None:
    rows = table("| header | value | what it is for |")
    assert {row[0]: row[1] for row in rows} == headers.DEFAULTS


def test_every_link_leads_somewhere() -> None:
    links = re.findall(r"\]\(([^)]+)\)", TEXT)
    assert len(links) > 10
    for link in links:
        if not link.startswith("https://"):
            path, _, anchor = link.partition("#")
            target = (GUIDE.parent / path).resolve() if path else GUIDE
            assert target.exists(), link
            assert not anchor or anchor in anchors(target), link


def referring() -> list[Path]:
    """Give the files of the deployment: all that may refer to a page or to another file."""
    names = ("helmfile.yaml", "Dockerfile", ".dockerignore", "Makefile", ".ci/run")
    folders = ("charts", "tests/charts", "tests/cluster")
    found = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file()]
    return [path for path in found if path.suffix != ".pyc"] + [ROOT / name for name in names]


def test_every_heading_that_is_cited_exists() -> None:
    cited = [
        (path.name, page, heading)
        for path in referring()
        for page, heading in HEADING.findall(path.read_text(encoding="utf-8"))
    ]
    assert len(cited) >= 4
    for name, page, heading in cited:
        text = (ROOT / page).read_text(encoding="utf-8")
        assert re.search(rf"^#+ {re.escape(heading)}$", text, re.MULTILINE), (name, page, heading)


def test_every_file_that_is_named_exists() -> None:
    missing = [
        (path.name, name)
        for path in referring()
        for name in PATH.findall(path.read_text(encoding="utf-8"))
        if name not in MADE and not list(ROOT.glob(name))
    ]
    assert missing == []
