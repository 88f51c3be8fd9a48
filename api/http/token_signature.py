"""A token (JWT, RFC 7519, in compact form) → its claims, if a key has signed them.

PyJWT checks the signature, the issuer and the audience. Its own reading of JSON takes the last of
two equal names, so that another program may have read the first: here such tokens are refused, as
are those with extensions that must be understood (RFC 7515, section 4.1.11). Keys and addresses in
a token's header (`jwk`, `jku`, `x5c`, `x5u`) are never looked at.
"""

import binascii
import re
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from typing import Any

import jwt

from api.http import token_refusals
from api.http.public_keys import PublicKey
from api.problem import ProblemError
from api.request import json_text

_COMPACT = re.compile(r"([\w-]+)\.([\w-]+)\.[\w-]+", re.ASCII)
_LONGEST = 2**14  # characters: no head of a request has more
# A token of another type is made for another purpose (RFC 8725, section 3.11).
_TYPES = ("jwt", "at+jwt")
_MALFORMED = "The token is malformed."
_UNSIGNED = "No key of the issuer has signed the token."
_OPTIONS: Any = {
    "require": ["exp", "aud", "iss", "sub"],
    # `token_claims` checks times, by the clock of the server's cache.
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "enforce_minimum_key_length": True,
}
_SENTENCES = {
    jwt.InvalidSignatureError: _UNSIGNED,
    jwt.InvalidKeyError: _UNSIGNED,
    jwt.InvalidAudienceError: "The token is for another audience.",
    jwt.InvalidIssuerError: "The token is of another issuer.",
}


@dataclass(frozen=True, slots=True)
class Unverified:
    """A token of which only the form is known to be right. `claims`: in base64url."""

    text: str
    claims: str
    algorithm: str
    kid: str | None


def read(text: str, algorithms: tuple[str, ...]) -> Unverified:
    """Read the header of a token. Raises ProblemError `unauthenticated`."""
    match = _COMPACT.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        raise token_refusals.invalid(_MALFORMED)
    header = _object(match[1])
    algorithm, kid = header.get("alg"), header.get("kid")
    kind = header.get("typ", "JWT")
    known = isinstance(kind, str) and kind.lower().removeprefix("application/") in _TYPES
    if not known or "crit" in header or "b64" in header or not isinstance(kid, str | None):
        raise token_refusals.invalid(_MALFORMED)
    if algorithm not in algorithms:
        sentence = "The token is signed with an algorithm that is not allowed."
        raise token_refusals.invalid(sentence)
    return Unverified(text, match[2], algorithm, kid)


def claims(token: Unverified, key: PublicKey | None, audience: str, issuer: str) -> dict[str, Any]:
    """Check the signature, the audience and the issuer; return the claims, with times unchecked.

    Raises ProblemError `unauthenticated`.
    """
    if key is None:
        raise token_refusals.invalid(_UNSIGNED)
    try:
        jwt.decode(
            token.text,
            key.key,
            algorithms=[token.algorithm],
            audience=audience,
            issuer=issuer,
            options=_OPTIONS,
        )
    except jwt.MissingRequiredClaimError as error:
        sentence = f"The token lacks the claim {error.claim}."
        raise token_refusals.invalid(sentence) from None
    except jwt.PyJWTError as error:
        raise token_refusals.invalid(_SENTENCES.get(type(error), _MALFORMED)) from None
    return _object(token.claims)


def _object(segment: str) -> dict[str, Any]:
    """Read a JSON object in base64url. Raises ProblemError `unauthenticated`."""
    try:
        _, value = json_text.parse(urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
    except (binascii.Error, ProblemError):
        value = None
    if not isinstance(value, dict):
        raise token_refusals.invalid(_MALFORMED) from None
    return value
