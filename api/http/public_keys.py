"""The public keys of an issuer, read from its JWK Set (RFC 7517)."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt import PyJWK, PyJWTError
from jwt.algorithms import AllowedPublicKeys

from api.problem import ProblemError
from api.request import json_text

# Type and curve → the algorithms that such a key can verify (RFC 7518, section 6; RFC 8037).
_RSA = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
_ALGORITHMS = {
    ("RSA", None): _RSA,
    ("EC", "P-256"): ("ES256",),
    ("EC", "P-384"): ("ES384",),
    ("EC", "P-521"): ("ES512",),
    ("OKP", "Ed25519"): ("EdDSA",),
    ("OKP", "Ed448"): ("EdDSA",),
}
_MATERIAL = ("kty", "crv", "n", "e", "x", "y")
_PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}
_LEAST_BITS = 2048  # of RSA (RFC 7518, section 3.3)
_LONGEST_ID = 500


class KeysError(Exception):
    """The issuer's keys can't be read; the text says why, and quotes nothing of them."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key. `kid`: its id, if it has one; `algorithms`: those with which it may verify.

    `material`: its numbers, the same for the same key.
    """

    kid: str | None
    algorithms: frozenset[str]
    material: str
    key: AllowedPublicKeys

    def fits(self, kid: str | None, algorithm: str) -> bool:
        """Return whether a token with this header may be checked with this key."""
        return algorithm in self.algorithms and (kid is None or kid == self.kid)


def members(document: bytes) -> dict[str, Any]:
    """Read a JSON object. Raises KeysError."""
    try:
        _, value = json_text.parse(document)
    except ProblemError:
        value = None
    if not isinstance(value, dict):
        message = "the answer is not a JSON object"
        raise KeysError(message)
    return value


def read(document: bytes, allowed: Collection[str]) -> tuple[PublicKey, ...]:
    """Read the keys of a JWK Set that can verify a signature with an allowed algorithm.

    Other keys are left out. Raises KeysError if none is left.
    """
    listed = members(document).get("keys")
    read = [_public_key(each, allowed) for each in listed] if isinstance(listed, list) else []
    if not (found := tuple(key for key in read if key)):
        message = "the answer has no public key for the allowed algorithms"
        raise KeysError(message)
    return found


def _public_key(jwk: Any, allowed: Collection[str]) -> PublicKey | None:
    if not isinstance(jwk, dict) or _PRIVATE & jwk.keys() or not _is_for_signatures(jwk):
        return None
    if any(not isinstance(jwk.get(name, ""), str) for name in ("kid", "alg", *_MATERIAL)):
        return None
    kid, own = jwk.get("kid"), jwk.get("alg")
    possible = _ALGORITHMS.get((jwk.get("kty", ""), jwk.get("crv")), ())
    if not possible or len(kid or "") > _LONGEST_ID:
        return None
    algorithms = frozenset(possible) & set(allowed) & ({own} if own else set(possible))
    try:
        key = PyJWK(jwk, possible[0]).key
    except (PyJWTError, UnsupportedAlgorithm, ValueError):
        return None
    if not algorithms or (isinstance(key, RSAPublicKey) and key.key_size < _LEAST_BITS):
        return None
    return PublicKey(kid, algorithms, json.dumps([jwk.get(name) for name in _MATERIAL]), key)


def _is_for_signatures(jwk: dict[str, Any]) -> bool:
    operations = jwk.get("key_ops", ["verify"])
    return (
        jwk.get("use", "sig") == "sig" and isinstance(operations, list) and "verify" in operations
    )
