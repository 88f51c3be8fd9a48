"""Kubernetes' own schemas, which a package brings, so that no cluster is needed."""

import functools
from unittest.mock import patch

import kubernetes_validate  # type: ignore[import-untyped] # it has annotations, but does not say so
from kubernetes_validate import utils

from tests.charts.rendering import Object, title

# The package reads a megabyte of them anew for each object.
_contents = functools.cache(utils.schema_contents)


def versions() -> set[str]:
    """Give the versions of Kubernetes whose schemas are there."""
    return {utils.major_minor(version) for version in utils.all_versions()}


def fault(found: Object, version: str) -> str:
    """Say what this version of Kubernetes has against an object, unknown names too, or nothing."""
    with patch.object(utils, "schema_contents", _contents):
        try:
            kubernetes_validate.validate(found, version, strict=True)
        except kubernetes_validate.ValidationError as error:
            return f"{title(found)}: {error.json_path}: {error.message}"
    return ""
