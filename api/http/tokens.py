"""Who sends a request: the token in its `Authorization` → an identity, kept while it is valid.

Without ISSUER a request without a token is one of the development identity, and the tokens of
`superbill token` are accepted.
"""

import time
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, replace
from functools import partial

from sanic.compat import Header

from api.config import Config
from api.http import (
    development_key,
    key_documents,
    public_keys,
    token_claims,
    token_refusals,
    token_signature,
)
from api.http.token_claims import Rules
from api.http.token_keys import Pace, TokenKeys
from api.identity import Identity

# The verified tokens that are kept: a client with a valid token can write `Bearer` in many ways.
_MOST_TOKENS = 4096
_MOST_CHARACTERS = 2**23
_FIELD = "authorization"


@dataclass(frozen=True, slots=True)
class _Verified:
    """What a verified token says. `until`: seconds since 1970."""

    identity: Identity
    until: int


class Tokens:
    """Identifies requests, for one event loop."""

    def __init__(  # noqa: PLR0913 - a test passes the last two
        self,
        config: Config,
        roles: Collection[str],
        *,
        knows_tenant: Callable[[Identity], Awaitable[bool]] | None,
        development: Identity | None,
        now: Callable[[], float] = time.time,
        pace: Pace | None = None,
    ) -> None:
        """Prepare. `roles`: those that are served.

        `knows_tenant` is asked once for each token whether the database has its tenant; None: the
        schema has no tenants, and a token names none. `development`: the identity of a
        request that has no token, where there is no ISSUER.
        """
        pace = pace or Pace()
        self._roles, self._now = frozenset(roles), now
        self._knows_tenant = knows_tenant
        self._verified: dict[str, _Verified] = {}
        self._characters = 0
        if config.issuer:
            self._without_token: Identity | None = None
            self._rules = rules = Rules.of_config(config)
            document = key_documents.reader(config, pace.patience / 2)
            self._keys = TokenKeys(
                lambda: public_keys.read(document(), rules.algorithms), pace, self._forget
            )
        else:
            self._without_token = development
            self._rules = development_key.rules(development.tenant if development else "")
            read = partial(development_key.read, config.postgres_dir)
            self._keys = TokenKeys(read, replace(pace, pause=0.0), self._forget)

    @property
    def are_required(self) -> bool:
        """Whether a request without a token is refused."""
        return self._without_token is None

    def open(self) -> None:
        """Begin to read the issuer's keys."""
        self._keys.open()

    async def close(self) -> None:
        """Stop to read the issuer's keys."""
        await self._keys.close()

    def known(self, headers: Header) -> Identity | None:
        """Return who calls, if that is known without a check of a signature; otherwise None."""
        given = headers.getall(_FIELD, None)
        if given is None:
            return self._without_token
        found = self._verified.get(given[0])
        if found and found.until > self._now() and len(given) == 1:
            return found.identity
        return None

    async def identify(self, headers: Header) -> Identity:
        """Return who calls.

        Raises ProblemError: `unauthenticated`; `not-permitted` where a valid token names no role or
        tenant that is served; `unavailable` where its key isn't known and can't be asked for, or
        the database can't be asked for the tenant.
        """
        if known := self.known(headers):
            return known
        given = headers.getall(_FIELD, [])
        if len(given) > 1:
            sentence = "A request must have one header field Authorization."
            raise token_refusals.invalid(sentence, "invalid_request")
        scheme, _, text = (given[0] if given else "").partition(" ")
        if scheme.lower() != "bearer":
            if self._without_token:
                return self._without_token
            raise token_refusals.missing()
        return await self._verify(given[0], text.strip(" "))

    async def _verify(self, field: str, text: str) -> Identity:
        rules = self._rules
        token = token_signature.read(text, rules.algorithms)
        key = await self._keys.find(token.kid, token.algorithm)
        claims = token_signature.claims(token, key, rules.audience, rules.issuer)
        until = token_claims.valid_until(claims, self._now())
        knows_tenant = self._knows_tenant
        has_tenants = knows_tenant is not None
        caller = token_claims.identity(claims, rules, self._roles, has_tenants=has_tenants)
        if knows_tenant and not await knows_tenant(caller):
            sentence = "The tenant of the token is not on record."
            raise token_refusals.insufficient(sentence)
        self._keep(field, _Verified(caller, until))
        return caller

    def _keep(self, field: str, verified: _Verified) -> None:
        """Keep a token; the oldest ones give way."""
        if field not in self._verified:
            self._characters += len(field)
        self._verified[field] = verified
        while len(self._verified) > _MOST_TOKENS or self._characters > _MOST_CHARACTERS:
            oldest = next(iter(self._verified))
            del self._verified[oldest]
            self._characters -= len(oldest)

    def _forget(self) -> None:
        """Forget all tokens: a key that has signed some of them is withdrawn."""
        self._verified.clear()
        self._characters = 0
