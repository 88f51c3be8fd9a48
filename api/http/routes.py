"""Routes, and which of them a request has: a dictionary is asked for each step of its path.

Sanic's own router writes a function with a branch for each step of each route, and compiles it at
each start: with 200 routes that took two thirds of the CPU time of making an application.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from sanic.router import Router
from sanic_routing.exceptions import NoMethod, NotFound, RouteExists

from api.request.reading import Reading


@dataclass(slots=True, eq=False)
class Route:
    """A handler of some methods of a path. `extra` is Sanic's.

    `keys`: which steps of the path are given to the handler, and by which names; `operation`: its
    id; `reading`: how the reads are recorded, if they are; `roles`: who may use it, None for all.
    """

    path: str
    methods: frozenset[str]
    handler: Callable[..., Any]
    name: str
    operation: str
    reading: Reading | None = None
    roles: frozenset[str] | None = None
    keys: tuple[tuple[int, str], ...] = field(init=False)
    extra: SimpleNamespace = field(init=False)

    def __post_init__(self) -> None:
        """Find the keys; a step of the path like `<name:str>` is one."""
        self.path = self.path.strip("/")
        self.extra = SimpleNamespace(ident=self.name, ignore_body=False, error_format="json")
        steps = enumerate(self.path.split("/"))
        self.keys = tuple(
            (number, step[1:-1].partition(":")[0]) for number, step in steps if step.startswith("<")
        )


@dataclass(slots=True, eq=False)
class _Step:
    """Where some paths have come: what may follow, and the routes of those that end here."""

    words: dict[str, "_Step"] = field(default_factory=dict)
    key: "_Step | None" = None
    routes: dict[str, Route] = field(default_factory=dict)

    def find(self, steps: list[str], number: int) -> dict[str, Route]:
        """Return the routes of a path, by method; a word comes before a key, which isn't empty."""
        if number == len(steps):
            return self.routes
        word = self.words.get(steps[number])
        found = word.find(steps, number + 1) if word else {}
        if not found and self.key and steps[number]:
            found = self.key.find(steps, number + 1)
        return found


class Routes(Router):
    """Sanic's router with another way to add routes and to find them."""

    def __init__(self) -> None:
        """Make one without routes."""
        super().__init__()
        self._start = _Step()
        self._all: list[Route] = []

    @property
    def routes(self) -> tuple[Any, ...]:
        """All routes."""
        return tuple(self._all)

    def finalize(self, *_: Any, **__: Any) -> None:
        """Do nothing: there is nothing to compile."""

    def serve(self, route: Route, *, is_stream: bool = False) -> None:
        """Add a route. Raises RouteExists.

        `is_stream`: whether the handler reads the body; otherwise Sanic has it read before.
        """
        step = self._start
        for part in route.path.split("/"):
            if part.startswith("<"):
                step.key = step = step.key or _Step()
            else:
                step = step.words.setdefault(part, _Step())
        if is_stream:
            vars(route.handler)["is_stream"] = True
        if not step.routes.keys().isdisjoint(route.methods):
            raise RouteExists(route.path)
        step.routes |= dict.fromkeys(route.methods, route)
        self._all.append(route)

    def at(self, path: str) -> Mapping[str, Route]:
        """Return the routes of a path, by method; slashes at its end don't count."""
        return self._start.find(path[1:].rstrip("/").split("/"), 0)

    def resolve(
        self,
        path: str,
        *,
        method: str | None = None,
        **_: Any,
    ) -> tuple[Any, Callable[..., Any], dict[str, Any]]:
        """Return the route of a request, its handler, and the path's keys as they were sent.

        Slashes at the path's end don't count. Raises NotFound and NoMethod.
        """
        steps = path[1:].rstrip("/").split("/")
        found = self._start.find(steps, 0)
        if not found:
            raise NotFound(path=path)
        route = found.get(method or "")
        if route is None:
            raise NoMethod(method=method, allowed_methods={*found})
        return route, route.handler, {name: steps[number] for number, name in route.keys}
