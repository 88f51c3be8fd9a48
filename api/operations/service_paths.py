"""The paths of the service itself, beside those of the relations, in one table."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from api.problem import ANY_REQUEST


@dataclass(frozen=True, slots=True, eq=False)
class ServicePath:
    """A path that answers GET and HEAD. Each one exists once, as a constant of this module."""

    path: str
    """The path; what stands in braces is the name of a file."""
    name: str
    """The last part of its id."""
    summary: str = ""
    """A sentence for the OpenAPI document; empty where the path is not in the document."""
    answer: Mapping[str, str] = field(default_factory=dict)
    """The JSON object that it answers with, or the beginning of one."""
    problems: tuple[str, ...] = ANY_REQUEST
    """The kinds of problem (keys of `problem.KINDS`) that it can answer with."""
    is_own_to_roles: bool = False
    """Whether the answer depends on the caller's role; it is open to all, as the others are."""
    when_full: bool = False
    """Whether it answers while the limit of connections is reached."""

    @property
    def id(self) -> str:
        """The id in the OpenAPI document, in the access log and in the metrics: `service.name`."""
        return f"{PREFIX}{self.name}"

    @property
    def paths(self) -> tuple[str, ...]:
        """The path as a request may write it: with and without a slash at its end."""
        short = self.path.rstrip("/")
        return (self.path, short) if short not in ("", self.path) else (self.path,)


PREFIX = "service."

HEALTH = ServicePath(
    "/health/", "health", "The process is running.", {"status": "ok"}, when_full=True
)
READY = ServicePath(
    "/ready/",
    "ready",
    "The database has everything that this server serves.",
    {"status": "ready"},
    (*ANY_REQUEST, "unavailable"),
)
DOCUMENT = ServicePath(
    "/openapi.json",
    "document",
    "This document: the operations of the caller's role.",
    {"openapi": "3.1.0"},
    (*ANY_REQUEST, "not-permitted", "unauthenticated", "unavailable"),
    is_own_to_roles=True,
)
METRICS = ServicePath("/metrics", "metrics")
ROOT = ServicePath("/", "root")
PAGE = ServicePath("/docs", "page")
SCRIPT = ServicePath("/docs/start.js", "script")
FILE = ServicePath("/docs/{file}", "file")

SERVICE_PATHS = (HEALTH, READY, DOCUMENT, METRICS, ROOT, PAGE, SCRIPT, FILE)

REPORTS = "reporting"  # the schema whose views stand under a path with its name
# First segments of paths that no relation of schema `api` can have.
RESERVED = frozenset({REPORTS, *(own.path.split("/")[1] for own in SERVICE_PATHS)} - {""})
# The paths that answer while the limit of connections is reached.
WHEN_FULL = frozenset(path for own in SERVICE_PATHS if own.when_full for path in own.paths)
