"""The schemas of Kubernetes, from a package, so that no cluster is needed."""

import functools
from unittest.mock import patch

import kubernetes_validate  # type: ignore[import-untyped] # it has annotations, but does not say so
from kubernetes_validate import utils

from tests.charts.rendering import Object, title

# The package reads a megabyte of schemas again for each object.
_contents = functools.cache(utils.schema_contents)


def versions() -> set[str]:
    """Give the versions of Kubernetes whose schemas are there."""
    return {utils.major_minor(version) for version in utils.all_versions()}


def fault(found: Object, version: str) -> str:
    """Give the first fault of an object in a version of Kubernetes, or ""; names are checked."""
    with patch.object(utils, "schema_contents", _contents):
        try:
            kubernetes_validate.validate(found, version, strict=True)
        except kubernetes_validate.ValidationError as error:
            return f"{title(found)}: {error.json_path}: {error.message}"
    return ""
