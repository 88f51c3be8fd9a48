"""The commands for development: `superbill run` and `superbill psql`."""

import os
from contextlib import ExitStack

from api.cli import dev_postgres, owner_commands, serving, target
from api.config import Config, check_served

_DEVELOPMENT = (
    "Development: ISSUER is not set, so requests need no token, and act with every right of the"
    " API."
)


def run(settings: Config) -> None:
    """Run everything for development.

    Starts the development database unless a database is given, applies the migrations, loads the
    sample codes, and serves.
    """
    check_served(settings)
    print(_first_step(settings), flush=True)
    with ExitStack() as stack:
        settings = target.with_database(settings, stack)
        if settings.migration_database_url:
            owner_commands.migrate(settings)
            owner_commands.load(settings)
        url = f"http://localhost:{settings.port}"
        banner = f"API   {url}/\nDocs  {url}/docs\npsql  make psql"
        if not settings.issuer:
            banner += f"\n\n{_DEVELOPMENT}"
        serving.serve(settings, lambda: print(banner, flush=True))


def psql(settings: Config) -> None:
    """Open psql on the development database, as the login LOGIN."""
    login = os.environ.get("LOGIN", "superbill_psql")
    raise SystemExit(dev_postgres.psql(settings.postgres_dir, login))


def _first_step(settings: Config) -> str:
    """Return a sentence: what `run` does first, and how long that takes."""
    if settings.database_url:
        return "Reading the schema of the database at DATABASE_URL."
    directory = settings.postgres_dir
    if dev_postgres.exists(directory):
        return f"Starting the development database in {directory}: a few seconds."
    return f"Creating the development database in {directory}: about 10 seconds, only this time."
