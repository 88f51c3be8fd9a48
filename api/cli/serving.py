"""What `superbill serve` does: it reads the catalog, and serves it."""

from collections.abc import Callable

from api.cli import migration_files, schema_templates, served_catalog
from api.cli.refusal import RefusedError
from api.config import Config, check_served
from api.identity import DEVELOPMENT_ROLE
from api.process import server
from api.process.workers import StartError


def serve(settings: Config, on_ready: Callable[[], object] = lambda: None) -> None:
    """Serve the API until a signal; call `on_ready` when all workers serve.

    Raises RefusedError, MigrationError and ConfigError.
    """
    check_served(settings)
    required = migration_files.shipped(settings.schema_dir)
    served = served_catalog.read_servable(settings, required)
    own = schema_templates.load(settings, served.catalogs[DEVELOPMENT_ROLE])
    try:
        server.serve(settings, served, required, on_ready, own)
    except StartError as error:
        raise RefusedError(error) from None
