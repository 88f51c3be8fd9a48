"""The commands that work as the owner of the tables: `superbill migrate`, `rollback`, `load`."""

from contextlib import ExitStack

from api.cli import migrations, samples, target
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


def load(settings: Config) -> None:
    """Load the sample codes; rows that exist stay as they are."""
    with ExitStack() as stack:
        url = target.owner_url(settings, stack)
        for name, count in samples.load_samples(url, settings.schema_dir).items():
            print(f"loaded {count} new rows into {name}")
