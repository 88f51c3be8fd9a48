"""Who calls: the Postgres role, the tenant and the actor that a request's statements act for."""

from dataclasses import dataclass

DEVELOPMENT_ROLE = "superbill_api"  # holds every privilege that the API's migrations grant


@dataclass(frozen=True, slots=True)
class Identity:
    """A caller. `role`: a role of Postgres; `actor`: for the record, such as a token's subject.

    `tenant`: the value that policies compare with a column, as a text; empty where the schema has
    no tenants.
    """

    role: str
    tenant: str = ""
    actor: str = ""
