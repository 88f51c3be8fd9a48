"""Readiness: whether the database still has everything that this process serves."""

import logging
from collections.abc import Collection, Mapping
from functools import partial

from asyncpg import InsufficientPrivilegeError

from api.catalog import introspection
from api.database import sqlstate
from api.database.connections import FAILURES
from api.endpoints.service import Service
from api.identity import DEVELOPMENT_ROLE
from api.problem import ProblemError

logger = logging.getLogger(__name__)


class Readiness:
    """Compares the database with the catalogs that are served.

    To read the catalogs of all roles takes Postgres long, and is done again only after a change.
    """

    def __init__(self, services: Mapping[str, Service], migrations: Collection[str]) -> None:
        """Prepare; `services` by role, `migrations` by their ids."""
        self._services = services
        self._migrations = migrations
        # The last version of the schema that lacked nothing: at first that which is served.
        versions = {service.catalog.version for service in services.values()}
        self._complete = versions.pop() if len(versions) == 1 else ""

    async def lacks(self) -> list[str]:
        """List the parts of the catalogs that the database lacks, and the unapplied migrations.

        Raises ProblemError `unavailable`.
        """
        try:
            return await self._compare()
        except FAILURES as error:
            logger.warning("not ready: %s", type(error).__name__)
            raise ProblemError(sqlstate.UNAVAILABLE) from None

    async def _compare(self) -> list[str]:
        connections = self._services[DEVELOPMENT_ROLE].connections
        fetch = partial(connections.fetch, role=DEVELOPMENT_ROLE)
        role = DEVELOPMENT_ROLE
        try:
            lacks = await introspection.unapplied(fetch, self._migrations)
            version = await fetch(introspection.VERSION)
            if version == self._complete:
                return lacks
            for role, service in self._services.items():
                offered = await introspection.read(partial(connections.fetch, role=role))
                lacks += service.catalog.missing_from(offered)
        except InsufficientPrivilegeError:  # every role may read Postgres's catalog
            return [f"the right of its login to act for {role}"]
        if not lacks:
            self._complete = version
        return list(dict.fromkeys(lacks))
