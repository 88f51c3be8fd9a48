"""What `superbill token` does: it prints a token for a server without ISSUER."""

import time

from api.cli import postgres_installation, target
from api.cli.refusal import RefusedError
from api.config import Config
from api.http import development_key


def print_token(settings: Config, role: str, tenant: str, actor: str, hours: int) -> None:
    """Print a token that names a role, a tenant (empty: the development identity's) and an actor.

    Makes the folder of the development database if it is missing, for the key. Raises RefusedError.
    """
    if settings.issuer:
        message = "ISSUER is set: that server accepts the issuer's tokens only, and not this one."
        raise RefusedError(message)
    folder = settings.postgres_dir
    if not folder.exists():
        with target.refused():
            folder = postgres_installation.prepare(folder).directory
    now = int(time.time())
    claims = {"sub": actor, "role": role, "iat": now, "exp": now + hours * 3600}
    print(development_key.signed(folder, {**claims, **({"tenant": tenant} if tenant else {})}))
