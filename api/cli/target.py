"""The database that a command uses: the one at a URL, or the development database."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from api.cli import dev_postgres
from api.cli.refusal import RefusedError
from api.config import Config
from api.process import database_wait


def owner_url(settings: Config, stack: ExitStack) -> str:
    """Wait for the database at MIGRATION_DATABASE_URL, and return this URL of the tables' owner.

    If neither URL is set, returns that of the development database, which runs until `stack` is
    closed. Raises RefusedError.
    """
    if settings.database_url and not settings.migration_database_url:
        message = (
            "MIGRATION_DATABASE_URL is not set: set it to the URL of the login that owns the"
            " tables."
        )
        raise RefusedError(message)
    if not settings.migration_database_url:
        return with_database(settings, stack).migration_database_url
    database_wait.wait_for_database(settings.migration_database_url, settings.database_wait)
    return settings.migration_database_url


def with_database(settings: Config, stack: ExitStack) -> Config:
    """Return settings with database URLs: unchanged, or those of the development database.

    The development database runs until `stack` is closed. Raises RefusedError.
    """
    if settings.database_url:
        return settings
    with refused():
        postgres = stack.enter_context(dev_postgres.postgres(settings.postgres_dir))
    return replace(
        settings, database_url=postgres.api_url, migration_database_url=postgres.owner_url
    )


@contextmanager
def refused() -> Iterator[None]:
    """Convert what `dev_postgres.postgres` raises into a RefusedError."""
    try:
        yield
    except (FileNotFoundError, RuntimeError) as error:
        raise RefusedError(error) from None
