"""What a database offers to the server: to the callers of each role, and its jobs."""

from collections.abc import Mapping
from dataclasses import dataclass

from api.catalog.jobs import Jobs
from api.catalog.relations import Catalog


@dataclass(frozen=True, slots=True)
class Served:
    """Catalogs by role, the tenant of the development identity, and the jobs."""

    catalogs: Mapping[str, Catalog]
    tenant: str
    jobs: Jobs
