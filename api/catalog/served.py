"""What a database offers to the server: to the callers of each role, and its jobs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256

from api.catalog.jobs import Jobs
from api.catalog.relations import Catalog, offers


@dataclass(frozen=True, slots=True)
class Served:
    """Catalogs by role, the tenant of the development identity, and the jobs."""

    catalogs: Mapping[str, Catalog]
    tenant: str
    jobs: Jobs

    @property
    def digest(self) -> str:
        """Tell schemas apart: 12 digits, made of what each role is offered, and of its rules.

        Databases to which the same migrations were applied have the same.
        """
        return sha256("\n".join(self._parts()).encode()).hexdigest()[:12]

    def _parts(self) -> Iterator[str]:
        for role, catalog in sorted(self.catalogs.items()):
            yield role
            yield from sorted(offers(catalog))
            yield from map(repr, sorted(catalog.constraints.items()))
