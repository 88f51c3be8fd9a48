"""Why a token is refused, as problems (RFC 6750, section 3). None quotes a token, a claim or a key.

What is wrong with the claims is told only where an issuer's key has signed them.
"""

from api.problem import RETRY_AFTER, Problem, ProblemError

_CHALLENGE = "WWW-Authenticate"
_MISSING = Problem(
    "unauthenticated",
    "This request needs a token: send the header field `Authorization: Bearer` with it.",
    headers=((_CHALLENGE, "Bearer"),),
)
_UNKNOWN_KEYS = Problem(
    "unavailable",
    "The keys of the tokens' issuer can't be read at the moment; try again.",
    headers=RETRY_AFTER,
)


def missing() -> ProblemError:
    """Make the refusal of a request that shows no token."""
    return ProblemError(_MISSING)


def unknown_keys() -> ProblemError:
    """Make the refusal of a token whose key isn't known, while the issuer can't be asked."""
    return ProblemError(_UNKNOWN_KEYS)


def invalid(sentence: str, code: str = "invalid_token") -> ProblemError:
    """Make the refusal of a token that proves nothing. `sentence`: ASCII without quotes."""
    challenge = f'Bearer error="{code}", error_description="{sentence}"'
    return ProblemError(Problem("unauthenticated", sentence, headers=((_CHALLENGE, challenge),)))


def insufficient(sentence: str) -> ProblemError:
    """Make the refusal of a valid token that gives no access. `sentence`: ASCII without quotes."""
    challenge = f'Bearer error="insufficient_scope", error_description="{sentence}"'
    return ProblemError(
        Problem("not-permitted", sentence, headers=((_CHALLENGE, challenge),), note=sentence)
    )


# For a caller whose role does not have the operation at a path, where another role has one.
NO_OPERATION = insufficient("Your role does not have this operation.").problem
