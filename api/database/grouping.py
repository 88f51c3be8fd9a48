"""Which calls of a group share a row, and which a car of the train."""

import json
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache

from api.database.call_queue import Call, CallQueue
from api.database.train import UNNAMED, Car
from api.identity import Identity

# Two callers cost Postgres 50 µs less with a car each, three cost the same, and more cost less.
_FEWEST = 3


def shared_tenants(group: Iterable[Call]) -> set[str]:
    """Return the tenants for which several callers call."""
    first: dict[str, str] = {}
    return {
        tenant
        for tenant, actor in ((call.identity.tenant, call.identity.actor) for call in group)
        if first.setdefault(tenant, actor) != actor
    }


def alike(call: Call, queue: CallQueue) -> object:
    """Return what is equal for the reads that share a row; a write shares none."""
    if queue.write:
        return id(call)
    return (call.identity if queue.by_caller else call.identity.tenant, *call.values)


def cars_of(
    queue: CallQueue, calls: Sequence[Call], several: Collection[str]
) -> tuple[list[Call], list[Car]]:
    """Return the calls in the order of their cars, and the cars.

    The calls of a tenant share a car; those of one caller only, where the queue is `by_caller`. In
    a car of its own, a call costs less by the statement for one.
    """
    groups: dict[object, list[Call]] = {}
    for call in calls:
        alone = call.identity if queue.by_caller else call.identity.tenant
        groups.setdefault(alone, []).append(call)
    ordered: list[Call] = []
    cars = []
    for group in groups.values():
        first, before = group[0], len(ordered)
        if queue.write and len(group) < _FEWEST and first.identity.tenant in several:
            for number, call in enumerate(group, before):
                cars.append(Car(call.identity, call.sql, (*call.values, number)))
            ordered += group
            continue
        sql, values = first.sql, (*first.values, before)
        if len(group) > 1:
            sql = queue.sql
            values = (*zip(*(call.values for call in group), strict=True), before)
        if first.identity.tenant in several:
            # What is read is no actor's own. What is written is told apart by the call's number.
            actors = _actors(group) if queue.write else UNNAMED
            nobody = _nobody(first.identity.role, first.identity.tenant)
            cars.append(Car(nobody, sql, values, actors))
        else:
            cars.append(Car(first.identity, sql, values))
        ordered += group
    return ordered, cars


def _actors(group: Iterable[Call]) -> str:
    return json.dumps([call.identity.actor for call in group])


@lru_cache(4096)
def _nobody(role: str, tenant: str) -> Identity:
    """Return an identity without an actor."""
    return Identity(role, tenant)
