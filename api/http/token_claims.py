"""The claims of a token whose signature is right → until when it is valid, and who calls."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from api.config import Config
from api.document.validators import UNSTORABLE
from api.http import token_refusals
from api.identity import Identity

LEEWAY = 30  # seconds by which the clocks of issuer and server may differ
_LATEST = 253_402_300_799  # the end of the year 9999: what is later is no time in seconds
_LONGEST = 255  # characters of a name (OpenID Connect Core 1.0, section 2)


@dataclass(frozen=True, slots=True)
class Rules:
    """Whose tokens are accepted, and what their claims are called.

    `tenant`: the tenant of a token that names none; empty if such tokens are refused.
    """

    issuer: str
    audience: str
    algorithms: tuple[str, ...]
    role_claim: str = "role"
    tenant_claim: str = "tenant"
    tenant: str = ""

    @classmethod
    def of_config(cls, config: Config) -> "Rules":
        """Return the rules that the settings make."""
        algorithms = tuple(config.algorithms.split(","))
        claims = config.role_claim, config.tenant_claim
        return cls(config.issuer, config.audience, algorithms, *claims)


def valid_until(claims: dict[str, Any], now: float) -> int:
    """Return when a token ends, with the leeway: seconds since 1970.

    Raises ProblemError `unauthenticated` if it has ended or has not begun.
    """
    for name in ("exp", "nbf", "iat"):
        value = claims.get(name, 0)
        if type(value) is not int or not 0 <= value <= _LATEST:
            sentence = f"The claim {name} must be a whole number of seconds."
            raise token_refusals.invalid(sentence)
    if max(claims.get("nbf", 0), claims.get("iat", 0)) > now + LEEWAY:
        sentence = "The token is not valid yet."
        raise token_refusals.invalid(sentence)
    ends: int = claims["exp"] + LEEWAY
    if ends <= now:
        sentence = "The token has expired."
        raise token_refusals.invalid(sentence)
    return ends


def identity(
    claims: dict[str, Any], rules: Rules, roles: Collection[str], *, has_tenants: bool
) -> Identity:
    """Return who calls. `roles`: those that are served.

    Raises ProblemError: `unauthenticated` for a subject that is no name, and `not-permitted` for a
    role or a tenant.
    """
    actor = claims["sub"]
    if not _is_name(actor):
        sentence = "The claim sub must be a text of 1 to 255 characters."
        raise token_refusals.invalid(sentence)
    found = _listed(claim(claims, rules.role_claim))
    served = {role for role in found if isinstance(role, str) and role in roles}
    if len(served) != 1:
        sentence = "The token must name exactly one role of this API."
        raise token_refusals.insufficient(sentence)
    tenant = _tenant(claims, rules) if has_tenants else ""
    if has_tenants and not tenant:
        sentence = "The token must name exactly one tenant."
        raise token_refusals.insufficient(sentence)
    return Identity(served.pop(), tenant, actor)


def claim(claims: dict[str, Any], path: str) -> Any:
    """Find a claim by its name, or by names with dots between them, each inside the one before.

    A name may have dots itself, as that of a URL. Returns None if there is none.
    """
    if path in claims:
        return claims[path]
    dots = [place for place, character in enumerate(path) if character == "."]
    for dot in reversed(dots):
        inner = claims.get(path[:dot])
        found = claim(inner, path[dot + 1 :]) if isinstance(inner, dict) else None
        if found is not None:
            return found
    return None


def _tenant(claims: dict[str, Any], rules: Rules) -> str:
    """Return the tenant: a text, a whole number as a text, or the only one of a list."""
    listed = _listed(claim(claims, rules.tenant_claim))
    if not listed:
        return rules.tenant
    value = listed[0]
    text = str(value) if type(value) is int else value
    return text if len(listed) == 1 and _is_name(text) else ""


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _is_name(value: Any) -> bool:
    """Return whether a value is a text that Postgres can store, and not too long."""
    return isinstance(value, str) and 0 < len(value) <= _LONGEST and not UNSTORABLE.search(value)
