"""The path under which clients find the API, if a proxy serves it under one.

The setting PREFIX names it. A proxy may name another one for a request, in `X-Forwarded-Prefix`.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

from sanic.compat import Header

from api.config import Config
from api.problem import Problem
from api.setting_checks import PREFIX_PATH

_FIELD = "x-forwarded-prefix"
MALFORMED = Problem(
    "malformed-request", "The header `X-Forwarded-Prefix` must be one path, such as /api."
)


@dataclass(frozen=True, slots=True)
class Prefix:
    """What stands before each path.

    `origin`: the API's, such as `https://billing.example`, or empty; `path`: such as `/api`, or
    empty; `is_trusted`: whether the header of a request replaces `path`.
    """

    origin: str
    path: str
    is_trusted: bool

    @classmethod
    def of_config(cls, config: Config) -> "Prefix":
        """Split the setting PREFIX, which is an origin, a path, or both."""
        path = urlsplit(config.prefix).path
        return cls(config.prefix.removesuffix(path), path, bool(config.trust_proxy))

    def refusal(self, headers: Header) -> Problem | None:
        """Return the problem of a request whose header is malformed, or None."""
        given = headers.getall(_FIELD, ())
        is_path = len(given) <= 1 and all(PREFIX_PATH.fullmatch(_without_slash(g)) for g in given)
        return None if is_path else MALFORMED

    def of_request(self, headers: Header) -> str:
        """Return the path that stands before those of an answer, where the header is trusted."""
        return _without_slash(headers[_FIELD]) if _FIELD in headers else self.path

    def stripped(self, path: str) -> str:
        """Take the setting's path off a request's path: some proxies do it themselves."""
        rest = path.removeprefix(self.path)
        return rest if rest[:1] == "/" else path if rest else "/"

    def server(self, path: str) -> str:
        """Return the URL of the API for the document's `servers`, without a slash at its end."""
        return self.origin + path or "/"


def _without_slash(path: str) -> str:
    return path.removesuffix("/")
