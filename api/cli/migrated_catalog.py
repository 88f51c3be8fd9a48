"""The catalog that the migrations make, of a database that is only looked at."""

import sys
from contextlib import ExitStack
from dataclasses import replace

from api.catalog.relations import Catalog
from api.cli import dev_postgres, migration_files, served_catalog, target
from api.cli.scratch_database import scratch_database
from api.config import Config
from api.identity import DEVELOPMENT_ROLE


def look(settings: Config, stack: ExitStack, role: str = DEVELOPMENT_ROLE) -> Catalog:
    """Read what the migrations offer to a role, and change no database.

    With DATABASE_URL it is that database's, as it is; standard error gets the names of what is not
    applied there. Otherwise the migrations make a scratch database, which is dropped when `stack`
    is closed. Raises RefusedError.
    """
    if settings.database_url:
        required = migration_files.shipped(settings.schema_dir)
        catalog, missing = served_catalog.read_with_missing(settings, required, role)
        if missing:
            message = f"The database lacks {', '.join(missing)}: `superbill migrate` was not run."
            print(message, file=sys.stderr)
        return catalog
    if not dev_postgres.exists(settings.postgres_dir):
        message = f"Creating a Postgres in {settings.postgres_dir}: about 10 seconds, only once."
        print(message, file=sys.stderr, flush=True)
    with target.refused():
        scratch = stack.enter_context(scratch_database(settings.postgres_dir, settings.schema_dir))
    return served_catalog.read(replace(settings, database_url=scratch.api_url), role=role)
