"""What `superbill diff` does: it compares what the database offers with an OpenAPI document."""

import json
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from api.cli import migrated_catalog, schema_templates
from api.cli.refusal import RefusedError
from api.config import ROOT, Config
from api.document import openapi
from api.document.changes import changes
from api.document.schema_changes import ADDED, BROKEN, CHANGED
from api.operations import discovery

COMMITTED = ROOT / "openapi" / "openapi.json"


def compare(settings: Config, document: Path = COMMITTED) -> None:
    """Print what is added to a document, what has changed, and what is broken for its clients.

    Raises SystemExit with status 1 if something is broken, and RefusedError if the document can't
    be read.
    """
    old = read(document)
    with ExitStack() as stack:
        catalog = migrated_catalog.look(settings, stack)
    operations = discovery.build(catalog)
    forms = schema_templates.forms(settings, operations)
    try:
        found = changes(old, openapi.build(catalog, operations, forms=forms))
    except (LookupError, TypeError, AttributeError):
        message = f"{document} is no valid OpenAPI document."
        raise RefusedError(message) from None
    for kind in (ADDED, CHANGED, BROKEN):
        print(*(f"{change}\n" for change in found if change.kind == kind), sep="", end="")
    counts = Counter(change.kind for change in found)
    print(", ".join(f"{counts[kind]} {kind}" for kind in (ADDED, CHANGED, BROKEN)))
    if counts[BROKEN]:
        raise SystemExit(1)


def read(document: Path = COMMITTED) -> dict[str, Any]:
    """Read an OpenAPI document; raises RefusedError with a sentence."""
    try:
        found = json.loads(document.read_text(encoding="utf-8"))
    except FileNotFoundError:
        message = f"{document} does not exist."
        raise RefusedError(message) from None
    except OSError as error:
        message = f"{document} can't be read: {error.strerror}."
        raise RefusedError(message) from None
    except (ValueError, RecursionError):
        message = f"{document} is no JSON."
        raise RefusedError(message) from None
    if not isinstance(found, dict) or not str(found.get("openapi")).startswith("3."):
        message = f"{document} is no document of OpenAPI 3."
        raise RefusedError(message)
    return found
