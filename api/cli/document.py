"""What `superbill openapi` does: it prints the OpenAPI document."""

from contextlib import ExitStack

from api.cli import migrated_catalog, schema_templates
from api.config import Config
from api.document import layout, openapi
from api.operations import discovery


def print_document(settings: Config, role: str) -> None:
    """Print the OpenAPI document of a role."""
    with ExitStack() as stack:
        catalog = migrated_catalog.look(settings, stack, role)
        server = settings.prefix or f"http://localhost:{Config().port}"  # a file has no address
        operations = discovery.build(catalog)
        forms = schema_templates.forms(settings, operations)
        document = openapi.build(catalog, operations, server, forms=forms)
    print(layout.text(document))
