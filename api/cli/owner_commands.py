"""The commands that work as the owner of the tables: `superbill migrate`, `rollback`, `load`."""

from contextlib import ExitStack
from datetime import date
from pathlib import Path

from api.cli import lists, migrations, samples, target
from api.cli.refusal import RefusedError
from api.config import Config


def migrate(settings: Config) -> None:
    """Apply the migrations that are not applied yet."""
    with ExitStack() as stack:
        for name in migrations.migrate(target.owner_url(settings, stack), settings.schema_dir):
            print(f"applied {name}")


def rollback(settings: Config) -> None:
    """Undo the last migration."""
    with ExitStack() as stack:
        for name in migrations.rollback(target.owner_url(settings, stack), settings.schema_dir):
            print(f"rolled back {name}")


def load(
    settings: Config,
    name: str | None = None,
    file: Path | None = None,
    first_day: date | None = None,
) -> None:
    """Load a published list from a file, or, without arguments, the samples."""
    if (name is None) != (file is None) or (first_day and not file):
        message = "superbill load takes a list and its file, or neither: superbill load LIST FILE"
        raise RefusedError(message)
    with ExitStack() as stack:
        url = target.owner_url(settings, stack)
        if name and file:
            for line in lists.load_list(url, settings.schema_dir, name, file, first_day):
                print(line)
            return
        for table, count in samples.load_samples(url, settings.schema_dir).items():
            print(f"loaded {count} new rows into {table}")
